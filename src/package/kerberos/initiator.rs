//! The initiator: an AP-REQ with a ticket for the target, and the check of what comes back (RFC 4121 4.1,
//! MS-KILE 3.4.5).
//!
//! The first step asks the KDC, as far as no ticket is at hand: it waits on the network, with no lock
//! held but its own context's.

#![forbid(unsafe_code)]

use std::net::IpAddr;
use std::sync::Arc;

use widestring::{U16Str, U16String};
use zeroize::Zeroizing;

use super::acceptor::encryption_key;
use super::client::{ServiceTicket, Supplier};
use super::flags::{self, GssFlags};
use super::messages::Role;
use super::session::{self, Names, Session};
use super::wire::checksum::GSS_CHECKSUM;
use super::wire::gss::{Framed, KERBEROS_OID, TokenId, USER_TO_USER_OID};
use super::wire::{
    ApRep, ApReq, Authenticator, Checksum, EncApRepPart, EncryptedData, EncryptionKey, GssChecksum, KrbError,
    ap_options, usage,
};
use super::{delegation, errors, progress, user_to_user};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::package::der::invalid;
use crate::package::facts::BindingsVerdict;
use crate::package::{Flags, Handshake, In, Progress, Step, bindings};
use crate::store::accounts::AccountSource;
use crate::store::krb5::principal::Principal;

/// A handshake from the initiator's side.
pub struct Initiator {
    tickets: Arc<Supplier>,
    target: Principal,
    state: State,
    grants: Flags,
}

enum State {
    Start,
    /// User-to-user: the acceptor's ticket-granting ticket is on its way.
    AwaitsTgt,
    AwaitsReply(Box<Sent>),
    Over,
}

/// What the AP-REQ said.
struct Sent {
    ticket: Arc<ServiceTicket>,
    subkey: Key,
    send_number: u32,
    ctime: i64,
    cusec: u32,
    flags: GssFlags,
    requirements: Flags,
}

impl Initiator {
    pub fn new(tickets: Arc<Supplier>, target: &U16Str) -> Result<Self> {
        let unknown = |_| Error::new(Code::TargetUnknown, "a target that is no Unicode");
        let target = Principal::service(&target.to_string().map_err(unknown)?)?;
        if target.host().is_some_and(is_address) {
            return Err(Error::new(Code::TargetUnknown, "an IP address is no service's name"));
        }
        Ok(Self { tickets, target, state: State::Start, grants: Flags::NONE })
    }

    fn start(&mut self, input: &In<'_>) -> Result<Step> {
        if input.token.is_some_and(|token| !token.is_empty()) {
            return Err(invalid("a token before the first"));
        }
        if input.requirements.any(Flags::DATAGRAM | Flags::NULL_SESSION) {
            return Err(Error::new(Code::UnsupportedFunction, "no datagram style, no null sessions"));
        }
        if input.requirements.has(Flags::USE_SESSION_KEY) {
            let request = user_to_user::request(&self.target);
            self.state = State::AwaitsTgt;
            let framed = Framed { oid: USER_TO_USER_OID, token_id: TokenId::TgtReq, inner: &request };
            return Ok(Step::Continue(framed.build()));
        }
        let ticket = self.tickets.service_ticket(&self.target)?;
        self.request(ticket, KERBEROS_OID, 0, input)
    }

    fn after_tgt(&mut self, input: &In<'_>) -> Result<Step> {
        let framed = Framed::parse(required(input)?)?;
        if framed.token_id != TokenId::TgtRep {
            return Err(errors::of_token(framed, "no ticket-granting ticket came"));
        }
        let tgt = user_to_user::parse_reply(framed.inner)?;
        let ticket = self.tickets.user_to_user_ticket(&self.target, &tgt.der)?;
        self.request(ticket, USER_TO_USER_OID, ap_options::USE_SESSION_KEY, input)
    }

