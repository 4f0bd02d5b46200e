//! Published values: RFC 3961 A.1, RFC 3962 B, RFC 8009 A.

#![forbid(unsafe_code)]

use super::{hex, utf16};
use crate::crypto::enctype::cts::Aes;
use crate::crypto::enctype::derive::{self, Purpose};
use crate::crypto::enctype::{Enctype, Key};

#[test]
fn constants_of_usages_are_folded_as_all_others() {
    for usage in (0u32..1030).chain([0x0102_0304, 0xffff_fffe, u32::MAX]) {
        for purpose in [0x99, 0xaa, 0x55, 0xff, 0] {
            let mut constant = [0; 5];
            constant[..4].copy_from_slice(&usage.to_be_bytes());
            constant[4] = purpose;
            let mut folded = [0; 16];
            derive::n_fold(&constant, &mut folded);
            assert_eq!(derive::fold_usage(constant), folded, "{constant:?}");
        }
    }
}

#[test]
fn n_fold_gives_the_values_of_rfc_3961() {
    for (input, expected) in [
        ("012345", "be072631276b1955"),
        ("password", "78a07b6caf85fa"),
        ("Rough Consensus, and Running Code", "bb6ed30870b7f0e0"),
        ("password", "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"),
        ("MASSACHVSETTS INSTITVTE OF TECHNOLOGY", "db3b0d8f0b061e603282b308a50841229ad798fab9540c1b"),
        ("Q", "518a54a215a8452a518a54a215a8452a518a54a215"),
        ("ba", "fb25d531ae8974499f52fd92ea9857c4ba24cf297e"),
        ("kerberos", "6b65726265726f73"),
        ("kerberos", "6b65726265726f737b9b5b2b93132b93"),
        ("kerberos", "8372c236344e5f1550cd0747e15d62ca7a5a3bcea4"),
        ("kerberos", "6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4"),
    ] {
        let expected = hex(expected);
        let mut folded = vec![0; expected.len()];
        derive::n_fold(input.as_bytes(), &mut folded);
        assert_eq!(folded, expected, "{input}");
    }
}

#[test]
fn passwords_give_the_keys_of_rfc_3962() {
    let (short, long) = ("X".repeat(64), "X".repeat(65));
    let (athena, equal, exceeds) = (
        &b"ATHENA.MIT.EDUraeburn"[..],
        &b"pass phrase equals block size"[..],
        &b"pass phrase exceeds block size"[..],
    );
    let odd = hex("1234567878563412");
    for (iterations, password, salt, key_128, key_256) in [
        (
            1u32,
            "password",
            athena,
            "42263c6e89f4fc28b8df68ee09799f15",
            "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161",
        ),
        (
            2,
            "password",
            athena,
            "c651bf29e2300ac27fa469d693bdda13",
            "a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff",
        ),
        (
            1200,
            "password",
            athena,
            "4c01cd46d632d01e6dbe230a01ed642a",
            "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a",
        ),
        (
            5,
            "password",
            &odd,
            "e9b23d52273747dd5c35cb55be619d8e",
            "97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31",
        ),
        (
            1200,
            &short,
            equal,
            "59d1bb789a828b1aa54ef9c2883f69ed",
            "89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34",
        ),
        (
            1200,
            &long,
            exceeds,
            "cb8005dc5f90179a7f02104c0018751d",
            "d78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b",
        ),
        (
            50,
            "\u{1d11e}",
            b"EXAMPLE.COMpianist",
            "f149c1f2e154a73452d43e7fe62a56e5",
            "4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e",
        ),
    ] {
        let parameters = iterations.to_be_bytes();
        for (enctype, expected) in
            [(Enctype::Aes128CtsHmacSha1, key_128), (Enctype::Aes256CtsHmacSha1, key_256)]
        {
            let key = Key::from_password(enctype, &utf16(password), salt, Some(&parameters)).unwrap();
            assert_eq!(key.bytes(), hex(expected), "{enctype:?} {iterations} {password}");
        }
    }
}

#[test]
fn passwords_give_the_keys_of_rfc_8009() {
    let salt = [&hex("10df9dd783e5bc8acea1730e74355f61")[..], b"ATHENA.MIT.EDUraeburn"].concat();
    for (enctype, expected) in [
        (Enctype::Aes128CtsHmacSha256, "089bca48b105ea6ea77ca5d2f39dc5e7"),
        (Enctype::Aes256CtsHmacSha384, "45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467"),
    ] {
        for parameters in [None, Some(&32_768u32.to_be_bytes()[..])] {
            let key = Key::from_password(enctype, &utf16("password"), &salt, parameters).unwrap();
            assert_eq!(key.bytes(), hex(expected), "{enctype:?}");
        }
    }
}

#[test]
fn the_default_of_rfc_3962_is_4096_iterations() {
    for enctype in [Enctype::Aes128CtsHmacSha1, Enctype::Aes256CtsHmacSha1] {
        let key = |parameters| Key::from_password(enctype, &utf16("pw"), b"salt", parameters).unwrap();
        assert_eq!(key(None).bytes(), key(Some(&4096u32.to_be_bytes())).bytes());
    }
}

