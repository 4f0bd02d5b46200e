//! The acceptor: CHALLENGE for a NEGOTIATE, then the decision (MS-NLMP 3.2.5.1).

#![forbid(unsafe_code)]

use std::sync::Arc;

use arc_swap::ArcSwap;
use widestring::U16String;

use super::authenticate::Authenticate;
use super::challenge::Challenge;
use super::decision::{self, Admission, Demand, Exchange, Policy, Response};
use super::flags::{self, NegotiateFlags};
use super::keys::Direction;
use super::message::invalid;
use super::negotiate::Negotiate;
use super::response::Ntlmv2Response;
use super::target::TargetNames;
use super::{INFO, KEY_INFO, SIZES, messages, progress};
use crate::crypto::random;
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::package::{Established, Facts, Fixed, Flags, Handshake, HandshakeSetting, In};
use crate::package::{Progress, Step, bindings, time};
use crate::secret::Secret;
use crate::store::accounts::{Account, AccountSource};
use crate::store::names::down_level;

/// Where an acceptor's accounts come from.
#[derive(Clone)]
pub enum Accounts {
    From(Arc<dyn AccountSource>),
    /// None are configured: the application supplies them when it has seen who asks.
    Awaited,
    /// None are configured, and the application did not leave that open.
    Nowhere,
}

/// An inbound credential.
pub struct Inbound {
    pub names: TargetNames,
    pub accounts: ArcSwap<Accounts>,
    pub policy: ArcSwap<Policy>,
}

/// A handshake from the acceptor's side.
pub struct Acceptor {
    inbound: Arc<Inbound>,
    /// This handshake's own accounts, in the place of the credential's.
    accounts: Option<Arc<dyn AccountSource>>,
    state: State,
    grants: Flags,
}

enum State {
    Start,
    Challenged(Challenged),
    /// A whole exchange that waits for its accounts.
    Waiting(Challenged, Vec<u8>),
    Over,
}

/// What was said up to the CHALLENGE.
struct Challenged {
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
    offered: NegotiateFlags,
    server_challenge: [u8; 8],
    /// What the calls so far insisted on.
    demand: Demand,
}

impl Challenged {
    fn exchange<'a>(&'a self, authenticate: &'a [u8]) -> Exchange<'a> {
        Exchange {
            negotiate: &self.negotiate,
            challenge: &self.challenge,
            authenticate,
            offered: self.offered,
            server_challenge: self.server_challenge,
        }
    }

    /// A CHALLENGE that was not made here, so that a recorded answer to it fits.
    fn fix(&mut self, fixed: Fixed) -> Result<()> {
        match fixed {
            Fixed::ServerChallenge(challenge) => self.server_challenge = challenge,
            Fixed::Challenge(message) => {
                let challenge = Challenge::parse(&message)?;
                (self.offered, self.server_challenge) = (challenge.flags, challenge.server_challenge);
                self.challenge = message;
            }
            // The client's time and challenge stand in its answer.
            Fixed::Time(_) | Fixed::ClientChallenge(_) => {}
        }
        Ok(())
    }
}

impl Acceptor {
    pub fn new(inbound: Arc<Inbound>) -> Self {
        Self { inbound, accounts: None, state: State::Start, grants: Flags::NONE }
    }

    fn challenge(&mut self, input: &In<'_>) -> Result<Step> {
        let token = input.token.ok_or_else(|| invalid("the NEGOTIATE is missing"))?;
        let negotiate = Negotiate::parse(token)?;
        if negotiate.flags.has(NegotiateFlags::DATAGRAM) || input.requirements.has(Flags::DATAGRAM) {
            return Err(unsupported("datagram style is not supported"));
        }
        if !negotiate.flags.has(NegotiateFlags::EXTENDED_SESSIONSECURITY) {
            return Err(unsupported("the client does not know extended session security"));
        }
        let names = &self.inbound.names;
        let offered = flags::answer(negotiate.flags, names.target_type);
        let mut server_challenge = [0; 8];
        random::fill(&mut server_challenge)?;
        let challenge = Challenge::build(offered, &server_challenge, &names.target, &names.target_info()?)?;
        let negotiate = token.to_vec();
        let answer = challenge.clone();
        let demand = demand(input);
        self.state =
            State::Challenged(Challenged { negotiate, challenge, offered, server_challenge, demand });
        Ok(Step::Continue(answer))
    }

    fn authenticate(&mut self, mut challenged: Challenged, input: &In<'_>) -> Result<Step> {
        let token = input.token.ok_or_else(|| invalid("the AUTHENTICATE is missing"))?;
        // Callers that use one variable for what they ask and what they get ask for less the
        // second time: what the first call asked holds.
        let (first, second) = (challenged.demand, demand(input));
        challenged.demand = Demand {
            requirements: first.requirements | second.requirements,
            bindings: second.bindings.or(first.bindings),
        };
        let demand = challenged.demand;
        let own = self.accounts.clone().map(|own| Arc::new(Accounts::From(own)));
        let accounts = own.unwrap_or_else(|| self.inbound.accounts.load_full());
        let exchange = challenged.exchange(token);
        match &*accounts {
            Accounts::From(source) => self.decide(&exchange, demand, Some(&**source)),
            Accounts::Nowhere => self.decide(&exchange, demand, None),
            Accounts::Awaited => {
                let message = Authenticate::parse(token)?;
                if let Response::Anonymous = decision::examine(&exchange, &message, demand)? {
                    return self.decide(&exchange, demand, None);
                }
                self.state = State::Waiting(challenged, token.to_vec());
                let reason = "NTLM_USER_FILE is not set: the application has to name the account";
                log::write(Level::Warn, format_args!("{reason} and call CompleteAuthToken"));
                Ok(Step::NeedAccount)
            }
        }
    }

