//! One TGS exchange (RFC 4120 3.3): from a ticket-granting ticket to another ticket.

#![forbid(unsafe_code)]

use super::refusal::{Refusal, Refused};
use super::reply::{self, wrong};
use super::{Ask, Clock, ServiceTicket, granted_realm, nonce};
use crate::crypto::enctype::Key;
use crate::error::Result;
use crate::package::kerberos::wire::error::code::KRB_AP_ERR_SKEW;
use crate::package::kerberos::wire::padata::{PA_TGS_REQ, PaData};
use crate::package::kerberos::wire::{
    ApReq, Authenticator, Checksum, EncKdcRepPart, EncryptedData, EncryptionKey, KdcRep, KdcReq, KdcReqBody,
    Name, kdc_options, message_type, ticket_flags, usage,
};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

/// What is asked for besides the service.
#[derive(Clone, Copy, Default)]
pub struct Wish<'a> {
    /// KDCOptions.
    pub options: u32,
    /// The ticket of a user who is the server (ENC-TKT-IN-SKEY).
    pub user_to_user: Option<&'a [u8]>,
}

/// Asks the KDC of the ticket's realm for a ticket. The answer may be one for krbtgt of another realm:
/// a referral. Waits for a KDC.
pub fn grant(
    ask: Ask<'_>,
    tgt: &ServiceTicket,
    server: &Principal,
    wish: Wish<'_>,
) -> Refused<ServiceTicket> {
    match grant_by(ask, tgt, server, wish, tgt.clock) {
        Err(Refusal::Said(error)) if error.error_code == KRB_AP_ERR_SKEW && ask.config.kdc_timesync() => {
            let clock = Clock::showing(error.stime, error.susec);
            grant_by(ask, tgt, server, wish, clock)
        }
        answer => answer,
    }
}

fn grant_by(
    ask: Ask<'_>,
    tgt: &ServiceTicket,
    server: &Principal,
    wish: Wish<'_>,
    clock: Clock,
) -> Refused<ServiceTicket> {
    let realm = tgt.grants_for().ok_or_else(|| wrong("a ticket that grants no others"))?;
    let nonce = nonce()?;
    let etype = ask.config.default_tgs_enctypes();
    let user_to_user = wish.user_to_user.map_or(0, |_| kdc_options::ENC_TKT_IN_SKEY);
    let body = KdcReqBody {
        kdc_options: wish.options | user_to_user | kdc_options::CANONICALIZE,
        cname: None,
        realm: realm.to_owned(),
        sname: Some(Name::of(server)),
        from: None,
        till: tgt.endtime,
        rtime: None,
        nonce,
        etype: etype.clone(),
        addresses: None,
        enc_authorization_data: None,
        additional_tickets: wish.user_to_user.map(<[u8]>::to_vec).into_iter().collect(),
    };
    let body = body.build();
    let subkey = Key::random(tgt.session_key.enctype())?;
    let padata = [PaData::new(PA_TGS_REQ, ap_req(tgt, &body, &subkey, clock)?)];
    let reply = ask.kdc(realm, &KdcReq::build(message_type::TGS_REQ, &padata, &body))?;
    let reply = KdcRep::parse(&reply, message_type::TGS_REP)?;
    let part = decrypt(&reply, &subkey, &tgt.session_key)?;
    if reply.client != tgt.client {
        return Err(wrong("a reply for another client").into());
    }
    let asked = Principal { realm: realm.to_owned(), ..server.clone() };
    check_server(&part.server, &asked)?;
    let mut ticket = reply::ticket(reply, &part, (nonce, &etype), clock)?;
    // Another realm's KDC does not say whom this one's tickets may be handed to (as MIT's library has it).
    if tgt.server.realm != realm && !tgt.ok_as_delegate() {
        ticket.flags &= !ticket_flags::OK_AS_DELEGATE;
    }
    Ok(ticket)
}

/// PA-TGS-REQ: an AP-REQ whose authenticator has a checksum of the request's body.
fn ap_req(tgt: &ServiceTicket, body: &[u8], subkey: &Key, clock: Clock) -> Result<Vec<u8>> {
    let key = &tgt.session_key;
    let (ctime, cusec) = clock.unique();
    let checksum = key.checksum(usage::TGS_REQ_AUTHENTICATOR_CHECKSUM, body)?;
    let authenticator = Authenticator {
        client: tgt.client.clone(),
        cksum: Some(Checksum { cksumtype: key.enctype().checksum_type(), checksum }),
        cusec,
        ctime,
        subkey: Some(EncryptionKey {
            keytype: subkey.enctype().number(),
            keyvalue: Secret::new(subkey.bytes().to_vec()),
        }),
        seq_number: None,
        authorization_data: Vec::new(),
    };
    let cipher = key.encrypt(usage::TGS_REQ_AUTHENTICATOR, authenticator.build().as_ref())?;
    let authenticator = EncryptedData { etype: key.enctype().number(), kvno: None, cipher };
    Ok(ApReq::build(0, &tgt.ticket, &authenticator))
}

/// Under the subkey, or by old KDCs under the session key.
fn decrypt(reply: &KdcRep, subkey: &Key, session_key: &Key) -> Result<EncKdcRepPart> {
    if reply.enc_part.etype != subkey.enctype().number() {
        return Err(wrong("a reply under another encryption type than its key has"));
    }
    let cipher = &reply.enc_part.cipher;
    let plain = subkey
        .decrypt(usage::TGS_REP_SUBKEY, cipher)
        .or_else(|_| session_key.decrypt(usage::TGS_REP_SESSION, cipher))
        .map_err(|_| wrong("a reply under another key"))?;
    EncKdcRepPart::parse(plain.as_ref())
}

/// The ticket must be for the service that was asked for, an alias of it, or krbtgt of another realm.
fn check_server(server: &Principal, asked: &Principal) -> Result<()> {
    if server.realm != asked.realm {
        return Err(wrong("a ticket of another realm than was asked"));
    }
    let referral = granted_realm(server).is_some();
    // An alias has the service's class (RFC 6806 6); a krbtgt has none.
    let class = |name: &Principal| name.components.first().map(|class| class.to_ascii_lowercase());
    let alias = granted_realm(asked).is_none()
        && server.components.len() == asked.components.len()
        && class(server) == class(asked);
    match referral || alias || server == asked {
        true => Ok(()),
        false => Err(wrong("a ticket for another service than was asked for")),
    }
}
