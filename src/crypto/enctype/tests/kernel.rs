//! The processor's instructions against the RustCrypto crates.

#![forbid(unsafe_code)]

use super::super::cipher::Cipher;
use super::{Numbers, hex};
use crate::crypto::cpu_dispatch::RoundKeys;

/// FIPS 197 C.1 and C.3.
#[test]
fn aes_gives_the_published_values() {
    for (key, expected) in [
        ("000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "8ea2b7ca516745bfeafc49904b496089",
        ),
    ] {
        let key = hex(key);
        let plain: [u8; 16] = hex("00112233445566778899aabbccddeeff").try_into().unwrap();
        for (sealing, opening) in [
            (Cipher::for_encryption(&key).unwrap(), Cipher::for_decryption(&key).unwrap()),
            (Cipher::portable(&key).unwrap(), Cipher::portable(&key).unwrap()),
        ] {
            let mut block = [plain];
            sealing.encrypt(&mut [0; 16], &mut block, &mut [0; 5], &[]);
            assert_eq!(block.as_flattened(), hex(expected));
            opening.decrypt(&mut [0; 16], &mut block, &mut [0; 5], &[]);
            assert_eq!(block, [plain]);
        }
    }
}

#[test]
fn any_number_of_blocks_beside_any_other_comes_out_as_from_the_crates() {
    let mut numbers = Numbers(21);
    for key_length in [16, 32] {
        for blocks in 0..26 {
            for messages in 0..9 {
                let key = numbers.bytes(key_length);
                let text: Vec<[u8; 16]> =
                    (0..blocks).map(|_| numbers.bytes(16).try_into().unwrap()).collect();
                let message: Vec<[u8; 64]> =
                    (0..messages).map(|_| numbers.bytes(64).try_into().unwrap()).collect();
                let chain: [u8; 16] = numbers.bytes(16).try_into().unwrap();
                let state = [(); 5].map(|()| numbers.next() as u32);
                let run = |cipher: &Cipher, text: &[[u8; 16]], decrypt: bool| {
                    let (mut chain, mut text, mut state) = (chain, text.to_vec(), state);
                    match decrypt {
                        true => cipher.decrypt(&mut chain, &mut text, &mut state, &message),
                        false => cipher.encrypt(&mut chain, &mut text, &mut state, &message),
                    }
                    (chain, text, state)
                };
                let portable = Cipher::portable(&key).unwrap();
                let sealed = run(&portable, &text, false);
                assert_eq!(run(&Cipher::for_encryption(&key).unwrap(), &text, false), sealed);
                let opened = run(&portable, &sealed.1, true);
                assert_eq!(opened.1, text);
                assert_eq!(run(&Cipher::for_decryption(&key).unwrap(), &sealed.1, true), opened);
            }
        }
    }
}

#[test]
fn round_keys_are_made_of_16_or_32_bytes_only() {
    for length in (0..40).filter(|length| ![16, 32].contains(length)) {
        let key = vec![0; length];
        assert!(RoundKeys::for_encryption(&key).is_none());
        assert!(RoundKeys::for_decryption(&key).is_none());
        assert!(Cipher::for_encryption(&key).is_err());
        assert!(Cipher::for_decryption(&key).is_err());
    }
}

/// Otherwise the tests above compare the crates with themselves.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_instructions_are_used_where_they_are() {
    let expected =
        ["aes", "sha", "sse4.1", "ssse3"].into_iter().all(|feature| {
            match std::fs::read_to_string("/proc/cpuinfo") {
                Ok(info) => {
                    let flags = info.lines().find(|line| line.starts_with("flags")).unwrap_or_default();
                    let name = feature.replace("sse4.1", "sse4_1").replace("sha", "sha_ni");
                    flags.split(' ').any(|flag| flag == name)
                }
                Err(_) => false,
            }
        });
    assert_eq!(RoundKeys::for_encryption(&[0; 16]).is_some(), expected);
}
