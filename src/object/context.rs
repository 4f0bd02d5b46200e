//! What a CtxtHandle stands for: a handshake, then two independent halves.
//!
//! One mutex guards the handshake. Once established, the sender and the receiver have a lock each,
//! so that one thread encrypts while another decrypts. What a panic interrupted stays refused.

#![forbid(unsafe_code)]

use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use once_cell::race::OnceBox;
use once_cell::sync::OnceCell;
use parking_lot::{Mutex, ReentrantMutex};
use widestring::{U16Str, U16String};

use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::object::credential::Credential;
use crate::package::facts::{Facts, Progress};
use crate::package::{Established, Flags, Handshake, HandshakeSetting, In, Qop};
use crate::package::{Receiver, Sender, Step, Wrapped, time};
use crate::part::Part;
use crate::secret::Secret;
use crate::store::accounts::AccountSource;

/// Which side of the authentication this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Initiator,
    Acceptor,
}

/// The success codes of InitializeSecurityContext and AcceptSecurityContext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    ContinueNeeded,
    CompleteNeeded,
}

/// A longer token is no token: the largest that any package makes is below 64 KiB.
const LONGEST_TOKEN: usize = 1 << 20;

/// What a step answers besides its token.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub status: Status,
    pub grants: Flags,
    /// FILETIME.
    pub expiry: u64,
}

/// Writes a step's token into the caller's buffers.
pub type Deliver<'a> = &'a mut dyn FnMut(Option<&[u8]>) -> Result<()>;

/// A security context.
pub struct Context {
    role: Role,
    /// The credential it was made with: kept alive by it. An imported context has none.
    credential: Option<Arc<Credential>>,
    /// Taken again on the thread that holds it when an account callback asks about the very context
    /// that it is called for: refused then, and no deadlock.
    phase: ReentrantMutex<RefCell<Phase>>,
    live: OnceCell<Live>,
    /// The code of the last step, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS.
    last_status: AtomicU32,
    /// What attributes that are no protocol's keep with it: one word while there is nothing.
    companion: OnceBox<Box<dyn Any + Send + Sync>>,
}

enum Phase {
    Shaking(Box<dyn Handshake>),
    /// A step was made whose token did not fit; the same call again gets it.
    Undelivered(Box<Undelivered>),
    Complete,
    Failed,
}

struct Undelivered {
    input: Option<Vec<u8>>,
    token: Option<Vec<u8>>,
    outcome: Outcome,
    next: Phase,
    established: Option<Box<Established>>,
}

struct Live {
    sender: Mutex<Half<dyn Sender>>,
    receiver: Mutex<Half<dyn Receiver>>,
    facts: Facts,
}

/// One direction; `broken` while a call is inside, so that a panic leaves it so.
struct Half<T: ?Sized> {
    broken: bool,
    inner: Box<T>,
}

impl<T: ?Sized> Half<T> {
    fn new(inner: Box<T>) -> Mutex<Half<T>> {
        Mutex::new(Half { broken: false, inner })
    }

    fn call<R>(&mut self, work: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        if std::mem::replace(&mut self.broken, true) {
            return Err(Error::new(Code::InternalError, "an earlier call broke off"));
        }
        let result = work(&mut self.inner);
        self.broken = false;
        result
    }
}

impl Context {
    /// Starts a context. `target` is the initiator's pszTargetName.
    pub fn begin(credential: Arc<Credential>, role: Role, target: Option<&U16Str>) -> Result<Context> {
        let handshake = match role {
            Role::Initiator => credential.initiate(target)?,
            Role::Acceptor => credential.accept()?,
        };
        Ok(Context::new(role, Some(credential), Phase::Shaking(handshake)))
    }

    fn new(role: Role, credential: Option<Arc<Credential>>, phase: Phase) -> Context {
        let last_status = AtomicU32::new(0);
        Context {
            role,
            credential,
            phase: ReentrantMutex::new(RefCell::new(phase)),
            live: OnceCell::new(),
            last_status,
            companion: OnceBox::new(),
        }
    }

