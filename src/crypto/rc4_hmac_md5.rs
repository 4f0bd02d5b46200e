//! NTLM's messages: HMAC-MD5 over a sequence number and the plaintext, RC4 over what is sealed
//! (MS-NLMP 3.4.4.2), in one pass.
//!
//! Each of the two is a chain in which every step waits for the one before, so a processor that
//! runs them one after the other is idle most of the time. Here the key stream of one block is
//! made between the steps of another block's compression.

#![forbid(unsafe_code)]

use super::hmac_md5::HmacMd5Key;
use super::md5::{self, Md5};
use super::rc4::Rc4;
use crate::part::Part;

/// Encrypts the sealed parts in place, as one continuous key stream over them alone, and gives
/// the HMAC-MD5 of the sequence number and the plaintext of all parts.
pub fn seal(rc4: &mut Rc4, key: &HmacMd5Key, seq: u32, parts: &mut [Part]) -> [u8; 16] {
    let mut digest = begin(key, seq);
    for part in parts {
        match part {
            Part::Sealed(bytes) => seal_part(rc4, &mut digest, bytes),
            Part::SignedOnly(bytes) => digest.update(bytes),
        }
    }
    key.finish(digest)
}

/// Decrypts the sealed parts in place and gives the HMAC-MD5 of the sequence number and the
/// plaintext of all parts. Whether it is the right one is for the caller to compare.
pub fn unseal(rc4: &mut Rc4, key: &HmacMd5Key, seq: u32, parts: &mut [Part]) -> [u8; 16] {
    let mut digest = begin(key, seq);
    for part in parts {
        match part {
            Part::Sealed(bytes) => unseal_part(rc4, &mut digest, bytes),
            Part::SignedOnly(bytes) => digest.update(bytes),
        }
    }
    key.finish(digest)
}

/// The HMAC-MD5 of the sequence number and all parts; nothing is encrypted.
pub fn sign(key: &HmacMd5Key, seq: u32, parts: &[Part]) -> [u8; 16] {
    let mut digest = begin(key, seq);
    for part in parts {
        digest.update(part.bytes());
    }
    key.finish(digest)
}

fn begin(key: &HmacMd5Key, seq: u32) -> Md5 {
    let mut digest = key.begin();
    digest.fill(&seq.to_le_bytes());
    digest
}

/// The key stream of a block is made while the same block's plaintext is compressed.
fn seal_part(rc4: &mut Rc4, digest: &mut Md5, bytes: &mut [u8]) {
    let mut key_stream = [0u8; 64];
    let (head, rest) = bytes.split_at_mut(digest.room_or_less(bytes.len()));
    digest.fill(head);
    if digest.filled < 64 {
        return rc4.apply(head);
    }
    compress_and_stream(&mut digest.state, &digest.block, rc4, &mut key_stream, head.len());
    digest.next_block();
    xor(head, &key_stream);

    let (blocks, tail) = rest.as_chunks_mut::<64>();
    for block in blocks {
        compress_and_stream(&mut digest.state, block, rc4, &mut key_stream, 64);
        digest.next_block();
        xor(block, &key_stream);
    }
    digest.fill(tail);
    rc4.apply(tail);
}

/// The key stream of a block is made while the block before, decrypted, is compressed.
fn unseal_part(rc4: &mut Rc4, digest: &mut Md5, bytes: &mut [u8]) {
    let mut key_stream = [0u8; 64];
    let (head, rest) = bytes.split_at_mut(digest.room_or_less(bytes.len()));
    rc4.apply(head);
    digest.fill(head);
    if digest.filled < 64 {
        return;
    }
    let mut ahead = rest.len().min(64);
    compress_and_stream(&mut digest.state, &digest.block, rc4, &mut key_stream, ahead);
    digest.next_block();

    let mut left = rest.len();
    let (blocks, tail) = rest.as_chunks_mut::<64>();
    for block in blocks {
        xor(block, &key_stream);
        left = left.saturating_sub(64);
        ahead = left.min(64);
        compress_and_stream(&mut digest.state, block, rc4, &mut key_stream, ahead);
        digest.next_block();
    }
    xor(tail, &key_stream);
    digest.fill(tail);
}

/// Compresses a block and makes `wanted` (at most 64) bytes of key stream.
#[inline(never)]
fn compress_and_stream(
    state: &mut [u32; 4],
    block: &[u8; 64],
    rc4: &mut Rc4,
    key_stream: &mut [u8; 64],
    wanted: usize,
) {
    let mut stream = rc4.stream();
    md5::compress_beside(state, block, |quarter| {
        if 4 * quarter + 4 <= wanted {
            let four = [stream.next(), stream.next(), stream.next(), stream.next()];
            key_stream[4 * quarter..4 * quarter + 4].copy_from_slice(&four);
        }
    });
    for byte in key_stream.iter_mut().take(wanted).skip(wanted & !3) {
        *byte = stream.next();
    }
    stream.leave();
}

#[inline(always)]
fn xor(bytes: &mut [u8], key_stream: &[u8; 64]) {
    for (byte, key) in bytes.iter_mut().zip(key_stream) {
        *byte ^= key;
    }
}
