//! AS exchanges.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::super::*;
use super::kdc::World;
use super::*;
use crate::crypto::enctype::Enctype;
use crate::package::kerberos::wire::error::code::*;
use crate::package::kerberos::wire::padata::{self, PaData};
use crate::package::kerberos::wire::{EncKdcRepPart, KdcRep, KdcReq, KrbError, Name, kdc_options};

fn logged_on(world: World) -> (Result<Arc<ServiceTicket>>, Arc<World>) {
    logged_on_as(world, alice(), "")
}

fn logged_on_as(world: World, identity: Identity, text: &str) -> (Result<Arc<ServiceTicket>>, Arc<World>) {
    let world = Arc::new(world);
    (with_config(&world, identity, text).tgt(), world)
}

const RC4_TOO: &str = "[libdefaults]\npermitted_enctypes = DEFAULT arcfour-hmac\n";

#[test]
fn every_encryption_type_logs_on_by_the_kdcs_salt_and_count() {
    for number in [17, 18, 19, 20, 23] {
        let mut world = World::new();
        let user = world.user();
        user.enctypes = vec![number];
        user.salt = "some other salt";
        let (tgt, world) = logged_on_as(world, alice(), RC4_TOO);
        let tgt = tgt.unwrap();
        assert_eq!(tgt.server, Principal::krbtgt("A.TEST", "A.TEST"), "{number}");
        assert_eq!(tgt.client, Principal::new(1, &["alice"], "A.TEST"));
        assert!(tgt.is_current() && tgt.has(ticket_flags::FORWARDABLE));
        assert_eq!(world.count(), 2);
    }
}

#[test]
fn the_kdcs_first_encryption_type_is_taken() {
    let mut world = World::new();
    world.user().enctypes = vec![23, 17, 18];
    let (tgt, world) = logged_on(world);
    tgt.unwrap();
    let seen = world.seen.lock().unwrap();
    let sent = padata::find(&seen[1].1.padata, padata::PA_ENC_TIMESTAMP).unwrap();
    assert_eq!(crate::package::kerberos::wire::EncryptedData::read(sent).unwrap().etype, 17);
}

#[test]
fn a_kdc_may_want_no_pre_authentication() {
    let mut world = World::new();
    world.user().preauth = false;
    let (tgt, world) = logged_on(world);
    tgt.unwrap();
    assert_eq!(world.count(), 1);
}

#[test]
fn a_reply_may_be_under_another_key_than_the_first() {
    let mut world = World::new();
    world.user().preauth = false;
    world.user().enctypes = vec![17, 18];
    world.user().s2kparams = Some(vec![0, 0, 0, 32]);
    logged_on_as(world, alice(), "[libdefaults]\ndefault_tkt_enctypes = aes256-cts aes128-cts\n").0.unwrap();
}

#[test]
fn a_wrong_password_and_an_unknown_user_are_one_status() {
    for preauth in [true, false] {
        let mut world = World::new();
        world.user().preauth = preauth;
        let wrong = password(1, "alice", "A.TEST", "wrong");
        assert_eq!(code(logged_on_as(world, wrong, "").0), Code::LogonDenied);
    }
    let nobody = password(1, "nobody", "A.TEST", PASSWORD);
    assert_eq!(code(logged_on_as(World::new(), nobody, "").0), Code::LogonDenied);
}

#[test]
fn another_clock_is_found_out() {
    for offset in [-7_200, 7_200, 40 * 86_400] {
        for preauth in [true, false] {
            let mut world = World::new();
            world.offset = offset;
            world.user().preauth = preauth;
            let (tgt, world) = logged_on(world);
            let found = tgt.unwrap().clock.offset;
            assert!(found.abs_diff(offset * 1_000_000) < 5_000_000, "{found}");
            let early = usize::from(offset > 86_400);
            let skew = usize::from(preauth || early > 0);
            assert_eq!(world.count(), 1 + usize::from(preauth) + skew);
        }
    }
}

#[test]
fn another_clock_is_an_error_where_it_is_not_believed() {
    for preauth in [true, false] {
        let mut world = World::new();
        world.offset = 7_200;
        world.user().preauth = preauth;
        let denied = logged_on_as(world, alice(), "[libdefaults]\nkdc_timesync = false\n").0;
        assert_eq!(code(denied), Code::TimeSkew);
    }
}

#[test]
fn a_kdc_that_always_says_skew_or_preauth_is_left() {
    let mut world = World::new();
    let skew = world.error(KRB_AP_ERR_SKEW).build();
    world.say = Some(Box::new(move |_| Some(skew.clone())));
    let (denied, world) = logged_on(world);
    assert_eq!((code(denied), world.count()), (Code::TimeSkew, 2));

    let mut world = World::new();
    let failed = world.error(KDC_ERR_PREAUTH_FAILED);
    world.say = Some(Box::new(move |request: &KdcReq| {
        let tried = padata::find(&request.padata, padata::PA_ENC_TIMESTAMP).is_some();
        tried.then(|| failed.build())
    }));
    let (denied, world) = logged_on(world);
    assert_eq!((code(denied), world.count()), (Code::LogonDenied, 2));
}

