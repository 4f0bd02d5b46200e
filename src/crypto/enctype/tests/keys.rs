//! Keys and whole messages: what they accept and what they refuse.

#![forbid(unsafe_code)]

use super::utf16;
use crate::crypto::enctype::{ChecksumKey, Enctype, Key, OpeningKeys, Rc4MessageKeys, SealingKeys};
use crate::error::Code;

#[test]
fn numbers_name_their_enctypes() {
    for (number, checksum) in [(17, 15), (18, 16), (19, 19), (20, 20), (23, -138)] {
        let enctype = Enctype::from_number(number).unwrap();
        assert_eq!(enctype.number(), number);
        assert_eq!(enctype.checksum_type(), checksum);
        assert_eq!(Enctype::from_checksum_type(checksum), Some(enctype));
    }
    for number in [0, 1, 3, 16, 21, 24, -138, i32::MIN] {
        assert_eq!(Enctype::from_number(number), None);
    }
    assert_eq!(Enctype::from_checksum_type(7), None);
}

#[test]
fn a_key_has_the_length_of_its_enctype() {
    for enctype in Enctype::ALL {
        for length in (0..70).filter(|length| *length != enctype.key_size()) {
            assert_eq!(Key::new(enctype, &vec![1; length]).unwrap_err().code, Code::InvalidToken);
        }
        let key = Key::new(enctype, &vec![1; enctype.key_size()]).unwrap();
        assert_eq!(key.bytes(), vec![1; enctype.key_size()]);
        assert_eq!(key.enctype(), enctype);
        assert_ne!(Key::random(enctype).unwrap().bytes(), Key::random(enctype).unwrap().bytes());
    }
}

#[test]
fn a_key_does_not_show_its_bytes() {
    let key = Key::new(Enctype::Rc4Hmac, &[0xab; 16]).unwrap();
    assert_eq!(format!("{key:?}"), "Key(Rc4Hmac)");
}

#[test]
fn what_is_encrypted_is_decrypted_and_never_twice_the_same() {
    for enctype in Enctype::ALL {
        let key = Key::random(enctype).unwrap();
        for length in 0..100 {
            let plain: Vec<u8> = (0..length).collect();
            let sealed = key.encrypt(11, &plain).unwrap();
            assert_eq!(sealed.len(), enctype.confounder_size() + plain.len() + enctype.checksum_size());
            assert_ne!(sealed, key.encrypt(11, &plain).unwrap());
            assert_eq!(*key.decrypt(11, &sealed).unwrap().as_ref(), plain);
        }
    }
}

#[test]
fn whatever_was_changed_is_refused() {
    for enctype in Enctype::ALL {
        let key = Key::random(enctype).unwrap();
        let sealed = key.encrypt(2, b"some plaintext of 31 characters").unwrap();
        let refused = |usage, sealed: &[u8]| {
            assert_eq!(key.decrypt(usage, sealed).unwrap_err().code, Code::DecryptFailure, "{enctype:?}");
        };
        refused(4, &sealed);
        for bit in 0..8 * sealed.len() {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            refused(2, &changed);
        }
        for length in 0..sealed.len() {
            refused(2, &sealed[..length]);
        }
        refused(2, &[&sealed[..], &[0]].concat());
        let other = Key::random(enctype).unwrap();
        assert_eq!(other.decrypt(2, &sealed).unwrap_err().code, Code::DecryptFailure);
    }
}

#[test]
fn a_checksum_is_that_of_one_message_key_and_usage() {
    for enctype in Enctype::ALL {
        let key = Key::random(enctype).unwrap();
        let checksum = key.checksum(17, b"message").unwrap();
        assert_eq!(checksum.len(), enctype.checksum_size());
        key.verify(17, b"message", &checksum).unwrap();
        let refused = |key: &Key, usage, message, checksum: &[u8]| {
            assert_eq!(key.verify(usage, message, checksum).unwrap_err().code, Code::MessageAltered);
        };
        refused(&key, 16, b"message", &checksum);
        refused(&key, 17, b"massage", &checksum);
        refused(&key, 17, b"message", &checksum[1..]);
        refused(&key, 17, b"message", &[]);
        refused(&Key::random(enctype).unwrap(), 17, b"message", &checksum);
    }
}

#[test]
fn iterations_are_bounded() {
    for enctype in Enctype::ALL.into_iter().filter(|enctype| *enctype != Enctype::Rc4Hmac) {
        for parameters in [&[0, 0, 0, 0][..], &[0xff; 4], &[0, 0x10, 0, 1], &[], &[0, 0, 1], &[0, 0, 0, 1, 0]]
        {
            let refused = Key::from_password(enctype, &utf16("password"), b"salt", Some(parameters));
            assert_eq!(refused.unwrap_err().code, Code::InvalidToken, "{parameters:?}");
        }
    }
}

/// A password that is no text is a password too.
#[test]
fn half_a_character_is_replaced() {
    let key = |password: &[u16]| {
        let parameters = Some(&[0, 0, 0, 1][..]);
        Key::from_password(Enctype::Aes128CtsHmacSha1, password, b"", parameters).unwrap()
    };
    assert_eq!(key(&[0x61, 0xd800, 0x62]).bytes(), key(&utf16("a\u{fffd}b")).bytes());
}

#[test]
fn message_keys_are_of_their_own_enctypes() {
    for enctype in Enctype::ALL {
        let key = Key::random(enctype).unwrap();
        let rc4 = enctype == Enctype::Rc4Hmac;
        assert_eq!(SealingKeys::new(&key, 22).is_err(), rc4);
        assert_eq!(OpeningKeys::new(&key, 22).is_err(), rc4);
        assert_eq!(ChecksumKey::new(&key, 22).is_err(), rc4);
        assert_eq!(Rc4MessageKeys::new(&key).is_ok(), rc4);
    }
}
