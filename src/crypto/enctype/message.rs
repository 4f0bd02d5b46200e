//! The messages of a context with an AES key: keys derived once, parts protected in place.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

use super::cts::Aes;
use super::derive::Purpose;
use super::mac::MacKey;
use super::{Enctype, Key};
use crate::crypto::random;
use crate::error::{Code, Error, Result};
use crate::part::Part;
use crate::secret;

/// What seals messages of one usage, enctypes 17 to 20.
#[derive(Clone)]
pub struct SealingKeys {
    enctype: Enctype,
    aes: Aes,
    mac: MacKey,
}

/// What opens messages of one usage, enctypes 17 to 20.
#[derive(Clone)]
pub struct OpeningKeys {
    enctype: Enctype,
    aes: Aes,
    mac: MacKey,
}

impl SealingKeys {
    /// SEC_E_UNSUPPORTED_FUNCTION for enctype 23.
    pub fn new(key: &Key, usage: u32) -> Result<Self> {
        let mac = key.mac(usage, Purpose::Integrity)?;
        Ok(Self { enctype: key.enctype(), aes: key.cipher(usage)?, mac })
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
        random::fill(confounder)?;
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
        if !self.enctype.signs_ciphertext() {
            sum(self.mac.clone(), confounder, parts, tail, checksum);
        }
        let mut text = gather(confounder, parts, tail);
        self.aes.encrypt_cts(&mut text);
        scatter(&text, confounder, parts, tail);
        if self.enctype.signs_ciphertext() {
            let mut mac = self.mac.clone();
            mac.update(&[0; 16]);
            sum(mac, confounder, parts, tail, checksum);
        }
        Ok(())
    }
}

impl OpeningKeys {
    /// SEC_E_UNSUPPORTED_FUNCTION for enctype 23.
    pub fn new(key: &Key, usage: u32) -> Result<Self> {
        let mac = key.mac(usage, Purpose::Integrity)?;
        Ok(Self { enctype: key.enctype(), aes: key.cipher(usage)?, mac })
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
        right_size(self.enctype, checksum)?;
        let mut code = [0; 24];
        let (code, _) = code.split_at_mut(self.enctype.checksum_size());
        if self.enctype.signs_ciphertext() {
            let mut mac = self.mac.clone();
            mac.update(&[0; 16]);
            sum(mac, confounder, parts, tail, code);
        }
        let mut text = gather(confounder, parts, tail);
        self.aes.decrypt_cts(&mut text);
        scatter(&text, confounder, parts, tail);
        if !self.enctype.signs_ciphertext() {
            sum(self.mac.clone(), confounder, parts, tail, code);
        }
        if secret::equal(code, checksum) {
            return Ok(());
        }
        forget(confounder, parts, tail);
        Err(altered())
    }
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
        sum(self.mac.clone(), &[], parts, trailer, out);
        Ok(())
    }

    /// SEC_E_MESSAGE_ALTERED unless `checksum` is that of the parts and the trailer.
    pub fn check(&self, parts: &[Part], trailer: &[u8], checksum: &[u8]) -> Result<()> {
        let mut code = [0; 24];
        let (code, _) = code.split_at_mut(self.enctype.checksum_size());
        sum(self.mac.clone(), &[], parts, trailer, code);
        if secret::equal(code, checksum) { Ok(()) } else { Err(altered()) }
    }
}

/// Zeroes what was decrypted of a message that is not to be believed.
pub(super) fn forget(confounder: &mut [u8], parts: &mut [Part], tail: &mut [u8]) {
    confounder.zeroize();
    for part in parts {
        if let Part::Sealed(bytes) = part {
            bytes.zeroize();
        }
    }
    tail.zeroize();
}

fn right_size(enctype: Enctype, checksum: &[u8]) -> Result<()> {
    if checksum.len() == enctype.checksum_size() {
        return Ok(());
    }
    Err(Error::new(Code::MessageAltered, "a checksum of the wrong length"))
}

fn altered() -> Error {
    Error::new(Code::MessageAltered, "a message's checksum is not its own")
}

fn sum(mut mac: MacKey, before: &[u8], parts: &[Part], after: &[u8], out: &mut [u8]) {
    mac.update(before);
    parts.iter().for_each(|part| mac.update(part.bytes()));
    mac.update(after);
    mac.finish(out);
}

fn gather(confounder: &[u8; 16], parts: &[Part], tail: &[u8]) -> Zeroizing<Vec<u8>> {
    let sealed = parts.iter().filter(|part| matches!(part, Part::Sealed(_)));
    let length: usize = sealed.clone().map(|part| part.bytes().len()).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length.saturating_add(tail.len()).saturating_add(16)));
    text.extend_from_slice(confounder);
    sealed.for_each(|part| text.extend_from_slice(part.bytes()));
    text.extend_from_slice(tail);
    text
}

fn scatter(text: &[u8], confounder: &mut [u8; 16], parts: &mut [Part], tail: &mut [u8]) {
    let mut text = text.iter();
    let mut fill = |bytes: &mut [u8]| bytes.iter_mut().zip(&mut text).for_each(|(to, from)| *to = *from);
    fill(confounder);
    for part in parts {
        if let Part::Sealed(bytes) = part {
            fill(bytes);
        }
    }
    fill(tail);
}
