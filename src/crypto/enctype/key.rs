//! A key, and what it does to a whole message.

#![forbid(unsafe_code)]

use std::fmt;

#[cfg(any(test, feature = "fuzzing"))]
use sha1::{Digest, Sha1};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::cts::Aes;
use super::derive::{self, Purpose};
use super::mac::MacKey;
use super::{Enctype, rc4};
use crate::crypto::{digest, random};
use crate::error::{Code, Error, Result};
use crate::secret::{self, Secret};

/// A key of an enctype (EncryptionKey, RFC 4120 5.2.9).
#[derive(Clone, ZeroizeOnDrop)]
pub struct Key {
    #[zeroize(skip)]
    enctype: Enctype,
    /// The first `key_size` of these.
    bytes: [u8; 32],
}

impl Key {
    /// SEC_E_INVALID_TOKEN when the enctype's keys have another length.
    pub fn new(enctype: Enctype, bytes: &[u8]) -> Result<Self> {
        if bytes.len() != enctype.key_size() {
            return Err(Error::new(Code::InvalidToken, "a key of the wrong length for its enctype"));
        }
        let mut key = Self { enctype, bytes: [0; 32] };
        key.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(key)
    }

    /// A new key, such as a subkey.
    pub fn random(enctype: Enctype) -> Result<Self> {
        let mut key = Self { enctype, bytes: [0; 32] };
        random::fill(&mut key.bytes)?;
        Ok(key)
    }

