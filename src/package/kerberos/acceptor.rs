//! The acceptor: takes an AP-REQ, decides, and answers with an AP-REP or a KRB-ERROR (RFC 4121 4.1,
//! MS-KILE 3.4.5).

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::U16String;

use super::credential::{Inbound, KerberosCredential};
use super::decision::{self, Admission, Delegated, Demand, Policy, Refusal};
use super::flags::{self, GssFlags};
use super::messages::Role;
use super::replay::{self, Verdict};
use super::session::{self, Names, Session};
use super::wire::error::code;
use super::wire::gss::{Framed, TokenId};
use super::wire::{ApRep, ApReq, EncApRepPart, EncryptedData, EncryptionKey, KrbError, ap_options, usage};
use super::{progress, user_to_user};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::package::der::invalid;
use crate::package::facts::{DomainAccount, Extra};
use crate::package::{Established, Flags, Handshake, In, Progress, Step, bindings, time};
use crate::secret::Secret;
use crate::store::accounts::AccountSource;
use crate::store::krb5::principal::Principal;
use crate::store::names::down_level;

/// A handshake from the acceptor's side.
pub struct Acceptor {
    inbound: Arc<Inbound>,
    state: State,
    grants: Flags,
    /// What the calls so far insisted on.
    demand: Demand,
}

enum State {
    Start,
    /// A user who is a server has sent its ticket-granting ticket, whose session key this is.
    TgtSent(Key),
    /// DCE style: the initiator's AP-REP has to carry our sequence number.
    ThirdLeg(Box<ThirdLeg>),
    Over,
}

struct ThirdLeg {
    session_key: Key,
    send_number: u32,
    /// Our own AP-REP, which says the same under the same key: no answer to itself.
    second: Vec<u8>,
    established: Box<Established>,
}

/// How the AP-REQ came, and so how the answer goes.
#[derive(Clone, Copy)]
struct Frame<'a> {
    /// `None` in DCE style, which has no frames.
    oid: Option<&'a [u8]>,
}

impl Frame<'_> {
    fn around(self, token_id: TokenId, inner: &[u8]) -> Vec<u8> {
        match self.oid {
            Some(oid) => Framed { oid, token_id, inner }.build(),
            None => inner.to_vec(),
        }
    }
}

impl Acceptor {
    pub fn new(inbound: Arc<Inbound>) -> Self {
        Self { inbound, state: State::Start, grants: Flags::NONE, demand: Demand::default() }
    }

    fn first(&mut self, input: &In<'_>) -> Step {
        let Some(token) = input.token else { return failed(invalid("the AP-REQ is missing")) };
        if ApReq::is(token) {
            return self.request(Frame { oid: None }, token, None);
        }
        let framed = match Framed::parse(token) {
            Ok(framed) => framed,
            Err(error) => return failed(error),
        };
        let frame = Frame { oid: Some(framed.oid) };
        match framed.token_id {
            TokenId::ApReq => self.request(frame, framed.inner, None),
            TokenId::TgtReq => self.tgt(frame, framed.inner).unwrap_or_else(failed),
            _ => failed(invalid("no AP-REQ")),
        }
    }

    /// The client of a user asks for that user's ticket-granting ticket.
    fn tgt(&mut self, frame: Frame<'_>, request: &[u8]) -> Result<Step> {
        let (reply, key) = user_to_user::reply(&self.inbound, request)?;
        self.state = State::TgtSent(key);
        Ok(Step::Continue(frame.around(TokenId::TgtRep, &reply)))
    }

    fn after_tgt(&mut self, key: &Key, input: &In<'_>) -> Step {
        let Some(token) = input.token else { return failed(invalid("the AP-REQ is missing")) };
        match Framed::parse(token) {
            Ok(framed) if framed.token_id == TokenId::ApReq => {
                self.request(Frame { oid: Some(framed.oid) }, framed.inner, Some(key))
            }
            Ok(_) => failed(invalid("no AP-REQ")),
            Err(error) => failed(error),
        }
    }

