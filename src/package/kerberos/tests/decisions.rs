//! Whom the acceptor lets in: rows C5 to C10 of the table of attacks, and every check once.

#![forbid(unsafe_code)]

use super::*;
use crate::error::Code;
use crate::package::Flags;
use crate::package::facts::BindingsVerdict;
use crate::package::kerberos::client::{Clock, ServiceTicket};
use crate::package::kerberos::delegation;
use crate::package::kerberos::wire::KrbCred;

const ALL: [Enctype; 5] = [
    Enctype::Aes128CtsHmacSha1,
    Enctype::Aes256CtsHmacSha1,
    Enctype::Aes128CtsHmacSha256,
    Enctype::Aes256CtsHmacSha384,
    Enctype::Rc4Hmac,
];

fn refused(making: &Making) -> (Code, i32) {
    let refusal = making.decide(Demand::default()).err().expect("it is refused");
    (refusal.error.code, refusal.error_code)
}

fn changed(change: impl FnOnce(&mut Making)) -> (Code, i32) {
    let mut making = Making::new(Enctype::Aes256CtsHmacSha1);
    change(&mut making);
    refused(&making)
}

#[test]
fn an_honest_client_is_let_in_with_every_enctype() {
    for enctype in ALL {
        let making = Making::new(enctype);
        let admission = making.decide_with(Demand::default(), &[17, 18, 19, 20, 23], Verdict::New).unwrap();
        assert_eq!(admission.client.to_string(), "alice@EXAMPLE.TEST");
        assert_eq!(admission.server, service());
        assert_eq!((admission.seq_number, admission.ctime, admission.cusec), (0x8000_0001, NOW, 7));
        assert_eq!(admission.starttime, NOW - 100);
        assert!(admission.mutual && admission.account.is_none() && admission.delegated.is_none());
        assert_eq!(admission.session_key.bytes(), making.session_key.bytes());
        assert_eq!(admission.bindings, BindingsVerdict::Unchecked);
    }
}

/// C5: the authenticator's checksum is there, of the GSS-API's type and whole.
#[test]
fn c5_no_checksum_and_no_other_one_will_do() {
    let making = || Making::new(Enctype::Aes256CtsHmacSha1);
    let whole = GssChecksum { flags: 0x3E, ..GssChecksum::default() }.build().unwrap();
    assert!(making().with_checksum(Some((GSS_CHECKSUM, whole.clone()))).decide(Demand::default()).is_ok());
    for length in 0..whole.len() {
        let short = making().with_checksum(Some((GSS_CHECKSUM, whole[..length].to_vec())));
        assert_eq!(refused(&short), (Code::InvalidToken, 50), "{length}");
    }
    assert_eq!(refused(&making().with_checksum(None)), (Code::InvalidToken, 50));
    // C6: nor does one of another type, keyed or not.
    for kind in [0, 1, 2, 7, 14, 15, 16, 19, 20, -138, 0x8001, -0x7FFD] {
        let other = making().with_checksum(Some((kind, whole.clone())));
        assert_eq!(refused(&other), (Code::InvalidToken, 50), "{kind}");
    }
    // The flag promises a delegated credential, which is not there.
    let mut promised = whole;
    promised[20] |= 1;
    assert!(making().with_checksum(Some((GSS_CHECKSUM, promised))).decide(Demand::default()).is_err());
}

/// C7: the name on the outside of the ticket decides nothing.
#[test]
fn c7_the_outside_of_the_ticket_is_not_believed() {
    let mut making = Making::new(Enctype::Aes256CtsHmacSha1);
    making.outside = Some(Principal::new(2, &["cifs", "elsewhere"], "OTHER.TEST"));
    let admission = making.decide(Demand::default()).unwrap();
    assert_eq!(admission.server, service());
}

