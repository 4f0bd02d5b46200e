//! HMAC (RFC 2104) under the digest of an enctype, with the key's blocks compressed once.

#![forbid(unsafe_code)]

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384};

use super::Enctype;
use crate::error::{Code, Error, Result};
use crate::secret;

/// The digest of an enctype with a key, before or within a message.
#[derive(Clone)]
pub(super) enum MacKey {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
}

impl MacKey {
    /// SEC_E_UNSUPPORTED_FUNCTION for RC4, whose digest is MD5.
    pub(super) fn new(enctype: Enctype, key: &[u8]) -> Result<Self> {
        let made = match enctype {
            Enctype::Aes128CtsHmacSha1 | Enctype::Aes256CtsHmacSha1 => {
                Hmac::new_from_slice(key).map(Self::Sha1)
            }
            Enctype::Aes128CtsHmacSha256 => Hmac::new_from_slice(key).map(Self::Sha256),
            Enctype::Aes256CtsHmacSha384 => Hmac::new_from_slice(key).map(Self::Sha384),
            Enctype::Rc4Hmac => {
                return Err(Error::new(Code::UnsupportedFunction, "RC4 has no HMAC of the SHA family"));
            }
        };
        made.map_err(|_| Error::new(Code::InternalError, "no HMAC with a key of this length"))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(bytes),
            Self::Sha256(mac) => mac.update(bytes),
            Self::Sha384(mac) => mac.update(bytes),
        }
    }

    /// As many leading bytes of the authentication code as `out` takes.
    pub(super) fn finish(self, out: &mut [u8]) {
        let copy = |code: &[u8], out: &mut [u8]| out.iter_mut().zip(code).for_each(|(to, from)| *to = *from);
        match self {
            Self::Sha1(mac) => copy(&mac.finalize().into_bytes(), out),
            Self::Sha256(mac) => copy(&mac.finalize().into_bytes(), out),
            Self::Sha384(mac) => copy(&mac.finalize().into_bytes(), out),
        }
    }

    /// The code of a message given in parts.
    pub(super) fn sum(&self, parts: &[&[u8]], out: &mut [u8]) {
        let mut mac = self.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finish(out);
    }

    /// Whether `checksum` is the code of a message, cut to the length of `checksum`.
    pub(super) fn is_sum(&self, parts: &[&[u8]], checksum: &[u8]) -> bool {
        let mut code = [0; 48];
        self.sum(parts, &mut code);
        code.get(..checksum.len()).is_some_and(|code| secret::equal(code, checksum))
    }
}