    /// `user_key`: of the ticket-granting ticket, where this is user-to-user.
    fn request(&mut self, frame: Frame<'_>, bytes: &[u8], user_key: Option<&Key>) -> Step {
        let request = match ApReq::parse(bytes) {
            Ok(request) => request,
            Err(error) => return failed(error),
        };
        match self.decide(&request, frame, user_key) {
            Ok(step) => step,
            Err(Refusal { error, error_code }) => {
                let EncryptedData { etype, kvno, .. } = request.ticket.enc_part;
                let kvno = kvno.map(|kvno| format!(", kvno {kvno}")).unwrap_or_default();
                let reason = format!(
                    "a ticket for {}, enctype {etype}{kvno}: {}",
                    request.ticket.server, error.reason
                );
                let token = KrbError::new(error_code, request.ticket.server, time::unix());
                let token = frame.around(TokenId::KrbError, &token.build());
                Step::Failed(Error { reason: reason.into(), ..error }, Some(token))
            }
        }
    }

    fn decide(
        &mut self,
        request: &ApReq,
        frame: Frame<'_>,
        user_key: Option<&Key>,
    ) -> std::result::Result<Step, Refusal> {
        let own = |error| Refusal { error, error_code: code::KRB_ERR_GENERIC };
        let demand = self.demand;
        if demand.requirements.has(Flags::DATAGRAM) {
            return Err(own(Error::new(Code::UnsupportedFunction, "datagram style is not supported")));
        }
        if (request.ap_options & ap_options::USE_SESSION_KEY != 0) != user_key.is_some() {
            let error =
                Error::new(Code::WrongPrincipal, "a ticket for a user, or for none, was not expected");
            return Err(Refusal { error, error_code: code::KRB_AP_ERR_NO_TGT });
        }
        let no_key = |error| Refusal { error, error_code: code::KRB_AP_ERR_NOKEY };
        let keys = match user_key {
            Some(key) => user_to_user::keys(&self.inbound, key),
            None => self.inbound.keys_for(&request.ticket).map_err(no_key)?,
        };
        let policy = Policy { permitted: &self.inbound.permitted, clockskew: self.inbound.clockskew };
        let (now, _) = time::unix();
        let mut note = |cipher: &[u8]| match self.inbound.keeps_replays {
            true => replay::note(cipher, now, policy.clockskew),
            false => Verdict::New,
        };
        let admission = decision::decide(request, &keys, &policy, demand, now, &mut note)?;
        self.admit(admission, frame, demand).map_err(own)
    }

    fn admit(&mut self, admission: Admission, frame: Frame<'_>, demand: Demand) -> Result<Step> {
        let dce = admission.flags.has(GssFlags::DCE_STYLE);
        if dce != frame.oid.is_none() {
            return Err(invalid("DCE style goes without a frame, everything else in one"));
        }
        let answer = Answer::to(&admission)?;
        let (reply, mutual, third_leg_key) = (answer.reply, admission.mutual, admission.session_key.clone());
        let send_number = answer.send_number;
        let established = self.session(admission, answer.subkey, send_number, demand)?.establish();
        self.grants = established.facts.grants;
        if !mutual {
            return Ok(Step::Done(None, established));
        }
        let token = frame.around(TokenId::ApRep, &reply);
        if dce {
            let third = ThirdLeg { session_key: third_leg_key, send_number, second: reply, established };
            self.state = State::ThirdLeg(Box::new(third));
            return Ok(Step::Continue(token));
        }
        Ok(Step::Done(Some(token), established))
    }

    fn session(
        &self,
        admission: Admission,
        subkey: Option<Key>,
        send_number: u32,
        demand: Demand,
    ) -> Result<Session> {
        let names = names(&admission);
        let delegated =
            admission.delegated.and_then(|delegated| self.credential(delegated, &admission.client));
        let grants = admission.flags.grants() | flags::style(demand.requirements);
        let grants = match delegated {
            Some(_) => grants,
            None => grants.without(Flags::DELEGATE),
        };
        let account = admission.account;
        let extra = (delegated.is_some() || account.is_some())
            .then(|| Box::new(Extra { delegated: delegated.map(|credential| credential as _), account }));
        let acceptor_subkey = subkey.is_some();
        let key = subkey.or(admission.subkey).unwrap_or(admission.session_key);
        Ok(Session {
            role: Role::Acceptor,
            key,
            acceptor_subkey,
            send_number,
            receive_number: admission.seq_number,
            grants,
            names,
            starttime: admission.starttime,
            endtime: admission.endtime,
            bindings: admission.bindings,
            extra,
        })
    }

    /// The client's forwarded ticket as a credential. One that cannot be used, or is not its own, is none: the logon itself is
    /// as good without it.
    fn credential(&self, delegated: Delegated, client: &Principal) -> Option<Arc<KerberosCredential>> {
        match KerberosCredential::delegated(&self.inbound, delegated, client) {
            Ok(credential) => Some(Arc::new(credential)),
            Err(error) => {
                log::write(Level::Warn, format_args!("what was delegated is of no use: {}", error.reason));
                None
            }
        }
    }

