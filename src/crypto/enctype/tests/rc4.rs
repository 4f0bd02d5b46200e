//! The tokens of enctype 23, from RFC 4757 7.2 and 7.3 step by step.

#![forbid(unsafe_code)]

use super::Numbers;
use crate::crypto::digest::{hmac_md5, md5};
use crate::crypto::enctype::{Enctype, Key, Rc4MessageKeys, Rc4Token};
use crate::crypto::rc4::Rc4;
use crate::error::Code;
use crate::part::Part;

const USAGE_SIGN: u32 = Rc4MessageKeys::USAGE_SIGN;
const USAGE_SEAL: u32 = Rc4MessageKeys::USAGE_SEAL;
const MIC: [u8; 8] = [1, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff];
const WRAP: [u8; 8] = [2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff];
const SEQUENCE: [u8; 8] = [0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff];

fn expected_checksum(key: &[u8; 16], usage: u32, header: &[u8; 8], signed: &[u8]) -> [u8; 8] {
    let sign_key = hmac_md5(key, &[b"signaturekey\0"]);
    let digest = md5(&[&usage.to_le_bytes(), header, signed]);
    hmac_md5(&sign_key, &[&digest])[..8].try_into().unwrap()
}

fn expected_sequence(key: &[u8; 16], checksum: &[u8; 8]) -> [u8; 8] {
    let sequence_key = hmac_md5(&hmac_md5(key, &[&[0; 4]]), &[checksum]);
    let mut sequence = SEQUENCE;
    Rc4::new(&sequence_key).apply(&mut sequence);
    sequence
}

fn expected_stream(key: &[u8; 16]) -> Rc4 {
    let local = key.map(|byte| byte ^ 0xf0);
    Rc4::new(&hmac_md5(&hmac_md5(&local, &[&[0; 4]]), &[&SEQUENCE[..4]]))
}

fn keys() -> ([u8; 16], Rc4MessageKeys) {
    let bytes: [u8; 16] = Numbers(31).bytes(16).try_into().unwrap();
    let keys = Rc4MessageKeys::new(&Key::new(Enctype::Rc4Hmac, &bytes).unwrap()).unwrap();
    (bytes, keys)
}

#[test]
fn a_signature_is_that_of_the_rfc_and_is_verified() {
    let (key, keys) = keys();
    let message = b"a message of 31 characters here";
    let (mut sequence, mut checksum) = (SEQUENCE, [0; 8]);
    let parts = [Part::SignedOnly(&message[..10]), Part::SignedOnly(&[]), Part::SignedOnly(&message[10..])];
    let token = Rc4Token { header: &MIC, sequence: &mut sequence, checksum: &mut checksum };
    keys.sign(USAGE_SIGN, token, &[], &parts, &[]);
    assert_eq!(checksum, expected_checksum(&key, 15, &MIC, message));
    assert_eq!(sequence, expected_sequence(&key, &checksum));

    let verify = |usage, header: &[u8; 8], sequence: &mut [u8; 8], checksum: &mut [u8; 8], message: &[u8]| {
        let token = Rc4Token { header, sequence, checksum };
        keys.verify(usage, token, &[], &[Part::SignedOnly(message)], &[]).map_err(|error| error.code)
    };
    let mut plain = sequence;
    assert_eq!(verify(USAGE_SIGN, &MIC, &mut plain, &mut checksum, message), Ok(()));
    assert_eq!(plain, SEQUENCE);
    let altered = Err(Code::MessageAltered);
    assert_eq!(verify(USAGE_SEAL, &MIC, &mut sequence.clone(), &mut checksum, message), altered);
    assert_eq!(verify(USAGE_SIGN, &WRAP, &mut sequence.clone(), &mut checksum, message), altered);
    assert_eq!(verify(USAGE_SIGN, &MIC, &mut sequence.clone(), &mut checksum, &message[1..]), altered);
    checksum[7] ^= 1;
    assert_eq!(verify(USAGE_SIGN, &MIC, &mut sequence.clone(), &mut checksum, message), altered);
}

#[test]
fn a_sealed_message_is_that_of_the_rfc_and_is_opened() {
    let (key, keys) = keys();
    let mut numbers = Numbers(32);
    for length in 0..200 {
        let plain = numbers.bytes(length);
        let cut = numbers.below(length + 1);
        let (mut sequence, mut checksum, mut confounder, mut tail) = (SEQUENCE, [0; 8], [0; 8], [1]);
        let mut data = plain.clone();
        let (sealed, signed) = data.split_at_mut(cut);
        let parts = &mut [Part::Sealed(sealed), Part::SignedOnly(signed)];
        let token = Rc4Token { header: &WRAP, sequence: &mut sequence, checksum: &mut checksum };
        keys.seal(token, &mut confounder, parts, &mut tail).unwrap();

        // The confounder is random: it is found by decrypting.
        let mut stream = expected_stream(&key);
        let mut plain_confounder = confounder;
        stream.apply(&mut plain_confounder);
        let signed = [&plain_confounder[..], &plain, &[1]].concat();
        assert_eq!(checksum, expected_checksum(&key, 13, &WRAP, &signed));
        assert_eq!(sequence, expected_sequence(&key, &checksum));
        let mut expected = [&plain[..cut], &[1]].concat();
        stream.apply(&mut expected);
        assert_eq!([&data[..cut], &tail].concat(), expected);
        assert_eq!(data[cut..], plain[cut..]);

        let (mut changed, mut other_sequence, mut other_checksum) = (data.clone(), sequence, checksum);
        let (mut other_confounder, mut other_tail) = (confounder, tail);
        let (sealed, signed) = data.split_at_mut(cut);
        let parts = &mut [Part::Sealed(sealed), Part::SignedOnly(signed)];
        let token = Rc4Token { header: &WRAP, sequence: &mut sequence, checksum: &mut checksum };
        keys.open(token, &mut confounder, parts, &mut tail).unwrap();
        assert_eq!((data, sequence, tail), (plain, SEQUENCE, [1]));

        other_checksum[length % 8] ^= 1;
        let (sealed, signed) = changed.split_at_mut(cut);
        let parts = &mut [Part::Sealed(sealed), Part::SignedOnly(signed)];
        let token = Rc4Token { header: &WRAP, sequence: &mut other_sequence, checksum: &mut other_checksum };
        let refused = keys.open(token, &mut other_confounder, parts, &mut other_tail);
        assert_eq!(refused.unwrap_err().code, Code::MessageAltered);
        assert_eq!(changed[..cut], vec![0; cut]);
        assert_eq!((other_confounder, other_tail), ([0; 8], [0]));
    }
}
