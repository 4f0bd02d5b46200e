//! Messages in parts: against whole messages, against each other, and changed.

#![forbid(unsafe_code)]

use super::super::cipher::Cipher;
use super::super::mac::MacKey;
use super::Numbers;
use crate::crypto::enctype::{ChecksumKey, Enctype, Key, OpeningKeys, SealingKeys};
use crate::error::{Code, Result};
use crate::part::Part;

const AES: [Enctype; 4] = [
    Enctype::Aes128CtsHmacSha1,
    Enctype::Aes256CtsHmacSha1,
    Enctype::Aes128CtsHmacSha256,
    Enctype::Aes256CtsHmacSha384,
];

/// The bytes of a message and how they are divided.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    confounder: [u8; 16],
    data: Vec<u8>,
    /// Lengths, and whether each is sealed.
    plan: Vec<(usize, bool)>,
    tail: Vec<u8>,
    checksum: Vec<u8>,
}

impl Message {
    fn new(numbers: &mut Numbers, enctype: Enctype, length: usize, tail: usize, signed_only: bool) -> Self {
        let plan = numbers.split(length);
        let plan = plan.into_iter().map(|part| (part, !signed_only || numbers.below(3) > 0)).collect();
        Self {
            confounder: numbers.bytes(16).try_into().unwrap(),
            data: numbers.bytes(length),
            plan,
            tail: numbers.bytes(tail),
            checksum: vec![0; enctype.checksum_size()],
        }
    }

    fn with<R>(&mut self, work: impl FnOnce(&mut [u8; 16], &mut [Part], &mut [u8], &mut [u8]) -> R) -> R {
        let mut rest = &mut self.data[..];
        let mut parts = Vec::new();
        for &(length, sealed) in &self.plan {
            let (now, later) = rest.split_at_mut(length);
            parts.push(if sealed { Part::Sealed(now) } else { Part::SignedOnly(now) });
            rest = later;
        }
        work(&mut self.confounder, &mut parts, &mut self.tail, &mut self.checksum)
    }

    fn seal(&mut self, keys: &SealingKeys) {
        self.with(|confounder, parts, tail, checksum| keys.seal_after(confounder, parts, tail, checksum))
            .unwrap();
    }

    fn open(&mut self, keys: &OpeningKeys) -> Result<()> {
        self.with(|confounder, parts, tail, checksum| keys.open(confounder, parts, tail, checksum))
    }

    /// Confounder, sealed parts and tail.
    fn text(&self) -> Vec<u8> {
        let mut text = self.confounder.to_vec();
        let mut rest = &self.data[..];
        for &(length, sealed) in &self.plan {
            let (now, later) = rest.split_at(length);
            text.extend_from_slice(if sealed { now } else { &[] });
            rest = later;
        }
        text.extend_from_slice(&self.tail);
        text
    }

    /// Confounder, all parts and tail.
    fn all(&self) -> Vec<u8> {
        [&self.confounder[..], &self.data, &self.tail].concat()
    }

    fn set_text(&mut self, text: &[u8]) {
        let mut text = text.iter();
        let mut fill = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = *text.next().unwrap());
        fill(&mut self.confounder);
        let mut rest = &mut self.data[..];
        for &(length, sealed) in &self.plan {
            let (now, later) = rest.split_at_mut(length);
            fill(if sealed { now } else { &mut [] });
            rest = later;
        }
        fill(&mut self.tail);
        assert_eq!(text.next(), None);
    }

    /// What the message becomes, from the plain implementation.
    fn sealed(&self, key: &Key, usage: u32) -> Self {
        let mut sealed = self.clone();
        let mac = key.mac(usage, super::super::derive::Purpose::Integrity).unwrap();
        let mut text = self.text();
        key.cipher(usage).unwrap().encrypt_cts(&mut text);
        sealed.set_text(&text);
        match key.enctype().signs_ciphertext() {
            true => mac.sum(&[&[0; 16], &sealed.all()], &mut sealed.checksum),
            false => mac.sum(&[&self.all()], &mut sealed.checksum),
        }
        sealed
    }
}

