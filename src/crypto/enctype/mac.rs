//! HMAC (RFC 2104) under the digest of an enctype, with the key's two blocks compressed once.

#![forbid(unsafe_code)]

use sha1::block_api::compress;
use sha2::block_api::{compress256, compress512};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Enctype;
use crate::error::{Code, Error, Result};
use crate::secret;

/// A digest between two blocks (FIPS 180-4).
#[derive(Clone, Copy, Zeroize)]
enum State {
    Sha1([u32; 5]),
    Sha256([u32; 8]),
    /// SHA-384 is the front of a SHA-512 that begins elsewhere.
    Sha384([u64; 8]),
}

/// Bytes of the longest block, and of the longest digest.
const BLOCK: usize = 128;
const DIGEST: usize = 48;

impl State {
    const SHA1: Self = Self::Sha1([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]);
    const SHA256: Self = Self::Sha256([
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);
    const SHA384: Self = Self::Sha384([
        0xcbbb_9d5d_c105_9ed8,
        0x629a_292a_367c_d507,
        0x9159_015a_3070_dd17,
        0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31,
        0x8eb4_4a87_6858_1511,
        0xdb0c_2e0d_64f9_8fa7,
        0x47b5_481d_befa_4fa4,
    ]);

    fn block_size(&self) -> usize {
        match self {
            Self::Sha1(_) | Self::Sha256(_) => 64,
            Self::Sha384(_) => BLOCK,
        }
    }

    /// Takes the whole blocks at the front of `bytes` and gives what is left.
    fn compress<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Sha1(state) => {
                let (blocks, rest) = bytes.as_chunks();
                compress(state, blocks);
                rest
            }
            Self::Sha256(state) => {
                let (blocks, rest) = bytes.as_chunks();
                compress256(state, blocks);
                rest
            }
            Self::Sha384(state) => {
                let (blocks, rest) = bytes.as_chunks();
                compress512(state, blocks);
                rest
            }
        }
    }

    /// The digest at the front of `out`; its length.
    fn write(&self, out: &mut [u8; DIGEST]) -> usize {
        fn copy<const N: usize>(words: impl Iterator<Item = [u8; N]>, out: &mut [u8]) {
            out.as_chunks_mut().0.iter_mut().zip(words).for_each(|(to, from)| *to = from);
        }
        match self {
            Self::Sha1(state) => copy(state.iter().map(|word| word.to_be_bytes()), out),
            Self::Sha256(state) => copy(state.iter().map(|word| word.to_be_bytes()), out),
            Self::Sha384(state) => copy(state.iter().map(|word| word.to_be_bytes()), out),
        }
        match self {
            Self::Sha1(_) => 20,
            Self::Sha256(_) => 32,
            Self::Sha384(_) => 48,
        }
    }
}

/// A key as the two states that follow its inner and its outer block.
#[derive(Clone, ZeroizeOnDrop)]
pub(super) struct MacKey {
    inner: State,
    outer: State,
}

