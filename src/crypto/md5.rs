//! MD5 (RFC 1321): the compression function, and a digest in the making.
//!
//! Ours and not a crate's because the message kernels run RC4 between its steps.

#![forbid(unsafe_code)]

use std::array;

use zeroize::Zeroize;

/// A, B, C and D before the first block.
pub(super) const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The constants of the steps: for each round, in the order of the words that they go with.
pub(super) const SINES: [[u32; 16]; 4] = [
    [
        0xd76a_a478,
        0xe8c7_b756,
        0x2420_70db,
        0xc1bd_ceee,
        0xf57c_0faf,
        0x4787_c62a,
        0xa830_4613,
        0xfd46_9501,
        0x6980_98d8,
        0x8b44_f7af,
        0xffff_5bb1,
        0x895c_d7be,
        0x6b90_1122,
        0xfd98_7193,
        0xa679_438e,
        0x49b4_0821,
    ],
    [
        0xe9b6_c7aa,
        0xf61e_2562,
        0xfcef_a3f8,
        0xf4d5_0d87,
        0xe7d3_fbc8,
        0xd62f_105d,
        0xc040_b340,
        0x676f_02d9,
        0x455a_14ed,
        0x21e1_cde6,
        0x0244_1453,
        0x265e_5a51,
        0x8d2a_4c8a,
        0xa9e3_e905,
        0xc337_07d6,
        0xd8a1_e681,
    ],
    [
        0xeaa1_27fa,
        0xa4be_ea44,
        0xc4ac_5665,
        0xd4ef_3085,
        0x4bde_cfa9,
        0xfffa_3942,
        0x0488_1d05,
        0xf6bb_4b60,
        0x8771_f681,
        0xd9d4_d039,
        0xbebf_bc70,
        0x6d9d_6122,
        0xe6db_99e5,
        0x289b_7ec6,
        0xfde5_380c,
        0x1fa2_7cf8,
    ],
    [
        0xf429_2244,
        0x8584_5dd1,
        0x2ad7_d2bb,
        0x8f0c_cc92,
        0xf753_7e82,
        0xfc93_a039,
        0xa301_4314,
        0x432a_ff97,
        0x6fa8_7e4f,
        0xeb86_d391,
        0xffef_f47d,
        0xbd3a_f235,
        0x655b_59c3,
        0x4e08_11a1,
        0xab94_23a7,
        0xfe2c_e6e0,
    ],
];

/// What a compression works with: each word of the block with the constant of its step added,
/// for all four rounds, and the key stream that is made meanwhile.
///
/// The two are together so that one register leads to both.
pub(super) struct Workspace {
    sums: [[u32; 16]; 4],
    pub(super) key_stream: [u8; 64],
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self { sums: [[0; 16]; 4], key_stream: [0; 64] }
    }

    /// Puts in each step's constant and word.
    #[inline(always)]
    fn add_words(&mut self, block: &[u8; 64]) {
        for (sums, sines) in self.sums.iter_mut().zip(&SINES) {
            for ((sum, sine), word) in sums.iter_mut().zip(sines).zip(block.as_chunks::<4>().0) {
                *sum = sine.wrapping_add(u32::from_le_bytes(*word));
            }
        }
    }
}

impl Zeroize for Workspace {
    fn zeroize(&mut self) {
        self.sums.as_flattened_mut().zeroize();
        self.key_stream.as_mut_slice().zeroize();
    }
}

/// What runs between the steps of a compression.
pub(super) trait Beside {
    /// Called for 0 to 31 in order, after each two steps.
    fn after_two(&mut self, n: usize, key_stream: &mut [u8; 64]);
}

impl Beside for () {
    #[inline(always)]
    fn after_two(&mut self, _: usize, _: &mut [u8; 64]) {}
}

/// One block's compression.
pub(super) fn compress(state: &mut [u32; 4], block: &[u8; 64]) {
    compress_beside(state, block, &mut Workspace::new(), &mut ());
}