/// The kernels that there are: the one for this processor, and the one for any.
fn kernels(key: &Key, usage: u32) -> [(SealingKeys, OpeningKeys); 2] {
    [
        (SealingKeys::new(key, usage).unwrap(), OpeningKeys::new(key, usage).unwrap()),
        (
            SealingKeys::with(key, usage, Cipher::portable).unwrap(),
            OpeningKeys::with(key, usage, Cipher::portable).unwrap(),
        ),
    ]
}

fn assert_carried(key: &Key, kernels: &[(SealingKeys, OpeningKeys)], message: &Message) {
    let expected = message.sealed(key, 24);
    for (sealing, opening) in kernels {
        let mut carried = message.clone();
        carried.seal(sealing);
        assert_eq!(carried, expected, "{:?}", key.enctype());
        carried.open(opening).unwrap();
        assert_eq!(carried.all(), message.all(), "{:?} {:?}", key.enctype(), message.plan);
    }
}

/// Every length to 700, past one turn, and some around several turns.
#[test]
fn messages_of_every_length_and_splitting_are_what_the_plain_implementation_makes() {
    let mut numbers = Numbers(11);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        let kernels = kernels(&key, 24);
        for length in (0..700).chain(1000..1100).chain((1100..9000).step_by(97)) {
            for signed_only in [false, true] {
                let tail = [16, 0, 32, numbers.below(50)][length % 4];
                assert_carried(
                    &key,
                    &kernels,
                    &Message::new(&mut numbers, enctype, length, tail, signed_only),
                );
            }
        }
    }
}

/// Long parts that are only signed, before, between and after what is sealed.
#[test]
fn parts_that_are_only_signed_may_be_long() {
    let mut numbers = Numbers(12);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        let kernels = kernels(&key, 24);
        let (sealed, signed) = (|length| (length, true), |length| (length, false));
        for plan in [
            vec![signed(5000)],
            vec![signed(5000), sealed(3)],
            vec![sealed(1), signed(3000), sealed(1), signed(2999), sealed(700)],
            vec![sealed(496), signed(16), sealed(512), signed(512), sealed(1024)],
            vec![sealed(2000), signed(4096)],
            vec![signed(0), sealed(0), signed(0)],
        ] {
            for tail in [0, 1, 16] {
                let length = plan.iter().map(|(length, _)| length).sum();
                let mut message = Message::new(&mut numbers, enctype, length, tail, false);
                message.plan = plan.clone();
                assert_carried(&key, &kernels, &message);
            }
        }
    }
}

#[test]
fn a_message_in_one_part_is_a_whole_message() {
    let mut numbers = Numbers(13);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        for length in [0, 1, 15, 16, 17, 100, 5000] {
            let mut message = Message::new(&mut numbers, enctype, length, 0, false);
            let plain = message.data.clone();
            let keys = SealingKeys::new(&key, 22).unwrap();
            message
                .with(|confounder, parts, tail, checksum| keys.seal(confounder, parts, tail, checksum))
                .unwrap();
            let whole = [message.all(), message.checksum.clone()].concat();
            assert_eq!(*key.decrypt(22, &whole).unwrap().as_ref(), plain);
        }
    }
}

#[test]
fn no_two_messages_have_the_same_confounder() {
    let key = Key::random(Enctype::Aes256CtsHmacSha1).unwrap();
    let keys = SealingKeys::new(&key, 22).unwrap();
    let seal = || {
        let (mut confounder, mut checksum) = ([0; 16], [0; 12]);
        keys.seal(&mut confounder, &mut [], &mut [], &mut checksum).unwrap();
        confounder
    };
    assert_ne!(seal(), seal());
}

