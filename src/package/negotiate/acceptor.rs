//! The acceptor: chooses among what the initiator offers (RFC 4178 4.2, 5), or takes a mechanism's
//! own token as it comes.

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::U16String;

use super::credential::Held;
use super::mechanism::{Advance, Attempt, Demands, Failure, Mechanism, required, set};
use super::mic::ListMic;
use super::tokens::{self, NegState, NegTokenInit, NegTokenResp};
use super::{IN_PROGRESS, nothing_known, rejecting};
use crate::error::{Code, Error, Result};
use crate::package::der::invalid;
use crate::package::{Handshake, HandshakeSetting, In, Progress, ShortBytes, Step};
use crate::store::accounts::AccountSource;

/// A negotiation from the acceptor's side.
pub struct Acceptor {
    held: Arc<[Held]>,
    demands: Demands,
    attempt: Option<Attempt>,
    state: State,
}

enum State {
    Start,
    /// Spoke first; what comes is what would have come otherwise.
    Hinted,
    Bare,
    Spnego(ListMic),
    /// The mechanism is done and our MIC is sent; the initiator's is due.
    AwaitsMic(ListMic),
    Over,
}

/// A message of the initiator.
struct Message<'a> {
    mech_list_mic: Option<&'a [u8]>,
    /// With the first answer goes the choice.
    supported_mech: Option<&'static [u8]>,
}

type Stepped = std::result::Result<Step, Failure>;

impl Acceptor {
    pub fn new(held: Arc<[Held]>) -> Self {
        Self { held, demands: Demands::default(), attempt: None, state: State::Start }
    }

    /// What this side can accept with.
    fn hint(&mut self) -> Result<Step> {
        let accepts = |(_, credential): &&Held| credential.accept().is_ok();
        let able: Vec<&Held> = self.held.iter().filter(accepts).collect();
        if able.is_empty() {
            return Err(Error::new(Code::NoCredentials, "no mechanism accepts"));
        }
        self.state = State::Hinted;
        let oids = able.iter().flat_map(|(mechanism, _)| mechanism.oids).copied();
        Ok(Step::Continue(tokens::hint(&tokens::mech_types(oids))))
    }

    /// A mechanism that takes `token` as it is.
    fn begin_bare(&mut self, token: &[u8]) -> Result<bool> {
        let Some((mechanism, credential)) = self.held.iter().find(|(held, _)| held.is_bare(token)) else {
            return Ok(false);
        };
        self.attempt = Some(Attempt::new(mechanism, credential.accept()?));
        Ok(true)
    }

    fn bare(&mut self, token: &[u8]) -> Step {
        self.state = State::Bare;
        let step = self.attempt.as_mut().map(|attempt| attempt.bare(&self.demands, token));
        let step = step.unwrap_or_else(|| Step::Failed(invalid("no mechanism has begun"), None));
        if let Step::Failed(..) | Step::Done(..) = step {
            self.state = State::Over;
        }
        step
    }

    fn start(&mut self, token: &[u8]) -> Stepped {
        let init = NegTokenInit::parse(token)?;
        let (oid, attempt) = self.choose(&init.mech_types.oids)?;
        let is_first = init.mech_types.oids.first().is_some_and(|first| attempt.mechanism.is(first));
        let mic = ListMic::new(
            ShortBytes::from_slice(init.mech_types.der),
            !is_first || attempt.mechanism.always_mic,
        );
        self.attempt = Some(attempt);
        match init.mech_token.filter(|_| is_first) {
            Some(token) => {
                let message = Message { mech_list_mic: init.mech_list_mic, supported_mech: Some(oid) };
                self.advance(mic, token, &message)
            }
            None => {
                let state = if is_first { NegState::AcceptIncomplete } else { NegState::RequestMic };
                self.state = State::Spnego(mic);
                let response = NegTokenResp {
                    neg_state: Some(state),
                    supported_mech: Some(oid),
                    ..NegTokenResp::default()
                };
                Ok(Step::Continue(response.build()))
            }
        }
    }

    /// The initiator's first choice that this side can accept with.
    fn choose(&self, offered: &[&[u8]]) -> Result<(&'static [u8], Attempt)> {
        let mut refused = None;
        for offer in offered {
            let held = self.held.iter().find(|(mechanism, _)| mechanism.is(offer));
            let Some((mechanism, credential)) = held else { continue };
            match credential.accept() {
                Ok(handshake) => return Ok((own(mechanism, offer), Attempt::new(mechanism, handshake))),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| invalid("no mechanism in common")))
    }

    fn go_on(&mut self, mic: ListMic, token: &[u8]) -> Stepped {
        let response = response(token)?;
        let message = Message { mech_list_mic: response.mech_list_mic, supported_mech: None };
        self.advance(mic, required(response.response_token)?, &message)
    }

