//! Whom an acceptor lets in: one pure function over an AP-REQ and what is known (RFC 4120 3.2.3,
//! RFC 4121 4.1.1).
//!
//! In order: the ticket opens with a key of the service, its times, the authenticator and its client, its
//! time, the checksum 0x8003 with channel bindings and flags, the PAC, what is delegated, and last that
//! the authenticator is new. Nothing outside the encrypted parts decides anything but which key is tried.

#![forbid(unsafe_code)]

use super::flags::{self, GssFlags};
use super::pac;
use super::replay::Verdict;
use super::wire::base::{self, AD_WIN2K_PAC};
use super::wire::checksum::GSS_CHECKSUM;
use super::wire::error::code;
use super::wire::{
    ApReq, Authenticator, EncKrbCredPart, EncTicketPart, EncryptedData, EncryptionKey, GssChecksum, KrbCred,
    KrbCredInfo, Ticket, ticket_flags, usage,
};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error};
use crate::package::facts::{BindingsVerdict, DomainAccount};
use crate::package::{Flags, bindings};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

/// etype of an EncryptedData that is none (RFC 4120 7.5.1: null encryption).
const NOT_ENCRYPTED: i32 = 0;

/// A key that may open the ticket, and whose it is.
pub struct ServiceKey {
    pub principal: Principal,
    pub key: Key,
}

/// What the acceptor insists on.
pub struct Policy<'a> {
    /// The enctypes that may be used, by number.
    pub permitted: &'a [i32],
    /// Seconds.
    pub clockskew: i64,
}

/// What this call insists on.
#[derive(Clone, Copy, Default)]
pub struct Demand {
    pub requirements: Flags,
    /// The hash of the caller's channel bindings.
    pub bindings: Option<[u8; 16]>,
}

/// A ticket that the client handed over, to act for it.
pub struct Delegated {
    pub ticket: Ticket,
    pub info: KrbCredInfo,
}

/// A client that was let in.
pub struct Admission {
    pub client: Principal,
    /// Whose key opened the ticket.
    pub server: Principal,
    pub starttime: i64,
    pub endtime: i64,
    /// The ticket's.
    pub session_key: Key,
    /// The authenticator's.
    pub subkey: Option<Key>,
    pub seq_number: u32,
    pub ctime: i64,
    pub cusec: u32,
    pub flags: GssFlags,
    /// The client waits for an AP-REP.
    pub mutual: bool,
    pub bindings: BindingsVerdict,
    pub account: Option<DomainAccount>,
    pub delegated: Option<Delegated>,
}

/// Why a client was not let in, and what a KRB-ERROR says of it.
#[derive(Debug)]
pub struct Refusal {
    pub error: Error,
    pub error_code: i32,
}

type Decided<T> = std::result::Result<T, Refusal>;

fn refusal(error_code: i32, code: Code, reason: &'static str) -> Refusal {
    Refusal { error: Error::new(code, reason), error_code }
}

fn modified(reason: &'static str) -> Refusal {
    refusal(code::KRB_AP_ERR_MODIFIED, Code::LogonDenied, reason)
}

fn inappropriate(reason: &'static str) -> Refusal {
    refusal(code::KRB_AP_ERR_INAPP_CKSUM, Code::InvalidToken, reason)
}

/// A message inside an encrypted part that is not well formed.
fn malformed(error: Error) -> Refusal {
    Refusal { error, error_code: code::KRB_AP_ERR_MODIFIED }
}

