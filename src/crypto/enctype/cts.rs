//! AES in CBC mode with ciphertext stealing (RFC 3962 5): the last two blocks are always exchanged.

#![forbid(unsafe_code)]

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};

use crate::error::{Code, Error, Result};

/// AES with a key of 16 or 32 bytes.
#[derive(Clone)]
pub(super) enum Aes {
    Short(Aes128),
    Long(Aes256),
}

impl Aes {
    /// SEC_E_INTERNAL_ERROR for a key of another length.
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let made = match key.len() {
            16 => Aes128::new_from_slice(key).map(Self::Short),
            _ => Aes256::new_from_slice(key).map(Self::Long),
        };
        made.map_err(|_| Error::new(Code::InternalError, "no AES with a key of this length"))
    }

    pub(super) fn encrypt(&self, block: &mut [u8; 16]) {
        match self {
            Self::Short(aes) => aes.encrypt_block(block.into()),
            Self::Long(aes) => aes.encrypt_block(block.into()),
        }
    }

    pub(super) fn decrypt(&self, block: &mut [u8; 16]) {
        match self {
            Self::Short(aes) => aes.decrypt_block(block.into()),
            Self::Long(aes) => aes.decrypt_block(block.into()),
        }
    }

    /// Encrypts in place with a zero initialization vector; less than a block stays as it is.
    pub(super) fn encrypt_cts(&self, bytes: &mut [u8]) {
        let mut chain = [0; 16];
        let Some((blocks, previous, last)) = split_cts(bytes) else {
            if let Ok(block) = bytes.try_into() {
                self.encrypt(block);
            }
            return;
        };
        for block in blocks {
            xor(block, &chain);
            self.encrypt(block);
            chain = *block;
        }
        xor(previous, &chain);
        self.encrypt(previous);
        chain = *previous;
        xor(previous, last);
        last.iter_mut().zip(chain).for_each(|(to, from)| *to = from);
        self.encrypt(previous);
    }

    /// Undoes `encrypt_cts`.
    pub(super) fn decrypt_cts(&self, bytes: &mut [u8]) {
        let mut chain = [0; 16];
        let Some((blocks, previous, last)) = split_cts(bytes) else {
            if let Ok(block) = bytes.try_into() {
                self.decrypt(block);
            }
            return;
        };
        for block in blocks {
            let next = *block;
            self.decrypt(block);
            xor(block, &chain);
            chain = next;
        }
        // What the last block was padded with is in the block that was encrypted after it.
        self.decrypt(previous);
        let mut stolen = *previous;
        for (from, byte) in stolen.iter_mut().zip(last) {
            let plain = *from ^ *byte;
            *from = *byte;
            *byte = plain;
        }
        self.decrypt(&mut stolen);
        xor(&mut stolen, &chain);
        *previous = stolen;
    }
}

/// The whole blocks before the last two, the last but one, and the last, which has 1 to 16 bytes;
/// `None` where there are not two.
#[allow(clippy::type_complexity)]
fn split_cts(bytes: &mut [u8]) -> Option<(&mut [[u8; 16]], &mut [u8; 16], &mut [u8])> {
    let whole = bytes.len().checked_sub(1)? / 16 * 16;
    let (blocks, last) = bytes.split_at_mut_checked(whole)?;
    let (blocks, _) = blocks.as_chunks_mut::<16>();
    let (previous, blocks) = blocks.split_last_mut()?;
    Some((blocks, previous, last))
}

pub(super) fn xor(block: &mut [u8; 16], with: &[u8]) {
    block.iter_mut().zip(with).for_each(|(to, from)| *to ^= from);
}
