//! What a KRB-ERROR of the acceptor means to the initiator's caller. Nothing in it is protected: it can end
//! the handshake and no more.

#![forbid(unsafe_code)]

use super::wire::KrbError;
use super::wire::error::code;
use super::wire::gss::{Framed, TokenId};
use crate::error::{Code, Error};
use crate::package::der::invalid;

/// The error in a token that is not the one that was due.
pub fn of_token(framed: Framed<'_>, otherwise: &'static str) -> Error {
    match framed.token_id {
        TokenId::KrbError => of_error(framed.inner),
        _ => invalid(otherwise),
    }
}

/// The error that a KRB-ERROR tells.
pub fn of_error(bytes: &[u8]) -> Error {
    let error = match KrbError::parse(bytes) {
        Ok(error) => error,
        Err(error) => return error,
    };
    let code = match error.error_code {
        code::KRB_AP_ERR_SKEW | code::KRB_AP_ERR_TKT_NYV => Code::TimeSkew,
        code::KRB_AP_ERR_TKT_EXPIRED => Code::ContextExpired,
        // The ticket is for somebody else's key, or for an old one.
        code::KRB_AP_ERR_MODIFIED
        | code::KRB_AP_ERR_BAD_INTEGRITY
        | code::KRB_AP_ERR_NOT_US
        | code::KRB_AP_ERR_NOKEY
        | code::KRB_AP_ERR_BADKEYVER => Code::WrongPrincipal,
        code::KDC_ERR_ETYPE_NOSUPP => Code::KdcUnknownEtype,
        _ => Code::LogonDenied,
    };
    Error::new(code, format!("the acceptor says Kerberos error {}", error.error_code))
}
