//! NTLM's messages: HMAC-MD5 over a sequence number and the plaintext, RC4 over what is sealed
//! (MS-NLMP 3.4.4.2), in one pass.
//!
//! Each of the two is a chain in which every step waits for the one before, so a processor that
//! runs them one after the other is idle most of the time. Here the key stream of one block is
//! made between the steps of another block's compression.

#![forbid(unsafe_code)]

use std::sync::atomic::{Ordering, compiler_fence};

use super::hmac_md5::HmacMd5Key;
use super::md5::{self, Beside, Md5, Workspace};
use super::rc4::{Rc4, Stream};

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
    let mut workspace = Workspace::new();
    let (head, rest) = bytes.split_at_mut(digest.room_or_less(bytes.len()));
    digest.fill(head);
    if digest.filled < 64 {
        return rc4.apply(head);
    }
    compress_and_stream(&mut digest.state, &digest.block, rc4, &mut workspace, head.len());
    digest.next_block();
    xor(head, &workspace.key_stream);

    let (blocks, tail) = rest.as_chunks_mut::<64>();
    for block in blocks {
        compress_and_stream(&mut digest.state, block, rc4, &mut workspace, 64);
        digest.next_block();
        xor(block, &workspace.key_stream);
    }
    digest.fill(tail);
    rc4.apply(tail);
}

/// The key stream of a block is made while the block before, decrypted, is compressed.
fn unseal_part(rc4: &mut Rc4, digest: &mut Md5, bytes: &mut [u8]) {
    let mut workspace = Workspace::new();
    let (head, rest) = bytes.split_at_mut(digest.room_or_less(bytes.len()));
    rc4.apply(head);
    digest.fill(head);
    if digest.filled < 64 {
        return;
    }
    let mut ahead = rest.len().min(64);
    compress_and_stream(&mut digest.state, &digest.block, rc4, &mut workspace, ahead);
    digest.next_block();

    let mut left = rest.len();
    let (blocks, tail) = rest.as_chunks_mut::<64>();
    for block in blocks {
        xor(block, &workspace.key_stream);
        left = left.saturating_sub(64);
        ahead = left.min(64);
        compress_and_stream(&mut digest.state, block, rc4, &mut workspace, ahead);
        digest.next_block();
    }
    xor(tail, &workspace.key_stream);
    digest.fill(tail);
}

/// Compresses a block and makes `wanted` (at most 64) bytes of key stream.
#[inline(never)]
fn compress_and_stream(
    state: &mut [u32; 4],
    block: &[u8; 64],
    rc4: &mut Rc4,
    workspace: &mut Workspace,
    wanted: usize,
) {
    if wanted == 64 {
        let mut beside = KeyStream::<true> { stream: rc4.stream(), wanted };
        md5::compress_beside(state, block, workspace, &mut beside);
        return beside.stream.leave();
    }
    let mut beside = KeyStream::<false> { stream: rc4.stream(), wanted };
    md5::compress_beside(state, block, workspace, &mut beside);
    let mut stream = beside.stream;
    if wanted % 2 == 1 {
        workspace.key_stream[(wanted - 1) % 64] = stream.next();
    }
    stream.leave();
}

/// Makes a key stream, two bytes after each two steps: all 64 bytes where `FULL`, otherwise the
/// pairs that are whole within the first `wanted`.
struct KeyStream<'a, const FULL: bool> {
    stream: Stream<'a>,
    wanted: usize,
}

impl<const FULL: bool> Beside for KeyStream<'_, FULL> {
    #[inline(always)]
    fn after_two(&mut self, n: usize, key_stream: &mut [u8; 64]) {
        if FULL || 2 * n + 2 <= self.wanted {
            // The fences emit nothing; they keep the compiler from parting what is interleaved.
            compiler_fence(Ordering::SeqCst);
            [key_stream[2 * n], key_stream[2 * n + 1]] = self.stream.next_two();
            compiler_fence(Ordering::SeqCst);
        }
    }
}

#[inline(always)]
fn xor(bytes: &mut [u8], key_stream: &[u8; 64]) {
    for (byte, key) in bytes.iter_mut().zip(key_stream) {
        *byte ^= key;
    }
}