/// C9: RC4 is off by default, as the ticket's enctype, as that of its session key and of a subkey.
#[test]
fn c9_rc4_is_refused_unless_permitted() {
    let rc4 = key(Enctype::Rc4Hmac, 0x51);
    assert_eq!(refused(&Making::new(Enctype::Rc4Hmac)), (Code::KdcUnknownEtype, 14));
    let session = changed(|making| {
        making.session_key = rc4.clone();
        making.ticket.key = carried(&rc4);
    });
    assert_eq!(session, (Code::KdcUnknownEtype, 14));
    let subkey = changed(|making| making.authenticator.subkey = Some(carried(&rc4)));
    assert_eq!(subkey, (Code::KdcUnknownEtype, 14));
    let des = changed(|making| making.ticket.key.keytype = 3);
    assert_eq!(des, (Code::KdcUnknownEtype, 14));
}

/// C10: an authenticator that is repeated, or whose time is off.
#[test]
fn c10_repeated_and_late_authenticators_are_refused() {
    let making = Making::new(Enctype::Aes256CtsHmacSha1);
    let repeated = making.decide_with(Demand::default(), &PERMITTED, Verdict::Repeated).err().unwrap();
    assert_eq!((repeated.error.code, repeated.error_code), (Code::LogonDenied, 34));
    let full = making.decide_with(Demand::default(), &PERMITTED, Verdict::Full).err().unwrap();
    assert_eq!(full.error.code, Code::InsufficientMemory);
    for (offset, good) in
        [(-300, true), (300, true), (-301, false), (301, false), (i64::from(i32::MAX), false)]
    {
        let mut making = making.clone();
        making.authenticator.ctime = NOW + offset;
        let decided = making.decide(Demand::default()).map(|_| ()).map_err(|refusal| refusal.error.code);
        assert_eq!(decided, if good { Ok(()) } else { Err(Code::TimeSkew) }, "{offset}");
    }
}

#[test]
fn a_ticket_is_held_to_its_times_and_flags() {
    assert_eq!(changed(|making| making.ticket.endtime = NOW - 301), (Code::ContextExpired, 32));
    assert_eq!(changed(|making| making.ticket.starttime = Some(NOW + 301)), (Code::TimeSkew, 33));
    assert_eq!(changed(|making| making.ticket.authtime = NOW + 301), (Code::TimeSkew, 33));
    assert_eq!(changed(|making| making.ticket.flags |= ticket_flags::INVALID), (Code::TimeSkew, 33));
    let mut inside = Making::new(Enctype::Aes256CtsHmacSha1);
    (inside.ticket.endtime, inside.ticket.starttime) = (NOW - 300, Some(NOW + 300));
    assert!(inside.decide(Demand::default()).is_ok());
}

#[test]
fn realms_on_the_way_must_have_been_checked() {
    let foreign = |flags: u32, contents: &[u8]| {
        let mut making = Making::new(Enctype::Aes256CtsHmacSha1);
        let eve = Principal::new(1, &["eve"], "FAR.TEST");
        (making.ticket.client, making.authenticator.client) = (eve.clone(), eve);
        making.ticket.flags |= flags;
        making.ticket.transited.contents = contents.to_vec();
        making.decide(Demand::default()).map(|admission| admission.client.realm)
    };
    assert_eq!(foreign(0, b"").unwrap(), "FAR.TEST");
    assert_eq!(foreign(ticket_flags::TRANSITED_POLICY_CHECKED, b"MID.TEST").unwrap(), "FAR.TEST");
    assert_eq!(foreign(0, b"MID.TEST").unwrap_err().error_code, 51);
}

#[test]
fn the_authenticator_is_the_tickets_clients() {
    let other = changed(|making| making.authenticator.client.components = vec!["bob".into()]);
    assert_eq!(other, (Code::LogonDenied, 36));
    let realm = changed(|making| making.authenticator.client.realm = "OTHER.TEST".into());
    assert_eq!(realm, (Code::LogonDenied, 36));
    let stolen = changed(|making| making.session_key = key(Enctype::Aes256CtsHmacSha1, 0x52));
    assert_eq!(stolen, (Code::LogonDenied, 41));
    let forged = changed(|making| making.service_key = key(Enctype::Aes256CtsHmacSha1, 0x12));
    assert_eq!(forged, (Code::LogonDenied, 41));
}

