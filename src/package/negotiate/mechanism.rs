//! What a mechanism is to SPNEGO, and one attempt with it.

#![forbid(unsafe_code)]

use super::tokens;
use crate::error::{Code, Error};
use crate::package::der::invalid;
use crate::package::kerberos::wire::gss::{KERBEROS_OID, MS_KERBEROS_OID};
use crate::package::{Established, Flags, Handshake, HandshakeSetting, In, Package};
use crate::package::{Progress, Step, kerberos, ntlm};
use crate::store::bindings::ChannelBindings;

/// A package that can be negotiated.
pub struct Mechanism {
    pub package: &'static dyn Package,
    /// The contents of its object identifiers, the one to offer first in front.
    pub oids: &'static [&'static [u8]],
    /// What its tokens begin with where they travel without SPNEGO; a mechanism that has this goes
    /// bare when it is the only one.
    pub bare: Option<&'static [u8]>,
    /// The first byte of a first token of its own that has no InitialContextToken around it, as
    /// Kerberos in DCE style has none (0x6E, AP-REQ): an acceptor takes it.
    pub unframed: Option<u8>,
    /// The mechListMIC is due also where the mechanism is the initiator's first choice.
    pub always_mic: bool,
}

/// The tag of an AP-REQ, [APPLICATION 14].
const AP_REQ: u8 = 0x6E;

/// NTLMSSP, 1.3.6.1.4.1.311.2.2.10.
///
/// MS-SPNG demands the mechListMIC after an AUTHENTICATE that has a MIC. It is demanded here after
/// every one that leaves something to make it with.
pub static NTLMSSP: Mechanism = Mechanism {
    package: &ntlm::Ntlm,
    oids: &[&[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10]],
    bare: Some(b"NTLMSSP\0"),
    unframed: None,
    always_mic: true,
};

/// Kerberos V5, under the object identifier that Windows offers it with, then under its own: both mean it.
///
/// Its first token comes bare in DCE style and in a frame of its own otherwise; an acceptor takes both.
pub static KERBEROS: Mechanism = Mechanism {
    package: &kerberos::Kerberos,
    oids: &[MS_KERBEROS_OID, KERBEROS_OID],
    bare: None,
    unframed: Some(AP_REQ),
    always_mic: false,
};

impl Mechanism {
    pub fn is(&self, oid: &[u8]) -> bool {
        self.oids.contains(&oid)
    }

    /// Whether `token` is one of its own, without SPNEGO around it.
    pub fn is_bare(&self, token: &[u8]) -> bool {
        self.bare.is_some_and(|start| token.starts_with(start))
            || self.unframed.is_some_and(|tag| token.first() == Some(&tag))
            || tokens::mechanism_of(token).is_some_and(|oid| self.is(oid))
    }
}

impl PartialEq for Mechanism {
    fn eq(&self, other: &Self) -> bool {
        self.package.info() == other.package.info()
    }
}

/// Why a step failed, and what the mechanism tells its peer.
pub struct Failure {
    pub error: Error,
    pub token: Option<Vec<u8>>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, token: None }
    }
}

/// One mechanism at work.
pub struct Attempt {
    pub mechanism: &'static Mechanism,
    pub handshake: Box<dyn Handshake>,
    /// Held back until SPNEGO is done as well.
    pub established: Option<Box<Established>>,
}

/// What a mechanism's step has led to.
pub enum Advance {
    /// What must be sent, if anything. `Attempt::established` tells whether it was the last.
    Token(Option<Vec<u8>>),
    NeedAccount,
}

impl Attempt {
    pub fn new(mechanism: &'static Mechanism, handshake: Box<dyn Handshake>) -> Self {
        Self { mechanism, handshake, established: None }
    }

    pub fn advance(&mut self, demands: &Demands, token: Option<&[u8]>) -> Result<Advance, Failure> {
        match self.handshake.step(demands.input(token)) {
            Step::Continue(token) => Ok(Advance::Token(Some(token))),
            Step::NeedAccount => Ok(Advance::NeedAccount),
            Step::Done(token, established) => {
                self.established = Some(established);
                Ok(Advance::Token(token))
            }
            Step::Failed(error, token) => Err(Failure { error, token }),
        }
    }

    /// The step of a mechanism that travels without SPNEGO.
    pub fn bare(&mut self, demands: &Demands, token: &[u8]) -> Step {
        self.handshake.step(demands.input(Some(token)))
    }

    pub fn progress(&self, negotiation_state: u32) -> Progress {
        match &self.established {
            Some(established) => Progress { negotiation_state, ..established.facts.progress() },
            None => Progress { negotiation_state, ..self.handshake.progress() },
        }
    }
}

/// What the caller's calls have asked for. A mechanism may begin late, and callers ask for less in
/// later calls: what one call asked holds.
#[derive(Default)]
pub struct Demands {
    requirements: Flags,
    bindings: Option<Bindings>,
}

struct Bindings {
    initiator_addrtype: u32,
    initiator_address: Vec<u8>,
    acceptor_addrtype: u32,
    acceptor_address: Vec<u8>,
    application_data: Vec<u8>,
}

impl Demands {
    /// Answers the call's token.
    pub fn take<'a>(&mut self, input: &In<'a>) -> Option<&'a [u8]> {
        self.requirements |= input.requirements;
        if let Some(bindings) = &input.bindings {
            self.bindings = Some(Bindings {
                initiator_addrtype: bindings.initiator_addrtype,
                initiator_address: bindings.initiator_address.to_vec(),
                acceptor_addrtype: bindings.acceptor_addrtype,
                acceptor_address: bindings.acceptor_address.to_vec(),
                application_data: bindings.application_data.to_vec(),
            });
        }
        input.token
    }

    /// Who asks for confidentiality has integrity with it; the mechanism is asked for it by name, or
    /// some peers have nothing to make the mechListMIC with.
    pub fn ask_for_integrity(&mut self) {
        self.requirements |= Flags::when(self.requirements.has(Flags::CONFIDENTIALITY), Flags::INTEGRITY);
    }

    /// A mechanism that was not the first choice is asked for what the list's MIC is made with, whatever the
    /// caller wants: somebody on the way may have made the choice.
    pub fn require_integrity(&mut self) {
        self.requirements |= Flags::INTEGRITY;
    }

    fn input<'a>(&'a self, token: Option<&'a [u8]>) -> In<'a> {
        let bindings = self.bindings.as_ref().map(|bindings| ChannelBindings {
            initiator_addrtype: bindings.initiator_addrtype,
            initiator_address: &bindings.initiator_address,
            acceptor_addrtype: bindings.acceptor_addrtype,
            acceptor_address: &bindings.acceptor_address,
            application_data: &bindings.application_data,
        });
        In { token, bindings, requirements: self.requirements }
    }
}

/// An application's setting, for the mechanism that has begun.
pub fn set(attempt: &mut Option<Attempt>, setting: HandshakeSetting) -> Result<(), Error> {
    let begun = attempt.as_mut().filter(|attempt| attempt.established.is_none());
    let nothing = || Error::new(Code::UnsupportedFunction, "no mechanism has begun");
    begun.ok_or_else(nothing)?.handshake.set(setting)
}

/// The mechanism's message out of a SPNEGO one.
pub fn required(token: Option<&[u8]>) -> Result<&[u8], Error> {
    token.filter(|token| !token.is_empty()).ok_or_else(|| invalid("a token is missing"))
}
