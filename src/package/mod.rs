//! What a security package is. One folder per protocol implements these traits; nothing outside
//! this room knows which protocols there are.

#![forbid(unsafe_code)]

pub mod bindings;
pub mod der;
pub mod facts;
pub mod flags;
pub mod kerberos;
pub mod mech_list;
pub mod negotiate;
pub mod ntlm;
pub mod time;

use std::borrow::Cow;
use std::sync::Arc;

use widestring::{U16Str, U16String};

use crate::error::{Code, Error, Result};
use crate::part::Part;
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::AccountSource;
use crate::store::bindings::ChannelBindings;
use crate::store::identity::Identity;
use crate::store::os::Os;

pub use facts::{Facts, PackageInfo, Progress, Sizes};
pub use flags::Flags;
pub use mech_list::{MechList, ShortBytes};

/// Every package, in the order in which EnumerateSecurityPackages lists them.
pub static PACKAGES: &[&dyn Package] = &[&negotiate::NEGOTIATE, &kerberos::Kerberos, &ntlm::Ntlm];

/// The package of that name, in any case.
pub fn find(name: &str) -> Result<&'static dyn Package> {
    let named = |package: &&&dyn Package| package.info().name.eq_ignore_ascii_case(name);
    PACKAGES.iter().find(named).copied().ok_or_else(|| Error::new(Code::SecpkgNotFound, "no such package"))
}

/// SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub inbound: bool,
    pub outbound: bool,
}

/// AcquireCredentialsHandle, read and checked.
pub struct Acquire<'a> {
    pub usage: Usage,
    /// pszPrincipal: whose ticket or key is meant, where there are several.
    pub principal: Option<&'a U16Str>,
    /// `None`: pAuthData was NULL, the default identity is meant.
    pub identity: Option<Identity>,
    pub sources: Sources,
}

/// ChangeAccountPassword, read and checked.
pub struct PasswordChange<'a> {
    pub domain: &'a U16Str,
    pub account: &'a U16Str,
    pub old: Secret<Vec<u16>>,
    pub new: Secret<Vec<u16>>,
    pub sources: Sources,
}

/// A fact of a configuration, in words for people and without secrets.
pub struct Line {
    pub name: &'static str,
    pub value: Cow<'static, str>,
}

impl Line {
    pub fn new(name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        Self { name, value: value.into() }
    }
}

