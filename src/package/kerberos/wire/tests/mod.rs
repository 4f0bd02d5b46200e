//! Messages of MIT krb5 1.20.1 and Heimdal 7.8 as they went over the wire, and every type against
//! itself: there and back, cut short, and with more behind it.

#![forbid(unsafe_code)]

mod framing;
mod round_trips;

use super::*;
use crate::store::krb5::principal::Principal;

/// Peer, `req` or `rep`, hex.
const MESSAGES: &str = include_str!("messages.txt");

pub fn captured(peer: &str) -> Vec<Vec<u8>> {
    let lines = MESSAGES.lines().filter(|line| line.starts_with(peer));
    lines.map(|line| hex(line.rsplit(' ').next().unwrap())).collect()
}

pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// A message written again from what was read of it.
fn again(bytes: &[u8]) -> Result<Vec<u8>> {
    let number = bytes.first().map_or(0, |tag| tag & 0x1F);
    Ok(match number {
        message_type::KRB_ERROR => KrbError::parse(bytes)?.build(),
        message_type::AS_REP | message_type::TGS_REP => KdcRep::parse(bytes, number)?.build(),
        _ => {
            let request = KdcReq::parse(bytes)?;
            assert_eq!(request.body.build(), request.body_der);
            KdcReq::build(request.msg_type, &request.padata, &request.body_der)
        }
    })
}

#[test]
fn captured_messages_are_read_and_written_as_they_were() {
    for (peer, count) in [("mit", 12), ("heimdal", 8)] {
        let messages = captured(peer);
        assert_eq!(messages.len(), count);
        for message in messages {
            assert_eq!(again(&message).unwrap(), message);
            for end in 0..message.len() {
                assert!(again(&message[..end]).is_err(), "cut to {end}");
            }
            assert!(again(&[&message[..], &[0]].concat()).is_err());
        }
    }
}

#[test]
fn a_captured_error_tells_what_the_kdc_wants() {
    for (peer, realm) in [("mit", "EXAMPLE.TEST"), ("heimdal", "HEIM.TEST")] {
        let error = KrbError::parse(&captured(peer)[1]).unwrap();
        assert_eq!(error.error_code, error::code::KDC_ERR_PREAUTH_REQUIRED);
        assert_eq!(error.server, Principal::krbtgt(realm, realm));
        let methods = padata::read_method_data(&error.e_data.unwrap()).unwrap();
        let info = padata::find(&methods, padata::PA_ETYPE_INFO2).unwrap();
        let info = EtypeInfo::parse2(info).unwrap();
        assert_eq!(info[0].etype, 18);
        assert_eq!(info[0].salt.as_deref(), Some(format!("{realm}alice").as_bytes()));
        assert_eq!(EtypeInfo::build2(&info), padata::find(&methods, padata::PA_ETYPE_INFO2).unwrap());
        assert!(padata::find(&methods, padata::PA_ENC_TIMESTAMP).is_some());
    }
}

#[test]
fn captured_replies_name_client_and_service() {
    let messages = captured("mit");
    let request = KdcReq::parse(&messages[4]).unwrap();
    let ap_req = ApReq::parse(padata::find(&request.padata, padata::PA_TGS_REQ).unwrap()).unwrap();
    assert_eq!(ap_req.ticket.server, Principal::krbtgt("EXAMPLE.TEST", "EXAMPLE.TEST"));
    let built = ApReq::build(ap_req.ap_options, &ap_req.ticket.der, &ap_req.authenticator);
    assert_eq!(Some(&built[..]), padata::find(&request.padata, padata::PA_TGS_REQ));
    let reply = KdcRep::parse(&messages[5], message_type::TGS_REP).unwrap();
    assert_eq!(reply.client, Principal::new(1, &["alice"], "EXAMPLE.TEST"));
    assert_eq!(reply.ticket.server.components, ["HTTP", "localhost"]);
    assert_eq!(Ticket::new(reply.ticket.server.clone(), reply.ticket.enc_part.clone()).der, reply.ticket.der);
    assert!(KdcRep::parse(&messages[5], message_type::AS_REP).is_err());
}
