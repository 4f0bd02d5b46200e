//! The initiator: offers its mechanisms, follows the acceptor's choice (RFC 4178 4.2, 5).
//!
//! A hint with which the acceptor spoke first is unprotected, so nothing is chosen by it: it only
//! tells that SPNEGO is spoken.

#![forbid(unsafe_code)]

use smallvec::SmallVec;
use widestring::U16Str;

use super::credential::{Emission, Held};
use super::mechanism::{Advance, Attempt, Demands, Failure, Mechanism, required, set};
use super::mic::ListMic;
use super::tokens::{self, NegState, NegTokenInit, NegTokenResp};
use super::{IN_PROGRESS, OPTIMISTIC, nothing_known, rejecting};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::package::der::invalid;
use crate::package::{Established, Handshake, HandshakeSetting, In, Progress, ShortBytes, Step};
use crate::store::accounts::AccountSource;

struct Candidate {
    mechanism: &'static Mechanism,
    /// Not yet begun.
    handshake: Option<Box<dyn Handshake>>,
}

/// A negotiation from the initiator's side.
pub struct Initiator {
    /// In the order in which they are offered.
    candidates: SmallVec<[Candidate; 2]>,
    emission: Emission,
    demands: Demands,
    attempt: Option<Attempt>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    /// The acceptor's answer to the list.
    First,
    Later,
}

enum State {
    Start,
    Bare,
    Spnego(Leg, ListMic),
    Over,
}

type Stepped = std::result::Result<Step, Failure>;

impl Initiator {
    pub fn new(held: &[Held], emission: Emission, target: Option<&U16Str>) -> Result<Self> {
        let (mut candidates, mut refused) = (SmallVec::new(), None);
        for (mechanism, credential) in held {
            match credential.initiate(target) {
                Ok(handshake) => candidates.push(Candidate { mechanism, handshake: Some(handshake) }),
                Err(error) => {
                    not_offered(mechanism, &error);
                    refused = refused.or(Some(error));
                }
            }
        }
        match refused {
            Some(error) if candidates.is_empty() => Err(error),
            _ => {
                let demands = Demands::default();
                Ok(Self { candidates, emission, demands, attempt: None, state: State::Start })
            }
        }
    }

    fn start(&mut self, hint: Option<&[u8]>) -> Stepped {
        if let Some(hint) = hint {
            NegTokenInit::parse(hint)?;
        }
        let token = self.optimistic()?;
        let attempt = self.attempt.as_mut().ok_or_else(nothing_left)?;
        let spnego = match self.emission {
            Emission::Auto => hint.is_some(),
            Emission::Raw => false,
            Emission::Spnego => true,
        };
        if !spnego && self.candidates.len() == 1 && attempt.mechanism.bare.is_some() {
            self.state = State::Bare;
            return Ok(match attempt.established.take() {
                Some(established) => Step::Done(token, established),
                None => Step::Continue(token.unwrap_or_default()),
            });
        }
        let oids = self.candidates.iter().flat_map(|candidate| candidate.mechanism.oids).copied();
        let list = tokens::mech_types(oids);
        let init = tokens::init(&list, token.as_deref());
        self.state = State::Spnego(Leg::First, ListMic::new(list, attempt.mechanism.always_mic));
        Ok(Step::Continue(init))
    }

    /// The first token of the first mechanism that has one; those before it are not offered.
    fn optimistic(&mut self) -> std::result::Result<Option<Vec<u8>>, Failure> {
        let mut refused = None;
        while !self.candidates.is_empty() {
            match self.begin(0) {
                Ok(token) => return Ok(token),
                Err(failure) => {
                    let dropped = self.candidates.remove(0);
                    not_offered(dropped.mechanism, &failure.error);
                    refused = refused.or(Some(failure.error));
                }
            }
        }
        Err(refused.unwrap_or_else(nothing_left).into())
    }

    fn begin(&mut self, index: usize) -> std::result::Result<Option<Vec<u8>>, Failure> {
        let candidate = self.candidates.get_mut(index).ok_or_else(nothing_left)?;
        let handshake = candidate.handshake.take().ok_or_else(|| invalid("a mechanism is begun once"))?;
        let attempt = self.attempt.insert(Attempt::new(candidate.mechanism, handshake));
        advance(attempt, &self.demands, None)
    }