    fn decide(
        &mut self,
        exchange: &Exchange<'_>,
        demand: Demand,
        accounts: Option<&dyn AccountSource>,
    ) -> Result<Step> {
        let message = Authenticate::parse(exchange.authenticate)?;
        let response = decision::examine(exchange, &message, demand)?;
        let account = match response {
            Response::Anonymous => None,
            Response::Ntlmv2(ref response) => find(accounts, exchange, &message, response),
        };
        let policy = self.inbound.policy.load();
        let admission = decision::decide(exchange, &message, &response, account.as_ref(), &policy, demand)
            .map_err(|error| of(&message, account.is_some(), error))?;
        drop(policy);
        self.grants = flags::grants(admission.flags, demand.requirements);
        let (sender, receiver) =
            messages::halves(&admission.session_key, admission.flags, Direction::ServerToClient);
        let facts = self.facts(admission, account);
        Ok(Step::Done(None, Box::new(Established { sender, receiver, facts })))
    }

    fn facts(&self, admission: Admission, account: Option<Account>) -> Facts {
        let some = |name: &U16String| Some(name.clone()).filter(|name| !name.is_empty());
        let server = &self.inbound.names.target;
        let domain = account.as_ref().and_then(|account| some(&account.domain));
        Facts {
            package: &INFO,
            sizes: SIZES,
            grants: self.grants,
            client: account.map(|account| down_level(&account.domain, &account.user)),
            server: some(server),
            authority: domain.or_else(|| some(server)),
            target: admission.target,
            start: time::now(),
            expiry: time::NEVER,
            session_key: Secret::new(admission.session_key.as_ref().to_vec()),
            key_info: &KEY_INFO,
            bindings: admission.bindings,
            extra: None,
        }
    }
}

/// A refusal with the name of who is refused. Only the log tells whether there is such an account.
fn of(message: &Authenticate<'_>, known: bool, error: Error) -> Error {
    let client = down_level(&message.domain, &message.user);
    let client = client.to_string_lossy();
    log::write(Level::Debug, format_args!("{client} {}", if known { "is known" } else { "is unknown" }));
    Error { reason: format!("{client}: {}", error.reason).into(), ..error }
}

fn demand(input: &In<'_>) -> Demand {
    let bindings = input.bindings.as_ref().map(bindings::hash);
    Demand { requirements: input.requirements, bindings }
}

/// The account that the wire names. A source that fails has none.
fn find(
    accounts: Option<&dyn AccountSource>,
    exchange: &Exchange<'_>,
    message: &Authenticate<'_>,
    response: &Ntlmv2Response<'_>,
) -> Option<Account> {
    let evidence = || decision::evidence(exchange, message, response);
    match accounts?.lookup_with(&message.user, &message.domain, &evidence) {
        Ok(account) => account,
        Err(error) => {
            log::write(Level::Warn, format_args!("no account could be looked up: {}", error.reason));
            None
        }
    }
}

fn unsupported(reason: &'static str) -> Error {
    Error::new(Code::UnsupportedFunction, reason)
}

impl Handshake for Acceptor {
    /// A step that fails ends the handshake: a challenge is answered once.
    fn step(&mut self, input: In<'_>) -> Step {
        let step = match std::mem::replace(&mut self.state, State::Over) {
            State::Start => self.challenge(&input),
            State::Challenged(challenged) => self.authenticate(challenged, &input),
            State::Waiting(..) | State::Over => {
                Err(Error::new(Code::OutOfSequence, "no further message was expected"))
            }
        };
        step.unwrap_or_else(|error| Step::Failed(error, None))
    }

    fn supply(&mut self, accounts: Option<&dyn AccountSource>) -> Step {
        let own = self.accounts.clone();
        let accounts = own.as_deref().or(accounts);
        let step = match (std::mem::replace(&mut self.state, State::Over), accounts) {
            (State::Waiting(challenged, authenticate), Some(accounts)) => {
                self.decide(&challenged.exchange(&authenticate), challenged.demand, Some(accounts))
            }
            (waiting @ State::Waiting(..), None) => {
                self.state = waiting;
                Ok(Step::NeedAccount)
            }
            (other, _) => {
                self.state = other;
                Err(unsupported("no accounts are awaited"))
            }
        };
        step.unwrap_or_else(|error| Step::Failed(error, None))
    }

    fn set(&mut self, setting: HandshakeSetting) -> Result<()> {
        match (setting, &mut self.state) {
            (
                HandshakeSetting::Accounts(source),
                State::Start | State::Challenged(_) | State::Waiting(..),
            ) => {
                self.accounts = Some(source);
                Ok(())
            }
            (HandshakeSetting::Fixed(fixed), State::Challenged(challenged)) => challenged.fix(fixed),
            _ => Err(unsupported("the acceptor has no such setting")),
        }
    }

    fn claimed(&self) -> Option<(U16String, U16String)> {
        let State::Waiting(_, authenticate) = &self.state else { return None };
        let message = Authenticate::parse(authenticate).ok()?;
        Some((message.user, message.domain))
    }

    fn progress(&self) -> Progress {
        progress(self.grants)
    }
}
