//! Kerberos' messages as bytes, and what its keys protect.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::input::Input;
use super::messages as protected;
use crate::crypto::enctype::{Enctype, Key};
use crate::package::kerberos::fuzzing::{self, NOW};
use crate::package::kerberos::wire::checksum::{self, GssChecksum};
use crate::package::kerberos::wire::error::code;
use crate::package::kerberos::wire::gss::{self, Framed, KERBEROS_OID, TgtRequest, TokenId};
use crate::package::kerberos::wire::kdc::{ENC_AS_REP_PART, ENC_TGS_REP_PART};
use crate::package::kerberos::wire::kpasswd::{self, EncKrbPrivPart};
use crate::package::kerberos::wire::padata::{self, EtypeInfo};
use crate::package::kerberos::wire::{
    ApRep, ApReq, AuthData, Authenticator, Checksum, EncApRepPart, EncKdcRepPart, EncKrbCredPart,
    EncTicketPart, EncryptedData, EncryptionKey, HostAddress, KdcRep, KdcReq, KdcReqBody, KrbCred,
    KrbCredInfo, KrbError, Name, PaData, Ticket, Transited, base, message_type,
};
use crate::secret::Secret;
use crate::store::krb5::principal::{NT_PRINCIPAL, NT_SRV_INST, Principal};

/// What was read can be written, and what was written reads the same.
macro_rules! again {
    ($bytes:expr, $parse:expr, $build:expr) => {
        if let Ok(read) = $parse($bytes) {
            let built = $build(&read);
            let again = $parse(&built).expect("what was written can be read");
            assert_eq!(built, $build(&again), "a message changed on its way");
        }
    };
}

pub fn ap_req(bytes: &[u8]) {
    let build = |read: &ApReq| ApReq::build(read.ap_options, &read.ticket.der, &read.authenticator);
    again!(bytes, ApReq::parse, build);
}

pub fn ap_rep(bytes: &[u8]) {
    again!(bytes, ApRep::parse, ApRep::build);
}

/// Also as a password changing server sends it.
pub fn krb_error(bytes: &[u8]) {
    again!(bytes, KrbError::parse, KrbError::build);
    if let Ok(KrbError { e_data: Some(data), .. }) = KrbError::parse(bytes) {
        let _ = (kpasswd::parse_result(&data), padata::read_method_data(&data));
    }
}

/// AS-REP and TGS-REP.
pub fn kdc_rep(bytes: &[u8]) {
    for kind in [message_type::AS_REP, message_type::TGS_REP] {
        again!(bytes, |bytes: &[u8]| KdcRep::parse(bytes, kind), KdcRep::build);
    }
}

/// What only our own tests' KDC reads.
pub fn kdc_req(bytes: &[u8]) {
    let build = |read: &KdcReq| KdcReq::build(read.msg_type, &read.padata, &read.body.build());
    again!(bytes, KdcReq::parse, build);
}

pub fn krb_cred(bytes: &[u8]) {
    let build = |read: &KrbCred| {
        let tickets: Vec<&[u8]> = read.tickets.iter().map(|ticket| ticket.der.as_slice()).collect();
        KrbCred::build(&tickets, &read.enc_part)
    };
    again!(bytes, KrbCred::parse, build);
}

/// What is inside encryption; the first byte says which.
pub fn encrypted_parts(data: &[u8]) {
    let (kind, bytes) = data.split_first().unwrap_or((&0, &[]));
    let open = |secret: Secret<Vec<u8>>| secret.as_ref().clone();
    match kind % 6 {
        0 => again!(bytes, EncTicketPart::parse, |read: &EncTicketPart| open(read.build())),
        1 => again!(bytes, Authenticator::parse, |read: &Authenticator| open(read.build())),
        2 => again!(bytes, EncApRepPart::parse, |read: &EncApRepPart| open(read.build())),
        3 => {
            again!(bytes, EncKdcRepPart::parse, |read: &EncKdcRepPart| open(read.build(ENC_TGS_REP_PART)));
        }
        4 => again!(bytes, EncKrbCredPart::parse, |read: &EncKrbCredPart| open(read.build())),
        _ => again!(bytes, EncKrbPrivPart::parse, |read: &EncKrbPrivPart| open(read.build())),
    }
}

