//! What may be the reply of a KDC or of a password service, by its head.
//!
//! No proof of anything: replies are authenticated by whoever sent the request. It keeps other
//! traffic on the port from ending the wait for the real reply.

#![forbid(unsafe_code)]

use super::Service;

/// The most bytes of a reply, over any transport.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// AS-REP, TGS-REP, KRB-ERROR: application tags 11, 13 and 30 (RFC 4120 5.4.2, 5.9.1).
const TAGS: [u8; 3] = [0x6B, 0x6D, 0x7E];
/// RFC 3244 and the versions of a password reply: 1, and Set Password's own.
const PASSWORD_VERSIONS: [u16; 2] = [0x0001, 0xFF80];

pub fn is_plausible(service: Service, reply: &[u8]) -> bool {
    match service {
        Service::Kdc => is_message(reply, &TAGS),
        // A password service that could not read the request may answer a bare KRB-ERROR.
        Service::Kpasswd => is_password_reply(reply) || is_message(reply, &[0x7E]),
    }
}

/// One DER value with one of these tags, from the first byte to the last.
fn is_message(reply: &[u8], tags: &[u8]) -> bool {
    let Some((tag, rest)) = reply.split_first() else { return false };
    let Some((first, rest)) = rest.split_first() else { return false };
    let body = match first {
        0..=0x7F => Some((usize::from(*first), rest)),
        0x81..=0x84 => rest.split_at_checked(usize::from(first & 0x7F)).map(|(length, body)| {
            (length.iter().fold(0, |sum: usize, byte| sum.wrapping_shl(8) | usize::from(*byte)), body)
        }),
        _ => None,
    };
    tags.contains(tag) && body.is_some_and(|(length, body)| length == body.len())
}

/// Message length, version, AP-REP's length, AP-REP, KRB-PRIV or KRB-ERROR (RFC 3244 section 2).
fn is_password_reply(reply: &[u8]) -> bool {
    let Some(head) = reply.first_chunk::<6>() else { return false };
    let ([length, version, ap_rep], _) = head.as_chunks::<2>() else { return false };
    let inside = reply.len().saturating_sub(6);
    usize::from(u16::from_be_bytes(*length)) == reply.len()
        && PASSWORD_VERSIONS.contains(&u16::from_be_bytes(*version))
        && usize::from(u16::from_be_bytes(*ap_rep)) < inside
}
