//! What an initiator hands over so that the acceptor can act for it: its forwarded ticket in a KRB-CRED
//! (RFC 4120 5.8, RFC 4121 4.1.1.1).

#![forbid(unsafe_code)]

use super::acceptor::encryption_key;
use super::client::ServiceTicket;
use super::wire::{EncKrbCredPart, EncryptedData, KrbCred, KrbCredInfo, usage};
use crate::crypto::enctype::Key;
use crate::error::Result;
use crate::package::time;

/// The KRB-CRED around `forwarded`, for whoever knows the session key.
pub fn build(forwarded: &ServiceTicket, session_key: &Key) -> Result<Vec<u8>> {
    let (now, usec) = time::unix();
    let info = KrbCredInfo {
        key: encryption_key(&forwarded.session_key),
        client: Some(forwarded.client.clone()),
        flags: Some(forwarded.flags),
        authtime: Some(forwarded.authtime),
        starttime: Some(forwarded.starttime),
        endtime: Some(forwarded.endtime),
        renew_till: forwarded.renew_till,
        server: Some(forwarded.server.clone()),
        caddr: None,
    };
    let part =
        EncKrbCredPart { ticket_info: vec![info], nonce: None, timestamp: Some(now), usec: Some(usec) };
    let cipher = session_key.encrypt(usage::KRB_CRED, part.build().as_ref())?;
    let enc_part = EncryptedData { etype: session_key.enctype().number(), kvno: None, cipher };
    Ok(KrbCred::build(&[&forwarded.ticket], &enc_part))
}