/// The frame of context tokens, user-to-user's messages and the checksum 0x8003.
pub fn gss_frame(bytes: &[u8]) {
    again!(bytes, |bytes| Framed::parse(bytes).map(|read| read.build()), Vec::clone);
    let inner = Framed::parse(bytes).map_or(bytes, |framed| framed.inner);
    again!(inner, TgtRequest::parse, TgtRequest::build);
    again!(inner, gss::parse_tgt_reply, |read: &Ticket| gss::build_tgt_reply(&read.der));
    again!(bytes, GssChecksum::parse, |read: &GssChecksum| read.build().expect("it had fitted"));
}

/// Pre-authentication data and authorization data; the first byte says which.
pub fn padata(data: &[u8]) {
    let (kind, bytes) = data.split_first().unwrap_or((&0, &[]));
    match kind % 5 {
        0 => again!(bytes, padata::read_method_data, |read: &Vec<PaData>| padata::build_method_data(read)),
        1 => again!(bytes, EtypeInfo::parse2, |read: &Vec<EtypeInfo>| EtypeInfo::build2(read)),
        2 => again!(bytes, EtypeInfo::parse1, |read: &Vec<EtypeInfo>| EtypeInfo::build1(read)),
        3 => again!(bytes, padata::parse_timestamp, |read: &(i64, u32)| padata::build_timestamp(
            read.0, read.1
        )),
        _ => {
            let elements = base::read_authorization_data(bytes);
            let _ = elements.and_then(|elements| base::flatten(&elements));
        }
    }
}

/// A password changing server's answer.
pub fn kpasswd(bytes: &[u8]) {
    if let Ok(kpasswd::Reply::Framed(framed)) = kpasswd::Reply::parse(bytes) {
        let _ = (ApRep::parse(framed.ap), kpasswd::parse_private(framed.private));
    }
    let build = |read: &EncryptedData| kpasswd::build_private(read);
    again!(bytes, kpasswd::parse_private, build);
}

fn enctype(choice: u8) -> Enctype {
    match choice % 5 {
        0 => Enctype::Aes128CtsHmacSha1,
        1 => Enctype::Aes256CtsHmacSha1,
        2 => Enctype::Aes128CtsHmacSha256,
        3 => Enctype::Aes256CtsHmacSha384,
        _ => Enctype::Rc4Hmac,
    }
}

/// A key of that enctype, the same at every run.
pub fn key(choice: u8) -> Key {
    let enctype = enctype(choice);
    Key::new(enctype, &vec![0x42; enctype.key_size()]).expect("a key of the right size")
}

/// Encryption and checksums: what was changed is refused, what was not is taken.
///
/// Input: enctype, whether the rest is a forged ciphertext, edits, the plaintext.
pub fn crypto(data: &[u8]) {
    let mut input = Input(data);
    let (key, forged) = (key(input.byte()), input.byte() & 1 != 0);
    if forged {
        // A fuzzer sees what is compared: it does find what is right.
        let _ = (key.decrypt(2, input.0), key.verify(2, b"message", input.0));
        return;
    }
    let (edits, plain) = (input.edits(), input.0);
    let sent = key.encrypt(2, plain).expect("anything can be encrypted");
    let mut cipher = sent.clone();
    edits.iter().for_each(|edit| edit.apply(&mut cipher));
    let taken = key.decrypt(2, &cipher);
    assert_eq!(taken.is_ok(), cipher == sent, "changed: {}", cipher != sent);
    if let Ok(taken) = taken {
        assert!(taken.as_ref() == plain, "another plaintext");
        assert!(key.decrypt(3, &sent).is_err(), "a ciphertext of another usage was taken");
    }
    let sent = key.checksum(2, plain).expect("a checksum of anything");
    let mut sum = sent.clone();
    edits.iter().for_each(|edit| edit.apply(&mut sum));
    assert_eq!(key.verify(2, plain, &sum).is_ok(), sum == sent, "changed: {}", sum != sent);
    let _ = key.prf(plain);
}

