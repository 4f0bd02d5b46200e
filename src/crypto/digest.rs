//! Digests of whole messages; a message is the concatenation of its parts.

#![forbid(unsafe_code)]

use md4::Md4;
use sha2::{Digest, Sha256};

use super::hmac_md5::HmacMd5Key;
use super::md5::{self as compression, Md5};

/// MD4 (RFC 1320).
pub fn md4(message: &[u8]) -> [u8; 16] {
    Md4::digest(message).into()
}

/// MD5 (RFC 1321).
pub fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    digest.finish()
}

/// MD5 of two messages at once, in less time than one after the other: what they begin with, and the
/// rest of each.
pub fn md5_of_two(start: &[u8; 16], rests: [&[u8; 59]; 2]) -> [[u8; 16]; 2] {
    compression::two(start, rests)
}

/// HMAC-MD5 (RFC 2104). Where one key serves several messages, keep an [`HmacMd5Key`].
pub fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    HmacMd5Key::new(key).mac(parts)
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}