    fn bare(&mut self, token: &[u8]) -> Stepped {
        let attempt = self.attempt.as_mut().ok_or_else(nothing_left)?;
        self.state = State::Bare;
        match attempt.bare(&self.demands, token) {
            Step::Failed(error, token) => Err(Failure { error, token }),
            step => Ok(step),
        }
    }

    /// An acceptor that speaks no SPNEGO may answer the only mechanism of the list bare: there is
    /// nothing else that could have been chosen.
    fn is_bare_answer(&self, leg: Leg, token: &[u8]) -> bool {
        let first = |attempt: &Attempt| attempt.mechanism.is_bare(token);
        leg == Leg::First && self.candidates.len() == 1 && self.attempt.as_ref().is_some_and(first)
    }

    fn answer(&mut self, leg: Leg, mut mic: ListMic, token: &[u8]) -> Stepped {
        let response = NegTokenResp::parse(token)?;
        if response.neg_state == Some(NegState::Reject) {
            // There is nobody left to answer.
            return Ok(Step::Failed(self.rejected(&response), None));
        }
        let switched = self.follow(leg, &response, &mut mic)?;
        let attempt = self.attempt.as_mut().ok_or_else(nothing_left)?;
        let token = match (switched, attempt.established.is_some()) {
            (Some(token), _) => token,
            (None, false) => advance(attempt, &self.demands, Some(required(response.response_token)?))?,
            (None, true) if response.response_token.is_some() => {
                return Err(invalid("a token behind the mechanism's last").into());
            }
            (None, true) => None,
        };
        let done = response.neg_state == Some(NegState::AcceptCompleted);
        let Some(mut established) = attempt.established.take() else {
            if done || response.mech_list_mic.is_some() {
                return Err(invalid("the acceptor is done before the mechanism is").into());
            }
            return Ok(self.go_on(mic, token.as_deref(), None));
        };
        mic.take(&mut established, response.mech_list_mic)?;
        if done {
            if token.is_some() {
                return Err(invalid("the acceptor is done before the mechanism is").into());
            }
            mic.finish(&established)?;
            return Ok(Step::Done(None, established));
        }
        let made = mic.make(&mut established)?;
        if token.is_none() && made.is_none() {
            // Some acceptors end without a negState: there is an end where nothing is left to say.
            if response.neg_state.is_none() {
                mic.finish(&established)?;
                return Ok(Step::Done(None, established));
            }
            return Err(invalid("the acceptor waits for nothing").into());
        }
        if token.is_none() && mic.received() {
            return Ok(last(&made, established));
        }
        attempt.established = Some(established);
        Ok(self.go_on(mic, token.as_deref(), made.as_deref()))
    }

    /// Takes the acceptor's choice. Where that is another mechanism: its first token.
    fn follow(
        &mut self,
        leg: Leg,
        response: &NegTokenResp<'_>,
        mic: &mut ListMic,
    ) -> std::result::Result<Option<Option<Vec<u8>>>, Failure> {
        if leg == Leg::First {
            match response.neg_state {
                None => return Err(invalid("the acceptor's first answer has no negState").into()),
                Some(NegState::RequestMic) => mic.due = true,
                Some(_) => {}
            }
        } else if response.neg_state == Some(NegState::RequestMic) {
            return Err(invalid("request-mic comes with the acceptor's first answer").into());
        }
        let Some(oid) = response.supported_mech else { return Ok(None) };
        let index = self.candidates.iter().position(|candidate| candidate.mechanism.is(oid));
        let index = index.ok_or_else(|| invalid("the acceptor chose what was not offered"))?;
        let chosen = self.candidates.get(index).map(|candidate| candidate.mechanism);
        if chosen == self.attempt.as_ref().map(|attempt| attempt.mechanism) {
            return Ok(None);
        }
        if leg == Leg::Later {
            return Err(invalid("the acceptor chose again").into());
        }
        if response.response_token.is_some() || response.neg_state == Some(NegState::AcceptCompleted) {
            return Err(invalid("the acceptor answers a mechanism that has not begun").into());
        }
        mic.insist();
        self.demands.require_integrity();
        self.begin(index).map(Some)
    }