    fn request(
        &mut self,
        ticket: Arc<ServiceTicket>,
        oid: &[u8],
        options: u32,
        input: &In<'_>,
    ) -> Result<Step> {
        let mut flags = GssFlags::asked(input.requirements);
        let delegated = self.delegated(&ticket, input.requirements)?;
        if delegated.is_some() {
            flags.0 |= GssFlags::DELEG;
        }
        let (ctime, cusec) = ticket.clock.unique();
        let (subkey, send_number) = (Key::random(ticket.session_key.enctype())?, session::first_number()?);
        let checksum = GssChecksum {
            bindings: input.bindings.as_ref().map(bindings::hash).unwrap_or_default(),
            flags: flags.0,
            delegation: delegated.map(Zeroizing::new),
            extensions: Vec::new(),
        };
        let authenticator = Authenticator {
            client: ticket.client.clone(),
            cksum: Some(Checksum { cksumtype: GSS_CHECKSUM, checksum: checksum.build()? }),
            cusec,
            ctime,
            subkey: Some(encryption_key(&subkey)),
            seq_number: Some(send_number),
            authorization_data: Vec::new(),
        };
        let mutual = flags.has(GssFlags::MUTUAL);
        let options = options | if mutual { ap_options::MUTUAL_REQUIRED } else { 0 };
        let sealed =
            sealed(&ticket.session_key, usage::AP_REQ_AUTHENTICATOR, authenticator.build().as_ref())?;
        let request = ApReq::build(options, &ticket.ticket, &sealed);
        let token = match flags.has(GssFlags::DCE_STYLE) {
            true => request,
            false => Framed { oid, token_id: TokenId::ApReq, inner: &request }.build(),
        };
        self.grants = flags.grants() | flags::style(input.requirements);
        let requirements = input.requirements;
        let sent = Sent { ticket, subkey, send_number, ctime, cusec, flags, requirements };
        if !mutual {
            let established = self.session(sent, None, None).establish();
            return Ok(Step::Done(Some(token), established));
        }
        self.state = State::AwaitsReply(Box::new(sent));
        Ok(Step::Continue(token))
    }

    /// A KRB-CRED for the acceptor, where the caller wants it and the KDC trusts the service with it
    /// (OK-AS-DELEGATE). Without one the logon goes on, as it does on Windows.
    fn delegated(&self, ticket: &ServiceTicket, requirements: Flags) -> Result<Option<Vec<u8>>> {
        if !requirements.has(Flags::DELEGATE) || !ticket.ok_as_delegate() {
            return Ok(None);
        }
        match self.tickets.forwarded_tgt() {
            Ok(forwarded) => delegation::build(&forwarded, &ticket.session_key).map(Some),
            Err(error) => {
                log::write(Level::Info, format_args!("nothing is delegated: {}", error.reason));
                Ok(None)
            }
        }
    }

    fn reply(&mut self, sent: Sent, input: &In<'_>) -> Result<Step> {
        let dce = sent.flags.has(GssFlags::DCE_STYLE);
        let reply = ap_rep(required(input)?, dce).inspect_err(|error| {
            // Its key may have changed since: the next context asks for a new ticket.
            if error.code == Code::WrongPrincipal {
                self.tickets.forget(&sent.ticket);
            }
        })?;
        let part = open_reply(reply, &sent)?;
        let acceptor_subkey = part.subkey.as_ref().map(|key| self.key_of(key)).transpose()?;
        let third = match dce {
            true => Some(third_leg(&sent, part.seq_number)?),
            false => None,
        };
        let established = self.session(sent, acceptor_subkey, part.seq_number).establish();
        Ok(Step::Done(third, established))
    }

    fn key_of(&self, key: &EncryptionKey) -> Result<Key> {
        let enctype = Some(key.keytype).filter(|number| self.tickets.permits(*number));
        let enctype = enctype.and_then(Enctype::from_number);
        let unknown = || Error::new(Code::KdcUnknownEtype, "a subkey of an enctype that is not permitted");
        Key::new(enctype.ok_or_else(unknown)?, key.keyvalue.as_ref())
    }

