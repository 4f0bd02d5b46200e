//! Each kernel against published vectors and against the RustCrypto crates.

#![forbid(unsafe_code)]

use ::rc4::StreamCipher;
use hmac::{Hmac, KeyInit, Mac};
use md5::Digest;

use super::hmac_md5::HmacMd5Key;
use super::rc4::Rc4;
use super::{digest, first_signatures, random, rc4_hmac_md5};
use crate::part::Part;

/// Numbers that differ from test to test but not from run to run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Lengths that add up to `total`; some are 0.
    fn split(&mut self, total: usize) -> Vec<usize> {
        let mut lengths = Vec::new();
        let mut left = total;
        while left > 0 {
            let length = match self.below(4) {
                0 => 0,
                1 => self.below(left.min(70) + 1),
                2 => self.below(left + 1),
                _ => left,
            };
            lengths.push(length);
            left -= length;
        }
        if self.below(3) == 0 {
            lengths.push(0);
        }
        lengths
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|k| u8::from_str_radix(&text[k..k + 2], 16).unwrap()).collect()
}

fn key(text: &str) -> [u8; 16] {
    hex(text).try_into().unwrap()
}

fn reference_hmac(key: &[u8], message: &[u8]) -> [u8; 16] {
    let mut mac = Hmac::<md5::Md5>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[test]
fn digests_give_the_published_values() {
    assert_eq!(digest::md4(b"abc"), key("a448017aaf21d8525fc10ae87aa6729d"));
    assert_eq!(digest::md5(&[]), key("d41d8cd98f00b204e9800998ecf8427e"));
    assert_eq!(digest::md5(&[b"a", b"", b"bc"]), key("900150983cd24fb0d6963f7d28e17f72"));
    assert_eq!(
        digest::sha256(&[b"a", b"bc"]).to_vec(),
        hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    );
    // RFC 2202, cases 1, 2 and 6.
    assert_eq!(digest::hmac_md5(&[0x0b; 16], &[b"Hi There"]), key("9294727a3638bb1c13f48ef8158bfc9d"));
    assert_eq!(
        digest::hmac_md5(b"Jefe", &[b"what do ya ", b"want for nothing?"]),
        key("750c783e6ab0b503eaa86e310a5db738")
    );
    assert_eq!(
        digest::hmac_md5(&[0xaa; 80], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]),
        key("6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd")
    );
}

#[test]
fn md5_and_hmac_agree_with_the_reference_for_every_length() {
    let mut numbers = Numbers(1);
    for length in (0..300).chain([1000, 4095, 4096, 5000]) {
        let message = numbers.bytes(length);
        let mut parts = Vec::new();
        let mut rest = &message[..];
        for part in numbers.split(length) {
            let (now, later) = rest.split_at(part);
            parts.push(now);
            rest = later;
        }
        let expected: [u8; 16] = md5::Md5::digest(&message).into();
        assert_eq!(digest::md5(&parts), expected, "{length}");
        let key = numbers.bytes(length % 150);
        assert_eq!(HmacMd5Key::new(&key).mac(&parts), reference_hmac(&key, &message), "{length}");
    }
}

#[test]
fn rc4_agrees_with_the_reference() {
    let mut numbers = Numbers(2);
    for _ in 0..50 {
        let secret: [u8; 16] = numbers.bytes(16).try_into().unwrap();
        let mut ours = Rc4::new(&secret);
        let mut reference = ::rc4::Rc4::new_from_slice(&secret).unwrap();
        for _ in 0..20 {
            let length = numbers.below(200);
            let mut a = numbers.bytes(length);
            let mut b = a.clone();
            ours.apply(&mut a);
            reference.apply_keystream(&mut b);
            assert_eq!(a, b);
        }
    }
}

/// MS-NLMP 4.2.4.4.
#[test]
fn the_published_message_is_sealed_and_unsealed() {
    let seal_key = key("59f600973cc4960a25480a7c196e4c58");
    let sign_key = HmacMd5Key::new(&key("4788dc861b4782f35d43fd98fe1a2d39"));
    let plaintext: Vec<u8> = "Plaintext".encode_utf16().flat_map(u16::to_le_bytes).collect();

    let mut rc4 = Rc4::new(&seal_key);
    let mut data = plaintext.clone();
    let parts = &mut [Part::Sealed(&mut data)];
    let digest = rc4_hmac_md5::seal(&mut rc4, &sign_key, 0, parts);
    let mut checksum = [0u8; 8];
    checksum.copy_from_slice(&digest[..8]);
    assert_eq!(checksum.to_vec(), hex("70352851f2564309"));
    rc4.apply(&mut checksum);
    assert_eq!(data, hex("54e50165bf1936dc996020c1811b0f06fb5f"));
    assert_eq!(checksum.to_vec(), hex("7fb38ec5c55d4976"));

    let mut rc4 = Rc4::new(&seal_key);
    let parts = &mut [Part::Sealed(&mut data)];
    assert_eq!(rc4_hmac_md5::unseal(&mut rc4, &sign_key, 0, parts), digest);
    assert_eq!(data, plaintext);
    assert_eq!(rc4_hmac_md5::sign(&sign_key, 0, &[Part::SignedOnly(&data)]), digest);
}

