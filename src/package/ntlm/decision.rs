//! Whom an acceptor lets in: one pure function over what was said and what is known
//! (MS-NLMP 3.2.5.1.2, 3.3.2).
//!
//! In order: flags, kind of response, proof of the account, MIC, channel bindings, target name.
//! An unknown account, a wrong password and an account that may not log on cost and answer the same.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use super::authenticate::{self, Authenticate};
use super::av_pair::{AvPairs, FLAG_MIC};
use super::flags::{self, NegotiateFlags};
use super::keys::{self, Key};
use super::message::{invalid, read_utf16};
use super::response::Ntlmv2Response;
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::error::{Code, Error, Result};
use crate::package::facts::BindingsVerdict;
use crate::package::{Flags, bindings};
use crate::secret::{Secret, equal};
use crate::store::accounts::{Account, AccountKey, Evidence};
use crate::store::names::same;

/// The three messages as they went over the wire, and what the CHALLENGE said.
pub struct Exchange<'a> {
    pub negotiate: &'a [u8],
    pub challenge: &'a [u8],
    pub authenticate: &'a [u8],
    pub offered: NegotiateFlags,
    pub server_challenge: [u8; 8],
}

/// What the acceptor insists on.
#[derive(Clone, Default)]
pub struct Policy {
    /// The service names a client may have meant; empty: any, or none.
    pub services: Vec<U16String>,
    /// Refuse clients that send no MIC.
    pub require_mic: bool,
}

/// What this call insists on.
#[derive(Clone, Copy, Default)]
pub struct Demand {
    pub requirements: Flags,
    /// The hash of the caller's channel bindings.
    pub bindings: Option<[u8; 16]>,
}

/// A client that was let in.
#[derive(Debug)]
pub struct Admission {
    pub flags: NegotiateFlags,
    pub session_key: Key,
    pub bindings: BindingsVerdict,
    /// MsvAvTargetName, if the client sent one.
    pub target: Option<U16String>,
}

/// What the response is.
pub enum Response<'a> {
    Anonymous,
    Ntlmv2(Ntlmv2Response<'a>),
}

/// A message that may be decided on: its flags are fit and its response is one we know.
pub fn examine<'a>(
    exchange: &Exchange<'_>,
    message: &Authenticate<'a>,
    demand: Demand,
) -> Result<Response<'a>> {
    check_flags(exchange.offered, message, demand.requirements)?;
    if message.nt_response.is_empty() {
        let anonymous = message.user.is_empty() && matches!(message.lm_response, [] | [0]);
        let allowed = demand.requirements.has(Flags::NULL_SESSION);
        return match anonymous && allowed {
            true => Ok(Response::Anonymous),
            false => Err(denied("the client sent no NTLMv2 response")),
        };
    }
    Ntlmv2Response::parse(message.nt_response).map(Response::Ntlmv2)
}

/// What the client's proof and its MIC are computed over.
pub fn evidence(
    exchange: &Exchange<'_>,
    message: &Authenticate<'_>,
    response: &Ntlmv2Response<'_>,
) -> Evidence {
    let [before, zero, after] = authenticate::around_mic(exchange.authenticate);
    Evidence {
        proven: [&exchange.server_challenge[..], response.client_challenge].concat(),
        session_key: message.encrypted_session_key.try_into().unwrap_or_default(),
        mic: message.mic.unwrap_or_default(),
        messages: [exchange.negotiate, exchange.challenge, before, zero, after].concat(),
    }
}

/// Decides. `account` is that of the names on the wire, `None` if there is no such account.
pub fn decide(
    exchange: &Exchange<'_>,
    message: &Authenticate<'_>,
    response: &Response<'_>,
    account: Option<&Account>,
    policy: &Policy,
    demand: Demand,
) -> Result<Admission> {
    let admission = match response {
        Response::Anonymous => admit_anonymous(message, policy, demand)?,
        Response::Ntlmv2(response) => {
            let key = prove(exchange, message, response, account)?;
            let session_key = session_key(message, key)?;
            check_mic(exchange, message, &response.av_pairs, &session_key, policy)?;
            let bindings =
                bindings::judge(response.av_pairs.channel_bindings, demand.bindings, demand.requirements)?;
            let target = check_target(response.av_pairs.target_name, policy)?;
            Admission {
                flags: message.flags.without(NegotiateFlags::ANONYMOUS),
                session_key,
                bindings,
                target,
            }
        }
    };
    if !flags::satisfy(admission.flags, demand.requirements) {
        return Err(unsupported("the client negotiated less protection than the acceptor requires"));
    }
    Ok(admission)
}

fn denied(reason: &'static str) -> Error {
    Error::new(Code::LogonDenied, reason)
}

fn unsupported(reason: &'static str) -> Error {
    Error::new(Code::UnsupportedFunction, reason)
}