#[test]
fn a_changed_message_is_refused_and_zeroed() {
    let mut numbers = Numbers(14);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        for (sealing, opening) in kernels(&key, 24) {
            let mut message = Message::new(&mut numbers, enctype, 70, 16, false);
            message.plan = vec![(20, true), (10, false), (40, true)];
            message.seal(&sealing);
            let places = 16 + 70 + 16 + enctype.checksum_size();
            for bit in 0..8 * places {
                let mut changed = message.clone();
                let (byte, bit) = (bit / 8, 1u8 << (bit % 8));
                match byte {
                    0..16 => changed.confounder[byte] ^= bit,
                    16..86 => changed.data[byte - 16] ^= bit,
                    86..102 => changed.tail[byte - 86] ^= bit,
                    _ => changed.checksum[byte - 102] ^= bit,
                }
                let signed_only = changed.data[20..30].to_vec();
                assert_eq!(changed.open(&opening).unwrap_err().code, Code::MessageAltered);
                assert_eq!(changed.text(), [0; 16 + 60 + 16]);
                assert_eq!(changed.data[20..30], signed_only);
            }
            let mut short = message.clone();
            short.checksum.pop();
            assert_eq!(short.open(&opening).unwrap_err().code, Code::MessageAltered);
            short.checksum.clear();
            assert_eq!(short.open(&opening).unwrap_err().code, Code::MessageAltered);
        }
    }
}

#[test]
fn the_keys_of_another_usage_open_nothing() {
    let mut numbers = Numbers(15);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        let mut message = Message::new(&mut numbers, enctype, 40, 16, false);
        message.seal(&SealingKeys::new(&key, 22).unwrap());
        let opened = message.open(&OpeningKeys::new(&key, 24).unwrap());
        assert_eq!(opened.unwrap_err().code, Code::MessageAltered);
    }
}

#[test]
fn a_checksum_over_parts_is_that_of_the_whole() {
    let mut numbers = Numbers(16);
    for enctype in AES {
        let key = Key::random(enctype).unwrap();
        let keys = ChecksumKey::new(&key, 23).unwrap();
        for length in 0..300 {
            let tail = numbers.below(20);
            let mut message = Message::new(&mut numbers, enctype, length, tail, true);
            let whole = [&message.data[..], &message.tail].concat();
            let refused = message.with(|_, parts, tail, checksum| {
                keys.sum(parts, tail, checksum).unwrap();
                assert_eq!(checksum, key.checksum(23, &whole).unwrap());
                keys.check(parts, tail, checksum).unwrap();
                checksum[0] ^= 1;
                [
                    keys.check(parts, tail, checksum),
                    keys.check(parts, tail, &checksum[1..]),
                    keys.check(parts, tail, &[]),
                ]
            });
            for refused in refused {
                assert_eq!(refused.unwrap_err().code, Code::MessageAltered);
            }
        }
    }
}

/// HMAC as the crate of that name computes it.
#[test]
fn hmac_is_hmac() {
    use hmac::{Hmac, KeyInit, Mac};
    fn reference<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }
    let mut numbers = Numbers(17);
    for (enctype, block, digest) in [
        (Enctype::Aes128CtsHmacSha1, 64, 20),
        (Enctype::Aes128CtsHmacSha256, 64, 32),
        (Enctype::Aes256CtsHmacSha384, 128, 48),
    ] {
        for length in 0..500 {
            let key_length = numbers.below(block + 1);
            let (key, message) = (numbers.bytes(key_length), numbers.bytes(length));
            let expected = match enctype {
                Enctype::Aes128CtsHmacSha1 => reference::<Hmac<sha1::Sha1>>(&key, &message),
                Enctype::Aes128CtsHmacSha256 => reference::<Hmac<sha2::Sha256>>(&key, &message),
                _ => reference::<Hmac<sha2::Sha384>>(&key, &message),
            };
            let mut mac_input = Vec::new();
            let mut rest = &message[..];
            for part in numbers.split(length) {
                let (now, later) = rest.split_at(part);
                mac_input.push(now);
                rest = later;
            }
            let mut code = vec![0; digest];
            MacKey::new(enctype, &key).unwrap().sum(&mac_input, &mut code);
            assert_eq!(code, expected, "{enctype:?} {length}");
        }
        assert!(MacKey::new(enctype, &vec![0; block + 1]).is_err());
    }
    assert!(MacKey::new(Enctype::Rc4Hmac, &[0; 16]).is_err());
}

/// A context has four of them at most.
#[test]
fn keys_are_small() {
    assert!(size_of::<SealingKeys>() <= 420, "{}", size_of::<SealingKeys>());
    assert!(size_of::<OpeningKeys>() <= 420, "{}", size_of::<OpeningKeys>());
    assert!(size_of::<ChecksumKey>() <= 160, "{}", size_of::<ChecksumKey>());
}