    fn go_on(&mut self, mic: ListMic, token: Option<&[u8]>, list_mic: Option<&[u8]>) -> Step {
        self.state = State::Spnego(Leg::Later, mic);
        let response = NegTokenResp {
            neg_state: Some(NegState::AcceptIncomplete),
            supported_mech: None,
            response_token: token,
            mech_list_mic: list_mic,
        };
        Step::Continue(response.build())
    }

    /// The mechanism may know from its token why.
    fn rejected(&mut self, response: &NegTokenResp<'_>) -> Error {
        let attempt = self.attempt.as_mut().filter(|attempt| attempt.established.is_none());
        if let (Some(attempt), Some(token)) = (attempt, response.response_token)
            && let Err(failure) = attempt.advance(&self.demands, Some(token))
        {
            return failure.error;
        }
        Error::new(Code::LogonDenied, "the acceptor rejects the negotiation")
    }
}

fn advance(
    attempt: &mut Attempt,
    demands: &Demands,
    token: Option<&[u8]>,
) -> std::result::Result<Option<Vec<u8>>, Failure> {
    match attempt.advance(demands, token)? {
        Advance::Token(token) => Ok(token),
        Advance::NeedAccount => Err(unasked().into()),
    }
}

/// The initiator has the last word where the acceptor's MIC came with the mechanism's last token.
fn last(mic: &Option<ShortBytes>, established: Box<Established>) -> Step {
    let response = NegTokenResp {
        neg_state: Some(NegState::AcceptCompleted),
        mech_list_mic: mic.as_deref(),
        ..NegTokenResp::default()
    };
    Step::Done(Some(response.build()), established)
}

fn not_offered(mechanism: &Mechanism, error: &Error) {
    let name = mechanism.package.info().name;
    log::write(Level::Info, format_args!("{name} is not offered: {}", error.reason));
}

fn nothing_left() -> Error {
    Error::new(Code::NoCredentials, "no mechanism is left")
}

fn unasked() -> Error {
    Error::new(Code::UnsupportedFunction, "no accounts are awaited")
}

impl Handshake for Initiator {
    /// A step that fails ends the negotiation.
    fn step(&mut self, input: In<'_>) -> Step {
        let token = self.demands.take(&input);
        self.demands.ask_for_integrity();
        let state = std::mem::replace(&mut self.state, State::Over);
        let step = match (state, token) {
            (State::Start, hint) => return self.start(hint).unwrap_or_else(refused),
            (State::Over, _) => {
                let error = Error::new(Code::OutOfSequence, "no further message was expected");
                return Step::Failed(error, None);
            }
            (State::Bare, token) => {
                let step = required(token).map_err(Failure::from).and_then(|token| self.bare(token));
                return step.unwrap_or_else(refused);
            }
            (State::Spnego(..), None) => Err(invalid("the acceptor's answer is missing").into()),
            (State::Spnego(leg, _), Some(token)) if self.is_bare_answer(leg, token) => {
                return self.bare(token).unwrap_or_else(refused);
            }
            (State::Spnego(leg, mic), Some(token)) => self.answer(leg, mic, token),
        };
        step.unwrap_or_else(rejecting)
    }

    fn supply(&mut self, _accounts: Option<&dyn AccountSource>) -> Step {
        Step::Failed(unasked(), None)
    }

    fn set(&mut self, setting: HandshakeSetting) -> Result<()> {
        set(&mut self.attempt, setting)
    }

    fn progress(&self) -> Progress {
        let state = match self.state {
            State::Start | State::Bare | State::Spnego(Leg::First, _) => OPTIMISTIC,
            State::Spnego(Leg::Later, _) | State::Over => IN_PROGRESS,
        };
        self.attempt.as_ref().map_or_else(nothing_known, |attempt| attempt.progress(state))
    }
}

fn refused(failure: Failure) -> Step {
    Step::Failed(failure.error, failure.token)
}
