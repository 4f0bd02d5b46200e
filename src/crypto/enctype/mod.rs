//! The encryption types of Kerberos (RFC 3961, 3962, 8009 and 4757).
//!
//! | file          | holds |
//! |---------------|-------|
//! | `key.rs`      | a key, and what it does to a whole message |
//! | `derive.rs`   | how keys come of passwords and of other keys |
//! | `cts.rs`      | AES in CBC mode with ciphertext stealing, a whole message at a time |
//! | `mac.rs`      | HMAC under one of the three digests, its key blocks taken once |
//! | `message.rs`  | a context's messages: keys derived once, parts in place |
//! | `stream.rs`   | such a message on its way through the cipher and SHA-1 |
//! | `segments.rs` | such a message where it lies |
//! | `cipher.rs`   | AES in CBC mode beside SHA-1, over whole blocks |
//! | `rc4.rs`      | enctype 23: whole messages, and a context's messages |

#![forbid(unsafe_code)]

mod cipher;
mod cts;
mod derive;
mod key;
mod mac;
mod message;
mod rc4;
mod segments;
mod stream;
#[cfg(test)]
mod tests;

pub use key::Key;
pub use message::{ChecksumKey, OpeningKeys, SealingKeys};
pub use rc4::{Rc4MessageKeys, Rc4Token};

/// An encryption type; the value is its number at IANA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Enctype {
    Aes128CtsHmacSha1 = 17,
    Aes256CtsHmacSha1 = 18,
    Aes128CtsHmacSha256 = 19,
    Aes256CtsHmacSha384 = 20,
    Rc4Hmac = 23,
}

impl Enctype {
    /// All that exist here, the preferred ones first.
    pub const ALL: [Self; 5] = [
        Self::Aes256CtsHmacSha1,
        Self::Aes128CtsHmacSha1,
        Self::Aes256CtsHmacSha384,
        Self::Aes128CtsHmacSha256,
        Self::Rc4Hmac,
    ];

    /// The enctype of a number, where it exists here.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|enctype| enctype.number() == number)
    }

    /// IANA's number.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// Bytes of a key.
    pub fn key_size(self) -> usize {
        match self {
            Self::Aes128CtsHmacSha1 | Self::Aes128CtsHmacSha256 | Self::Rc4Hmac => 16,
            Self::Aes256CtsHmacSha1 | Self::Aes256CtsHmacSha384 => 32,
        }
    }

    /// The number of the checksum type that goes with this enctype.
    pub fn checksum_type(self) -> i32 {
        match self {
            Self::Aes128CtsHmacSha1 => 15,
            Self::Aes256CtsHmacSha1 => 16,
            Self::Aes128CtsHmacSha256 => 19,
            Self::Aes256CtsHmacSha384 => 20,
            Self::Rc4Hmac => -138,
        }
    }

    /// The enctype whose checksum type has this number.
    pub fn from_checksum_type(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|enctype| enctype.checksum_type() == number)
    }

    /// Bytes of a checksum, and of the integrity part of a ciphertext.
    pub fn checksum_size(self) -> usize {
        match self {
            Self::Aes128CtsHmacSha1 | Self::Aes256CtsHmacSha1 => 12,
            Self::Aes128CtsHmacSha256 | Self::Rc4Hmac => 16,
            Self::Aes256CtsHmacSha384 => 24,
        }
    }

    /// Random bytes in front of a plaintext.
    pub fn confounder_size(self) -> usize {
        match self {
            Self::Rc4Hmac => 8,
            _ => 16,
        }
    }
}