    fn advance(&mut self, mut mic: ListMic, token: &[u8], message: &Message<'_>) -> Stepped {
        let attempt = self.attempt.as_mut().ok_or_else(|| invalid("no mechanism has begun"))?;
        let token = match attempt.advance(&self.demands, Some(token))? {
            Advance::Token(token) => token,
            // The answer to the initiator would have to go out with CompleteAuthToken.
            Advance::NeedAccount => return Err(no_accounts().into()),
        };
        let mut answer = NegTokenResp {
            neg_state: Some(NegState::AcceptIncomplete),
            supported_mech: message.supported_mech,
            response_token: token.as_deref(),
            mech_list_mic: None,
        };
        let Some(mut established) = attempt.established.take() else {
            if message.mech_list_mic.is_some() {
                return Err(invalid("a mechListMIC before the mechanism is done").into());
            }
            self.state = State::Spnego(mic);
            return Ok(Step::Continue(answer.build()));
        };
        mic.take(&mut established, message.mech_list_mic)?;
        // With its mechanism's last token the initiator could have sent its MIC, had it known that
        // it is due: with the list it could not.
        let may_follow = token.is_some() || message.supported_mech.is_some();
        if !may_follow {
            mic.finish(&established)?;
        }
        let made = mic.make(&mut established)?;
        answer.mech_list_mic = made.as_deref();
        if mic.awaited(&established) {
            attempt.established = Some(established);
            self.state = State::AwaitsMic(mic);
            return Ok(Step::Continue(answer.build()));
        }
        answer.neg_state = Some(NegState::AcceptCompleted);
        Ok(Step::Done(Some(answer.build()), established))
    }

    fn last(&mut self, mut mic: ListMic, token: &[u8]) -> Stepped {
        let response = response(token)?;
        if response.response_token.is_some() {
            return Err(invalid("a token behind the mechanism's last").into());
        }
        let attempt = self.attempt.as_mut().and_then(|attempt| attempt.established.take());
        let mut established = attempt.ok_or_else(|| invalid("no mechanism is done"))?;
        mic.take(&mut established, response.mech_list_mic)?;
        mic.finish(&established)?;
        Ok(Step::Done(None, established))
    }
}

/// The mechanism's own copy of the object identifier that was offered.
fn own(mechanism: &'static Mechanism, offered: &[u8]) -> &'static [u8] {
    mechanism.oids.iter().find(|oid| **oid == offered).copied().unwrap_or_default()
}

/// What an initiator may say after its list.
fn response(token: &[u8]) -> Result<NegTokenResp<'_>> {
    let response = NegTokenResp::parse(token)?;
    match (response.neg_state, response.supported_mech) {
        (Some(NegState::Reject), _) => {
            Err(Error::new(Code::LogonDenied, "the initiator rejects the negotiation"))
        }
        (Some(NegState::RequestMic), _) | (_, Some(_)) => Err(invalid("what only an acceptor says")),
        _ => Ok(response),
    }
}

fn no_accounts() -> Error {
    Error::new(Code::LogonDenied, "inside SPNEGO no accounts can be supplied after the last token")
}

impl Handshake for Acceptor {
    /// A step that fails ends the negotiation; the initiator is told.
    fn step(&mut self, input: In<'_>) -> Step {
        let token = self.demands.take(&input).filter(|token| !token.is_empty());
        let state = std::mem::replace(&mut self.state, State::Over);
        let step = match (state, token) {
            (State::Over, _) => {
                let error = Error::new(Code::OutOfSequence, "no further message was expected");
                return Step::Failed(error, None);
            }
            (State::Start, None) => self.hint().map_err(Failure::from),
            (_, None) => Err(invalid("the initiator's token is missing").into()),
            (State::Bare, Some(token)) => return self.bare(token),
            (State::Start | State::Hinted, Some(token)) => match self.begin_bare(token) {
                Ok(true) => return self.bare(token),
                Ok(false) => self.start(token),
                Err(error) => return Step::Failed(error, None),
            },
            (State::Spnego(mic), Some(token)) => self.go_on(mic, token),
            (State::AwaitsMic(mic), Some(token)) => self.last(mic, token),
        };
        step.unwrap_or_else(rejecting)
    }

    fn supply(&mut self, accounts: Option<&dyn AccountSource>) -> Step {
        match (&self.state, &mut self.attempt) {
            (State::Bare, Some(attempt)) => attempt.handshake.supply(accounts),
            _ => Step::Failed(Error::new(Code::UnsupportedFunction, "no accounts are awaited"), None),
        }
    }

    fn set(&mut self, setting: HandshakeSetting) -> Result<()> {
        set(&mut self.attempt, setting)
    }

    fn claimed(&self) -> Option<(U16String, U16String)> {
        self.attempt.as_ref()?.handshake.claimed()
    }

    fn progress(&self) -> Progress {
        self.attempt.as_ref().map_or_else(nothing_known, |attempt| attempt.progress(IN_PROGRESS))
    }
}