/// Decides. `keys` are tried in their order; `now` is in seconds since 1970; `note` tells whether an
/// authenticator, by its ciphertext, is new.
pub fn decide(
    request: &ApReq,
    keys: &[ServiceKey],
    policy: &Policy<'_>,
    demand: Demand,
    now: i64,
    note: &mut dyn FnMut(&[u8]) -> Verdict,
) -> Decided<Admission> {
    let (service, ticket) = open_ticket(&request.ticket, keys, policy)?;
    let starttime = check_ticket(&ticket, &service.principal, policy, now)?;
    let session_key = usable(&ticket.key, policy)?;
    let authenticator = open_authenticator(&request.authenticator, &session_key)?;
    if authenticator.client != ticket.client {
        return Err(refusal(code::KRB_AP_ERR_BADMATCH, Code::LogonDenied, "another client's authenticator"));
    }
    if now.abs_diff(authenticator.ctime) > policy.clockskew.unsigned_abs() {
        return Err(refusal(code::KRB_AP_ERR_SKEW, Code::TimeSkew, "the client's clock differs too much"));
    }
    let checksum = checksum(&authenticator)?;
    let flags = GssFlags(checksum.flags);
    let bound = bindings::judge(Some(checksum.bindings), demand.bindings, demand.requirements);
    let bound = bound.map_err(|error| Refusal { error, error_code: code::KRB_AP_ERR_INAPP_CKSUM })?;
    if !flags::satisfy(flags.grants(), demand.requirements) {
        let reason = "the client asked for less protection than the acceptor requires";
        return Err(refusal(code::KRB_ERR_GENERIC, Code::UnsupportedFunction, reason));
    }
    let subkey = authenticator.subkey.as_ref().map(|subkey| usable(subkey, policy)).transpose()?;
    let account = account(&ticket, service)?;
    let delegated = checksum.delegation.as_deref();
    let delegated = delegated.map(|cred| delegation(cred, &session_key, subkey.as_ref())).transpose()?;
    match note(&request.authenticator.cipher) {
        Verdict::New => {}
        Verdict::Repeated => {
            return Err(refusal(code::KRB_AP_ERR_REPEAT, Code::LogonDenied, "a repeated authenticator"));
        }
        Verdict::Full => {
            return Err(refusal(code::KRB_ERR_GENERIC, Code::InsufficientMemory, "the replay cache is full"));
        }
    }
    Ok(Admission {
        client: ticket.client,
        server: service.principal.clone(),
        starttime,
        endtime: ticket.endtime,
        session_key,
        subkey,
        seq_number: authenticator.seq_number.unwrap_or(0),
        ctime: authenticator.ctime,
        cusec: authenticator.cusec,
        flags,
        mutual: flags.has(GssFlags::MUTUAL),
        bindings: bound,
        account,
        delegated,
    })
}

/// The key that opens the ticket, and what is in it. A key is its service's, whatever name stands on the
/// ticket's outside: a service may have more names than its keytab.
fn open_ticket<'a>(
    ticket: &Ticket,
    keys: &'a [ServiceKey],
    policy: &Policy<'_>,
) -> Decided<(&'a ServiceKey, EncTicketPart)> {
    let etype = ticket.enc_part.etype;
    if !policy.permitted.contains(&etype) {
        let reason = "a ticket of an enctype that is not permitted";
        return Err(refusal(code::KDC_ERR_ETYPE_NOSUPP, Code::KdcUnknownEtype, reason));
    }
    let mut tried = false;
    for service in keys.iter().filter(|service| service.key.enctype().number() == etype) {
        tried = true;
        let Ok(plain) = service.key.decrypt(usage::TICKET, &ticket.enc_part.cipher) else { continue };
        return Ok((service, EncTicketPart::parse(plain.as_ref()).map_err(malformed)?));
    }
    Err(match tried {
        true => modified("no key of the service opens the ticket"),
        false => refusal(code::KRB_AP_ERR_NOKEY, Code::WrongPrincipal, "no key for the ticket is known"),
    })
}

/// Times and flags; answers when the ticket begins to be valid.
fn check_ticket(ticket: &EncTicketPart, service: &Principal, policy: &Policy<'_>, now: i64) -> Decided<i64> {
    let starttime = ticket.starttime.unwrap_or(ticket.authtime);
    let early = ticket.flags & ticket_flags::INVALID != 0;
    if early || starttime.saturating_sub(policy.clockskew) > now {
        return Err(refusal(code::KRB_AP_ERR_TKT_NYV, Code::TimeSkew, "a ticket that is not valid yet"));
    }
    if ticket.endtime.saturating_add(policy.clockskew) < now {
        let reason = "an expired ticket";
        return Err(refusal(code::KRB_AP_ERR_TKT_EXPIRED, Code::ContextExpired, reason));
    }
    let checked = ticket.flags & ticket_flags::TRANSITED_POLICY_CHECKED != 0;
    if ticket.client.realm != service.realm && !ticket.transited.contents.is_empty() && !checked {
        let reason = "a ticket by way of realms that the KDC has not checked";
        return Err(refusal(code::KRB_AP_PATH_NOT_ACCEPTED, Code::LogonDenied, reason));
    }
    Ok(starttime)
}