impl MacKey {
    /// `key` is at most a block long. SEC_E_UNSUPPORTED_FUNCTION for RC4, whose digest is MD5.
    pub(super) fn new(enctype: Enctype, key: &[u8]) -> Result<Self> {
        let initial = match enctype {
            Enctype::Aes128CtsHmacSha1 | Enctype::Aes256CtsHmacSha1 => State::SHA1,
            Enctype::Aes128CtsHmacSha256 => State::SHA256,
            Enctype::Aes256CtsHmacSha384 => State::SHA384,
            Enctype::Rc4Hmac => {
                return Err(Error::new(Code::UnsupportedFunction, "RC4 has no HMAC of the SHA family"));
            }
        };
        if key.len() > initial.block_size() {
            return Err(Error::new(Code::InternalError, "no HMAC with a key of this length"));
        }
        let [inner, outer] = [0x36, 0x5c].map(|pad| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
            let mut state = initial;
            state.compress(block.split_at(initial.block_size()).0);
            block.as_mut_slice().zeroize();
            state
        });
        Ok(Self { inner, outer })
    }

    /// The inner digest, its key block taken.
    pub(super) fn begin(&self) -> Mac<'_> {
        let length = self.inner.block_size() as u64;
        Mac { key: self, state: self.inner, block: [0; BLOCK], filled: 0, length }
    }

    /// The code of a message given in parts, as many leading bytes of it as `out` takes.
    pub(super) fn sum(&self, parts: &[&[u8]], out: &mut [u8]) {
        let mut mac = self.begin();
        parts.iter().for_each(|part| mac.update(part));
        mac.finish(out);
    }

    /// Whether `checksum` is the code of a message, cut to the length of `checksum`.
    pub(super) fn is_sum(&self, parts: &[&[u8]], checksum: &[u8]) -> bool {
        let mut code = [0; DIGEST];
        self.sum(parts, &mut code);
        code.get(..checksum.len()).is_some_and(|code| secret::equal(code, checksum))
    }

    /// The inner state, where it is one of SHA-1, for who compresses the message himself.
    pub(super) fn sha1_state(&self) -> Option<[u32; 5]> {
        match self.inner {
            State::Sha1(state) => Some(state),
            _ => None,
        }
    }

    /// The code whose inner digest ended in `state`, padding and all.
    pub(super) fn finish_sha1(&self, state: [u32; 5], out: &mut [u8]) {
        let State::Sha1(mut outer) = self.outer else { return };
        // Five words of digest, the end of the message, and its bits with the key's block.
        let mut words = [0u32; 16];
        words.iter_mut().zip(state).for_each(|(to, from)| *to = from);
        (words[5], words[15]) = (0x8000_0000, (64 + 20) * 8);
        let mut block = [0; 64];
        block.as_chunks_mut().0.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_be_bytes());
        compress(&mut outer, &[block]);
        let mut digest = [0; 20];
        digest.as_chunks_mut().0.iter_mut().zip(outer).for_each(|(to, word)| *to = word.to_be_bytes());
        out.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    }

    fn finish(&self, inner: State, out: &mut [u8]) {
        let mut digest = [0; DIGEST];
        let length = inner.write(&mut digest);
        let digest = digest.split_at(length).0;
        let block_size = self.outer.block_size();
        let mut block = [0; BLOCK];
        block.iter_mut().zip(digest.iter().chain(&[0x80])).for_each(|(to, from)| *to = *from);
        put_bits(&mut block, block_size, (block_size + length) as u64);
        let mut outer = self.outer;
        outer.compress(block.split_at(block_size).0);
        let mut digest = [0; DIGEST];
        outer.write(&mut digest);
        out.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    }
}

/// The number of bits in `length` bytes, at the end of a last block.
fn put_bits(block: &mut [u8; BLOCK], block_size: usize, length: u64) {
    let (block, _) = block.split_at_mut(block_size);
    if let Some(place) = block.last_chunk_mut() {
        *place = length.wrapping_mul(8).to_be_bytes();
    }
}

/// The code of a message in the making.
pub(super) struct Mac<'k> {
    key: &'k MacKey,
    state: State,
    block: [u8; BLOCK],
    filled: usize,
    /// Bytes taken, the key's block among them.
    length: u64,
}

impl Mac<'_> {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        let mut rest = bytes;
        if self.filled > 0 {
            let room = self.state.block_size().saturating_sub(self.filled);
            let (head, later) = bytes.split_at(room.min(bytes.len()));
            self.fill(head);
            rest = later;
            if self.filled < self.state.block_size() {
                return;
            }
            self.compress_block();
        }
        let rest = self.state.compress(rest);
        self.fill(rest);
    }

    /// As many leading bytes of the code as `out` takes.
    pub(super) fn finish(mut self, out: &mut [u8]) {
        let block_size = self.state.block_size();
        self.fill(&[0x80]);
        // The length takes an eighth of a block.
        if self.filled > block_size / 8 * 7 {
            self.compress_block();
        }
        put_bits(&mut self.block, block_size, self.length);
        self.compress_block();
        self.key.finish(self.state, out);
    }

    /// Appends to the block, in which there is room.
    fn fill(&mut self, bytes: &[u8]) {
        let end = self.filled.saturating_add(bytes.len());
        if let Some(space) = self.block.get_mut(self.filled..end) {
            space.copy_from_slice(bytes);
            self.filled = end;
        }
    }

    /// Takes the block, whatever of it is filled; the next one is empty and zero.
    fn compress_block(&mut self) {
        self.state.compress(self.block.split_at(self.state.block_size()).0);
        self.block = [0; BLOCK];
        self.filled = 0;
    }
}
