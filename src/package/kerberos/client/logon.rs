//! The AS exchange (RFC 4120 3.1, RFC 6806 5 to 7): from a password or a key to a ticket.

#![forbid(unsafe_code)]

use super::identity::{Identity, default_salt};
use super::refusal::{Refusal, Refused, status};
use super::reply::{self, same_but_case, wrong};
use super::{Ask, Clock, ServiceTicket, nonce};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::kerberos::wire::error::code::*;
use crate::package::kerberos::wire::padata::{self, PaData};
use crate::package::kerberos::wire::{
    Checksum, EncKdcRepPart, EncryptedData, EtypeInfo, KdcRep, KdcReq, KdcReqBody, KrbError, Name,
    kdc_options, message_type, ticket_flags, usage,
};
use crate::store::krb5::principal::{NT_ENTERPRISE, NT_PRINCIPAL, Principal};

/// Requests of one logon: referrals, a skew, pre-authentication. More is a KDC that leads nowhere.
const MOST_REQUESTS: usize = 16;
const MOST_REFERRALS: usize = 10;

/// KEY_USAGE_AS_REQ (RFC 6806 11).
const USAGE_AS_REQ: u32 = 56;

/// Which ticket a logon shall bring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Goal<'a> {
    /// krbtgt of the client's realm.
    Tgt,
    /// The instance of a service of the client's realm that takes initial tickets only.
    Service(&'a str, &'a str),
}

impl Goal<'_> {
    fn server(self, realm: &str) -> Principal {
        match self {
            Self::Tgt => Principal::krbtgt(realm, realm),
            Self::Service(class, instance) => Principal::new(2, &[class, instance], realm),
        }
    }
}

/// A logon under way.
struct Logon<'a> {
    ask: Ask<'a>,
    identity: &'a Identity,
    goal: Goal<'a>,
    /// Whom the KDC is asked for: changes with referrals.
    client: Principal,
    enctypes: Vec<i32>,
    /// KDCOptions that may be left out when a KDC refuses them.
    wishes: u32,
    clock: Clock,
    /// What the next request proves the client with.
    proof: Option<Proof>,
    visited: Vec<String>,
}

/// The key that the KDC's advice led to, and the advice.
struct Proof {
    key: Key,
    info: Option<EtypeInfo>,
}

/// Logs on. Waits for KDCs.
pub fn logon(ask: Ask<'_>, identity: &Identity, goal: Goal<'_>) -> Result<ServiceTicket> {
    let enctypes = identity.enctypes(&ask.config.default_tkt_enctypes());
    if enctypes.is_empty() {
        return Err(Error::new(Code::KdcUnknownEtype, "no key of an encryption type that is permitted"));
    }
    let client = identity.principal();
    if client.realm.is_empty() {
        return Err(Error::new(Code::NoAuthenticatingAuthority, "the client's realm is not known"));
    }
    let wishes = match goal {
        Goal::Tgt => kdc_options::FORWARDABLE | kdc_options::RENEWABLE_OK,
        Goal::Service(..) => 0,
    };
    let mut logon = Logon {
        ask,
        identity,
        goal,
        visited: vec![client.realm.clone()],
        client,
        enctypes: enctypes.iter().map(|enctype| enctype.number()).collect(),
        wishes,
        clock: Clock::default(),
        proof: None,
    };
    for _ in 0..MOST_REQUESTS {
        match logon.request() {
            Ok(ticket) => return Ok(ticket),
            Err(Refusal::Failed(error)) => return Err(error),
            Err(Refusal::Said(error)) => logon.follow(&error)?,
        }
    }
    Err(wrong("the KDC asks for ever more"))
}

