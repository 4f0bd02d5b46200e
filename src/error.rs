//! The one error type: a code for the caller, a reason for the log.

#![forbid(unsafe_code)]

use std::borrow::Cow;

/// What a function answers when it fails, with winerror.h's numbers: those that this library uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Code {
    InsufficientMemory = 0x8009_0300,
    InvalidHandle = 0x8009_0301,
    UnsupportedFunction = 0x8009_0302,
    TargetUnknown = 0x8009_0303,
    InternalError = 0x8009_0304,
    SecpkgNotFound = 0x8009_0305,
    NotOwner = 0x8009_0306,
    InvalidToken = 0x8009_0308,
    QopNotSupported = 0x8009_030A,
    NoImpersonation = 0x8009_030B,
    LogonDenied = 0x8009_030C,
    UnknownCredentials = 0x8009_030D,
    NoCredentials = 0x8009_030E,
    MessageAltered = 0x8009_030F,
    OutOfSequence = 0x8009_0310,
    NoAuthenticatingAuthority = 0x8009_0311,
    ContextExpired = 0x8009_0317,
    IncompleteMessage = 0x8009_0318,
    BufferTooSmall = 0x8009_0321,
    WrongPrincipal = 0x8009_0322,
    TimeSkew = 0x8009_0324,
    DecryptFailure = 0x8009_0330,
    NoTgtReply = 0x8009_0334,
    MaxReferralsExceeded = 0x8009_0338,
    KdcUnknownEtype = 0x8009_0342,
    UnsupportedPreauth = 0x8009_0343,
    BadBindings = 0x8009_0346,
    InvalidParameter = 0x8009_035D,
    MutualAuthFailed = 0x8009_0363,
    /// ERROR_PASSWORD_RESTRICTION as an HRESULT.
    PasswordRestriction = 0x8007_052D,
}

/// A failure: `code` is what the caller gets, `reason` is what the log gets.
///
/// A reason never holds a secret, nor anything of an identity but its name.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    pub reason: Cow<'static, str>,
}

impl Error {
    pub fn new(code: Code, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self { code, reason: Cow::Borrowed("") }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
