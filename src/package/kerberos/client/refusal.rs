//! What a KDC or a service says instead of a reply, and the status that a caller gets for it.

#![forbid(unsafe_code)]

use crate::error::{Code, Error};
use crate::log::{self, Level};
use crate::package::kerberos::wire::KrbError;
use crate::package::kerberos::wire::error::code::*;

/// Why an exchange gave nothing.
pub enum Refusal {
    /// The KDC answered with a KRB-ERROR, which nothing protects.
    Said(Box<KrbError>),
    /// Anything else.
    Failed(Error),
}

pub type Refused<T> = std::result::Result<T, Refusal>;

impl Refusal {
    /// The reply, if it is no KRB-ERROR.
    pub fn unless_error(reply: Vec<u8>) -> Refused<Vec<u8>> {
        match KrbError::is(&reply) {
            true => Err(Self::Said(Box::new(KrbError::parse(&reply)?))),
            false => Ok(reply),
        }
    }

    /// error-code, if the KDC said one.
    pub fn error_code(&self) -> Option<i32> {
        match self {
            Self::Said(error) => Some(error.error_code),
            Self::Failed(_) => None,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Said(error) => status(&error),
            Refusal::Failed(error) => error,
        }
    }
}

/// Whether a reply over UDP asks for TCP.
pub fn is_too_big(reply: &[u8]) -> bool {
    let error = KrbError::is(reply).then(|| KrbError::parse(reply));
    error.is_some_and(|error| error.is_ok_and(|error| error.error_code == KRB_ERR_RESPONSE_TOO_BIG))
}

/// The caller's status for a KRB-ERROR, of a KDC or of a service.
///
/// An unknown user and a wrong password are one status, as on Windows.
pub fn status(error: &KrbError) -> Error {
    let (code, said) = describe(error.error_code);
    let text = error.e_text.as_deref().unwrap_or_default();
    log::write(Level::Debug, format_args!("KRB-ERROR {}: {said} {text:?}", error.error_code));
    Error::new(code, format!("KRB-ERROR {}: {said}", error.error_code))
}

fn describe(error_code: i32) -> (Code, &'static str) {
    match error_code {
        KDC_ERR_C_PRINCIPAL_UNKNOWN => (Code::LogonDenied, "the client is not known"),
        KDC_ERR_S_PRINCIPAL_UNKNOWN => (Code::TargetUnknown, "the service is not known"),
        KDC_ERR_MUST_USE_USER2USER => {
            (Code::TargetUnknown, "the service is a user without a key of a service")
        }
        KDC_ERR_ETYPE_NOSUPP => (Code::KdcUnknownEtype, "no encryption type in common"),
        KDC_ERR_PADATA_TYPE_NOSUPP => (Code::UnsupportedPreauth, "the KDC wants another pre-authentication"),
        KDC_ERR_CLIENT_REVOKED => (Code::LogonDenied, "the client is disabled or locked"),
        KDC_ERR_KEY_EXPIRED => (Code::LogonDenied, "the password has expired"),
        KDC_ERR_PREAUTH_FAILED => (Code::LogonDenied, "pre-authentication failed"),
        KDC_ERR_SVC_UNAVAILABLE => (Code::NoAuthenticatingAuthority, "the KDC is not available"),
        KRB_AP_ERR_SKEW | KRB_AP_ERR_TKT_NYV => (Code::TimeSkew, "clocks differ too much"),
        KRB_AP_ERR_TKT_EXPIRED => (Code::ContextExpired, "the ticket has expired"),
        KRB_AP_ERR_MODIFIED | KRB_AP_ERR_NOT_US => {
            (Code::WrongPrincipal, "the service has another key than the ticket's")
        }
        KRB_AP_ERR_NO_TGT => (Code::NoTgtReply, "the service has no ticket-granting ticket"),
        KDC_ERR_WRONG_REALM => (Code::LogonDenied, "the client is of another realm"),
        KDC_ERR_POLICY => (Code::LogonDenied, "a policy forbids it"),
        _ => (Code::LogonDenied, "refused"),
    }
}