    fn session(&mut self, sent: Sent, acceptor_subkey: Option<Key>, receive_number: Option<u32>) -> Session {
        let ticket = &sent.ticket;
        let wide = |text: String| Some(U16String::from_str(&text));
        let names = Names {
            client: wide(ticket.client.to_string()),
            server: wide(ticket.server.to_string()),
            authority: wide(ticket.client.realm.clone()),
            target: wide(self.target.components.join("/")),
        };
        // Without an AP-REP both directions count from our number.
        let receive_number = match sent.flags.has(GssFlags::MUTUAL) {
            true => receive_number.unwrap_or(0),
            false => sent.send_number,
        };
        let grants = sent.flags.grants() | flags::style(sent.requirements);
        self.grants = grants;
        // Messages of enctype 23 cannot say which subkey protects them: an acceptor's counts in DCE style, or
        // where it is of another enctype (as MIT's acceptors have it).
        let own = sent.subkey.enctype();
        let counts = |key: &Key| key.enctype() != Enctype::Rc4Hmac || key.enctype() != own;
        let dce = sent.flags.has(GssFlags::DCE_STYLE);
        let acceptor_subkey = acceptor_subkey.filter(|key| dce || counts(key));
        Session {
            role: Role::Initiator,
            acceptor_subkey: acceptor_subkey.is_some(),
            key: acceptor_subkey.unwrap_or(sent.subkey),
            send_number: sent.send_number,
            receive_number,
            grants,
            names,
            starttime: ticket.starttime,
            endtime: ticket.endtime,
            bindings: BindingsVerdict::Unchecked,
            extra: None,
        }
    }
}

/// As on Windows, where no KDC is asked for one: Negotiate goes on with NTLM.
fn is_address(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok()
}

fn required<'a>(input: &In<'a>) -> Result<&'a [u8]> {
    input.token.filter(|token| !token.is_empty()).ok_or_else(|| invalid("the acceptor's answer is missing"))
}

/// The AP-REP of the acceptor's token, or the error that it tells instead.
fn ap_rep(token: &[u8], dce: bool) -> Result<&[u8]> {
    if dce {
        return if KrbError::is(token) { Err(errors::of_error(token)) } else { Ok(token) };
    }
    let framed = Framed::parse(token)?;
    match framed.token_id {
        TokenId::ApRep => Ok(framed.inner),
        _ => Err(errors::of_token(framed, "no AP-REP came")),
    }
}

fn sealed(key: &Key, usage: u32, plain: &[u8]) -> Result<EncryptedData> {
    Ok(EncryptedData { etype: key.enctype().number(), kvno: None, cipher: key.encrypt(usage, plain)? })
}

/// The AP-REP proves that the acceptor could open the ticket and this very authenticator.
fn open_reply(reply: &[u8], sent: &Sent) -> Result<EncApRepPart> {
    let failed = |reason| Error::new(Code::MutualAuthFailed, reason);
    let reply = ApRep::parse(reply)?;
    let key = &sent.ticket.session_key;
    if reply.enc_part.etype != key.enctype().number() {
        return Err(failed("an AP-REP of another enctype than the session key"));
    }
    let plain = key.decrypt(usage::AP_REP_ENC_PART, &reply.enc_part.cipher);
    let plain = plain.map_err(|_| failed("the session key does not open the AP-REP"))?;
    let part = EncApRepPart::parse(plain.as_ref())?;
    match (part.ctime, part.cusec) == (sent.ctime, sent.cusec) {
        true => Ok(part),
        false => Err(failed("the AP-REP answers another AP-REQ")),
    }
}

/// DCE style: an AP-REP of ours with the acceptor's sequence number (MS-KILE 3.4.5.1).
fn third_leg(sent: &Sent, seq_number: Option<u32>) -> Result<Vec<u8>> {
    let part = EncApRepPart { ctime: sent.ctime, cusec: sent.cusec, subkey: None, seq_number };
    let enc_part = sealed(&sent.ticket.session_key, usage::AP_REP_ENC_PART, part.build().as_ref())?;
    Ok(ApRep { enc_part }.build())
}

impl Handshake for Initiator {
    /// A step that fails ends the handshake.
    fn step(&mut self, input: In<'_>) -> Step {
        let step = match std::mem::replace(&mut self.state, State::Over) {
            State::Start => self.start(&input),
            State::AwaitsTgt => self.after_tgt(&input),
            State::AwaitsReply(sent) => self.reply(*sent, &input),
            State::Over => Err(Error::new(Code::OutOfSequence, "no further message was expected")),
        };
        step.unwrap_or_else(|error| Step::Failed(error, None))
    }

    fn supply(&mut self, _accounts: Option<&dyn AccountSource>) -> Step {
        Step::Failed(Error::new(Code::UnsupportedFunction, "no accounts are awaited"), None)
    }

    fn progress(&self) -> Progress {
        progress(self.grants)
    }
}
