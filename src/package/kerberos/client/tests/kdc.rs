//! A KDC for several realms, in this process.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::*;
use crate::crypto::enctype::Enctype;
use crate::package::kerberos::wire::error::code::*;
use crate::package::kerberos::wire::kpasswd as rfc3244;
use crate::package::kerberos::wire::padata::{self, PaData};
use crate::package::kerberos::wire::*;
use crate::secret::Secret;

pub struct User {
    pub password: &'static str,
    /// What it has keys of, the KDC's preferred first.
    pub enctypes: Vec<i32>,
    pub salt: &'static str,
    pub s2kparams: Option<Vec<u8>>,
    pub preauth: bool,
}

/// Changes a reply before it is encrypted.
pub type Lie = Box<dyn Fn(&mut KdcRep, &mut EncKdcRepPart) + Send + Sync>;
/// Says something else than the KDC would.
pub type Say = Box<dyn Fn(&KdcReq) -> Option<Vec<u8>> + Send + Sync>;

#[derive(Default)]
pub struct World {
    pub users: HashMap<&'static str, User>,
    /// `service@REALM`, and the enctypes of their session keys.
    pub services: HashMap<String, i32>,
    /// Which realm, asked for what, refers to which: `HTTP/www@A.TEST` to `B.TEST`.
    pub referrals: HashMap<String, &'static str>,
    /// KDCs' clocks less ours, seconds.
    pub offset: i64,
    pub lie: Option<Lie>,
    pub say: Option<Say>,
    /// The reply's padata has the KDC's checksum of another request than came.
    pub sees_another_request: bool,
    /// TGS replies are under the session key, not the subkey.
    pub no_subkeys: bool,
    /// Tickets end after so many seconds; 0: ten hours.
    pub lifetime: i64,
    /// What the password service says, and what it changed.
    pub kpasswd: (u16, &'static [u8]),
    pub forged_time: bool,
    /// Somebody keeps the service's reply to a change and sends the request's message back in it.
    pub reflects: bool,
    pub changed: Mutex<Vec<Vec<u8>>>,
    pub seen: Mutex<Vec<(String, KdcReq)>>,
    pub asked: AtomicUsize,
}

impl World {
    /// A.TEST with alice and HTTP/www.a.test.
    pub fn new() -> Self {
        let mut world = Self::default();
        let user = User {
            password: super::PASSWORD,
            enctypes: vec![18, 17],
            salt: "A.TESTalice",
            s2kparams: Some(vec![0, 0, 0, 16]),
            preauth: true,
        };
        world.users.insert("alice@A.TEST", user);
        world.serve("HTTP/www.a.test@A.TEST");
        world.serve("krbtgt/A.TEST@A.TEST");
        world
    }

    pub fn serve(&mut self, service: &str) {
        self.services.insert(service.to_owned(), 18);
    }

    pub fn user(&mut self) -> &mut User {
        self.users.get_mut("alice@A.TEST").unwrap()
    }