fn check_flags(offered: NegotiateFlags, message: &Authenticate<'_>, requirements: Flags) -> Result<()> {
    use NegotiateFlags as N;
    let claimed = message.flags;
    if !offered.has(claimed.and(flags::BINDING)) {
        return Err(invalid("AUTHENTICATE claims what the CHALLENGE did not offer"));
    }
    if claimed.has(N::DATAGRAM) || requirements.has(Flags::DATAGRAM) {
        return Err(unsupported("datagram style is not supported"));
    }
    if !claimed.has(N::EXTENDED_SESSIONSECURITY) {
        return Err(unsupported("the client dropped extended session security"));
    }
    let exchanged = claimed.has(N::KEY_EXCH) && claimed.protects_messages();
    match (exchanged, message.encrypted_session_key.len()) {
        (true, 16) | (false, _) => {}
        (true, _) => return Err(invalid("EncryptedRandomSessionKey is not 16 bytes")),
    }
    if claimed.protects_messages() && !claimed.has(N::STRENGTH_128 | N::KEY_EXCH) {
        return Err(unsupported("SIGN and SEAL need 128-bit keys and key exchange"));
    }
    Ok(())
}

/// The proof, against the account that stands on the wire. Answers the KeyExchangeKey.
fn prove(
    exchange: &Exchange<'_>,
    message: &Authenticate<'_>,
    response: &Ntlmv2Response<'_>,
    account: Option<&Account>,
) -> Result<Key> {
    // An unknown account is computed with a hash that nobody can have, and refused in any case.
    let nobody = Secret::new([0; 16]);
    let hashed = |hash: &Key| keys::ntowf_v2(hash.as_ref(), &message.user, &message.domain);
    let (hash, ready, may_log_on) = match account.map(|account| &account.key) {
        Some(AccountKey::NtHash(hash)) => (hash, None, true),
        Some(AccountKey::NtowfV2(key)) => (&nobody, Some(key), true),
        None => (&nobody, None, false),
    };
    // Computed also where it is there already: an account that is there must not be quicker.
    let computed = hashed(hash);
    let response_key = ready.unwrap_or(&computed);
    // Whoever has no password may not log on from elsewhere, as on Windows.
    let blank = hashed(&Secret::new(keys::EMPTY_PASSWORD));
    let may_log_on = may_log_on & !equal(response_key.as_ref(), blank.as_ref());
    let response_key = HmacMd5Key::new(response_key.as_ref());
    let expected = keys::nt_proof(&response_key, &exchange.server_challenge, response.client_challenge);
    let proven = equal(&expected, &response.nt_proof);
    let key = keys::key_exchange_key(&response_key, &expected);
    if proven & may_log_on & !message.user.is_empty() {
        return Ok(key);
    }
    Err(denied("unknown user name or bad password"))
}

/// ExportedSessionKey.
fn session_key(message: &Authenticate<'_>, key_exchange_key: Key) -> Result<Key> {
    if !(message.flags.has(NegotiateFlags::KEY_EXCH) && message.flags.protects_messages()) {
        return Ok(key_exchange_key);
    }
    let encrypted = message.encrypted_session_key.try_into();
    let encrypted: &[u8; 16] = encrypted.map_err(|_| invalid("EncryptedRandomSessionKey is not 16 bytes"))?;
    Ok(keys::exchange(&key_exchange_key, encrypted))
}

/// The bit that promises a MIC stands under the proof: nobody on the way can have taken it out.
fn check_mic(
    exchange: &Exchange<'_>,
    message: &Authenticate<'_>,
    av_pairs: &AvPairs<'_>,
    session_key: &Key,
    policy: &Policy,
) -> Result<()> {
    let promised = av_pairs.flags.unwrap_or(0) & FLAG_MIC != 0;
    if !promised {
        let refused = || denied("the client sends no MIC, which is required");
        return if policy.require_mic { Err(refused()) } else { Ok(()) };
    }
    let altered = || Error::new(Code::MessageAltered, "the MIC is missing or wrong");
    let sent = message.mic.ok_or_else(altered)?;
    let expected = keys::mic(session_key, exchange.negotiate, exchange.challenge, exchange.authenticate);
    if equal(&expected, &sent) { Ok(()) } else { Err(altered()) }
}

/// A client that meant another service was led here by somebody else. Where services are
/// configured, one that names none is refused too.
fn check_target(sent: Option<&[u8]>, policy: &Policy) -> Result<Option<U16String>> {
    let target = sent.map(read_utf16).transpose()?.filter(|name| !name.is_empty());
    let meant = |target: &U16Str| policy.services.iter().any(|service| same(service, target));
    if policy.services.is_empty() || target.as_deref().is_some_and(meant) {
        return Ok(target);
    }
    Err(Error::new(Code::WrongPrincipal, "the client meant another service"))
}

fn admit_anonymous(message: &Authenticate<'_>, policy: &Policy, demand: Demand) -> Result<Admission> {
    if policy.require_mic {
        return Err(denied("an anonymous client sends no MIC, which is required"));
    }
    let bindings = bindings::judge(None, demand.bindings, demand.requirements)?;
    let target = check_target(None, policy)?;
    let session_key = session_key(message, Secret::new([0; 16]))?;
    // Whatever was negotiated protects nothing: the session key is no secret.
    let flags = message.flags.without(NegotiateFlags::SIGN | NegotiateFlags::SEAL);
    Ok(Admission { flags: flags | NegotiateFlags::ANONYMOUS, session_key, bindings, target })
}