/// A message as parts: for each stretch of it, whether it is sealed.
fn parts<'a>(message: &'a mut [u8], plan: &[(usize, bool)]) -> Vec<Part<'a>> {
    let mut rest = message;
    let mut parts = Vec::new();
    for &(length, sealed) in plan {
        let (now, later) = rest.split_at_mut(length);
        parts.push(if sealed { Part::Sealed(now) } else { Part::SignedOnly(now) });
        rest = later;
    }
    parts
}

fn reference_seal(rc4: &mut ::rc4::Rc4, message: &mut [u8], plan: &[(usize, bool)]) {
    let mut rest = message;
    for &(length, sealed) in plan {
        let (now, later) = rest.split_at_mut(length);
        if sealed {
            rc4.apply_keystream(now);
        }
        rest = later;
    }
}

/// Several messages on one key stream, of every length up to 5000 in some splitting.
#[test]
fn messages_agree_with_the_reference_for_every_length_and_splitting() {
    let mut numbers = Numbers(3);
    let seal_key: [u8; 16] = numbers.bytes(16).try_into().unwrap();
    let sign_key = numbers.bytes(16);
    let hmac_key = HmacMd5Key::new(&sign_key);
    let mut sender = Rc4::new(&seal_key);
    let mut receiver = Rc4::new(&seal_key);
    let mut reference = ::rc4::Rc4::new_from_slice(&seal_key).unwrap();

    let often = (0..12).flat_map(|_| 0..270);
    for (seq, length) in often.chain((0..5000).step_by(7)).chain([0x1_0001]).enumerate() {
        let seq = (seq as u32).wrapping_mul(0x0100_0193);
        let plan: Vec<_> =
            numbers.split(length).into_iter().map(|part| (part, numbers.below(3) > 0)).collect();
        let plaintext = numbers.bytes(length);
        let expected_digest = reference_hmac(&sign_key, &[&seq.to_le_bytes()[..], &plaintext].concat());
        let mut expected = plaintext.clone();
        reference_seal(&mut reference, &mut expected, &plan);

        let mut message = plaintext.clone();
        let digest = rc4_hmac_md5::seal(&mut sender, &hmac_key, seq, &mut parts(&mut message, &plan));
        assert_eq!(digest, expected_digest, "{plan:?}");
        assert_eq!(message, expected, "{plan:?}");

        let digest = rc4_hmac_md5::unseal(&mut receiver, &hmac_key, seq, &mut parts(&mut message, &plan));
        assert_eq!(digest, expected_digest, "{plan:?}");
        assert_eq!(message, plaintext, "{plan:?}");
        assert_eq!(rc4_hmac_md5::sign(&hmac_key, seq, &parts(&mut message, &plan)), expected_digest);
    }
}

/// Lists of every length, to more than four blocks.
#[test]
fn first_signatures_agree_with_the_reference() {
    let magics: [first_signatures::Magic; 2] = [[&[1; 59], &[2; 59]], [&[3; 59], &[4; 59]]];
    let mut numbers = Numbers(5);
    for length in 0..300 {
        let session_key: [u8; 16] = numbers.bytes(16).try_into().unwrap();
        let bytes = numbers.bytes(length);
        let both = first_signatures::first_signatures(&session_key, magics, &bytes);
        for ((hmac, stream), magic) in both.into_iter().zip(magics) {
            let [signing, sealing] = magic.map(|magic| digest::md5(&[&session_key, magic]));
            assert_eq!(hmac, reference_hmac(&signing, &[&[0; 4], &bytes[..]].concat()));
            let mut expected = [0; 8];
            ::rc4::Rc4::new_from_slice(&sealing).unwrap().apply_keystream(&mut expected);
            assert_eq!(stream, expected);
        }
    }
}

#[test]
fn two_digests_at_once_are_those_of_one_each() {
    let mut numbers = Numbers(6);
    for _ in 0..100 {
        let (start, one, other) = (numbers.bytes(16), numbers.bytes(59), numbers.bytes(59));
        let [one, other]: [&[u8; 59]; 2] = [one[..].try_into().unwrap(), other[..].try_into().unwrap()];
        let both = digest::md5_of_two(start[..].try_into().unwrap(), [one, other]);
        assert_eq!(both, [one, other].map(|rest| digest::md5(&[&start, rest])));
    }
}

#[test]
fn states_are_small() {
    assert_eq!(size_of::<Rc4>(), 258);
    assert_eq!(size_of::<HmacMd5Key>(), 32);
}

#[test]
fn random_bytes_differ_from_call_to_call() {
    let (mut a, mut b) = ([0u8; 16], [0u8; 16]);
    random::fill(&mut a).unwrap();
    random::fill(&mut b).unwrap();
    assert_ne!(a, b);
    random::fill(&mut []).unwrap();
}