/// MS-NLMP 4.2.2.1.2: the NT hash of "Password" is the key, whatever the salt.
#[test]
fn a_password_gives_the_key_of_rfc_4757() {
    let key = Key::from_password(Enctype::Rc4Hmac, &utf16("Password"), b"salt", None).unwrap();
    assert_eq!(key.bytes(), hex("a4f49c406510bdcab6824ee7c30fd852"));
    let hash = hex("a4f49c406510bdcab6824ee7c30fd852").try_into().unwrap();
    assert_eq!(Key::from_nt_hash(&hash).bytes(), key.bytes());
}

#[test]
fn ciphertext_stealing_gives_the_values_of_rfc_3962() {
    let aes = Aes::new(&hex("636869636b656e207465726979616b69")).unwrap();
    let plain = b"I would like the General Gau's Chicken, please, and wonton soup.";
    for expected in [
        "c6353568f2bf8cb4d8a580362da7ff7f97",
        "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5",
        "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584",
        "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5",
        "97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8",
        "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc840\
         9dad8bbb96c4cdc03bc103e1a194bbd8",
    ] {
        let expected = hex(expected);
        let mut text = plain[..expected.len()].to_vec();
        aes.encrypt_cts(&mut text);
        assert_eq!(text, expected);
        aes.decrypt_cts(&mut text);
        assert_eq!(text, plain[..expected.len()]);
    }
}

fn rfc_8009_keys() -> [Key; 2] {
    [
        Key::new(Enctype::Aes128CtsHmacSha256, &hex("3705d96080c17728a0e800eab6e0d23c")).unwrap(),
        Key::new(
            Enctype::Aes256CtsHmacSha384,
            &hex("6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52"),
        )
        .unwrap(),
    ]
}

#[test]
fn derived_keys_are_those_of_rfc_8009() {
    let [short, long] = rfc_8009_keys();
    for (purpose, expected_128, expected_256) in [
        (
            Purpose::Checksum,
            "b31a018a48f54776f403e9a396325dc3",
            "ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d",
        ),
        (
            Purpose::Encryption,
            "9b197dd1e8c5609d6e67c3e37c62c72e",
            "56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49",
        ),
        (
            Purpose::Integrity,
            "9fda0e56ab2d85e1569a688696c26a6c",
            "69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f",
        ),
    ] {
        assert_eq!(**derive::usage_key(&short, 2, purpose).unwrap(), hex(expected_128));
        assert_eq!(**derive::usage_key(&long, 2, purpose).unwrap(), hex(expected_256));
    }
}

#[test]
fn checksums_are_those_of_rfc_8009() {
    let message: Vec<u8> = (0..=0x14).collect();
    for (key, expected) in rfc_8009_keys()
        .into_iter()
        .zip(["d78367186643d67b411cba9139fc1dee", "45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a"])
    {
        assert_eq!(key.checksum(2, &message).unwrap(), hex(expected));
        key.verify(2, &message, &hex(expected)).unwrap();
    }
}

/// The confounder is in what the ciphertext decrypts to; so encryption is held to the value too.
pub(super) fn assert_published(key: &Key, usage: u32, plain: &[u8], expected: &str) {
    let expected = hex(expected);
    let text = key.decrypt_text(usage, &expected).unwrap().expect("it decrypts");
    let (confounder, rest) = text.split_at(key.enctype().confounder_size());
    assert_eq!(rest, plain, "{:?}", key.enctype());
    assert_eq!(key.encrypt_after(usage, confounder, plain).unwrap(), expected, "{:?}", key.enctype());
    assert_eq!(key.decrypt(usage, &expected).unwrap().as_ref(), plain);
}

#[test]
fn ciphertexts_are_those_of_rfc_8009() {
    let [short, long] = rfc_8009_keys();
    let plain: Vec<u8> = (0..=0x14).collect();
    for (length, expected_128, expected_256) in [
        (
            0,
            "ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718",
            "41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c",
        ),
        (
            6,
            "84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c",
            "4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2",
        ),
        (
            16,
            "3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc295fb4852e7d83e1e7c48c37eebe6b0d3",
            "bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f68cf51f14d798c2273f35df574d1f932e\
             40c4ff255b36a266",
        ),
        (
            21,
            "720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bce1e6d072c186b39a413c2f92ca9b8334\
             a287ffcbfc",
            "40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2b2a602ac86fef6ecb647d6295fae077a\
             1feb517508d2c16b4192e01f62",
        ),
    ] {
        assert_published(&short, 2, &plain[..length], expected_128);
        assert_published(&long, 2, &plain[..length], expected_256);
    }
}

#[test]
fn prfs_are_those_of_rfc_8009() {
    let [short, long] = rfc_8009_keys();
    assert_eq!(
        **short.prf(b"test").unwrap(),
        hex("9d188616f63852fe86915bb840b4a886ff3e6bb0f819b49b893393d393854295")
    );
    assert_eq!(
        **long.prf(b"test").unwrap(),
        hex("9801f69a368c2bf675e59521e177d9a07f67efe1cfde8d3c8d6f6a0256e3b17d\
             b3c1b62ad1b8553360d17367eb1514d2")
    );
}
