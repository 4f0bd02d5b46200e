//! MD5 (RFC 1321): the compression function, and a digest in the making.
//!
//! Ours and not a crate's because the message kernels run RC4 between its steps.

#![forbid(unsafe_code)]

use std::array;

/// A, B, C and D before the first block.
pub(super) const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// One block's compression.
pub(super) fn compress(state: &mut [u32; 4], block: &[u8; 64]) {
    compress_beside(state, block, |_| ());
}

/// One block's compression, with `beside(0)` to `beside(15)` run in order, one after each
/// four steps, so that a processor can overlap the two.
#[inline(always)]
pub(super) fn compress_beside(state: &mut [u32; 4], block: &[u8; 64], mut beside: impl FnMut(usize)) {
    let word =
        |k: usize| u32::from_le_bytes([block[4 * k], block[4 * k + 1], block[4 * k + 2], block[4 * k + 3]]);
    let [mut a, mut b, mut c, mut d] = *state;

    // a = b + ((a + function(b, c, d) + word + constant) <<< shift)
    macro_rules! step {
        ($f:ident, $a:ident $b:ident $c:ident $d:ident, $k:literal, $s:literal, $t:literal) => {
            // What depends on b comes last: b is the step before's result.
            $a = $f($a.wrapping_add(word($k)).wrapping_add($t), $b, $c, $d).rotate_left($s).wrapping_add($b);
        };
    }
    macro_rules! four {
        ($g:literal $f:ident $s1:literal $s2:literal $s3:literal $s4:literal:
         $k1:literal $t1:literal, $k2:literal $t2:literal,
         $k3:literal $t3:literal, $k4:literal $t4:literal) => {
            step!($f, a b c d, $k1, $s1, $t1);
            step!($f, d a b c, $k2, $s2, $t2);
            step!($f, c d a b, $k3, $s3, $t3);
            step!($f, b c d a, $k4, $s4, $t4);
            beside($g);
        };
    }

    four!(0 f 7 12 17 22: 0 0xd76aa478, 1 0xe8c7b756, 2 0x242070db, 3 0xc1bdceee);
    four!(1 f 7 12 17 22: 4 0xf57c0faf, 5 0x4787c62a, 6 0xa8304613, 7 0xfd469501);
    four!(2 f 7 12 17 22: 8 0x698098d8, 9 0x8b44f7af, 10 0xffff5bb1, 11 0x895cd7be);
    four!(3 f 7 12 17 22: 12 0x6b901122, 13 0xfd987193, 14 0xa679438e, 15 0x49b40821);

    four!(4 g 5 9 14 20: 1 0xf61e2562, 6 0xc040b340, 11 0x265e5a51, 0 0xe9b6c7aa);
    four!(5 g 5 9 14 20: 5 0xd62f105d, 10 0x02441453, 15 0xd8a1e681, 4 0xe7d3fbc8);
    four!(6 g 5 9 14 20: 9 0x21e1cde6, 14 0xc33707d6, 3 0xf4d50d87, 8 0x455a14ed);
    four!(7 g 5 9 14 20: 13 0xa9e3e905, 2 0xfcefa3f8, 7 0x676f02d9, 12 0x8d2a4c8a);

    four!(8 h 4 11 16 23: 5 0xfffa3942, 8 0x8771f681, 11 0x6d9d6122, 14 0xfde5380c);
    four!(9 h 4 11 16 23: 1 0xa4beea44, 4 0x4bdecfa9, 7 0xf6bb4b60, 10 0xbebfbc70);
    four!(10 h 4 11 16 23: 13 0x289b7ec6, 0 0xeaa127fa, 3 0xd4ef3085, 6 0x04881d05);
    four!(11 h 4 11 16 23: 9 0xd9d4d039, 12 0xe6db99e5, 15 0x1fa27cf8, 2 0xc4ac5665);

    four!(12 i 6 10 15 21: 0 0xf4292244, 7 0x432aff97, 14 0xab9423a7, 5 0xfc93a039);
    four!(13 i 6 10 15 21: 12 0x655b59c3, 3 0x8f0ccc92, 10 0xffeff47d, 1 0x85845dd1);
    four!(14 i 6 10 15 21: 8 0x6fa87e4f, 15 0xfe2ce6e0, 6 0xa3014314, 13 0x4e0811a1);
    four!(15 i 6 10 15 21: 4 0xf7537e82, 11 0xbd3af235, 2 0x2ad7d2bb, 9 0xeb86d391);

    state[0] = state[0].wrapping_add(a);
    state[1] = state[1].wrapping_add(b);
    state[2] = state[2].wrapping_add(c);
    state[3] = state[3].wrapping_add(d);
}