    /// A context that was established elsewhere.
    pub(super) fn imported(role: Role, established: Established) -> Context {
        let context = Context::new(role, None, Phase::Complete);
        context.establish(established);
        context
    }

    /// Takes the peer's token one step further and delivers ours.
    ///
    /// When `deliver` answers SEC_E_BUFFER_TOO_SMALL the step is kept, and the same input with
    /// larger buffers gets its token.
    pub fn step(&self, role: Role, input: In<'_>, deliver: Deliver<'_>) -> Result<Outcome> {
        if role != self.role {
            return Err(Error::new(Code::InvalidHandle, "the context has the other role"));
        }
        if input.token.is_some_and(|token| token.len() > LONGEST_TOKEN) {
            return Err(Error::new(Code::InvalidToken, "a token of impossible length"));
        }
        let phase = self.phase.lock();
        let phase = &mut *phase.try_borrow_mut().map_err(|_| called_back())?;
        match std::mem::replace(phase, Phase::Failed) {
            Phase::Shaking(mut handshake) => {
                let token = input.token;
                let step = handshake.step(input);
                let undelivered = self.taken(step, handshake, deliver)?;
                self.hand_over(undelivered, token, phase, deliver)
            }
            Phase::Undelivered(undelivered) if undelivered.input.as_deref() == input.token => {
                self.hand_over(*undelivered, input.token, phase, deliver)
            }
            Phase::Undelivered(undelivered) => {
                *phase = Phase::Undelivered(undelivered);
                Err(Error::new(Code::InvalidToken, "the last token has not been taken yet"))
            }
            Phase::Complete => {
                *phase = Phase::Complete;
                Err(Error::new(Code::OutOfSequence, "the context is complete"))
            }
            Phase::Failed => Err(Error::new(Code::OutOfSequence, "the authentication has failed")),
        }
    }

    /// What a step has led to, ready to be handed over. A failed step's token goes out at once.
    fn taken(&self, step: Step, handshake: Box<dyn Handshake>, deliver: Deliver<'_>) -> Result<Undelivered> {
        let grants = handshake.progress().grants;
        let going = |status| Outcome { status, grants, expiry: time::NEVER };
        let (token, outcome, next, established) = match step {
            Step::Continue(token) => {
                (Some(token), going(Status::ContinueNeeded), Phase::Shaking(handshake), None)
            }
            Step::NeedAccount => (None, going(Status::CompleteNeeded), Phase::Shaking(handshake), None),
            Step::Done(token, done) => {
                let outcome =
                    Outcome { status: Status::Ok, grants: done.facts.grants, expiry: done.facts.expiry };
                (token, outcome, Phase::Complete, Some(done))
            }
            Step::Failed(error, token) => {
                self.note(&error);
                if token.is_some() {
                    let _ = deliver(token.as_deref());
                }
                return Err(error);
            }
        };
        Ok(Undelivered { input: None, token, outcome, next, established })
    }

    fn hand_over(
        &self,
        mut step: Undelivered,
        input: Option<&[u8]>,
        phase: &mut Phase,
        deliver: Deliver<'_>,
    ) -> Result<Outcome> {
        if let Err(error) = deliver(step.token.as_deref()) {
            if step.input.is_none() {
                step.input = input.map(copy).transpose()?;
            }
            *phase = Phase::Undelivered(Box::new(step));
            return Err(error);
        }
        if let Some(established) = step.established.take() {
            self.establish(*established);
        }
        self.last_status.store(step.outcome.status.code(), Ordering::Relaxed);
        *phase = step.next;
        Ok(step.outcome)
    }

    fn establish(&self, established: Established) {
        let Established { sender, receiver, facts } = established;
        if log::enabled(Level::Info) {
            log::write(Level::Info, format_args!("{}", self.success(&facts)));
        }
        let live = Live { sender: Half::new(sender), receiver: Half::new(receiver), facts };
        // Only the step that completed the handshake gets here, and it holds the phase's lock.
        let _ = self.live.set(live);
    }

