//! Every type there and back.

#![forbid(unsafe_code)]

use super::super::*;
use crate::package::der::element;
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

fn alice() -> Principal {
    Principal::new(1, &["alice"], "EXAMPLE.TEST")
}

fn service() -> Principal {
    Principal::new(2, &["HTTP", "bücher.example.test"], "EXAMPLE.TEST")
}

fn key() -> EncryptionKey {
    EncryptionKey { keytype: 18, keyvalue: Secret::new(vec![0x5A; 32]) }
}

fn encrypted() -> EncryptedData {
    EncryptedData { etype: -128, kvno: Some(0x8000_0001), cipher: vec![3; 200] }
}

fn address() -> HostAddress {
    HostAddress { addr_type: 2, address: vec![127, 0, 0, 1] }
}

fn pac() -> AuthData {
    AuthData { ad_type: base::AD_WIN2K_PAC, ad_data: vec![9; 300] }
}

/// What was read is what was written; cut or prolonged it is refused.
fn there_and_back(bytes: &[u8], again: impl Fn(&[u8]) -> Result<Vec<u8>>) {
    assert_eq!(again(bytes).unwrap(), bytes);
    for end in 0..bytes.len() {
        assert!(again(&bytes[..end]).is_err(), "cut to {end}");
    }
    assert!(again(&[bytes, &[0]].concat()).is_err(), "more behind it");
}

fn ticket_part() -> EncTicketPart {
    EncTicketPart {
        flags: ticket_flags::FORWARDABLE | ticket_flags::INITIAL,
        key: key(),
        client: alice(),
        transited: Transited { tr_type: 1, contents: b"A,B".to_vec() },
        authtime: 1,
        starttime: Some(2),
        endtime: 2_136_422_885,
        renew_till: Some(4),
        caddr: Some(vec![address()]),
        authorization_data: vec![AuthData::if_relevant(&[pac()])],
    }
}

#[test]
fn tickets() {
    let ticket = Ticket::new(service(), encrypted());
    there_and_back(&ticket.der, |bytes| {
        let ticket = Ticket::parse(bytes)?;
        Ok(Ticket::new(ticket.server, ticket.enc_part).der)
    });
    let again = |bytes: &[u8]| Ok(EncTicketPart::parse(bytes)?.build().as_ref().clone());
    let full = ticket_part();
    there_and_back(full.build().as_ref(), again);
    let bare = EncTicketPart {
        starttime: None,
        renew_till: None,
        caddr: None,
        authorization_data: Vec::new(),
        ..ticket_part()
    };
    there_and_back(bare.build().as_ref(), again);
    let read = EncTicketPart::parse(full.build().as_ref()).unwrap();
    assert_eq!((read.client, read.endtime, read.flags), (alice(), 2_136_422_885, 0x4040_0000));
    assert_eq!(read.key.keyvalue, key().keyvalue);
}

#[test]
fn application_messages() {
    let ticket = Ticket::new(service(), encrypted());
    let request = ApReq::build(ap_options::MUTUAL_REQUIRED, &ticket.der, &encrypted());
    there_and_back(&request, |bytes| {
        let request = ApReq::parse(bytes)?;
        Ok(ApReq::build(request.ap_options, &request.ticket.der, &request.authenticator))
    });
    let authenticator = Authenticator {
        client: alice(),
        cksum: Some(Checksum { cksumtype: 0x8003, checksum: vec![0; 24] }),
        cusec: 999_999,
        ctime: 1_795_788_509,
        subkey: Some(key()),
        seq_number: Some(u32::MAX),
        authorization_data: vec![AuthData { ad_type: 1, ad_data: vec![1] }],
    };
    let again = |bytes: &[u8]| Ok(Authenticator::parse(bytes)?.build().as_ref().clone());
    there_and_back(authenticator.build().as_ref(), again);
    assert_eq!(Authenticator::parse(authenticator.build().as_ref()).unwrap().seq_number, Some(u32::MAX));
    let bare = Authenticator {
        cksum: None,
        subkey: None,
        seq_number: None,
        authorization_data: Vec::new(),
        ..authenticator
    };
    there_and_back(bare.build().as_ref(), again);
    let late = Authenticator { cusec: 1_000_000, ..bare };
    assert!(Authenticator::parse(late.build().as_ref()).is_err());

    let reply = ApRep { enc_part: encrypted() };
    there_and_back(&reply.build(), |bytes| Ok(ApRep::parse(bytes)?.build()));
    for (subkey, seq_number) in [(Some(key()), Some(7)), (None, None)] {
        let part = EncApRepPart { ctime: 5, cusec: 6, subkey, seq_number };
        there_and_back(part.build().as_ref(), |bytes| {
            Ok(EncApRepPart::parse(bytes)?.build().as_ref().clone())
        });
    }
}

