//! What frames Kerberos' messages: GSS tokens, the checksum that is none, password changes.

#![forbid(unsafe_code)]

use super::super::*;
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;
use checksum::{GSS_C_DELEG_FLAG, GSS_C_MUTUAL_FLAG};
use gss::{Framed, TokenId};

#[test]
fn context_tokens_are_framed() {
    for oid in [gss::KERBEROS_OID, gss::MS_KERBEROS_OID, gss::USER_TO_USER_OID] {
        for (token_id, id) in [
            (TokenId::ApReq, [1, 0]),
            (TokenId::ApRep, [2, 0]),
            (TokenId::KrbError, [3, 0]),
            (TokenId::TgtReq, [4, 0]),
            (TokenId::TgtRep, [4, 1]),
        ] {
            let token = Framed { oid, token_id, inner: &[0x6E; 200] }.build();
            assert_eq!(token[..3], [0x60, 0x81, u8::try_from(token.len() - 3).unwrap()]);
            assert_eq!(token[5 + oid.len()..][..2], id);
            let read = Framed::parse(&token).unwrap();
            assert_eq!((read.oid, read.token_id, read.inner), (oid, token_id, &[0x6E; 200][..]));
            for end in 0..token.len() {
                assert!(Framed::parse(&token[..end]).is_err());
            }
        }
    }
    let spnego = Framed { oid: &[0x2B, 6, 1, 5, 5, 2], token_id: TokenId::ApReq, inner: &[] };
    assert!(Framed::parse(&spnego.build()).is_err());
    let mut unknown = Framed { oid: gss::KERBEROS_OID, token_id: TokenId::ApReq, inner: &[] }.build();
    *unknown.last_mut().unwrap() = 9;
    assert!(Framed::parse(&unknown).is_err());
}

#[test]
fn user_to_user_messages() {
    let full = gss::TgtRequest {
        server_name: Some(Name { name_type: 1, components: vec!["bob".into()] }),
        realm: Some("A.TEST".into()),
    };
    for request in [full, gss::TgtRequest::default()] {
        let bytes = request.build();
        let read = gss::TgtRequest::parse(&bytes).unwrap();
        assert_eq!((read.server_name, read.realm), (request.server_name, request.realm));
        assert!((0..bytes.len()).all(|end| gss::TgtRequest::parse(&bytes[..end]).is_err()));
    }
    let enc_part = EncryptedData { etype: 18, kvno: None, cipher: vec![1; 40] };
    let ticket = Ticket::new(Principal::krbtgt("A.TEST", "A.TEST"), enc_part);
    let reply = gss::build_tgt_reply(&ticket.der);
    assert_eq!(gss::parse_tgt_reply(&reply).unwrap().der, ticket.der);
    assert!((0..reply.len()).all(|end| gss::parse_tgt_reply(&reply[..end]).is_err()));
    assert!(gss::TgtRequest::parse(&reply).is_err());
}

#[test]
fn the_checksum_that_is_none() {
    let plain = GssChecksum { bindings: [7; 16], flags: GSS_C_MUTUAL_FLAG, ..GssChecksum::default() };
    let bytes = plain.build().unwrap();
    assert_eq!(bytes, [&[16, 0, 0, 0][..], &[7; 16], &[2, 0, 0, 0]].concat());
    assert_eq!(GssChecksum::parse(&bytes).unwrap(), plain);
    assert!((0..bytes.len()).all(|end| GssChecksum::parse(&bytes[..end]).is_err()));

    let flags = GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG;
    let full = GssChecksum {
        delegation: Some(vec![0x76; 300].into()),
        extensions: vec![1, 2, 3],
        flags,
        ..plain.clone()
    };
    let bytes = full.build().unwrap();
    assert_eq!(bytes[20..28], [3, 0, 0, 0, 1, 0, 0x2C, 1]);
    assert_eq!(GssChecksum::parse(&bytes).unwrap(), full);
    assert!((0..328).all(|end| GssChecksum::parse(&bytes[..end]).is_err()));

    // The flag follows the credential; extensions may stand without one.
    let lying = GssChecksum { flags, extensions: vec![9; 8], ..plain.clone() };
    let read = GssChecksum::parse(&lying.build().unwrap()).unwrap();
    assert_eq!((read.flags, read.extensions.len()), (GSS_C_MUTUAL_FLAG, 8));
    assert!(GssChecksum { delegation: Some(vec![0; 65_536].into()), ..plain }.build().is_err());

    let mut other = bytes.clone();
    other[0] = 15;
    assert!(GssChecksum::parse(&other).is_err());
    let mut other = bytes;
    other[24] = 2;
    assert!(GssChecksum::parse(&other).is_err());
}