pub fn cryptos() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for enctype in 0..5 {
        for plain in [&b"k"[..], b"sixteen bytes!!!", b"a message of more than one block of AES"] {
            seeds.push([&[enctype, 0, 0], plain].concat());
            seeds.push([&[enctype, 0, 1, 17, 0, 4], plain].concat());
        }
        let cipher = key(enctype).encrypt(7, b"another usage").expect("anything can be encrypted");
        seeds.push([&[enctype, 1], cipher.as_slice()].concat());
    }
    seeds
}

/// RRC of a token of RFC 4121: how far it was turned, which no checksum covers (4.2.4).
const CFX_RRC: Range<usize> = 6..8;

/// Messages of RFC 4121; the first byte chooses the enctype.
pub fn cfx_messages(data: &[u8]) {
    let (choice, rest) = data.split_first().unwrap_or((&0, &[]));
    let halves = fuzzing::halves(&key(choice % 4), choice & 0x40 != 0, choice & 0x80 != 0);
    protected::tampered(halves, &CFX_RRC, rest);
}

/// Messages of RFC 4757.
pub fn rc4_messages(data: &[u8]) {
    let (choice, rest) = data.split_first().unwrap_or((&0, &[]));
    let halves = fuzzing::halves(&key(4), false, choice & 0x80 != 0);
    protected::tampered(halves, &protected::ALL_COVERED, rest);
}

pub fn messages() -> Vec<Vec<u8>> {
    let with = |choice: u8| move |seed: Vec<u8>| [&[choice], seed.as_slice()].concat();
    [0x00, 0x41, 0x02, 0xC3]
        .into_iter()
        .flat_map(|choice| protected::seeds().into_iter().map(with(choice)))
        .collect()
}

/// The acceptor's decision on what its own keys open.
///
/// Input: enctype, what is demanded, the ticket's part with its length before it, the authenticator.
pub fn accept(data: &[u8]) {
    let mut input = Input(data);
    let (enctype, choices, length) = (input.byte(), input.byte(), usize::from(input.word()));
    let ticket = input.take(length);
    fuzzing::decide(&key(enctype), choices, service(), ticket, input.0);
}

pub fn accepts() -> Vec<Vec<u8>> {
    let parts = parts();
    let inside = |index: usize| parts.get(index).and_then(|part| part.get(1..)).unwrap_or_default();
    let (ticket, authenticator) = (inside(0), inside(1));
    let length = u16::try_from(ticket.len()).unwrap_or(0).to_le_bytes();
    [[1, 0], [1, 1], [1, 3], [1, 4], [4, 0]]
        .map(|head| [&head, &length, ticket, authenticator].concat())
        .to_vec()
}

/// A PAC or its KERB_VALIDATION_INFO.
pub fn pac(bytes: &[u8]) {
    fuzzing::pac(&key(1), bytes);
}

/// Heads of both.
pub fn pacs() -> Vec<Vec<u8>> {
    let buffer = |kind: u32, length: u32, at: u64| {
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), &at.to_le_bytes()].concat()
    };
    let head = [&3u32.to_le_bytes()[..], &0u32.to_le_bytes()].concat();
    let pac = [head, buffer(1, 8, 56), buffer(10, 20, 64), buffer(6, 16, 88), vec![0; 48]].concat();
    let info =
        [&[1, 0x10, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC, 0xE0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0][..], &[0; 480]]
            .concat();
    vec![pac, info]
}

/// Passwords, salts and parameters that a KDC may send.
pub fn string_to_key(data: &[u8]) {
    let mut input = Input(data);
    let (choice, salt) = (input.byte(), usize::from(input.byte() % 64));
    let (salt, parameters) = (input.take(salt), input.byte() % 6);
    let mut parameters = input.take(usize::from(parameters)).to_vec();
    // A count is bounded, but the bound takes longer than a fuzzer likes.
    if let [0, high, ..] = parameters.as_mut_slice() {
        *high = 0;
    }
    let password: Vec<u16> = input.take(64).iter().map(|byte| u16::from(*byte)).collect();
    let parameters = (choice & 0x80 == 0).then_some(parameters.as_slice());
    let _ = Key::from_password(enctype(choice), &password, salt, parameters);
}

pub fn strings_to_key() -> Vec<Vec<u8>> {
    let seed = |enctype: u8| [&[enctype, 8][..], b"REALMbob", &[4, 0, 0, 0, 2], b"password"].concat();
    (0..5).map(seed).chain([vec![0x81, 0, 0, b'p']]).collect()
}

