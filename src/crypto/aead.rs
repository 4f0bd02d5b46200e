//! XChaCha20-Poly1305 with a random nonce in front, for what leaves the process and comes back.

#![forbid(unsafe_code)]

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::crypto::random;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

const NONCE: usize = 24;

/// `nonce || ciphertext || tag`.
pub fn seal(key: &[u8; 32], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    random::fill(&mut nonce)?;
    let payload = Payload { msg: plaintext, aad: context };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Error::new(Code::InternalError, "too long to seal"))?;
    Ok([&nonce[..], &sealed].concat())
}

/// The plaintext, or SEC_E_INVALID_TOKEN for anything that `seal` did not make with this key.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
    let refused = || Error::new(Code::InvalidToken, "sealed with another key, or changed");
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(refused)?;
    let payload = Payload { msg: sealed, aad: context };
    let plain = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload);
    plain.map(Secret::new).map_err(|_| refused())
}