// The round functions, each added to what does not depend on b.
#[inline(always)]
fn f(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add(((c ^ d) & b) ^ d)
}

#[inline(always)]
fn g(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    // The two halves share no bit: adding them is the same as or-ing them.
    sum.wrapping_add(c & !d).wrapping_add(b & d)
}

#[inline(always)]
fn h(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add((c ^ d) ^ b)
}

#[inline(always)]
fn i(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add((b | !d) ^ c)
}

/// The state as the digest's bytes.
pub(super) fn to_bytes(state: &[u32; 4]) -> [u8; 16] {
    let words: [[u8; 4]; 4] = array::from_fn(|k| state[k].to_le_bytes());
    array::from_fn(|k| words[k / 4][k % 4])
}

/// A digest in the making: the state, and the bytes that do not fill a block yet.
pub(super) struct Md5 {
    pub(super) state: [u32; 4],
    pub(super) block: [u8; 64],
    /// How much of `block` is filled; below 64 between calls.
    pub(super) filled: usize,
    /// Bytes of whole blocks compressed so far.
    pub(super) compressed: u64,
}

impl Md5 {
    pub(super) fn new() -> Self {
        Self::after(&INITIAL, 0)
    }

    /// Continues a digest whose first `compressed` bytes led to `state`.
    pub(super) fn after(state: &[u32; 4], compressed: u64) -> Self {
        Self { state: *state, block: [0; 64], filled: 0, compressed }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(self.room_or_less(bytes.len()));
        self.fill(head);
        if self.filled < 64 {
            return;
        }
        compress(&mut self.state, &self.block);
        self.next_block();
        let (blocks, tail) = rest.as_chunks::<64>();
        for block in blocks {
            compress(&mut self.state, block);
        }
        self.compressed = self.compressed.wrapping_add(64 * blocks.len() as u64);
        self.fill(tail);
    }

    /// The padding, the length and the last compression.
    pub(super) fn finish(mut self) -> [u8; 16] {
        let bits = self.compressed.wrapping_add(self.filled as u64).wrapping_mul(8);
        let filled = self.filled.min(63);
        self.block[filled] = 0x80;
        self.block[filled + 1..].fill(0);
        if filled >= 56 {
            compress(&mut self.state, &self.block);
            self.block.fill(0);
        }
        if let Some(length) = self.block.last_chunk_mut::<8>() {
            *length = bits.to_le_bytes();
        }
        compress(&mut self.state, &self.block);
        to_bytes(&self.state)
    }

    /// `length`, or what the block still takes if that is less.
    #[inline(always)]
    pub(super) fn room_or_less(&self, length: usize) -> usize {
        (64 - self.filled.min(64)).min(length)
    }

    /// Appends to the block; `bytes` must fit.
    #[inline(always)]
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let end = self.filled.saturating_add(bytes.len());
        if let Some(space) = self.block.get_mut(self.filled..end) {
            space.copy_from_slice(bytes);
            self.filled = end;
        }
    }

    /// The block has been compressed: an empty one follows.
    #[inline(always)]
    pub(super) fn next_block(&mut self) {
        self.filled = 0;
        self.compressed = self.compressed.wrapping_add(64);
    }
}