/// A reply that was changed before the KDC encrypted it.
fn lied(lie: impl Fn(&mut KdcRep, &mut EncKdcRepPart) + Send + Sync + 'static) -> Code {
    let mut world = World::new();
    world.lie = Some(Box::new(lie));
    code(logged_on(world).0)
}

#[test]
fn a_reply_to_another_request_is_refused() {
    assert_eq!(lied(|_, part| part.nonce ^= 1), Code::LogonDenied);
    assert_eq!(lied(|_, part| part.server = Principal::krbtgt("B.TEST", "A.TEST")), Code::LogonDenied);
    assert_eq!(lied(|_, part| part.server.realm = "B.TEST".into()), Code::LogonDenied);
    assert_eq!(lied(|reply, _| reply.ticket.server = http("A.TEST")), Code::LogonDenied);
    assert_eq!(lied(|reply, _| reply.client.components = vec!["bob".into()]), Code::LogonDenied);
    assert_eq!(lied(|reply, _| reply.client.components.clear()), Code::LogonDenied);
    assert_eq!(lied(|reply, _| reply.client.realm = "B.TEST".into()), Code::LogonDenied);
    assert_eq!(lied(|_, part| part.endtime = part.authtime - 1), Code::TimeSkew);
}

#[test]
fn an_encryption_type_that_was_not_asked_for_is_refused() {
    assert_eq!(lied(|_, part| part.key.keytype = 23), Code::KdcUnknownEtype);
    assert_eq!(lied(|reply, _| reply.enc_part.etype = 23), Code::KdcUnknownEtype);
    let mut world = World::new();
    world.user().enctypes = vec![23];
    assert_eq!(code(logged_on(world).0), Code::KdcUnknownEtype);
    // Somebody on the way offers RC4 alone.
    let mut world = World::new();
    let only = [padata_of(padata::PA_ETYPE_INFO2, 23), PaData::new(padata::PA_ENC_TIMESTAMP, Vec::new())];
    let error =
        KrbError { e_data: Some(padata::build_method_data(&only)), ..world.error(KDC_ERR_PREAUTH_REQUIRED) };
    world.say = Some(Box::new(move |_| Some(error.build())));
    let (denied, world) = logged_on(world);
    assert_eq!((code(denied), world.count()), (Code::KdcUnknownEtype, 1));
}

fn padata_of(padata_type: i32, etype: i32) -> PaData {
    let info = [crate::package::kerberos::wire::EtypeInfo { etype, salt: None, s2kparams: None }];
    PaData::new(padata_type, crate::package::kerberos::wire::EtypeInfo::build2(&info))
}

#[test]
fn a_request_that_was_changed_on_its_way_is_noticed() {
    let mut world = World::new();
    world.sees_another_request = true;
    assert_eq!(code(logged_on(world).0), Code::LogonDenied);
    assert_eq!(lied(|_, part| part.encrypted_padata.clear()), Code::LogonDenied);
}

#[test]
fn a_kdc_may_want_what_is_not_there() {
    let mut world = World::new();
    let methods = padata::build_method_data(&[padata_of(padata::PA_ETYPE_INFO2, 18)]);
    let error = KrbError { e_data: Some(methods), ..world.error(KDC_ERR_PREAUTH_REQUIRED) };
    world.say = Some(Box::new(move |_| Some(error.build())));
    assert_eq!(code(logged_on(world).0), Code::UnsupportedPreauth);
}

#[test]
fn an_enterprise_name_becomes_what_the_kdc_says() {
    let mut world = World::new();
    let user = world.users.remove("alice@A.TEST").unwrap();
    world.users.insert("alice@corp.test@A.TEST", user);
    let (tgt, world) = logged_on_as(world, password(10, "alice@corp.test", "A.TEST", PASSWORD), "");
    assert_eq!(tgt.unwrap().client, Principal::new(1, &["alice"], "A.TEST"));
    assert_eq!(world.seen.lock().unwrap()[0].1.body.cname.as_ref().unwrap().name_type, 10);
}

#[test]
fn a_kdc_without_enterprise_names_is_asked_for_the_plain_one() {
    let (tgt, world) = logged_on_as(World::new(), password(10, "alice@a.test", "A.TEST", PASSWORD), "");
    assert_eq!(tgt.unwrap().client, Principal::new(1, &["alice"], "A.TEST"));
    let name = |at: usize| world.seen.lock().unwrap()[at].1.body.cname.clone();
    assert_eq!(name(1), Some(Name { name_type: 1, components: vec!["alice".into()] }));
    let other = password(10, "alice@other.test", "A.TEST", PASSWORD);
    let (denied, world) = logged_on_as(World::new(), other, "");
    assert_eq!((code(denied), world.count()), (Code::LogonDenied, 1));
}