#[test]
fn a_service_without_a_key_of_the_enctype_says_so() {
    let making = Making::new(Enctype::Aes128CtsHmacSha1);
    let keys = [ServiceKey { principal: service(), key: key(Enctype::Aes256CtsHmacSha1, 0x11) }];
    let refusal =
        decide_bytes(&making.request(), &keys, Demand::default(), &PERMITTED, Verdict::New).err().unwrap();
    assert_eq!((refusal.error.code, refusal.error_code), (Code::WrongPrincipal, 45));
}

#[test]
fn every_key_that_may_be_the_one_is_tried() {
    let making = Making::new(Enctype::Aes256CtsHmacSha1);
    let others = (0..20).map(|fill| ServiceKey {
        principal: Principal::new(2, &["other", "host"], "EXAMPLE.TEST"),
        key: key(Enctype::Aes256CtsHmacSha1, 0x80 + fill),
    });
    let own = ServiceKey { principal: service(), key: key(Enctype::Aes256CtsHmacSha1, 0x11) };
    let keys: Vec<ServiceKey> = others.chain([own]).collect();
    let decided = decide_bytes(&making.request(), &keys, Demand::default(), &PERMITTED, Verdict::New);
    assert_eq!(decided.unwrap().server, service());
}

#[test]
fn channel_bindings_are_enforced() {
    let bound = |sent: [u8; 16], own: Option<[u8; 16]>, requirements| {
        let checksum = GssChecksum { bindings: sent, flags: 0x3E, ..GssChecksum::default() };
        let making = Making::new(Enctype::Aes256CtsHmacSha1)
            .with_checksum(Some((GSS_CHECKSUM, checksum.build().unwrap())));
        let decided = making.decide(Demand { requirements, bindings: own });
        decided.map(|admission| admission.bindings).map_err(|refusal| refusal.error.code)
    };
    assert_eq!(bound([7; 16], None, Flags::NONE), Ok(BindingsVerdict::Unchecked));
    assert_eq!(bound([7; 16], Some([7; 16]), Flags::NONE), Ok(BindingsVerdict::Matched));
    assert_eq!(bound([7; 16], Some([8; 16]), Flags::NONE), Err(Code::BadBindings));
    assert_eq!(bound([7; 16], Some([8; 16]), Flags::ALLOW_MISSING_BINDINGS), Err(Code::BadBindings));
    assert_eq!(bound([0; 16], Some([8; 16]), Flags::NONE), Err(Code::BadBindings));
    assert_eq!(bound([0; 16], Some([8; 16]), Flags::ALLOW_MISSING_BINDINGS), Ok(BindingsVerdict::Missing));
}

#[test]
fn what_the_acceptor_insists_on_must_have_been_asked_for() {
    let with_flags = |flags| {
        let checksum = GssChecksum { flags, ..GssChecksum::default() };
        Making::new(Enctype::Aes256CtsHmacSha1).with_checksum(Some((GSS_CHECKSUM, checksum.build().unwrap())))
    };
    let sealed = Demand { requirements: Flags::CONFIDENTIALITY, bindings: None };
    assert!(with_flags(0x30).decide(sealed).is_ok());
    assert_eq!(with_flags(0x20).decide(sealed).err().unwrap().error.code, Code::UnsupportedFunction);
    let plain = with_flags(0).decide(Demand::default()).unwrap();
    assert!(!plain.mutual);
}

/// Every byte of the request, changed in every bit: nothing that is protected can be.
#[test]
fn no_bit_of_what_is_protected_can_be_changed() {
    let making = Making::new(Enctype::Aes256CtsHmacSha1);
    let request = making.request();
    let honest = making.decide(Demand::default()).unwrap();
    let keys = [ServiceKey { principal: service(), key: key(Enctype::Aes256CtsHmacSha1, 0x11) }];
    let mut accepted = 0;
    for byte in 0..request.len() {
        for bit in 0..8 {
            let mut changed = request.clone();
            changed[byte] ^= 1 << bit;
            let decided = decide_bytes(&changed, &keys, Demand::default(), &PERMITTED, Verdict::New);
            let Ok(admission) = decided else { continue };
            accepted += 1;
            // Only what stands outside can have changed: the ticket's name, kvno and ap-options.
            let (before, after) = (ApReq::parse(&request).unwrap(), ApReq::parse(&changed).unwrap());
            let inside = |request: &ApReq| {
                let (ticket, authenticator) = (&request.ticket.enc_part, &request.authenticator);
                (ticket.etype, ticket.cipher.clone(), authenticator.etype, authenticator.cipher.clone())
            };
            assert_eq!(inside(&before), inside(&after), "byte {byte} bit {bit}");
            assert_eq!(admission.client, honest.client);
            assert_eq!(admission.server, honest.server);
            assert_eq!(admission.session_key.bytes(), honest.session_key.bytes());
        }
    }
    assert!(accepted > 0);
}