/// One block's compression with something else between its steps, so that a processor can
/// overlap the two.
#[inline(always)]
pub(super) fn compress_beside(
    state: &mut [u32; 4],
    block: &[u8; 64],
    workspace: &mut Workspace,
    beside: &mut impl Beside,
) {
    workspace.add_words(block);
    // The compiler must take the sums as they are in memory: if it saw the constants it would add
    // them last, after what depends on the step before, and each step would take a cycle more.
    let Workspace { sums, key_stream } = std::hint::black_box(workspace);
    let [mut a, mut b, mut c, mut d] = *state;

    // a = b + ((a + function(b, c, d) + sum) <<< shift)
    macro_rules! step {
        ($f:ident, $a:ident $b:ident $c:ident $d:ident, $sum:expr, $s:literal) => {
            $a = $f($a.wrapping_add($sum), $b, $c, $d).rotate_left($s).wrapping_add($b);
        };
    }
    macro_rules! four {
        ($q:literal $f:ident $s1:literal $s2:literal $s3:literal $s4:literal:
         $k1:literal $k2:literal $k3:literal $k4:literal) => {
            step!($f, a b c d, sums[$q / 4][$k1], $s1);
            step!($f, d a b c, sums[$q / 4][$k2], $s2);
            beside.after_two(2 * $q, key_stream);
            step!($f, c d a b, sums[$q / 4][$k3], $s3);
            step!($f, b c d a, sums[$q / 4][$k4], $s4);
            beside.after_two(2 * $q + 1, key_stream);
        };
    }

    four!(0 f 7 12 17 22: 0 1 2 3);
    four!(1 f 7 12 17 22: 4 5 6 7);
    four!(2 f 7 12 17 22: 8 9 10 11);
    four!(3 f 7 12 17 22: 12 13 14 15);

    four!(4 g 5 9 14 20: 1 6 11 0);
    four!(5 g 5 9 14 20: 5 10 15 4);
    four!(6 g 5 9 14 20: 9 14 3 8);
    four!(7 g 5 9 14 20: 13 2 7 12);

    four!(8 h 4 11 16 23: 5 8 11 14);
    four!(9 h 4 11 16 23: 1 4 7 10);
    four!(10 h 4 11 16 23: 13 0 3 6);
    four!(11 h 4 11 16 23: 9 12 15 2);

    four!(12 i 6 10 15 21: 0 7 14 5);
    four!(13 i 6 10 15 21: 12 3 10 1);
    four!(14 i 6 10 15 21: 8 15 6 13);
    four!(15 i 6 10 15 21: 4 11 2 9);

    state[0] = state[0].wrapping_add(a);
    state[1] = state[1].wrapping_add(b);
    state[2] = state[2].wrapping_add(c);
    state[3] = state[3].wrapping_add(d);
}

/// Two blocks' compressions side by side: neither waits for the other's steps.
#[inline(never)]
pub(super) fn compress_two(states: [&mut [u32; 4]; 2], blocks: [&[u8; 64]; 2]) {
    let [first, second] = states;
    let mut one = Steps { words: blocks[0].as_chunks::<4>().0, state: *first };
    let mut other = Steps { words: blocks[1].as_chunks::<4>().0, state: *second };

    macro_rules! both {
        ($($t:literal)+) => { $(one.step($t); other.step($t);)+ };
    }
    both!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    both!(16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    both!(32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47);
    both!(48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);

    for (state, steps) in [(first, one), (second, other)] {
        state.iter_mut().zip(steps.state).for_each(|(word, more)| *word = word.wrapping_add(more));
    }
}

/// A compression by the step.
struct Steps<'a> {
    words: &'a [[u8; 4]],
    state: [u32; 4],
}

impl Steps<'_> {
    /// Step `t` of 64, with what RFC 1321 3.4 lists for it.
    #[inline(always)]
    fn step(&mut self, t: usize) {
        const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
        let word = [t, 5 * t + 1, 3 * t + 5, 7 * t][t / 16] % 16;
        let [a, b, c, d] = array::from_fn(|k| self.state[(k + 64 - t) % 4]);
        let sum = a.wrapping_add(u32::from_le_bytes(self.words[word])).wrapping_add(SINES[t / 16][word]);
        let sum = match t / 16 {
            0 => f(sum, b, c, d),
            1 => g(sum, b, c, d),
            2 => h(sum, b, c, d),
            _ => i(sum, b, c, d),
        };
        self.state[(64 - t) % 4] = sum.rotate_left(SHIFTS[t / 16][t % 4]).wrapping_add(b);
    }
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

/// A message of 75 bytes in its two blocks: what it begins with, and its rest.
pub(super) fn padded(start: &[u8; 16], rest: &[u8; 59]) -> [u8; 128] {
    let mut padded = [0; 128];
    padded[..16].copy_from_slice(start);
    padded[16..75].copy_from_slice(rest);
    padded[75] = 0x80;
    if let Some(length) = padded.last_chunk_mut::<8>() {
        *length = (75 * 8u64).to_le_bytes();
    }
    padded
}

/// The digests of two messages of 75 bytes, side by side: what they begin with, and the rest of each.
pub(super) fn two(start: &[u8; 16], rests: [&[u8; 59]; 2]) -> [[u8; 16]; 2] {
    let [mut first, mut second] = rests.map(|rest| padded(start, rest));
    let [mut one, mut other] = [INITIAL; 2];
    for (left, right) in first.as_chunks::<64>().0.iter().zip(second.as_chunks::<64>().0) {
        compress_two([&mut one, &mut other], [left, right]);
    }
    first.as_mut_slice().zeroize();
    second.as_mut_slice().zeroize();
    [to_bytes(&one), to_bytes(&other)]
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
