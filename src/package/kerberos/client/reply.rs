//! What must be true of a KDC's reply before it is believed (RFC 4120 3.1.5, 3.3.4).

#![forbid(unsafe_code)]

use super::{Clock, ServiceTicket};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::kerberos::wire::{EncKdcRepPart, EncryptionKey, KdcRep};
use crate::store::krb5::principal::Principal;

/// SEC_E_LOGON_DENIED: a reply that is not the answer to what was asked.
pub fn wrong(reason: &'static str) -> Error {
    Error::new(Code::LogonDenied, reason)
}

/// A key of one of the enctypes that were asked for.
pub fn session_key(key: &EncryptionKey, asked: &[i32]) -> Result<Key> {
    let enctype = Enctype::from_number(key.keytype).filter(|_| asked.contains(&key.keytype));
    let enctype = enctype.ok_or_else(|| {
        Error::new(Code::KdcUnknownEtype, "a session key of an encryption type that was not asked for")
    })?;
    Key::new(enctype, key.keyvalue.as_ref())
}

/// The ticket of a reply whose protected part was decrypted, checked against the request's nonce.
pub fn ticket(
    reply: KdcRep,
    part: &EncKdcRepPart,
    (nonce, asked): (u32, &[i32]),
    clock: Clock,
) -> Result<ServiceTicket> {
    if part.nonce != nonce {
        return Err(wrong("a reply to another request"));
    }
    // The name in the clear is anybody's (CVE-2017-11103): it counts for nothing, and must agree.
    if reply.ticket.server != part.server {
        return Err(wrong("a ticket for another service than its protected part says"));
    }
    let starttime = part.starttime.unwrap_or(part.authtime);
    if part.endtime <= starttime || part.endtime <= clock.seconds() {
        return Err(Error::new(Code::TimeSkew, "a ticket that is over already"));
    }
    Ok(ServiceTicket {
        ticket: reply.ticket.der,
        session_key: session_key(&part.key, asked)?,
        client: reply.client,
        server: part.server.clone(),
        flags: part.flags,
        authtime: part.authtime,
        starttime,
        endtime: part.endtime,
        renew_till: part.renew_till,
        clock,
    })
}

/// Whether two names differ at most in the case of ASCII letters.
pub fn same_but_case(a: &Principal, b: &Principal) -> bool {
    let same = |(a, b): (&String, &String)| a.eq_ignore_ascii_case(b);
    a.realm.eq_ignore_ascii_case(&b.realm)
        && a.components.len() == b.components.len()
        && a.components.iter().zip(&b.components).all(same)
}