    fn success(&self, facts: &Facts) -> String {
        let text = |name: &Option<U16String>| name.as_ref().map(|name| name.to_string_lossy());
        let client = text(&facts.client).unwrap_or_else(|| "nobody".to_owned());
        let target = text(&facts.target).map(|target| format!(" to {target}")).unwrap_or_default();
        let protection = match (facts.grants.has(Flags::CONFIDENTIALITY), facts.grants.has(Flags::INTEGRITY))
        {
            (true, _) => "sealed",
            (false, true) => "signed",
            (false, false) => "unprotected",
        };
        format!("{:?}: {client} logs on{target} by {}, {protection}", self.role, facts.package.name)
    }

    /// What a peer is refused for is told at once; an initiator's caller gets it with the status.
    fn note(&self, error: &Error) {
        self.last_status.store(error.code as u32, Ordering::Relaxed);
        let level = if self.role == Role::Acceptor { Level::Warn } else { Level::Info };
        log::write(level, format_args!("{:?}: {:?}: {}", self.role, error.code, error.reason));
    }

    /// CompleteAuthToken: nothing is left to do on an established context.
    pub fn complete(&self) -> Result<()> {
        match self.live.get() {
            Some(_) => Ok(()),
            None => Err(Error::new(Code::UnsupportedFunction, "there is nothing to complete")),
        }
    }

    /// Completes a context that answered SEC_I_COMPLETE_NEEDED, with the accounts it lacked.
    pub fn supply(&self, accounts: Option<&dyn AccountSource>) -> Result<()> {
        let phase = self.phase.lock();
        let phase = &mut *phase.try_borrow_mut().map_err(|_| called_back())?;
        // Another thread may have completed it while this one waited.
        if self.live.get().is_some() {
            return Ok(());
        }
        let mut handshake = match std::mem::replace(phase, Phase::Failed) {
            Phase::Shaking(handshake) => handshake,
            other => {
                *phase = other;
                return Err(Error::new(Code::OutOfSequence, "no accounts are awaited"));
            }
        };
        match handshake.supply(accounts) {
            Step::Done(_, established) => {
                self.establish(*established);
                self.last_status.store(Status::Ok.code(), Ordering::Relaxed);
                *phase = Phase::Complete;
                Ok(())
            }
            Step::Failed(error, _) => {
                self.note(&error);
                Err(error)
            }
            Step::Continue(_) | Step::NeedAccount => {
                *phase = Phase::Shaking(handshake);
                Err(Error::new(Code::UnsupportedFunction, "there is nothing to complete"))
            }
        }
    }

    /// What an application sets of a context that is not yet established.
    pub fn set(&self, setting: HandshakeSetting) -> Result<()> {
        self.shaking(|handshake| handshake.set(setting))
    }

    /// User and domain as the client has named itself, which proves nothing yet.
    pub fn claimed(&self) -> Result<(U16String, U16String)> {
        let unknown = || Error::new(Code::InvalidHandle, "the client has not named itself");
        self.shaking(|handshake| handshake.claimed().ok_or_else(unknown))
    }

    /// Does something with the handshake while there is one.
    fn shaking<R>(&self, work: impl FnOnce(&mut dyn Handshake) -> Result<R>) -> Result<R> {
        let over = || Error::new(Code::OutOfSequence, "the handshake is over");
        match &mut *self.phase.lock().try_borrow_mut().map_err(|_| called_back())? {
            Phase::Shaking(handshake) => work(&mut **handshake),
            Phase::Undelivered(undelivered) => match &mut undelivered.next {
                Phase::Shaking(handshake) => work(&mut **handshake),
                _ => Err(over()),
            },
            Phase::Complete | Phase::Failed => Err(over()),
        }
    }

