//! The fuzzer's door to Kerberos' decision, PAC and messages (src/fuzzing). Only in test builds.

#![forbid(unsafe_code)]

use super::decision::{self, Demand, Policy, ServiceKey};
pub use super::messages::Halves;
use super::messages::{self, Parameters, Role};
use super::pac;
use super::replay::Verdict;
use super::wire::{ApReq, EncryptedData, Ticket, usage};
use crate::crypto::enctype::Key;
use crate::package::Flags;
use crate::store::krb5::principal::Principal;

/// Within the times of every ticket of the corpus.
pub const NOW: i64 = 1_795_737_600;

/// The decision on an AP-REQ whose two encrypted parts are these, both under `key`.
///
/// The bits of `choices`: 0 demands channel bindings, 1 lets them miss, 2 demands confidentiality.
pub fn decide(key: &Key, choices: u8, service: Principal, ticket: &[u8], authenticator: &[u8]) {
    let sealed = |usage, plain: &[u8]| EncryptedData {
        etype: key.enctype().number(),
        kvno: Some(1),
        cipher: key.encrypt(usage, plain).expect("anything can be encrypted"),
    };
    let ticket = Ticket::new(service.clone(), sealed(usage::TICKET, ticket));
    let authenticator = sealed(usage::AP_REQ_AUTHENTICATOR, authenticator);
    let request = ApReq::parse(&ApReq::build(0, &ticket.der, &authenticator)).expect("a whole AP-REQ");
    let keys = [ServiceKey { principal: service, key: key.clone() }];
    let policy = Policy { permitted: &[17, 18, 19, 20, 23], clockskew: 300 };
    let requirements = Flags::when(choices & 2 != 0, Flags::ALLOW_MISSING_BINDINGS)
        | Flags::when(choices & 4 != 0, Flags::CONFIDENTIALITY);
    let demand = Demand { requirements, bindings: (choices & 1 != 0).then_some([1; 16]) };
    let _ = decision::decide(&request, &keys, &policy, demand, NOW, &mut |_| Verdict::New);
}

/// A PAC with whatever signature, and KERB_VALIDATION_INFO by itself.
pub fn pac(key: &Key, bytes: &[u8]) {
    let _ = pac::account(bytes, &pac::Ticket { key, client: "alice", authtime: NOW });
    let _ = pac::logon_info(bytes);
}

/// What an initiator sends with and its acceptor receives with.
pub fn halves(key: &Key, acceptor_subkey: bool, dce_style: bool) -> Halves {
    let grants = Flags::INTEGRITY | Flags::CONFIDENTIALITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT;
    let grants = grants | Flags::when(dce_style, Flags::DCE_STYLE);
    let side = |role| {
        let (send_number, receive_number) = (5, 5);
        messages::halves(Parameters { role, key, acceptor_subkey, send_number, receive_number, grants })
    };
    (side(Role::Initiator).0, side(Role::Acceptor).1)
}