    /// Requests so far.
    pub fn count(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn now(&self) -> i64 {
        Clock { offset: self.offset * 1_000_000 }.seconds()
    }

    /// The key of any service: of its name, the same in every world.
    pub fn key(service: &str) -> Key {
        let bytes: Vec<u8> = service.bytes().cycle().take(32).collect();
        Key::new(Enctype::Aes256CtsHmacSha1, &bytes).unwrap()
    }

    pub fn error(&self, code: i32) -> KrbError {
        KrbError::new(code, Principal::krbtgt("A.TEST", "A.TEST"), (self.now(), 7))
    }

    fn part(&self, request: &KdcReq, server: &Principal) -> EncKdcRepPart {
        let number = request.body.etype[0];
        let key = Key::random(Enctype::from_number(number).unwrap()).unwrap();
        let lifetime = if self.lifetime == 0 { 36_000 } else { self.lifetime };
        EncKdcRepPart {
            key: EncryptionKey { keytype: number, keyvalue: Secret::new(key.bytes().to_vec()) },
            last_req: vec![(0, 0)],
            nonce: request.body.nonce,
            key_expiration: None,
            flags: request.body.kdc_options & (ticket_flags::FORWARDABLE | ticket_flags::FORWARDED),
            authtime: self.now(),
            starttime: None,
            endtime: self.now() + lifetime,
            renew_till: None,
            server: server.clone(),
            caddr: None,
            encrypted_padata: Vec::new(),
        }
    }

    /// A ticket under a key, and the reply around it with nothing in its encrypted part yet.
    fn reply(msg_type: u8, client: &Principal, part: &EncKdcRepPart, key: &Key) -> KdcRep {
        let inner = EncTicketPart {
            flags: part.flags,
            key: part.key.clone(),
            client: client.clone(),
            transited: Transited { tr_type: 1, contents: Vec::new() },
            authtime: part.authtime,
            starttime: None,
            endtime: part.endtime,
            renew_till: None,
            caddr: None,
            authorization_data: Vec::new(),
        };
        let cipher = key.encrypt(usage::TICKET, inner.build().as_ref()).unwrap();
        let enc_part = EncryptedData { etype: key.enctype().number(), kvno: Some(1), cipher };
        KdcRep {
            msg_type,
            padata: Vec::new(),
            client: client.clone(),
            ticket: Ticket::new(part.server.clone(), enc_part.clone()),
            enc_part,
        }
    }

    fn finish(&self, mut reply: KdcRep, mut part: EncKdcRepPart, (key, usage): (&Key, u32)) -> Vec<u8> {
        reply.enc_part.etype = key.enctype().number();
        if let Some(lie) = &self.lie {
            lie(&mut reply, &mut part);
            reply.ticket = Ticket::new(reply.ticket.server, reply.ticket.enc_part);
        }
        // As MIT does, in both replies.
        let plain = part.build(kdc::ENC_TGS_REP_PART);
        reply.enc_part.cipher = key.encrypt(usage, plain.as_ref()).unwrap();
        reply.build()
    }

    fn logon(
        &self,
        realm: &str,
        request: &KdcReq,
        raw: &[u8],
    ) -> std::result::Result<Vec<u8>, Box<KrbError>> {
        let name = request.body.cname.clone().unwrap();
        let said = format!("{}@{realm}", name.components.join("/"));
        let user = self.users.get(said.as_str()).ok_or_else(|| self.error(KDC_ERR_C_PRINCIPAL_UNKNOWN))?;
        if request.body.till <= self.now() {
            return Err(self.error(KDC_ERR_NEVER_VALID).into());
        }
        let key = |number: i32| {
            let enctype = Enctype::from_number(number).unwrap();
            let password: Vec<u16> = user.password.encode_utf16().collect();
            Key::from_password(enctype, &password, user.salt.as_bytes(), user.s2kparams.as_deref()).unwrap()
        };
        let infos: Vec<EtypeInfo> = user
            .enctypes
            .iter()
            .map(|etype| EtypeInfo {
                etype: *etype,
                salt: Some(user.salt.into()),
                s2kparams: user.s2kparams.clone(),
            })
            .collect();
        let info = PaData::new(padata::PA_ETYPE_INFO2, EtypeInfo::build2(&infos));
        let mut asked = request.body.etype.iter().copied();
        let mut number = asked
            .find(|etype| user.enctypes.contains(etype))
            .ok_or_else(|| self.error(KDC_ERR_ETYPE_NOSUPP))?;
        match padata::find(&request.padata, padata::PA_ENC_TIMESTAMP) {
            None if user.preauth => {
                let methods = [info, PaData::new(padata::PA_ENC_TIMESTAMP, Vec::new())];
                let e_data = Some(padata::build_method_data(&methods));
                return Err(KrbError { e_data, ..self.error(KDC_ERR_PREAUTH_REQUIRED) }.into());
            }
            None => {}
            Some(value) => {
                let data = EncryptedData::read(value).unwrap();
                number = data.etype;
                let plain = key(number).decrypt(usage::PA_ENC_TIMESTAMP, &data.cipher);
                let plain = plain.map_err(|_| self.error(KDC_ERR_PREAUTH_FAILED))?;
                let (time, _) = padata::parse_timestamp(plain.as_ref()).unwrap();
                if time.abs_diff(self.now()) > 300 {
                    return Err(self.error(KRB_AP_ERR_SKEW).into());
                }
            }
        }
        let server = request.body.sname.clone().unwrap().at(realm.to_owned());
        let mut part = self.part(request, &server);
        part.flags |= ticket_flags::ENC_PA_REP;
        let seen = if self.sees_another_request { &raw[1..] } else { raw };
        let mut writer = crate::package::der::Writer::new();
        let checksum = key(number).checksum(56, seen).unwrap();
        Checksum { cksumtype: key(number).enctype().checksum_type(), checksum }.write(&mut writer);
        part.encrypted_padata = vec![PaData::new(padata::PA_REQ_ENC_PA_REP, writer.finish())];
        // A canonical name has one component without a suffix.
        let canonical = name.components[0].split('@').next().unwrap();
        let client = Principal::new(1, &[canonical], realm);
        let mut reply = Self::reply(11, &client, &part, &Self::key(&text(&server)));
        reply.padata = vec![info];
        Ok(self.finish(reply, part, (&key(number), usage::AS_REP_ENC_PART)))
    }

    fn grant(&self, realm: &str, request: &KdcReq) -> std::result::Result<Vec<u8>, Box<KrbError>> {
        let ap = ApReq::parse(padata::find(&request.padata, padata::PA_TGS_REQ).unwrap()).unwrap();
        assert_eq!(ap.ticket.server.components, ["krbtgt", realm], "a ticket of another realm");
        let open = |ticket: &Ticket| {
            let plain =
                Self::key(&text(&ticket.server)).decrypt(usage::TICKET, &ticket.enc_part.cipher).unwrap();
            EncTicketPart::parse(plain.as_ref()).unwrap()
        };
        let key_of = |key: &EncryptionKey| {
            Key::new(Enctype::from_number(key.keytype).unwrap(), key.keyvalue.as_ref()).unwrap()
        };
        let tgt = open(&ap.ticket);
        let session = key_of(&tgt.key);
        let plain = session.decrypt(usage::TGS_REQ_AUTHENTICATOR, &ap.authenticator.cipher).unwrap();
        let authenticator = Authenticator::parse(plain.as_ref()).unwrap();
        assert_eq!(authenticator.client, tgt.client);
        let checksum = authenticator.cksum.unwrap();
        session.verify(usage::TGS_REQ_AUTHENTICATOR_CHECKSUM, &request.body_der, &checksum.checksum).unwrap();
        if authenticator.ctime.abs_diff(self.now()) > 300 {
            return Err(self.error(KRB_AP_ERR_SKEW).into());
        }
        let mut server = request.body.sname.clone().unwrap().at(realm.to_owned());
        if let Some(next) = self.referrals.get(&text(&server)) {
            server = Principal::krbtgt(next, realm);
        }
        let known = self.services.get(&text(&server));
        let number = *known.ok_or_else(|| self.error(KDC_ERR_S_PRINCIPAL_UNKNOWN))?;
        let part = self.part(request, &server);
        let key = match request.body.kdc_options & kdc_options::ENC_TKT_IN_SKEY {
            0 => Self::key(&text(&server)),
            _ => key_of(&open(&Ticket::parse(&request.body.additional_tickets[0]).unwrap()).key),
        };
        assert!(request.body.etype.contains(&number));
        let reply = Self::reply(13, &tgt.client, &part, &key);
        let subkey = key_of(&authenticator.subkey.unwrap());
        let under = match self.no_subkeys {
            true => (&session, usage::TGS_REP_SESSION),
            false => (&subkey, usage::TGS_REP_SUBKEY),
        };
        Ok(self.finish(reply, part, under))
    }

    fn change(&self, bytes: &[u8]) -> Vec<u8> {
        let framed = rfc3244::Framed::parse(bytes).unwrap();
        let ap = ApReq::parse(framed.ap).unwrap();
        let plain =
            Self::key(&text(&ap.ticket.server)).decrypt(usage::TICKET, &ap.ticket.enc_part.cipher).unwrap();
        let ticket = EncTicketPart::parse(plain.as_ref()).unwrap();
        let session = Key::new(Enctype::Aes256CtsHmacSha1, ticket.key.keyvalue.as_ref()).unwrap();
        let plain = session.decrypt(usage::AP_REQ_AUTHENTICATOR, &ap.authenticator.cipher).unwrap();
        let authenticator = Authenticator::parse(plain.as_ref()).unwrap();
        let subkey = Key::new(session.enctype(), authenticator.subkey.unwrap().keyvalue.as_ref()).unwrap();
        let private = rfc3244::parse_private(framed.private).unwrap();
        let plain = subkey.decrypt(usage::KRB_PRIV, &private.cipher).unwrap();
        let mut part = rfc3244::EncKrbPrivPart::parse(plain.as_ref()).unwrap();
        assert_eq!(part.seq_number, authenticator.seq_number);
        self.changed.lock().unwrap().push(part.user_data.as_ref().clone());
        let (code, words) = self.kpasswd;
        part.user_data = Secret::new([&code.to_be_bytes()[..], words].concat());
        let ctime = authenticator.ctime + i64::from(self.forged_time);
        let answer = EncApRepPart { ctime, cusec: authenticator.cusec, subkey: None, seq_number: None };
        let seal = |key: &Key, usage, plain: &[u8]| EncryptedData {
            etype: 18,
            kvno: None,
            cipher: key.encrypt(usage, plain).unwrap(),
        };
        let ap = ApRep { enc_part: seal(&session, usage::AP_REP_ENC_PART, answer.build().as_ref()) }.build();
        let private = seal(&subkey, usage::KRB_PRIV, part.build().as_ref());
        let private = match self.reflects {
            true => framed.private.to_vec(),
            false => rfc3244::build_private(&private),
        };
        rfc3244::Framed { version: 1, ap: &ap, private: &private }.build().unwrap()
    }
}

fn text(server: &Principal) -> String {
    format!("{}@{}", server.components.join("/"), server.realm)
}

impl Exchange for World {
    fn exchange(
        &self,
        realm: &str,
        service: Service,
        request: &[u8],
        _: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if service == Service::Kpasswd {
            return Ok(self.change(request));
        }
        let parsed = KdcReq::parse(request).unwrap();
        self.seen.lock().unwrap().push((realm.to_owned(), parsed.clone()));
        if let Some(said) = self.say.as_ref().and_then(|say| say(&parsed)) {
            return Ok(said);
        }
        let answer = match parsed.msg_type {
            message_type::AS_REQ => self.logon(realm, &parsed, request),
            _ => self.grant(realm, &parsed),
        };
        Ok(answer.unwrap_or_else(|error| error.build()))
    }
}