    fn third(&mut self, third: ThirdLeg, input: &In<'_>) -> Result<Step> {
        let token = input.token.ok_or_else(|| invalid("the third leg is missing"))?;
        let reply = ApRep::parse(token)?;
        let altered = || Error::new(Code::MessageAltered, "the third leg does not answer the second");
        if reply.enc_part.etype != third.session_key.enctype().number() || token == third.second {
            return Err(altered());
        }
        let plain = third.session_key.decrypt(usage::AP_REP_ENC_PART, &reply.enc_part.cipher);
        let part = EncApRepPart::parse(plain.map_err(|_| altered())?.as_ref())?;
        match part.seq_number == Some(third.send_number) && part.subkey.is_none() {
            true => Ok(Step::Done(None, third.established)),
            false => Err(altered()),
        }
    }
}

/// The AP-REP, and what it tells the client.
struct Answer {
    reply: Vec<u8>,
    subkey: Option<Key>,
    send_number: u32,
}

impl Answer {
    /// Without mutual authentication nothing is told, and both directions count from the client's number.
    fn to(admission: &Admission) -> Result<Answer> {
        if !admission.mutual {
            return Ok(Answer { reply: Vec::new(), subkey: None, send_number: admission.seq_number });
        }
        let enctype = admission.subkey.as_ref().unwrap_or(&admission.session_key).enctype();
        // Enctype 23 has messages that cannot say which subkey protects them (RFC 4757).
        let subkey = (enctype != Enctype::Rc4Hmac).then(|| Key::random(enctype)).transpose()?;
        let send_number = session::first_number()?;
        let part = EncApRepPart {
            ctime: admission.ctime,
            cusec: admission.cusec,
            subkey: subkey.as_ref().map(encryption_key),
            seq_number: Some(send_number),
        };
        let cipher = admission.session_key.encrypt(usage::AP_REP_ENC_PART, part.build().as_ref())?;
        let etype = admission.session_key.enctype().number();
        let reply = ApRep { enc_part: EncryptedData { etype, kvno: None, cipher } };
        Ok(Answer { reply: reply.build(), subkey, send_number })
    }
}

/// A key as the messages carry it.
pub fn encryption_key(key: &Key) -> EncryptionKey {
    EncryptionKey { keytype: key.enctype().number(), keyvalue: Secret::new(key.bytes().to_vec()) }
}

/// `DOMAIN\user` where a domain vouches for it, else `user@REALM`; names are never shortened.
fn names(admission: &Admission) -> Names {
    let wide = |text: &str| Some(U16String::from_str(text));
    let account = admission.account.as_ref().filter(|account| !account.domain.is_empty());
    let by_domain = |account: &DomainAccount| down_level(&account.domain, &account.user);
    let client = account.map(by_domain).or_else(|| wide(&admission.client.to_string()));
    let authority = account.map(|account| account.domain.clone());
    Names {
        client,
        server: wide(&admission.server.to_string()),
        authority: authority.or_else(|| wide(&admission.client.realm)),
        target: wide(&target(&admission.server)),
    }
}

/// The SPN that a service's principal stands for.
fn target(server: &Principal) -> String {
    server.components.join("/")
}

fn failed(error: Error) -> Step {
    Step::Failed(error, None)
}

impl Handshake for Acceptor {
    /// A step that fails ends the handshake.
    fn step(&mut self, input: In<'_>) -> Step {
        // Callers ask for less in later calls: what one call asked holds.
        self.demand.requirements |= input.requirements;
        self.demand.bindings = input.bindings.as_ref().map(bindings::hash).or(self.demand.bindings);
        match std::mem::replace(&mut self.state, State::Over) {
            State::Start => self.first(&input),
            State::TgtSent(key) => self.after_tgt(&key, &input),
            State::ThirdLeg(third) => self.third(*third, &input).unwrap_or_else(failed),
            State::Over => failed(Error::new(Code::OutOfSequence, "no further message was expected")),
        }
    }

    fn supply(&mut self, _accounts: Option<&dyn AccountSource>) -> Step {
        failed(Error::new(Code::UnsupportedFunction, "no accounts are awaited"))
    }

    fn progress(&self) -> Progress {
        progress(self.grants)
    }
}
