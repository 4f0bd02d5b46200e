//! User-to-user: a server that is a user has no keytab, but a ticket-granting ticket, and its client's
//! ticket is encrypted with that one's session key (RFC 4120 3.7, draft-swift-win2k-krb-user2user,
//! MS-KILE 3.2.5.1).

#![forbid(unsafe_code)]

use super::credential::Inbound;
use super::decision::ServiceKey;
use super::wire::gss::{self, TgtRequest};
use super::wire::{Name, Ticket};
use crate::crypto::enctype::Key;
use crate::error::{Code, Error, Result};
use crate::store::krb5::principal::Principal;

/// KERB-TGT-REQUEST for `target`.
pub fn request(target: &Principal) -> Vec<u8> {
    let realm = Some(target.realm.clone()).filter(|realm| !realm.is_empty());
    TgtRequest { server_name: Some(Name::of(target)), realm }.build()
}

/// KERB-TGT-REPLY with this user's ticket-granting ticket, and the session key of it.
pub fn reply(inbound: &Inbound, request: &[u8]) -> Result<(Vec<u8>, Key)> {
    TgtRequest::parse(request)?;
    let tickets = inbound.tickets.as_ref();
    let tickets =
        tickets.ok_or_else(|| Error::new(Code::NoCredentials, "no ticket-granting ticket to show"))?;
    if !inbound.may_be(&tickets.principal()) {
        return Err(Error::new(
            Code::NoCredentials,
            "the application wants to be another service than this user",
        ));
    }
    let tgt = tickets.tgt_for_a_stranger()?;
    Ok((gss::build_tgt_reply(&tgt.ticket), tgt.session_key.clone()))
}

/// The ticket of a KERB-TGT-REPLY.
pub fn parse_reply(reply: &[u8]) -> Result<Ticket> {
    gss::parse_tgt_reply(reply)
}

/// What a ticket for this user may be encrypted with.
pub fn keys(inbound: &Inbound, session_key: &Key) -> Vec<ServiceKey> {
    let principal = inbound.tickets.as_ref().map(|tickets| tickets.principal());
    let key = session_key.clone();
    principal.into_iter().map(|principal| ServiceKey { principal, key: key.clone() }).collect()
}