/// A key whose enctype may be used.
fn usable(key: &EncryptionKey, policy: &Policy<'_>) -> Decided<Key> {
    let enctype = Enctype::from_number(key.keytype).filter(|_| policy.permitted.contains(&key.keytype));
    let enctype = enctype.ok_or_else(|| {
        let reason = "a key of an enctype that is not permitted";
        refusal(code::KDC_ERR_ETYPE_NOSUPP, Code::KdcUnknownEtype, reason)
    })?;
    Key::new(enctype, key.keyvalue.as_ref()).map_err(|_| modified("a key of a wrong length"))
}

fn open_authenticator(sealed: &EncryptedData, session_key: &Key) -> Decided<Authenticator> {
    if sealed.etype != session_key.enctype().number() {
        return Err(modified("an authenticator of another enctype than the session key"));
    }
    let plain = session_key.decrypt(usage::AP_REQ_AUTHENTICATOR, &sealed.cipher);
    let plain = plain.map_err(|_| modified("the session key does not open the authenticator"))?;
    Authenticator::parse(plain.as_ref()).map_err(malformed)
}

/// The checksum 0x8003, which every GSS-API and SSPI initiator sends. Its strength is the encryption
/// around it; no other type stands for it.
fn checksum(authenticator: &Authenticator) -> Decided<GssChecksum> {
    let checksum = authenticator.cksum.as_ref().filter(|checksum| checksum.cksumtype == GSS_CHECKSUM);
    let checksum = checksum.ok_or_else(|| inappropriate("an authenticator without the checksum 0x8003"))?;
    let parsed = GssChecksum::parse(&checksum.checksum);
    parsed.map_err(|error| Refusal { error, error_code: code::KRB_AP_ERR_INAPP_CKSUM })
}

/// Whom its domain says the client is. A realm that is not the service's own may sign what it likes of
/// anybody, and the service's KDC signs it again: such a client is called by its principal.
fn account(ticket: &EncTicketPart, service: &ServiceKey) -> Decided<Option<DomainAccount>> {
    if ticket.client.realm != service.principal.realm {
        return Ok(None);
    }
    let data = base::flatten(&ticket.authorization_data).map_err(malformed)?;
    let mut pacs = data.iter().filter(|element| element.ad_type == AD_WIN2K_PAC);
    let Some(found) = pacs.next() else { return Ok(None) };
    if pacs.next().is_some() {
        return Err(modified("two PACs"));
    }
    let client = ticket.client.components.join("/");
    let of = pac::Ticket { key: &service.key, client: &client, authtime: ticket.authtime };
    pac::account(&found.ad_data, &of).map_err(malformed)
}

/// The forwarded ticket of a KRB-CRED, encrypted with the session key, or with the subkey as some do; or not
/// once more, as Heimdal does: the authenticator around it is encrypted.
fn delegation(bytes: &[u8], session_key: &Key, subkey: Option<&Key>) -> Decided<Delegated> {
    let mut cred = KrbCred::parse(bytes).map_err(malformed)?;
    let (etype, cipher) = (cred.enc_part.etype, Secret::new(std::mem::take(&mut cred.enc_part.cipher)));
    let keys = [Some(session_key), subkey].into_iter().flatten();
    let mut opened = keys
        .filter(|key| key.enctype().number() == etype)
        .filter_map(|key| key.decrypt(usage::KRB_CRED, cipher.as_ref()).ok());
    let plain = match etype {
        NOT_ENCRYPTED => Some(cipher.clone()),
        _ => opened.next(),
    };
    let plain = plain.ok_or_else(|| modified("a delegated credential that no key opens"))?;
    let part = EncKrbCredPart::parse(plain.as_ref()).map_err(malformed)?;
    match (cred.tickets.into_iter().next(), part.ticket_info.into_iter().next()) {
        (Some(ticket), Some(info)) => Ok(Delegated { ticket, info }),
        _ => Err(modified("a delegated credential without a ticket")),
    }
}
