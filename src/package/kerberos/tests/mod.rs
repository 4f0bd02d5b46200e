//! Kerberos against its specification, against itself, and against whoever is on the way.

#![forbid(unsafe_code)]

mod decisions;
mod handshakes;
mod pacs;

use super::decision::{self, Admission, Demand, Policy, Refusal, ServiceKey};
use super::replay::Verdict;
use super::wire::base::AuthData;
use super::wire::checksum::GSS_CHECKSUM;
use super::wire::{
    ApReq, Authenticator, Checksum, EncTicketPart, EncryptedData, EncryptionKey, GssChecksum, Ticket,
    Transited, ticket_flags, usage,
};
use crate::crypto::enctype::{Enctype, Key};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

pub const NOW: i64 = 1_700_000_000;
pub const PERMITTED: [i32; 4] = [18, 17, 20, 19];

pub fn key(enctype: Enctype, fill: u8) -> Key {
    Key::new(enctype, &vec![fill; enctype.key_size()]).unwrap()
}

pub fn carried(key: &Key) -> EncryptionKey {
    EncryptionKey { keytype: key.enctype().number(), keyvalue: Secret::new(key.bytes().to_vec()) }
}

pub fn alice() -> Principal {
    Principal::new(1, &["alice"], "EXAMPLE.TEST")
}

pub fn service() -> Principal {
    Principal::new(2, &["HTTP", "server.example.test"], "EXAMPLE.TEST")
}

/// An AP-REQ in the making: every field can be changed before it is sealed.
#[derive(Clone)]
pub struct Making {
    pub server: Principal,
    pub service_key: Key,
    pub ticket: EncTicketPart,
    pub session_key: Key,
    pub authenticator: Authenticator,
    pub options: u32,
    /// What a man in the middle writes on the outside.
    pub outside: Option<Principal>,
}

impl Making {
    pub fn new(enctype: Enctype) -> Making {
        let session_key = key(enctype, 0x51);
        let checksum = GssChecksum { flags: 0x3E, ..GssChecksum::default() };
        Making {
            server: service(),
            service_key: key(enctype, 0x11),
            ticket: EncTicketPart {
                flags: ticket_flags::PRE_AUTHENT,
                key: carried(&session_key),
                client: alice(),
                transited: Transited { tr_type: 1, contents: Vec::new() },
                authtime: NOW - 100,
                starttime: None,
                endtime: NOW + 36_000,
                renew_till: None,
                caddr: None,
                authorization_data: Vec::new(),
            },
            session_key,
            authenticator: Authenticator {
                client: alice(),
                cksum: Some(Checksum { cksumtype: GSS_CHECKSUM, checksum: checksum.build().unwrap() }),
                cusec: 7,
                ctime: NOW,
                subkey: Some(carried(&key(enctype, 0x71))),
                seq_number: Some(0x8000_0001),
                authorization_data: Vec::new(),
            },
            options: 0,
            outside: None,
        }
    }

    pub fn with_checksum(mut self, checksum: Option<(i32, Vec<u8>)>) -> Making {
        self.authenticator.cksum = checksum.map(|(cksumtype, checksum)| Checksum { cksumtype, checksum });
        self
    }

    pub fn request(&self) -> Vec<u8> {
        let seal = |key: &Key, usage, plain: Secret<Vec<u8>>| EncryptedData {
            etype: key.enctype().number(),
            kvno: Some(3),
            cipher: key.encrypt(usage, plain.as_ref()).unwrap(),
        };
        let sealed = seal(&self.service_key, usage::TICKET, self.ticket.build());
        let ticket = Ticket::new(self.outside.clone().unwrap_or_else(|| self.server.clone()), sealed);
        let authenticator = seal(&self.session_key, usage::AP_REQ_AUTHENTICATOR, self.authenticator.build());
        ApReq::build(self.options, &ticket.der, &authenticator)
    }

    pub fn decide(&self, demand: Demand) -> Result<Admission, Refusal> {
        self.decide_with(demand, &PERMITTED, Verdict::New)
    }

    pub fn decide_with(
        &self,
        demand: Demand,
        permitted: &[i32],
        verdict: Verdict,
    ) -> Result<Admission, Refusal> {
        let keys = [ServiceKey { principal: service(), key: key(self.service_key.enctype(), 0x11) }];
        decide_bytes(&self.request(), &keys, demand, permitted, verdict)
    }

    pub fn with_data(mut self, data: Vec<AuthData>) -> Making {
        self.ticket.authorization_data = data;
        self
    }
}

pub fn decide_bytes(
    request: &[u8],
    keys: &[ServiceKey],
    demand: Demand,
    permitted: &[i32],
    verdict: Verdict,
) -> Result<Admission, Refusal> {
    let malformed = |error| Refusal { error, error_code: -1 };
    let request = ApReq::parse(request).map_err(malformed)?;
    let policy = Policy { permitted, clockskew: 300 };
    decision::decide(&request, keys, &policy, demand, NOW, &mut |_| verdict)
}