#[test]
fn kdc_requests_and_replies() {
    let body = KdcReqBody {
        kdc_options: kdc_options::CANONICALIZE,
        cname: Some(Name::of(&alice())),
        realm: "EXAMPLE.TEST".into(),
        sname: Some(Name::of(&service())),
        from: Some(1),
        till: 2,
        rtime: Some(3),
        nonce: 0x7FFF_FFFF,
        etype: vec![18, 17, -135],
        addresses: Some(vec![address()]),
        enc_authorization_data: Some(encrypted()),
        additional_tickets: vec![Ticket::new(service(), encrypted()).der],
    };
    let bare = KdcReqBody {
        cname: None,
        sname: None,
        from: None,
        rtime: None,
        addresses: None,
        enc_authorization_data: None,
        additional_tickets: Vec::new(),
        ..body.clone()
    };
    let padata = [PaData::new(padata::PA_TGS_REQ, vec![1, 2, 3])];
    for (msg_type, padata, body) in
        [(message_type::AS_REQ, &[][..], &bare), (message_type::TGS_REQ, &padata[..], &body)]
    {
        there_and_back(&KdcReq::build(msg_type, padata, &body.build()), |bytes| {
            let request = KdcReq::parse(bytes)?;
            Ok(KdcReq::build(request.msg_type, &request.padata, &request.body.build()))
        });
    }
    let reply = KdcRep {
        msg_type: message_type::AS_REP,
        padata: padata.to_vec(),
        client: alice(),
        ticket: Ticket::new(service(), encrypted()),
        enc_part: encrypted(),
    };
    there_and_back(&reply.build(), |bytes| Ok(KdcRep::parse(bytes, message_type::AS_REP)?.build()));
    let part = EncKdcRepPart {
        key: key(),
        last_req: vec![(0, 0), (6, 5)],
        nonce: 0x8000_0000,
        key_expiration: Some(9),
        flags: 1,
        authtime: 1,
        starttime: Some(2),
        endtime: 3,
        renew_till: Some(4),
        server: service(),
        caddr: Some(vec![address()]),
        encrypted_padata: padata.to_vec(),
    };
    for tag in [kdc::ENC_AS_REP_PART, kdc::ENC_TGS_REP_PART] {
        there_and_back(part.build(tag).as_ref(), |bytes| {
            Ok(EncKdcRepPart::parse(bytes)?.build(tag).as_ref().clone())
        });
    }
    assert!(EncKdcRepPart::parse(part.build(27).as_ref()).is_err());
}

#[test]
fn errors() {
    let bare = KrbError::new(error::code::KRB_AP_ERR_SKEW, service(), (1_795_788_509, 5));
    let again = |bytes: &[u8]| Ok(KrbError::parse(bytes)?.build());
    there_and_back(&bare.build(), again);
    let realm = KrbError { crealm: Some("OTHER.TEST".into()), ..bare.clone() };
    there_and_back(&realm.build(), again);
    assert_eq!(KrbError::parse(&realm.build()).unwrap().crealm.as_deref(), Some("OTHER.TEST"));
    let full = KrbError {
        ctime: Some(1),
        cusec: Some(2),
        client: Some(alice()),
        crealm: Some("EXAMPLE.TEST".into()),
        e_text: Some("text".into()),
        e_data: Some(vec![0; 300]),
        ..bare
    };
    there_and_back(&full.build(), again);
    assert!(KrbError::is(&full.build()));
}

