//! One leg of an authentication: what InitializeSecurityContext and AcceptSecurityContext share.

use std::sync::Arc;

use widestring::U16Str;

use crate::abi::{CredHandle, CtxtHandle, SEC_CHANNEL_BINDINGS_RESULT_ABSENT, SecBufferDesc, TimeStamp};
use crate::boundary::buffers::{self, Input, Output};
use crate::boundary::places;
use crate::error::Result;
use crate::export::{flags, tables, trace};
use crate::log::{self, Level};
use crate::object::context::{Context, Outcome, Role};
use crate::package::facts::BindingsVerdict;
use crate::package::{Flags, In};

/// The arguments of one call.
pub struct Leg<'a> {
    pub role: Role,
    pub credential: *const CredHandle,
    pub context: *const CtxtHandle,
    /// Only of the call that begins a context.
    pub target: Option<&'a U16Str>,
    pub requirements: u32,
    pub input: *const SecBufferDesc,
    pub new_context: *mut CtxtHandle,
    pub output: *const SecBufferDesc,
    pub granted: *mut u32,
    pub expiry: *mut TimeStamp,
}

impl Leg<'_> {
    /// Makes the call; answers its success code.
    ///
    /// # Safety
    /// C's promises of InitializeSecurityContext and AcceptSecurityContext.
    pub unsafe fn make(&self) -> Result<i32> {
        let first = self.context.is_null();
        // SAFETY: promised by the caller.
        unsafe { self.note_arguments() };
        // SAFETY: promised by the caller; everything is read before anything is written.
        let (context, mut output) = unsafe {
            let context = if first { self.begin()? } else { self.go_on()? };
            (context, Output::read(self.output, self.requirements().has(Flags::ALLOCATE_MEMORY))?)
        };
        // SAFETY: promised by the caller.
        let outcome = unsafe { self.step(&context, &mut output) }?;
        let handle = match first {
            true => tables::insert_context(context).inspect_err(|_| output.withdraw())?,
            // SAFETY: promised by the caller.
            false => unsafe { places::handle(self.context) }?,
        };
        // SAFETY: promised by the caller.
        unsafe { self.tell(handle, &outcome, &output) };
        Ok(outcome.status.code().cast_signed())
    }

    /// # Safety
    /// As `make`.
    unsafe fn note_arguments(&self) {
        if !log::enabled(Level::Trace) {
            return;
        }
        // SAFETY: promised by the caller.
        let (credential, input) = unsafe { (places::get(self.credential), buffers::describe(self.input)) };
        trace::note_handle("cred", credential);
        if self.role == Role::Initiator && self.context.is_null() {
            trace::note_text("target", self.target);
        }
        trace::note_request(self.role, self.requirements);
        trace::note("in", || input);
    }

    fn requirements(&self) -> Flags {
        flags::requirements(self.role, self.requirements)
    }

    /// A new context. Its handle is made only when the leg has succeeded.
    ///
    /// # Safety
    /// As `make`.
    unsafe fn begin(&self) -> Result<Arc<Context>> {
        places::required(self.new_context)?;
        // SAFETY: promised by the caller.
        let credential = unsafe { tables::credential(self.credential) }?;
        Ok(Arc::new(Context::begin(credential, self.role, self.target)?))
    }

    /// The context of the legs before. It has its credential; one that is given must be there.
    ///
    /// # Safety
    /// As `make`.
    unsafe fn go_on(&self) -> Result<Arc<Context>> {
        if !self.credential.is_null() {
            // SAFETY: promised by the caller.
            unsafe { tables::check_credential(self.credential) }?;
        }
        // SAFETY: promised by the caller.
        unsafe { tables::context(self.context) }
    }

    /// # Safety
    /// As `make`.
    unsafe fn step(&self, context: &Context, output: &mut Output) -> Result<Outcome> {
        // SAFETY: promised by the caller.
        let input = unsafe { Input::read(self.input, output) }?;
        let input = In {
            token: input.token.as_deref(),
            bindings: input.bindings()?,
            requirements: self.requirements(),
        };
        let outcome = context.step(self.role, input, &mut |token| output.deliver(token))?;
        if let Ok(facts) = context.facts() {
            output.tell_verdict(match facts.bindings {
                BindingsVerdict::Unchecked => SEC_CHANNEL_BINDINGS_RESULT_ABSENT,
                verdict => verdict as u32,
            });
        }
        Ok(outcome)
    }

    /// # Safety
    /// As `make`.
    unsafe fn tell(&self, handle: CtxtHandle, outcome: &Outcome, output: &Output) {
        let granted = match output.allocated() {
            true => outcome.grants | Flags::ALLOCATE_MEMORY,
            false => outcome.grants,
        };
        let granted = flags::grants(self.role, granted);
        trace::note_handle("context", Some(handle));
        // SAFETY: promised by the caller, who also gave the output.
        trace::note("out", || unsafe { buffers::describe(self.output) });
        trace::note_grants(self.role, granted);
        // SAFETY: promised by the caller.
        unsafe {
            places::put(self.new_context, handle);
            places::put(self.granted, granted);
            places::put(self.expiry, TimeStamp::new(outcome.expiry.cast_signed()));
        }
    }
}
