//! The computations of MS-NLMP 3.3.2 and 3.4: NTLMv2, key exchange, signing and sealing keys, MIC.

#![forbid(unsafe_code)]

use widestring::U16Str;

use super::authenticate;
use crate::crypto::digest::{hmac_md5, md5_of_two};
use crate::crypto::first_signatures::Magic;
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::crypto::rc4::Rc4;
use crate::secret::Secret;
use crate::store::names::upcase;

/// A 128-bit key.
pub type Key = Secret<[u8; 16]>;

/// MD4 of an empty password.
pub const EMPTY_PASSWORD: [u8; 16] =
    [0x31, 0xd6, 0xcf, 0xe0, 0xd1, 0x6a, 0xe9, 0x31, 0xb7, 0x3c, 0x59, 0xd7, 0xe0, 0xc0, 0x89, 0xc0];

/// NTOWFv2: the user upcased unit by unit, the domain as it was typed.
pub fn ntowf_v2(nt_hash: &[u8; 16], user: &U16Str, domain: &U16Str) -> Key {
    let user = user.as_slice().iter().map(|unit| upcase(*unit));
    let names: Vec<u8> =
        user.chain(domain.as_slice().iter().copied()).flat_map(|unit| unit.to_le_bytes()).collect();
    Secret::new(hmac_md5(nt_hash, &[&names]))
}

/// NTProofStr over the server's challenge and the client's, the latter verbatim.
pub fn nt_proof(response_key: &HmacMd5Key, server_challenge: &[u8; 8], client_challenge: &[u8]) -> [u8; 16] {
    response_key.mac(&[server_challenge, client_challenge])
}

/// SessionBaseKey, which in NTLMv2 is the KeyExchangeKey.
pub fn key_exchange_key(response_key: &HmacMd5Key, nt_proof: &[u8; 16]) -> Key {
    Secret::new(response_key.mac(&[nt_proof]))
}

/// RC4K: turns ExportedSessionKey into EncryptedRandomSessionKey and back.
pub fn exchange(key_exchange_key: &Key, session_key: &[u8; 16]) -> Key {
    let mut exchanged = Secret::new(*session_key);
    Rc4::new(key_exchange_key.as_ref()).apply(exchanged.as_mut());
    exchanged
}

/// The MIC over the three messages, the last with its MIC zero.
pub fn mic(session_key: &Key, negotiate: &[u8], challenge: &[u8], authenticate: &[u8]) -> [u8; 16] {
    let [before, zero, after] = authenticate::around_mic(authenticate);
    hmac_md5(session_key.as_ref(), &[negotiate, challenge, before, zero, after])
}

/// Which way a message goes: each has its own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ClientToServer,
    ServerToClient,
}

/// What the session key is hashed with to become SIGNKEY and SEALKEY, with extended session security and
/// 128 bits.
pub fn magic(direction: Direction) -> Magic {
    match direction {
        Direction::ClientToServer => [
            b"session key to client-to-server signing key magic constant\0",
            b"session key to client-to-server sealing key magic constant\0",
        ],
        Direction::ServerToClient => [
            b"session key to server-to-client signing key magic constant\0",
            b"session key to server-to-client sealing key magic constant\0",
        ],
    }
}

/// SIGNKEY and SEALKEY.
pub fn message_keys(session_key: &Key, direction: Direction) -> [Key; 2] {
    md5_of_two(session_key.as_ref(), magic(direction)).map(Secret::new)
}
