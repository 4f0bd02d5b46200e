//! The messages of a context with an AES key: keys derived once, parts protected in place.

#![forbid(unsafe_code)]

use super::cipher::Cipher;
use super::derive::{self, Purpose};
use super::mac::{Mac, MacKey};
use super::segments::Segments;
use super::{Enctype, Key, stream};
use crate::crypto::random;
use crate::error::{Code, Error, Result};
use crate::part::Part;
use crate::secret;

/// Bytes of the longest checksum.
const LONGEST: usize = 24;

/// What seals messages of one usage, enctypes 17 to 20.
#[derive(Clone)]
pub struct SealingKeys {
    enctype: Enctype,
    cipher: Cipher,
    mac: MacKey,
}

/// What opens messages of one usage, enctypes 17 to 20.
#[derive(Clone)]
pub struct OpeningKeys {
    enctype: Enctype,
    cipher: Cipher,
    mac: MacKey,
}

impl SealingKeys {
    /// SEC_E_UNSUPPORTED_FUNCTION for enctype 23.
    pub fn new(key: &Key, usage: u32) -> Result<Self> {
        Self::with(key, usage, Cipher::for_encryption)
    }

    /// As `new`, with a cipher of the caller's choice.
    pub(super) fn with(key: &Key, usage: u32, cipher: impl FnOnce(&[u8]) -> Result<Cipher>) -> Result<Self> {
        let mac = key.mac(usage, Purpose::Integrity)?;
        let cipher = cipher(&derive::usage_key(key, usage, Purpose::Encryption)?)?;
        Ok(Self { enctype: key.enctype(), cipher, mac })
    }

    /// Fills `confounder` with random bytes, encrypts it, the sealed parts and `tail` as one
    /// ciphertext in place, and puts the integrity part of `checksum_size` bytes into `checksum`;
    /// it covers the parts that are signed only too.
    pub fn seal(
        &self,
        confounder: &mut [u8; 16],
        parts: &mut [Part],
        tail: &mut [u8],
        checksum: &mut [u8],
    ) -> Result<()> {
        random::confounder(confounder)?;
        self.seal_after(confounder, parts, tail, checksum)
    }

    /// As `seal`, with a confounder of the caller's.
    pub(super) fn seal_after(
        &self,
        confounder: &mut [u8; 16],
        parts: &mut [Part],
        tail: &mut [u8],
        checksum: &mut [u8],
    ) -> Result<()> {
        right_size(self.enctype, checksum)?;
        let mut segments = Segments { confounder, parts, tail };
        if let Some(mut state) = self.mac.sha1_state() {
            stream::seal(&self.cipher, &mut segments, Some(&mut state));
            self.mac.finish_sha1(state, checksum);
        } else {
            stream::seal(&self.cipher, &mut segments, None);
            sign_ciphertext(&self.mac, &segments).finish(checksum);
        }
        Ok(())
    }
}

impl OpeningKeys {
    /// SEC_E_UNSUPPORTED_FUNCTION for enctype 23.
    pub fn new(key: &Key, usage: u32) -> Result<Self> {
        Self::with(key, usage, Cipher::for_decryption)
    }

    /// As `new`, with a cipher of the caller's choice.
    pub(super) fn with(key: &Key, usage: u32, cipher: impl FnOnce(&[u8]) -> Result<Cipher>) -> Result<Self> {
        let mac = key.mac(usage, Purpose::Integrity)?;
        let cipher = cipher(&derive::usage_key(key, usage, Purpose::Encryption)?)?;
        Ok(Self { enctype: key.enctype(), cipher, mac })
    }

    /// Undoes `seal`. SEC_E_MESSAGE_ALTERED for what `seal` did not make; confounder, sealed parts
    /// and tail are zero then.
    pub fn open(
        &self,
        confounder: &mut [u8; 16],
        parts: &mut [Part],
        tail: &mut [u8],
        checksum: &[u8],
    ) -> Result<()> {
        let mut segments = Segments { confounder, parts, tail };
        let mut code = [0; LONGEST];
        let (code, _) = code.split_at_mut(self.enctype.checksum_size());
        if let Some(mut state) = self.mac.sha1_state() {
            stream::open(&self.cipher, &mut segments, Some(&mut state));
            self.mac.finish_sha1(state, code);
        } else {
            sign_ciphertext(&self.mac, &segments).finish(code);
        }
        if !secret::equal(code, checksum) {
            segments.forget();
            return Err(altered());
        }
        // What RFC 8009 signs is the ciphertext: nothing is decrypted before it is known.
        if self.mac.sha1_state().is_none() {
            stream::open(&self.cipher, &mut segments, None);
        }
        Ok(())
    }
}

/// RFC 8009 5.2: the initialization vector, which is zero, and the ciphertext.
fn sign_ciphertext<'k>(mac: &'k MacKey, segments: &Segments) -> Mac<'k> {
    let mut mac = mac.begin();
    mac.update(&[0; 16]);
    segments.all().for_each(|bytes| mac.update(bytes));
    mac
}

/// The checksum key of one usage, enctypes 17 to 20: tokens without confidentiality.
#[derive(Clone)]
pub struct ChecksumKey {
    enctype: Enctype,
    mac: MacKey,
}

impl ChecksumKey {
    /// SEC_E_UNSUPPORTED_FUNCTION for enctype 23.
    pub fn new(key: &Key, usage: u32) -> Result<Self> {
        Ok(Self { enctype: key.enctype(), mac: key.mac(usage, Purpose::Checksum)? })
    }

    /// The checksum of all parts and the trailer; `out` has `checksum_size` bytes.
    pub fn sum(&self, parts: &[Part], trailer: &[u8], out: &mut [u8]) -> Result<()> {
        right_size(self.enctype, out)?;
        let mut mac = self.mac.begin();
        parts.iter().for_each(|part| mac.update(part.bytes()));
        mac.update(trailer);
        mac.finish(out);
        Ok(())
    }

    /// SEC_E_MESSAGE_ALTERED unless `checksum` is that of the parts and the trailer.
    pub fn check(&self, parts: &[Part], trailer: &[u8], checksum: &[u8]) -> Result<()> {
        let mut code = [0; LONGEST];
        let (code, _) = code.split_at_mut(self.enctype.checksum_size());
        self.sum(parts, trailer, code)?;
        if secret::equal(code, checksum) { Ok(()) } else { Err(altered()) }
    }
}

fn right_size(enctype: Enctype, checksum: &[u8]) -> Result<()> {
    if checksum.len() == enctype.checksum_size() {
        return Ok(());
    }
    Err(Error::new(Code::InternalError, "room for a checksum of another length"))
}

fn altered() -> Error {
    Error::new(Code::MessageAltered, "a message's checksum is not its own")
}