#[test]
fn a_request_cut_off_anywhere_is_refused() {
    let making = Making::new(Enctype::Aes256CtsHmacSha1);
    let request = making.request();
    let keys = [ServiceKey { principal: service(), key: key(Enctype::Aes256CtsHmacSha1, 0x11) }];
    for end in 0..request.len() {
        let decided = decide_bytes(&request[..end], &keys, Demand::default(), &PERMITTED, Verdict::New);
        assert!(decided.is_err(), "{end}");
    }
}

#[test]
fn what_is_delegated_is_opened_and_nothing_else_is_taken_for_it() {
    let forwarded = ServiceTicket {
        ticket: Ticket::new(
            Principal::krbtgt("EXAMPLE.TEST", "EXAMPLE.TEST"),
            EncryptedData { etype: 18, kvno: None, cipher: vec![1; 64] },
        )
        .der,
        session_key: key(Enctype::Aes256CtsHmacSha1, 0x33),
        client: alice(),
        server: Principal::krbtgt("EXAMPLE.TEST", "EXAMPLE.TEST"),
        flags: ticket_flags::FORWARDED,
        authtime: NOW,
        starttime: NOW,
        endtime: NOW + 600,
        renew_till: None,
        clock: Clock::default(),
    };
    let delegated = |cred: Vec<u8>| {
        let checksum = GssChecksum { flags: 0x3F, delegation: Some(cred.into()), ..GssChecksum::default() };
        Making::new(Enctype::Aes256CtsHmacSha1)
            .with_checksum(Some((GSS_CHECKSUM, checksum.build().unwrap())))
            .decide(Demand::default())
            .map(|admission| admission.delegated.unwrap().info.key.keyvalue.as_ref().to_vec())
            .map_err(|refusal| refusal.error.code)
    };
    let (session, subkey) = (key(Enctype::Aes256CtsHmacSha1, 0x51), key(Enctype::Aes256CtsHmacSha1, 0x71));
    for key in [&session, &subkey] {
        assert_eq!(delegated(delegation::build(&forwarded, key).unwrap()).unwrap(), [0x33; 32]);
    }
    let sealed = KrbCred::parse(&delegation::build(&forwarded, &session).unwrap()).unwrap();
    let plain = session.decrypt(usage::KRB_CRED, &sealed.enc_part.cipher).unwrap();
    let with = |etype, cipher: &[u8]| {
        KrbCred::build(&[&forwarded.ticket], &EncryptedData { etype, kvno: None, cipher: cipher.to_vec() })
    };
    // Heimdal's: the authenticator around it is encryption enough.
    assert_eq!(delegated(with(0, plain.as_ref())).unwrap(), [0x33; 32]);
    let stranger = key(Enctype::Aes256CtsHmacSha1, 0x99);
    assert_eq!(delegated(delegation::build(&forwarded, &stranger).unwrap()), Err(Code::LogonDenied));
    assert_eq!(delegated(with(17, plain.as_ref())), Err(Code::LogonDenied));
    assert!(delegated(with(0, b"nothing")).is_err() && delegated(b"nothing".to_vec()).is_err());
}

#[test]
fn only_the_checksum_asks_for_mutual_authentication() {
    let checksum = GssChecksum { flags: 0x30, ..GssChecksum::default() };
    let mut making = Making::new(Enctype::Aes256CtsHmacSha1)
        .with_checksum(Some((GSS_CHECKSUM, checksum.build().unwrap())));
    // ap-options stand outside of what is encrypted.
    making.options = u32::MAX;
    assert!(!making.decide(Demand::default()).unwrap().mutual);
}