/// A KDC that sends whoever asks in `from` to `to`.
fn refer(world: &mut World, ways: &'static [(&str, &str)]) {
    let error = world.error(KDC_ERR_WRONG_REALM);
    world.say = Some(Box::new(move |request: &KdcReq| {
        let (_, to) = ways.iter().find(|(from, _)| *from == request.body.realm)?;
        Some(KrbError { crealm: Some((*to).to_owned()), ..error.clone() }.build())
    }));
}

#[test]
fn a_client_of_another_realm_is_referred_there() {
    let mut world = World::new();
    refer(&mut world, &[("C.TEST", "B.TEST"), ("B.TEST", "A.TEST")]);
    let (tgt, _) = logged_on_as(world, password(1, "alice", "C.TEST", PASSWORD), "");
    assert_eq!(tgt.unwrap().client.realm, "A.TEST");
    let mut world = World::new();
    refer(&mut world, &[("C.TEST", "B.TEST"), ("B.TEST", "C.TEST")]);
    let (denied, world) = logged_on_as(world, password(1, "alice", "C.TEST", PASSWORD), "");
    assert_eq!((code(denied), world.count()), (Code::MaxReferralsExceeded, 2));
}

#[test]
fn what_a_policy_refuses_is_left_out() {
    for refused in [KDC_ERR_POLICY, KDC_ERR_BADOPTION] {
        let mut world = World::new();
        let error = world.error(refused);
        world.say = Some(Box::new(move |request: &KdcReq| {
            (request.body.kdc_options & kdc_options::FORWARDABLE != 0).then(|| error.build())
        }));
        assert!(!logged_on(world).0.unwrap().has(ticket_flags::FORWARDABLE));
    }
    let mut world = World::new();
    let error = world.error(KDC_ERR_POLICY);
    world.say = Some(Box::new(move |_| Some(error.build())));
    assert_eq!(code(logged_on(world).0), Code::LogonDenied);
}

#[test]
fn statuses_of_refusals() {
    for (error_code, status) in [
        (KDC_ERR_KEY_EXPIRED, Code::LogonDenied),
        (KDC_ERR_CLIENT_REVOKED, Code::LogonDenied),
        (KDC_ERR_ETYPE_NOSUPP, Code::KdcUnknownEtype),
        (KDC_ERR_SVC_UNAVAILABLE, Code::NoAuthenticatingAuthority),
        (KRB_ERR_GENERIC, Code::LogonDenied),
        (KRB_AP_ERR_MODIFIED, Code::WrongPrincipal),
        (12_345, Code::LogonDenied),
    ] {
        let mut world = World::new();
        let error = world.error(error_code);
        world.say = Some(Box::new(move |_| Some(error.build())));
        assert_eq!(code(logged_on(world).0), status, "{error_code}");
    }
}

#[test]
fn a_hash_is_a_key_of_rc4_and_of_nothing_else() {
    let units: Vec<u16> = PASSWORD.encode_utf16().collect();
    let hash = Key::from_password(Enctype::Rc4Hmac, &units, &[], None).unwrap();
    let hash = Secret::new(*hash.bytes().first_chunk().unwrap());
    let identity = Identity::NtHash { principal: alice().principal(), hash };
    let mut world = World::new();
    world.user().enctypes = vec![18, 23];
    logged_on_as(world, identity.clone(), RC4_TOO).0.unwrap();
    let (denied, world) = logged_on_as(World::new(), identity, "");
    assert_eq!((code(denied), world.count()), (Code::KdcUnknownEtype, 0));
}

#[test]
fn keys_of_a_keytab_log_on() {
    let units: Vec<u16> = PASSWORD.encode_utf16().collect();
    let key = |enctype| Key::from_password(enctype, &units, b"A.TESTalice", Some(&[0, 0, 0, 16])).unwrap();
    let identity = |keys| Identity::Keys { principal: alice().principal(), keys };
    let (tgt, world) = logged_on_as(World::new(), identity(vec![key(Enctype::Aes128CtsHmacSha1)]), "");
    tgt.unwrap();
    assert_eq!(world.seen.lock().unwrap()[0].1.body.etype, [17]);
    let old = Key::random(Enctype::Aes256CtsHmacSha1).unwrap();
    assert_eq!(code(logged_on_as(World::new(), identity(vec![old]), "").0), Code::LogonDenied);
}

#[test]
fn garbage_is_no_reply() {
    for garbage in [&[][..], &[0x6B, 0], &[0x7E, 2, 0x30, 0], &[0xFF; 40]] {
        let mut world = World::new();
        world.say = Some(Box::new(|_| Some(garbage.to_vec())));
        assert_eq!(code(logged_on(world).0), Code::InvalidToken);
    }
}

#[test]
fn a_realm_is_needed() {
    let nowhere = password(1, "alice", "", PASSWORD);
    assert_eq!(code(logged_on_as(World::new(), nowhere, "").0), Code::NoAuthenticatingAuthority);
}