    /// The key of a password in UTF-16. `salt` and `parameters` are of the KDC's ETYPE-INFO2
    /// entry (s2kparams); RC4 has neither. SEC_E_INVALID_TOKEN for parameters that ask for no or
    /// for too many iterations.
    pub fn from_password(
        enctype: Enctype,
        password: &[u16],
        salt: &[u8],
        parameters: Option<&[u8]>,
    ) -> Result<Self> {
        if enctype == Enctype::Rc4Hmac {
            let password: Vec<u8> = password.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            return Ok(Self::from_nt_hash(&digest::md4(&Zeroizing::new(password))));
        }
        // Three bytes at most for each unit: it never moves and leaves a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(password.len().saturating_mul(3)));
        let characters = char::decode_utf16(password.iter().copied());
        text.extend(characters.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)));
        derive::string_to_key(enctype, text.as_bytes(), salt, parameters)
    }

    /// The key of enctype 23 of whoever has this NT hash.
    pub fn from_nt_hash(hash: &[u8; 16]) -> Self {
        let mut key = Self { enctype: Enctype::Rc4Hmac, bytes: [0; 32] };
        key.bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        key
    }

    /// Which enctype this is a key of.
    pub fn enctype(&self) -> Enctype {
        self.enctype
    }

    /// The bytes of the key, `key_size` of them.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.split_at(self.enctype.key_size()).0
    }

    /// Confounder, plaintext and integrity as one ciphertext (RFC 3961 3, `encrypt`).
    pub fn encrypt(&self, usage: u32, plain: &[u8]) -> Result<Vec<u8>> {
        let mut confounder = [0; 16];
        random::confounder(&mut confounder)?;
        let (confounder, _) = confounder.split_at(self.enctype.confounder_size());
        self.encrypt_after(usage, confounder, plain)
    }

    /// As `encrypt`, with a confounder of the caller's.
    pub(super) fn encrypt_after(&self, usage: u32, confounder: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let text = Zeroizing::new([confounder, plain].concat());
        let (aes, mac) = match self.enctype {
            Enctype::Rc4Hmac => return Ok(rc4::encrypt(&self.bytes16(), usage, &text)),
            _ => (self.cipher(usage)?, self.mac(usage, Purpose::Integrity)?),
        };
        let mut sealed = text.to_vec();
        aes.encrypt_cts(&mut sealed);
        let mut checksum = [0; 24];
        let (checksum, _) = checksum.split_at_mut(self.enctype.checksum_size());
        if self.enctype.signs_ciphertext() {
            mac.sum(&[&[0; 16], &sealed], checksum);
        } else {
            mac.sum(&[&text], checksum);
        }
        sealed.extend_from_slice(checksum);
        Ok(sealed)
    }

    /// The plaintext of what `encrypt` made; SEC_E_DECRYPT_FAILURE for anything else.
    pub fn decrypt(&self, usage: u32, cipher: &[u8]) -> Result<Secret<Vec<u8>>> {
        let text = self.decrypt_text(usage, cipher)?;
        let plain = text.as_deref().and_then(|text| text.get(self.enctype.confounder_size()..));
        let refused = || Error::new(Code::DecryptFailure, "encrypted with another key, or changed");
        plain.map(|plain| Secret::new(plain.to_vec())).ok_or_else(refused)
    }

    /// Confounder and plaintext; `None` for what `encrypt` did not make.
    pub(super) fn decrypt_text(&self, usage: u32, cipher: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        if self.enctype == Enctype::Rc4Hmac {
            return Ok(rc4::decrypt(&self.bytes16(), usage, cipher));
        }
        let (aes, mac) = (self.cipher(usage)?, self.mac(usage, Purpose::Integrity)?);
        let end = cipher.len().saturating_sub(self.enctype.checksum_size());
        let (sealed, checksum) = cipher.split_at(end);
        if sealed.len() < self.enctype.confounder_size() {
            return Ok(None);
        }
        let mut text = Zeroizing::new(sealed.to_vec());
        aes.decrypt_cts(&mut text);
        let right = match self.enctype.signs_ciphertext() {
            true => mac.is_sum(&[&[0; 16], sealed], checksum),
            false => mac.is_sum(&[&text], checksum),
        };
        Ok(right.then_some(text))
    }

    /// The checksum of a message, of the type that goes with the enctype (`get_mic`).
    pub fn checksum(&self, usage: u32, message: &[u8]) -> Result<Vec<u8>> {
        let mut checksum = vec![0; self.enctype.checksum_size()];
        match self.enctype {
            Enctype::Rc4Hmac => checksum = rc4::checksum(&self.bytes16(), usage, message).to_vec(),
            _ => self.mac(usage, Purpose::Checksum)?.sum(&[message], &mut checksum),
        }
        Ok(checksum)
    }

    /// SEC_E_MESSAGE_ALTERED unless `checksum` is the message's (`verify_mic`).
    pub fn verify(&self, usage: u32, message: &[u8], checksum: &[u8]) -> Result<()> {
        if secret::equal(&self.checksum(usage, message)?, checksum) {
            return Ok(());
        }
        Err(Error::new(Code::MessageAltered, "a checksum that is not its message's"))
    }

    /// The pseudo-random function of the enctype (RFC 3962 6, RFC 8009 5, RFC 4757's HMAC-SHA1):
    /// 16, 32, 48 or 20 bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn prf(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        match self.enctype {
            Enctype::Aes128CtsHmacSha1 | Enctype::Aes256CtsHmacSha1 => {
                let aes = Aes::new(&derive::derive(self, b"prf", self.enctype.key_size())?)?;
                let digest: [u8; 20] = Sha1::digest(input).into();
                let mut output = Zeroizing::new(digest.to_vec());
                output.truncate(16);
                aes.encrypt_cts(&mut output);
                Ok(output)
            }
            Enctype::Aes128CtsHmacSha256 => derive::kdf_hmac_sha2(self, b"prf", input, 32),
            Enctype::Aes256CtsHmacSha384 => derive::kdf_hmac_sha2(self, b"prf", input, 48),
            Enctype::Rc4Hmac => {
                let mut output = Zeroizing::new(vec![0; 20]);
                MacKey::new(Enctype::Aes128CtsHmacSha1, self.bytes())?.sum(&[input], &mut output);
                Ok(output)
            }
        }
    }

    /// AES with the encryption key of a usage.
    pub(super) fn cipher(&self, usage: u32) -> Result<Aes> {
        Aes::new(&derive::usage_key(self, usage, Purpose::Encryption)?)
    }

    /// HMAC with a derived key of a usage.
    pub(super) fn mac(&self, usage: u32, purpose: Purpose) -> Result<MacKey> {
        MacKey::new(self.enctype, &derive::usage_key(self, usage, purpose)?)
    }

    /// The key of enctype 23, whose keys have 16 bytes.
    pub(super) fn bytes16(&self) -> Zeroizing<[u8; 16]> {
        Zeroizing::new(self.bytes.first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.enctype)
    }
}

impl Enctype {
    /// Whether the integrity part covers the ciphertext (RFC 8009) and not the plaintext (RFC 3962).
    pub(super) fn signs_ciphertext(self) -> bool {
        matches!(self, Self::Aes128CtsHmacSha256 | Self::Aes256CtsHmacSha384)
    }
}
