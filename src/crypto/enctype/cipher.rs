//! AES in CBC mode and SHA-1 over whole blocks, at once: by the processor's instructions where it
//! has them, by the RustCrypto crates elsewhere.

#![forbid(unsafe_code)]

use sha1::block_api::compress;

use super::cts::{Aes, xor};
use crate::crypto::cpu_dispatch::RoundKeys;
use crate::error::Result;

/// A key of AES for one direction.
#[derive(Clone)]
// A box for the usual case would be one more allocation for each context and direction.
#[allow(clippy::large_enum_variant)]
pub(super) enum Cipher {
    Instructions(RoundKeys),
    /// In a box, because these keys take a kilobyte.
    Crate(Box<Aes>),
}

/// What the next block is combined with; zero at the beginning.
pub(super) type Chain = [u8; 16];

impl Cipher {
    /// For `encrypt`. SEC_E_INTERNAL_ERROR for a key that has neither 16 nor 32 bytes.
    pub(super) fn for_encryption(key: &[u8]) -> Result<Self> {
        RoundKeys::for_encryption(key)
            .map_or_else(|| Self::portable(key), |keys| Ok(Self::Instructions(keys)))
    }

    /// For `decrypt`.
    pub(super) fn for_decryption(key: &[u8]) -> Result<Self> {
        RoundKeys::for_decryption(key)
            .map_or_else(|| Self::portable(key), |keys| Ok(Self::Instructions(keys)))
    }

    /// For either, without the processor's help.
    pub(super) fn portable(key: &[u8]) -> Result<Self> {
        Ok(Self::Crate(Box::new(Aes::new(key)?)))
    }

    /// Encrypts `blocks` and compresses `message` into `state`.
    pub(super) fn encrypt(
        &self,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        let aes = match self {
            Self::Instructions(keys) => return keys.encrypt(chain, blocks, state, message),
            Self::Crate(aes) => aes,
        };
        compress(state, message);
        for block in blocks {
            xor(block, chain);
            aes.encrypt(block);
            *chain = *block;
        }
    }

    /// Decrypts `blocks` and compresses `message` into `state`.
    pub(super) fn decrypt(
        &self,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        let aes = match self {
            Self::Instructions(keys) => return keys.decrypt(chain, blocks, state, message),
            Self::Crate(aes) => aes,
        };
        compress(state, message);
        for block in blocks {
            let next = *block;
            aes.decrypt(block);
            xor(block, chain);
            *chain = next;
        }
    }
}