/// A security package.
pub trait Package: Send + Sync {
    fn info(&self) -> &'static PackageInfo;
    fn acquire(&self, request: Acquire<'_>) -> Result<Arc<dyn Credential>>;
    /// Whether its established contexts are those of the package `info`: its own, unless it negotiates.
    fn makes(&self, info: &PackageInfo) -> bool {
        self.info() == info
    }
    /// The configuration that it would use now, as far as it can be told without asking the network.
    fn describe(&self, _os: &dyn Os) -> Vec<Line> {
        Vec::new()
    }
    fn changes_passwords(&self) -> bool {
        false
    }
    /// ChangeAccountPassword; few packages can.
    fn change_password(&self, _change: PasswordChange<'_>) -> Result<()> {
        Err(Error::new(Code::UnsupportedFunction, "the package changes no passwords"))
    }
    /// Makes an established context again from what its two halves exported; sets `key_info`.
    fn import(&self, facts: Facts, sender: &[u8], receiver: &[u8]) -> Result<Established>;
}

/// An acquired credential.
pub trait Credential: Send + Sync {
    /// Starts the initiator's side towards `target` (an SPN, or any name, or nothing).
    fn initiate(&self, target: Option<&U16Str>) -> Result<Box<dyn Handshake>>;
    /// Starts the acceptor's side.
    fn accept(&self) -> Result<Box<dyn Handshake>>;
    /// SECPKG_CRED_ATTR_NAMES: `DOMAIN\user`, or the user alone where there is no domain.
    fn name(&self) -> Result<U16String>;
    /// SECPKG_CRED_ATTR_NAMES of SetCredentialsAttributes and the like; few packages take any.
    fn set(&self, setting: Setting<'_>) -> Result<()>;
    /// The packages among which it negotiates; `None`: it does not negotiate.
    fn mechanisms(&self) -> Option<Vec<&'static PackageInfo>> {
        None
    }
    /// FILETIME, as far as it is known without asking anybody; most never expire by themselves.
    fn expiry(&self) -> u64 {
        time::NEVER
    }
    /// Writes its tickets to the credential cache of that name; few have any.
    fn export_tickets(&self, _cache: &str) -> Result<()> {
        Err(Error::new(Code::UnsupportedFunction, "the credential has no tickets"))
    }
}

/// What SetCredentialsAttributes and the library's own calls may change of a credential.
#[derive(Clone)]
pub enum Setting<'a> {
    /// The application's own users (`libsspi_set_credential_account_callback`).
    Accounts(Arc<dyn AccountSource>),
    /// The service names that MsvAvTargetName must be one of (`libsspi_set_credential_services`).
    Services(&'a [U16String]),
    /// SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS: force the proxy, and its name.
    KdcProxy { force: bool, server: Option<&'a U16Str> },
}

/// What an application may change of a handshake of its own.
#[derive(Clone)]
pub enum HandshakeSetting {
    /// The accounts of this acceptor alone. They win over the credential's.
    Accounts(Arc<dyn AccountSource>),
    /// What this initiator calls its computer.
    Workstation(U16String),
    /// What is random or of the moment otherwise: test vectors only.
    Fixed(Fixed),
}

/// A value of a test vector.
#[derive(Clone)]
pub enum Fixed {
    /// FILETIME of the client's response.
    Time([u8; 8]),
    ClientChallenge([u8; 8]),
    ServerChallenge([u8; 8]),
    /// The acceptor's CHALLENGE, in the place of the one that it sent.
    Challenge(Vec<u8>),
}

/// What one call of InitializeSecurityContext or AcceptSecurityContext brings.
pub struct In<'a> {
    /// The peer's token; `None` when the caller gave no SECBUFFER_TOKEN or an empty one.
    pub token: Option<&'a [u8]>,
    pub bindings: Option<ChannelBindings<'a>>,
    /// What the caller asks for (fContextReq).
    pub requirements: Flags,
}

/// Where a handshake stands after a step.
pub enum Step {
    /// Send the token and come back with the answer (SEC_I_CONTINUE_NEEDED).
    Continue(Vec<u8>),
    /// The acceptor has no account source: `supply` one (SEC_I_COMPLETE_NEEDED).
    NeedAccount,
    /// Done; a token, if there is one, must still be sent.
    Done(Option<Vec<u8>>, Box<Established>),
    /// Over. A token tells the peer why, if the protocol has one.
    Failed(Error, Option<Vec<u8>>),
}

/// One side of an authentication: a state machine over bytes.
pub trait Handshake: Send {
    fn step(&mut self, input: In<'_>) -> Step;
    /// Answers `Step::NeedAccount`: with the accounts that were set on it, else with these. Without
    /// any it answers `NeedAccount` again.
    fn supply(&mut self, accounts: Option<&dyn AccountSource>) -> Step;
    /// Changes what it will do; few handshakes take any setting.
    fn set(&mut self, _setting: HandshakeSetting) -> Result<()> {
        Err(Error::new(Code::UnsupportedFunction, "the handshake has no such setting"))
    }
    /// User and domain as an acceptor's client has named itself. Nothing is proven yet.
    fn claimed(&self) -> Option<(U16String, U16String)> {
        None
    }
    /// What is known so far.
    fn progress(&self) -> Progress;
}

/// An authenticated context: two independent halves and what is known about it.
pub struct Established {
    pub sender: Box<dyn Sender>,
    pub receiver: Box<dyn Receiver>,
    pub facts: Facts,
}

/// How a message is protected (fQOP of EncryptMessage, *pfQOP of DecryptMessage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// Signed and encrypted.
    Encrypt,
    /// SECQOP_WRAP_NO_ENCRYPT: framed and signed, not encrypted.
    NoEncrypt,
}

/// What `wrap` used of the token and padding buffers, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub token: usize,
    pub padding: usize,
}

/// The half that sends.
///
/// A call that fails leaves sequence, key stream and the message's bytes as they were.
pub trait Sender: Send {
    /// EncryptMessage. `token` holds at least `Sizes::security_trailer` bytes, or the call answers
    /// SEC_E_BUFFER_TOO_SMALL.
    fn wrap(
        &mut self,
        parts: &mut [Part<'_>],
        token: &mut [u8],
        padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped>;
    /// MakeSignature: writes the signature, answers its length.
    fn mic(&mut self, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize>;
    /// The mechListMIC of RFC 4178.
    fn list_mic(&mut self, list: &MechList) -> Result<ShortBytes>;
    /// This half's state for ExportSecurityContext; messages are refused afterwards.
    fn export(&mut self) -> Result<Secret<Vec<u8>>>;
}

/// The half that receives.
///
/// A call that fails leaves sequence and key stream as they were; the sealed parts of a message
/// that failed authentication are zeroed.
pub trait Receiver: Send {
    /// DecryptMessage with SECBUFFER_TOKEN and data (and padding) buffers.
    fn unwrap(&mut self, parts: &mut [Part<'_>], token: &[u8], padding: &[u8]) -> Result<Qop>;
    /// DecryptMessage with one SECBUFFER_STREAM: answers where in it the plaintext lies.
    fn unwrap_stream(&mut self, stream: &mut [u8]) -> Result<(std::ops::Range<usize>, Qop)>;
    /// VerifySignature.
    fn verify(&mut self, parts: &[Part<'_>], token: &[u8]) -> Result<()>;
    /// Checks the peer's mechListMIC.
    fn list_verify(&mut self, list: &MechList, mic: &[u8]) -> Result<()>;
    /// This half's state for ExportSecurityContext; messages are refused afterwards.
    fn export(&mut self) -> Result<Secret<Vec<u8>>>;
}