impl Logon<'_> {
    /// Takes what a KRB-ERROR advises for the next request; `Err` when it is final.
    fn follow(&mut self, error: &KrbError) -> Result<()> {
        match error.error_code {
            KDC_ERR_PREAUTH_REQUIRED | KDC_ERR_PREAUTH_FAILED if self.proof.is_none() => self.advised(error),
            // A clock that is days behind asks for a ticket that is over before it begins.
            KRB_AP_ERR_SKEW | KDC_ERR_NEVER_VALID
                if self.clock == Clock::default() && self.ask.config.kdc_timesync() =>
            {
                self.clock = Clock::showing(error.stime, error.susec);
                Ok(())
            }
            KDC_ERR_WRONG_REALM => self.referred(error),
            KDC_ERR_C_PRINCIPAL_UNKNOWN => self.plain_name().ok_or_else(|| status(error)),
            KDC_ERR_BADOPTION | KDC_ERR_POLICY if self.wishes != 0 => {
                self.wishes = 0;
                Ok(())
            }
            _ => Err(status(error)),
        }
    }

    /// The key that METHOD-DATA asks for: the KDC's first enctype that there is a key of.
    fn advised(&mut self, error: &KrbError) -> Result<()> {
        let methods = match error.e_data.as_deref() {
            Some(data) => padata::read_method_data(data)?,
            None => Vec::new(),
        };
        if padata::find(&methods, padata::PA_ENC_TIMESTAMP).is_none() {
            let unknown = "the KDC takes no encrypted timestamp";
            return Err(match error.error_code {
                KDC_ERR_PREAUTH_FAILED => status(error),
                _ => Error::new(Code::UnsupportedPreauth, unknown),
            });
        }
        let info = self.choose(&methods)?;
        let number = info.as_ref().map_or(self.enctypes.first().copied(), |info| Some(info.etype));
        self.proof = Some(self.proof_of(number.unwrap_or_default(), info)?);
        Ok(())
    }

    /// The KDC's first entry that there may be a key for; `None` where it says nothing.
    fn choose(&self, methods: &[PaData]) -> Result<Option<EtypeInfo>> {
        let Some(entries) = etype_infos(methods)? else { return Ok(None) };
        let chosen = entries.into_iter().find(|entry| self.enctypes.contains(&entry.etype));
        let none = || Error::new(Code::KdcUnknownEtype, "the KDC has no key of a permitted encryption type");
        chosen.map(Some).ok_or_else(none)
    }

    fn proof_of(&self, number: i32, info: Option<EtypeInfo>) -> Result<Proof> {
        let none = || Error::new(Code::KdcUnknownEtype, "a reply under an encryption type without a key");
        let enctype = Enctype::from_number(number).filter(|_| self.enctypes.contains(&number));
        let enctype = enctype.ok_or_else(none)?;
        let key = self.identity.key(enctype, info.as_ref(), &default_salt(&self.client))?;
        Ok(Proof { key: key.ok_or_else(none)?, info })
    }

    /// Goes to the realm that the client is of (RFC 6806 7).
    fn referred(&mut self, error: &KrbError) -> Result<()> {
        let realm = error.crealm.clone().filter(|realm| !realm.is_empty()).ok_or_else(|| status(error))?;
        if self.visited.contains(&realm) || self.visited.len() > MOST_REFERRALS {
            return Err(Error::new(Code::MaxReferralsExceeded, "realms refer to each other for the client"));
        }
        self.visited.push(realm.clone());
        self.client.realm = realm;
        self.proof = None;
        Ok(())
    }

    /// `alice@REALM` as an enterprise name may be plain alice for a KDC that knows no such names.
    fn plain_name(&mut self) -> Option<()> {
        let [name] = self.client.components.as_slice() else { return None };
        let (user, suffix) = name.rsplit_once('@')?;
        let plain = self.client.name_type == NT_ENTERPRISE && suffix.eq_ignore_ascii_case(&self.client.realm);
        if !plain || user.is_empty() {
            return None;
        }
        self.client = Principal::new(NT_PRINCIPAL, &[user], &self.client.realm.clone());
        self.proof = None;
        Some(())
    }

    fn request(&self) -> Refused<ServiceTicket> {
        let nonce = nonce()?;
        let config = self.ask.config;
        let (renew, now) = (i64::from(config.renew_lifetime()), self.clock.seconds());
        let mut options = self.wishes;
        if config.proxiable() && self.wishes != 0 {
            options |= kdc_options::PROXIABLE;
        }
        if renew > 0 && self.wishes != 0 {
            options |= kdc_options::RENEWABLE;
        }
        let server = self.goal.server(&self.client.realm);
        let body = KdcReqBody {
            kdc_options: options | kdc_options::CANONICALIZE,
            cname: Some(Name::of(&self.client)),
            realm: self.client.realm.clone(),
            sname: Some(Name::of(&server)),
            from: None,
            till: now.saturating_add(i64::from(config.ticket_lifetime())),
            rtime: (options & kdc_options::RENEWABLE != 0).then(|| now.saturating_add(renew)),
            nonce,
            etype: self.enctypes.clone(),
            addresses: None,
            enc_authorization_data: None,
            additional_tickets: Vec::new(),
        };
        let request = KdcReq::build(message_type::AS_REQ, &self.padata()?, &body.build());
        let reply = self.ask.kdc(&self.client.realm, &request)?;
        Ok(self.read(&reply, &request, nonce, &server)?)
    }

    fn padata(&self) -> Result<Vec<PaData>> {
        let mut padata = Vec::new();
        if let Some(proof) = &self.proof {
            let (seconds, microseconds) = self.clock.now();
            let time = padata::build_timestamp(seconds, microseconds);
            let cipher = proof.key.encrypt(usage::PA_ENC_TIMESTAMP, &time)?;
            let data = EncryptedData { etype: proof.key.enctype().number(), kvno: None, cipher };
            padata.push(PaData::new(padata::PA_ENC_TIMESTAMP, data.build()));
        }
        padata.push(PaData::new(padata::PA_PAC_REQUEST, padata::build_pac_request(true)));
        padata.push(PaData::new(padata::PA_REQ_ENC_PA_REP, Vec::new()));
        Ok(padata)
    }

    fn read(&self, reply: &[u8], request: &[u8], nonce: u32, server: &Principal) -> Result<ServiceTicket> {
        let reply = KdcRep::parse(reply, message_type::AS_REP)?;
        let key = self.reply_key(&reply)?;
        let denied = |_| wrong("the reply is under another key: the password is wrong");
        let plain = key.decrypt(usage::AS_REP_ENC_PART, &reply.enc_part.cipher).map_err(denied)?;
        let part = EncKdcRepPart::parse(plain.as_ref())?;
        if part.flags & ticket_flags::ENC_PA_REP != 0 {
            check_request(&part, &key, request)?;
        }
        self.check_names(&reply.client, &part.server, server)?;
        let clock = self.clock_of(&part)?;
        reply::ticket(reply, &part, (nonce, &self.enctypes), clock)
    }

    /// The key of the reply: its own advice (padata), else that of the pre-authentication.
    fn reply_key(&self, reply: &KdcRep) -> Result<Key> {
        let number = reply.enc_part.etype;
        let own =
            etype_infos(&reply.padata)?.unwrap_or_default().into_iter().find(|info| info.etype == number);
        if let (None, Some(proof)) = (&own, &self.proof)
            && proof.key.enctype().number() == number
        {
            return Ok(proof.key.clone());
        }
        let salt = padata::find(&reply.padata, padata::PA_PW_SALT).map(<[u8]>::to_vec);
        let salted = salt.map(|salt| EtypeInfo { etype: number, salt: Some(salt), s2kparams: None });
        let known = self.proof.as_ref().and_then(|proof| proof.info.clone());
        // Enctypes of one client may share the salt, but not the iteration count.
        let known = known.map(|info| EtypeInfo { etype: number, s2kparams: None, ..info });
        Ok(self.proof_of(number, own.or(salted).or(known))?.key)
    }

    /// A KDC may correct the case of a realm and what an enterprise name stands for, and nothing else.
    fn check_names(&self, client: &Principal, server: &Principal, asked: &Principal) -> Result<()> {
        if client.components.is_empty() || client.components.iter().any(String::is_empty) {
            return Err(wrong("a reply without a client"));
        }
        let enterprise = self.client.name_type == NT_ENTERPRISE;
        let own = same_but_case(client, &self.client)
            || (enterprise && client.realm.eq_ignore_ascii_case(&self.client.realm));
        if !own {
            return Err(wrong("a reply for another client"));
        }
        match same_but_case(server, asked) && server.realm == client.realm {
            true => Ok(()),
            false => Err(wrong("a ticket for another service than was asked for")),
        }
    }

    /// The KDC's clock, which authtime shows.
    fn clock_of(&self, part: &EncKdcRepPart) -> Result<Clock> {
        let differs = part.authtime.abs_diff(self.clock.seconds());
        if differs <= 2 {
            return Ok(self.clock);
        }
        if self.ask.config.kdc_timesync() {
            return Ok(Clock::showing(part.authtime, 0));
        }
        match differs > u64::from(self.ask.config.clockskew()) {
            true => Err(Error::new(Code::TimeSkew, "the KDC's clock differs too much")),
            false => Ok(self.clock),
        }
    }
}

/// The entries of ETYPE-INFO2, or else of ETYPE-INFO; `None` where there is neither.
fn etype_infos(methods: &[PaData]) -> Result<Option<Vec<EtypeInfo>>> {
    match padata::find(methods, padata::PA_ETYPE_INFO2) {
        Some(value) => EtypeInfo::parse2(value).map(Some),
        None => padata::find(methods, padata::PA_ETYPE_INFO).map(EtypeInfo::parse1).transpose(),
    }
}

/// The KDC's checksum of the request that it saw (RFC 6806 11): somebody on the way changed it if wrong.
fn check_request(part: &EncKdcRepPart, key: &Key, request: &[u8]) -> Result<()> {
    let changed = || wrong("the request was changed on its way");
    let value = padata::find(&part.encrypted_padata, padata::PA_REQ_ENC_PA_REP).ok_or_else(changed)?;
    let checksum = Checksum::read(value)?;
    if checksum.cksumtype != key.enctype().checksum_type() {
        return Err(changed());
    }
    key.verify(USAGE_AS_REQ, request, &checksum.checksum).map_err(|_| changed())
}