#[test]
fn password_changes_are_framed() {
    let frame = kpasswd::Framed { version: kpasswd::SET_PASSWORD, ap: &[0x6E, 1, 0], private: &[0x75, 0] };
    let bytes = frame.build().unwrap();
    assert_eq!(bytes, [0, 11, 0xFF, 0x80, 0, 3, 0x6E, 1, 0, 0x75, 0]);
    let read = kpasswd::Framed::parse(&bytes).unwrap();
    assert_eq!((read.version, read.ap, read.private), (0xFF80, frame.ap, frame.private));
    assert!((0..bytes.len()).all(|end| kpasswd::Framed::parse(&bytes[..end]).is_err()));
    assert!(kpasswd::Framed::parse(&[0, 6, 0, 1, 0, 1]).is_err());
    assert!(kpasswd::Framed { ap: &[0; 65_536], ..frame }.build().is_err());

    let error = KrbError::new(60, Principal::new(2, &["kadmin", "changepw"], "A.TEST"), (1, 2)).build();
    let framed = kpasswd::Framed { version: 1, ap: &[], private: &error }.build().unwrap();
    for bytes in [&error, &framed] {
        let kpasswd::Reply::Error(error) = kpasswd::Reply::parse(bytes).unwrap() else { panic!() };
        assert_eq!(error.error_code, 60);
    }
    assert!(matches!(kpasswd::Reply::parse(&bytes).unwrap(), kpasswd::Reply::Framed(_)));
    assert_eq!(kpasswd::parse_result(&[0, 4, b'n', b'o']).unwrap(), (4, &b"no"[..]));
    assert!(kpasswd::parse_result(&[0]).is_err());
}

#[test]
fn private_messages() {
    let enc_part = EncryptedData { etype: 17, kvno: None, cipher: vec![2; 60] };
    let bytes = kpasswd::build_private(&enc_part);
    assert_eq!(kpasswd::parse_private(&bytes).unwrap(), enc_part);
    assert!((0..bytes.len()).all(|end| kpasswd::parse_private(&bytes[..end]).is_err()));
    let part = kpasswd::EncKrbPrivPart {
        user_data: Secret::new(b"secret".to_vec()),
        timestamp: Some(1),
        usec: Some(2),
        seq_number: Some(u32::MAX),
        s_address: HostAddress { addr_type: 2, address: vec![0; 4] },
    };
    let bytes = part.build();
    let read = kpasswd::EncKrbPrivPart::parse(bytes.as_ref()).unwrap();
    assert_eq!((read.user_data, read.seq_number), (part.user_data.clone(), Some(u32::MAX)));
    let bytes = bytes.as_ref();
    assert!((0..bytes.len()).all(|end| kpasswd::EncKrbPrivPart::parse(&bytes[..end]).is_err()));
    let own = kpasswd::build_change_data(b"new", None);
    assert_eq!(own.as_ref(), &[0x30, 7, 0xA0, 5, 4, 3, b'n', b'e', b'w']);
    let name = Name { name_type: 1, components: vec!["bob".into()] };
    let other = kpasswd::build_change_data(b"new", Some((&name, "A")));
    assert_eq!(other.as_ref()[..2], [0x30, 30]);
    assert_eq!(other.as_ref()[27..], [0xA2, 3, 0x1B, 1, b'A']);
}