#[test]
fn delegated_credentials() {
    let ticket = Ticket::new(service(), encrypted()).der;
    let etype_0 = EncryptedData { etype: 0, kvno: None, cipher: vec![1] };
    there_and_back(&KrbCred::build(&[&ticket, &ticket], &etype_0), |bytes| {
        let cred = KrbCred::parse(bytes)?;
        let tickets: Vec<&[u8]> = cred.tickets.iter().map(|ticket| &ticket.der[..]).collect();
        Ok(KrbCred::build(&tickets, &cred.enc_part))
    });
    let full = KrbCredInfo {
        key: key(),
        client: Some(alice()),
        flags: Some(1),
        authtime: Some(2),
        starttime: Some(3),
        endtime: Some(4),
        renew_till: Some(5),
        server: Some(service()),
        caddr: Some(vec![address()]),
    };
    let bare = KrbCredInfo {
        key: key(),
        client: None,
        flags: None,
        authtime: None,
        starttime: None,
        endtime: None,
        renew_till: None,
        server: None,
        caddr: None,
    };
    for (nonce, timestamp, usec) in [(Some(1), Some(2), Some(3)), (None, None, None)] {
        let part = EncKrbCredPart { ticket_info: vec![full.clone(), bare.clone()], nonce, timestamp, usec };
        there_and_back(part.build().as_ref(), |bytes| {
            Ok(EncKrbCredPart::parse(bytes)?.build().as_ref().clone())
        });
    }
}

#[test]
fn preauthentication() {
    let entries = [
        EtypeInfo { etype: 20, salt: Some(b"REALMuser".to_vec()), s2kparams: Some(vec![0, 0, 0x10, 0]) },
        EtypeInfo { etype: 23, salt: None, s2kparams: None },
    ];
    there_and_back(&EtypeInfo::build2(&entries), |bytes| Ok(EtypeInfo::build2(&EtypeInfo::parse2(bytes)?)));
    let old = [EtypeInfo { etype: 23, salt: Some(vec![0xFF]), s2kparams: None }];
    there_and_back(&EtypeInfo::build1(&old), |bytes| Ok(EtypeInfo::build1(&EtypeInfo::parse1(bytes)?)));
    there_and_back(&padata::build_timestamp(1_795_788_509, 7), |bytes| {
        let (seconds, microseconds) = padata::parse_timestamp(bytes)?;
        Ok(padata::build_timestamp(seconds, microseconds))
    });
    let methods = [PaData::new(19, vec![1; 130]), PaData::new(-5, Vec::new())];
    there_and_back(&padata::build_method_data(&methods), |bytes| {
        Ok(padata::build_method_data(&padata::read_method_data(bytes)?))
    });
    assert_eq!(padata::build_pac_request(true), [0x30, 5, 0xA0, 3, 1, 1, 0xFF]);
    assert_eq!(padata::build_pac_request(false), [0x30, 5, 0xA0, 3, 1, 1, 0]);
}

#[test]
fn authorization_data_nests_a_few_levels_and_no_more() {
    let mut nested = pac();
    for depth in 1..12 {
        nested = AuthData::if_relevant(&[AuthData { ad_type: 7, ad_data: vec![1] }, nested]);
        let flat = base::flatten(std::slice::from_ref(&nested));
        match depth {
            1..=4 => assert_eq!(flat.unwrap().last(), Some(&pac())),
            _ => assert!(flat.is_err(), "{depth}"),
        }
    }
    let broken = AuthData { ad_type: base::AD_IF_RELEVANT, ad_data: vec![0x30, 0x80] };
    assert!(base::flatten(&[broken]).is_err());
}

#[test]
fn later_fields_are_skipped_and_a_wrong_version_is_refused() {
    let fields = |version: u8, more: &[u8]| {
        let mut body = element(0xA0, &[2, 1, version]);
        body.extend(element(0xA1, &[2, 1, 15]));
        let mut data = element(0xA0, &[2, 1, 18]);
        data.extend(element(0xA2, &[4, 1, 7]));
        body.extend(element(0xA2, &element(0x30, &data)));
        body.extend_from_slice(more);
        element(0x6F, &element(0x30, &body))
    };
    assert!(ApRep::parse(&fields(5, &[])).is_ok());
    assert!(ApRep::parse(&fields(5, &element(0xA7, &[1, 2, 3]))).is_ok());
    assert!(ApRep::parse(&fields(4, &[])).is_err());
    assert!(ApRep::parse(&fields(5, &element(0xA2, &[]))).is_err());
}