    /// What the caller keeps with the context; there is one kind of it.
    pub fn companion<T: Any + Default + Send + Sync>(&self) -> Option<&T> {
        self.companion.get_or_init(|| Box::new(Box::new(T::default()))).downcast_ref()
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// The credential it was made with; an imported context has none.
    pub fn credential(&self) -> Option<&Arc<Credential>> {
        self.credential.as_ref()
    }

    /// What is known of an established context; before that SEC_E_INVALID_HANDLE.
    pub fn facts(&self) -> Result<&Facts> {
        self.live().map(|live| &live.facts)
    }

    /// What can be told at any time; a context whose authentication failed tells nothing more.
    pub fn progress(&self) -> Result<Progress> {
        if let Some(Live { facts, .. }) = self.live.get() {
            return Ok(facts.progress());
        }
        match &*self.phase.lock().try_borrow().map_err(|_| called_back())? {
            Phase::Shaking(handshake) => Ok(handshake.progress()),
            Phase::Undelivered(undelivered) => match (&undelivered.next, &undelivered.established) {
                (Phase::Shaking(handshake), _) => Ok(handshake.progress()),
                (_, Some(established)) => Ok(established.facts.progress()),
                _ => Err(Error::new(Code::InvalidHandle, "the authentication has failed")),
            },
            _ => Err(Error::new(Code::InvalidHandle, "the authentication has failed")),
        }
    }

    /// SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS: the status code of the last step.
    pub fn last_status(&self) -> u32 {
        self.last_status.load(Ordering::Relaxed)
    }

    fn live(&self) -> Result<&Live> {
        self.live.get().ok_or_else(|| Error::new(Code::InvalidHandle, "the context is not established"))
    }

    /// The established context while it has not expired.
    fn current(&self) -> Result<&Live> {
        let live = self.live()?;
        if live.facts.expiry != time::NEVER && time::now() >= live.facts.expiry {
            return Err(Error::new(Code::ContextExpired, "the context has expired"));
        }
        Ok(live)
    }

    pub fn wrap(
        &self,
        parts: &mut [Part<'_>],
        token: &mut [u8],
        padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped> {
        self.current()?.sender.lock().call(|sender| sender.wrap(parts, token, padding, qop))
    }

    pub fn mic(&self, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize> {
        self.current()?.sender.lock().call(|sender| sender.mic(parts, token))
    }

    pub fn unwrap(&self, parts: &mut [Part<'_>], token: &[u8], padding: &[u8]) -> Result<Qop> {
        self.current()?.receiver.lock().call(|receiver| receiver.unwrap(parts, token, padding))
    }

    pub fn unwrap_stream(&self, stream: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        self.current()?.receiver.lock().call(|receiver| receiver.unwrap_stream(stream))
    }

    pub fn verify(&self, parts: &[Part<'_>], token: &[u8]) -> Result<()> {
        self.current()?.receiver.lock().call(|receiver| receiver.verify(parts, token))
    }

    /// Both halves' state. They take no message afterwards: two copies would share a key stream.
    pub(super) fn export_halves(&self) -> Result<[Secret<Vec<u8>>; 2]> {
        let live = self.current()?;
        let (mut sender, mut receiver) = (live.sender.lock(), live.receiver.lock());
        Ok([sender.call(|half| half.export())?, receiver.call(|half| half.export())?])
    }
}

fn called_back() -> Error {
    Error::new(Code::OutOfSequence, "a call from inside a step of the same context")
}

/// The input of a step that is kept: as long as the caller says, so that it may not fit.
fn copy(input: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    let reserved = copy.try_reserve_exact(input.len());
    reserved.map_err(|_| Error::new(Code::InsufficientMemory, "no memory for a copy of the token"))?;
    copy.extend_from_slice(input);
    Ok(copy)
}

impl Status {
    /// The code of winerror.h.
    pub fn code(self) -> u32 {
        match self {
            Status::Ok => 0,
            Status::ContinueNeeded => 0x0009_0312,
            Status::CompleteNeeded => 0x0009_0313,
        }
    }
}
