//! SECPKG_ATTR_KEY_INFO for each enctype: the names of RFC 3961's registry and its numbers. What Windows
//! says here was not measured.

#![forbid(unsafe_code)]

use crate::crypto::enctype::Enctype;
use crate::package::facts::KeyInfo;

/// The algorithms of a context whose key is of this enctype.
pub fn of(enctype: Enctype) -> &'static KeyInfo {
    match enctype {
        Enctype::Aes128CtsHmacSha1 => &AES128_SHA1,
        Enctype::Aes256CtsHmacSha1 => &AES256_SHA1,
        Enctype::Aes128CtsHmacSha256 => &AES128_SHA256,
        Enctype::Aes256CtsHmacSha384 => &AES256_SHA384,
        Enctype::Rc4Hmac => &RC4,
    }
}

static AES128_SHA1: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-SHA1-96",
    encrypt_algorithm_name: "AES128-CTS-HMAC-SHA1-96",
    key_size: 128,
    signature_algorithm: 15,
    encrypt_algorithm: 17,
};

static AES256_SHA1: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-SHA1-96",
    encrypt_algorithm_name: "AES256-CTS-HMAC-SHA1-96",
    key_size: 256,
    signature_algorithm: 16,
    encrypt_algorithm: 18,
};

static AES128_SHA256: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-SHA256-128",
    encrypt_algorithm_name: "AES128-CTS-HMAC-SHA256-128",
    key_size: 128,
    signature_algorithm: 19,
    encrypt_algorithm: 19,
};

static AES256_SHA384: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-SHA384-192",
    encrypt_algorithm_name: "AES256-CTS-HMAC-SHA384-192",
    key_size: 256,
    signature_algorithm: 20,
    encrypt_algorithm: 20,
};

static RC4: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-MD5",
    encrypt_algorithm_name: "RC4-HMAC",
    key_size: 128,
    signature_algorithm: 0xFFFF_FF76,
    encrypt_algorithm: 23,
};