fn alice() -> Principal {
    Principal::new(NT_PRINCIPAL, &["alice"], "EXAMPLE.TEST")
}

fn service() -> Principal {
    Principal::new(NT_SRV_INST, &["host", "server.example.test"], "EXAMPLE.TEST")
}

fn encrypted(length: usize) -> EncryptedData {
    EncryptedData { etype: 18, kvno: Some(2), cipher: vec![0xAB; length] }
}

fn ticket() -> Ticket {
    Ticket::new(service(), encrypted(60))
}

fn session_key() -> EncryptionKey {
    EncryptionKey { keytype: 18, keyvalue: Secret::new(vec![0x42; 32]) }
}

fn addresses() -> Option<Vec<HostAddress>> {
    Some(vec![HostAddress { addr_type: 2, address: vec![127, 0, 0, 1] }])
}

pub fn ap_reqs() -> Vec<Vec<u8>> {
    vec![ApReq::build(1 << 29, &ticket().der, &encrypted(90)), ApReq::build(0, &ticket().der, &encrypted(0))]
}

pub fn ap_reps() -> Vec<Vec<u8>> {
    vec![ApRep { enc_part: encrypted(80) }.build()]
}

pub fn krb_errors() -> Vec<Vec<u8>> {
    let bare = KrbError::new(code::KRB_AP_ERR_SKEW, service(), (NOW, 999_999));
    let info = EtypeInfo { etype: 18, salt: Some(b"EXAMPLE.TESTalice".to_vec()), s2kparams: None };
    let methods = padata::build_method_data(&[PaData::new(19, EtypeInfo::build2(&[info]))]);
    let full = KrbError {
        ctime: Some(NOW),
        cusec: Some(1),
        crealm: Some("EXAMPLE.TEST".into()),
        client: Some(alice()),
        e_text: Some("more is needed".into()),
        e_data: Some(methods),
        ..KrbError::new(code::KDC_ERR_PREAUTH_REQUIRED, service(), (NOW, 0))
    };
    vec![bare.build(), full.build()]
}

pub fn kdc_reps() -> Vec<Vec<u8>> {
    let reply = |msg_type, padata| KdcRep {
        msg_type,
        padata,
        client: alice(),
        ticket: ticket(),
        enc_part: encrypted(200),
    };
    vec![
        reply(message_type::AS_REP, vec![PaData::new(19, vec![0x30, 0])]).build(),
        reply(message_type::TGS_REP, Vec::new()).build(),
    ]
}

pub fn kdc_reqs() -> Vec<Vec<u8>> {
    let body = KdcReqBody {
        kdc_options: 0x4001_0010,
        cname: Some(Name::of(&alice())),
        realm: "EXAMPLE.TEST".into(),
        sname: Some(Name::of(&service())),
        from: None,
        till: NOW,
        rtime: Some(NOW),
        nonce: 0x7FFF_FFFF,
        etype: vec![18, 17, 20, 19, 23],
        addresses: addresses(),
        enc_authorization_data: Some(encrypted(20)),
        additional_tickets: vec![ticket().der],
    };
    [message_type::AS_REQ, message_type::TGS_REQ]
        .map(|kind| KdcReq::build(kind, &[PaData::new(2, vec![0x30, 0])], &body.build()))
        .to_vec()
}

pub fn krb_creds() -> Vec<Vec<u8>> {
    vec![KrbCred::build(&[&ticket().der, &ticket().der], &encrypted(99))]
}

