//! Changes of passwords (RFC 3244).

#![forbid(unsafe_code)]

use super::identity::Identity;
use super::logon::{Goal, logon};
use super::refusal::status;
use super::reply::wrong;
use super::{Ask, ServiceTicket, nonce, refusal};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::package::kerberos::wire::kpasswd::{
    CHANGE_PASSWORD, EncKrbPrivPart, Framed, KRB5_KPASSWD_ACCESSDENIED, KRB5_KPASSWD_AUTHERROR,
    KRB5_KPASSWD_SOFTERROR, KRB5_KPASSWD_SUCCESS, Reply, SET_PASSWORD, build_change_data, build_private,
    parse_private, parse_result,
};
use crate::package::kerberos::wire::{
    ApRep, ApReq, Authenticator, EncApRepPart, EncryptedData, EncryptionKey, HostAddress, KrbError, Name,
    usage,
};
use crate::secret::Secret;
use crate::store::kdc::{Exchange, Service};
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::Principal;

/// kadmin/changepw, whose tickets come of the password itself, an expired one too.
const CHANGEPW: Goal<'static> = Goal::Service("kadmin", "changepw");

/// What was sent, to compare the answer with.
struct Sent {
    session_key: Key,
    subkey: Key,
    ctime: i64,
    cusec: u32,
    private: Vec<u8>,
}

/// Changes the password of `target`, or without one that of the identity itself.
///
/// `new` is UTF-8. ERROR_PASSWORD_RESTRICTION when a policy refuses it; the service's own words go to
/// the log. Waits for KDCs.
pub fn change(
    exchange: &dyn Exchange,
    config: &Config,
    identity: &Identity,
    target: Option<&Principal>,
    new: &Secret<Vec<u8>>,
) -> Result<()> {
    let ticket = logon(Ask { exchange, config }, identity, CHANGEPW)?;
    let (request, sent) = request(&ticket, target, new)?;
    let realm = &ticket.server.realm;
    let reply = exchange.exchange(realm, Service::Kpasswd, &request, &refusal::is_too_big)?;
    match Reply::parse(&reply)? {
        Reply::Error(error) => Err(said(&error)),
        Reply::Framed(framed) => {
            let user_data = open(&framed, &sent)?;
            let (code, text) = parse_result(user_data.as_ref())?;
            result(code, text)
        }
    }
}

fn request(
    ticket: &ServiceTicket,
    target: Option<&Principal>,
    new: &Secret<Vec<u8>>,
) -> Result<(Vec<u8>, Sent)> {
    let session_key = ticket.session_key.clone();
    let subkey = Key::random(session_key.enctype())?;
    let number = subkey.enctype().number();
    let (ctime, cusec) = ticket.clock.unique();
    let seq_number = nonce()?;
    let authenticator = Authenticator {
        client: ticket.client.clone(),
        cksum: None,
        cusec,
        ctime,
        subkey: Some(EncryptionKey { keytype: number, keyvalue: Secret::new(subkey.bytes().to_vec()) }),
        seq_number: Some(seq_number),
        authorization_data: Vec::new(),
    };
    let cipher = session_key.encrypt(usage::AP_REQ_AUTHENTICATOR, authenticator.build().as_ref())?;
    let authenticator = EncryptedData { etype: number, kvno: None, cipher };
    let ap = ApReq::build(0, &ticket.ticket, &authenticator);
    let (version, user_data) = match target {
        None => (CHANGE_PASSWORD, new.clone()),
        Some(target) => {
            (SET_PASSWORD, build_change_data(new.as_ref(), Some((&Name::of(target), &target.realm))))
        }
    };
    let part = EncKrbPrivPart {
        user_data,
        timestamp: None,
        usec: None,
        seq_number: Some(seq_number),
        // Servers know that addresses change on the way; one must stand here.
        s_address: HostAddress { addr_type: 2, address: vec![0; 4] },
    };
    let cipher = subkey.encrypt(usage::KRB_PRIV, part.build().as_ref())?;
    let private = build_private(&EncryptedData { etype: number, kvno: None, cipher });
    let request = Framed { version, ap: &ap, private: &private }.build()?;
    Ok((request, Sent { session_key, subkey, ctime, cusec, private }))
}

/// The user-data of a reply that proves to come from the service.
fn open(framed: &Framed<'_>, sent: &Sent) -> Result<Secret<Vec<u8>>> {
    let forged = |_| wrong("a reply of a password service under another key");
    let reply = ApRep::parse(framed.ap)?;
    let plain = sent.session_key.decrypt(usage::AP_REP_ENC_PART, &reply.enc_part.cipher).map_err(forged)?;
    let part = EncApRepPart::parse(plain.as_ref())?;
    if (part.ctime, part.cusec) != (sent.ctime, sent.cusec) {
        return Err(wrong("a reply to another change of a password"));
    }
    let acceptor = part.subkey.as_ref();
    let acceptor =
        acceptor.and_then(|key| Key::new(Enctype::from_number(key.keytype)?, key.keyvalue.as_ref()).ok());
    // Our own words come back under our own key: no reply to themselves.
    if framed.private == sent.private {
        return Err(wrong("a reflected request"));
    }
    let private = parse_private(framed.private)?;
    // Which subkey a service answers under differs from one to another.
    let keys = acceptor.iter().chain([&sent.subkey, &sent.session_key]);
    let plain = keys.filter_map(|key| key.decrypt(usage::KRB_PRIV, &private.cipher).ok()).next();
    let plain = plain.ok_or_else(|| wrong("a reply of a password service under another key"))?;
    Ok(EncKrbPrivPart::parse(plain.as_ref())?.user_data)
}

/// A KRB-ERROR of the service may carry a result, too.
fn said(error: &KrbError) -> Error {
    let result_of = error.e_data.as_deref().and_then(|data| parse_result(data).ok());
    match result_of.map(|(code, text)| result(code, text)) {
        Some(Err(error)) => error,
        _ => status(error),
    }
}

fn result(code: u16, text: &[u8]) -> Result<()> {
    let (status, reason) = match code {
        KRB5_KPASSWD_SUCCESS => return Ok(()),
        KRB5_KPASSWD_SOFTERROR => (Code::PasswordRestriction, "a policy refuses the new password"),
        KRB5_KPASSWD_ACCESSDENIED => (Code::LogonDenied, "this user may not change that password"),
        KRB5_KPASSWD_AUTHERROR => (Code::LogonDenied, "the password service does not believe the client"),
        _ => (Code::InternalError, "the password service failed"),
    };
    log::write(Level::Info, format_args!("kpasswd {code}: {reason}: {}", words(text)));
    Err(Error::new(status, format!("kpasswd {code}: {reason}")))
}

/// The result string; Active Directory sends its policy as a structure instead, which begins with zeros.
fn words(text: &[u8]) -> String {
    match text.first_chunk() {
        Some([0, 0]) => {
            let least = text.get(2..).and_then(|rest| rest.first_chunk());
            let least = least.map_or(0, |length| u32::from_be_bytes(*length));
            format!("at least {least} characters, and the domain's policy")
        }
        _ => String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}