pub fn parts() -> Vec<Vec<u8>> {
    let data = AuthData::if_relevant(&[AuthData { ad_type: 128, ad_data: vec![0; 16] }]);
    let ticket_part = EncTicketPart {
        flags: 0x40E1_0000,
        key: session_key(),
        client: alice(),
        transited: Transited { tr_type: 1, contents: b"OTHER.TEST".to_vec() },
        authtime: NOW,
        starttime: Some(NOW),
        endtime: NOW,
        renew_till: Some(NOW),
        caddr: addresses(),
        authorization_data: vec![data.clone()],
    };
    let authenticator = Authenticator {
        client: alice(),
        cksum: Some(Checksum {
            cksumtype: checksum::GSS_CHECKSUM,
            checksum: GssChecksum::default().build().unwrap_or_default(),
        }),
        cusec: 5,
        ctime: NOW,
        subkey: Some(session_key()),
        seq_number: Some(u32::MAX),
        authorization_data: vec![data],
    };
    let ap_rep = EncApRepPart { ctime: NOW, cusec: 5, subkey: Some(session_key()), seq_number: Some(1) };
    let kdc_rep = EncKdcRepPart {
        key: session_key(),
        last_req: vec![(0, NOW), (6, NOW)],
        nonce: 77,
        key_expiration: Some(NOW),
        flags: 0x40E1_0000,
        authtime: NOW,
        starttime: None,
        endtime: NOW,
        renew_till: None,
        server: service(),
        caddr: addresses(),
        encrypted_padata: vec![PaData::new(149, vec![1])],
    };
    let info = KrbCredInfo {
        key: session_key(),
        client: Some(alice()),
        flags: Some(1 << 30),
        authtime: Some(NOW),
        starttime: Some(NOW),
        endtime: Some(NOW),
        renew_till: None,
        server: Some(service()),
        caddr: None,
    };
    let cred = EncKrbCredPart { ticket_info: vec![info], nonce: None, timestamp: Some(NOW), usec: Some(1) };
    let private = EncKrbPrivPart {
        user_data: Secret::new(b"\0\0changed".to_vec()),
        timestamp: Some(NOW),
        usec: Some(1),
        seq_number: Some(1),
        s_address: HostAddress { addr_type: 2, address: vec![127, 0, 0, 1] },
    };
    let parts = [
        ticket_part.build(),
        authenticator.build(),
        ap_rep.build(),
        kdc_rep.build(ENC_AS_REP_PART),
        cred.build(),
        private.build(),
    ];
    (0_u8..).zip(parts).map(|(kind, part)| [&[kind], part.as_ref().as_slice()].concat()).collect()
}

pub fn frames() -> Vec<Vec<u8>> {
    let framed = |token_id, inner: &[u8]| Framed { oid: KERBEROS_OID, token_id, inner }.build();
    let request = TgtRequest { server_name: Some(Name::of(&service())), realm: Some("EXAMPLE.TEST".into()) };
    let checksum = GssChecksum {
        flags: checksum::GSS_C_MUTUAL_FLAG,
        delegation: Some(vec![0x76, 0].into()),
        ..GssChecksum::default()
    };
    vec![
        framed(TokenId::ApReq, &ap_reqs().concat()),
        framed(TokenId::TgtReq, &request.build()),
        framed(TokenId::TgtRep, &gss::build_tgt_reply(&ticket().der)),
        checksum.build().unwrap_or_default(),
        GssChecksum::default().build().unwrap_or_default(),
    ]
}

pub fn padatas() -> Vec<Vec<u8>> {
    let info = EtypeInfo { etype: 18, salt: Some(b"salt".to_vec()), s2kparams: Some(vec![0, 0, 16, 0]) };
    let plain = EtypeInfo { etype: 23, salt: None, s2kparams: None };
    let elements = [PaData::new(2, vec![1, 2, 3]), PaData::new(-1, Vec::new())];
    let relevant = AuthData::if_relevant(&[AuthData { ad_type: 128, ad_data: vec![0; 16] }]);
    let data = [
        padata::build_method_data(&elements),
        EtypeInfo::build2(&[info.clone(), plain.clone()]),
        EtypeInfo::build1(&[EtypeInfo { s2kparams: None, ..info }, plain]),
        padata::build_timestamp(NOW, 999_999),
        relevant.ad_data,
    ];
    (0_u8..).zip(data).map(|(kind, data)| [&[kind], data.as_slice()].concat()).collect()
}

pub fn kpasswds() -> Vec<Vec<u8>> {
    let (ap, private) = (ap_reps().concat(), kpasswd::build_private(&encrypted(50)));
    let framed = |ap: &[u8], private: &[u8]| {
        kpasswd::Framed { version: 1, ap, private }.build().expect("a short message")
    };
    vec![framed(&ap, &private), framed(&[], &krb_errors().concat()), private]
}
