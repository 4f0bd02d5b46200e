//! MD5's compression function over four blocks at a time, a lane for each: in little more time than one.

#![forbid(unsafe_code)]

use std::array;
use std::hint::black_box;

use wide::u32x4 as Lanes;
use zeroize::{Zeroize, optimization_barrier};

use super::md5::{INITIAL, SINES};

/// What runs between the steps of a compression.
pub(super) trait Beside {
    /// Called for 0 to 15 in order, once in each four steps.
    fn in_four(&mut self, n: usize);
}

impl Beside for () {
    #[inline(always)]
    fn in_four(&mut self, _: usize) {}
}

/// Four states; a word of each in its lane.
#[derive(Clone, Copy)]
pub(super) struct States([Lanes; 4]);

/// The constants of the steps in their order: four rounds of four times four steps.
static SINE_LANES: [[[Lanes; 4]; 4]; 4] = {
    let mut lanes = [[[Lanes::ZERO; 4]; 4]; 4];
    let mut t = 0;
    while t < 64 {
        let sine = SINES[t / 16][[t, 5 * t + 1, 3 * t + 5, 7 * t][t / 16] % 16];
        lanes[t / 16][t / 4 % 4][t % 4] = Lanes::new([sine; 4]);
        t += 1;
    }
    lanes
};

impl States {
    /// Before the first block.
    pub(super) fn new() -> Self {
        Self(INITIAL.map(Lanes::splat))
    }

    /// These states, with lanes of them in other places.
    pub(super) fn of(states: [&[u32; 4]; 4]) -> Self {
        Self(array::from_fn(|word| Lanes::new(states.map(|state| state[word]))))
    }

    /// Each lane's state.
    pub(super) fn each(&self) -> [[u32; 4]; 4] {
        let words = self.0.map(Lanes::to_array);
        array::from_fn(|lane| words.map(|word| word[lane]))
    }

    /// One block into each lane.
    #[inline(never)]
    pub(super) fn compress_alone(&mut self, blocks: [&[u8; 64]; 4]) {
        self.compress(blocks, &mut ());
    }

    /// One block into each lane, with `beside` between the steps.
    #[inline(always)]
    pub(super) fn compress(&mut self, blocks: [&[u8; 64]; 4], beside: &mut impl Beside) {
        let row = |n| Lanes::transpose(blocks.map(|block| four_words(&block.as_chunks().0[n])));
        let mut words: [[Lanes; 4]; 4] = array::from_fn(row);
        let [mut a, mut b, mut c, mut d] = self.0;
        macro_rules! step {
            ($f:ident, $a:ident $b:ident $c:ident $d:ident, $word:expr, $sine:expr, $s:literal) => {
                let sum = $a + $word + $sine + $f($b, $c, $d);
                $a = (sum << $s | sum >> (32 - $s)) + $b;
            };
        }
        // Steps by fours, which go through the rows of words in rising or in falling order: `row` behind the
        // one that a four begins with, the word in it, how far the sum turns. The compiler is kept from
        // unrolling: with what runs beside the steps that would push the caller's code out of the cache.
        macro_rules! round {
            ($round:literal $f:ident $order:ident: $row1:literal $word1:literal $s1:literal,
             $row2:literal $word2:literal $s2:literal, $row3:literal $word3:literal $s3:literal,
             $row4:literal $word4:literal $s4:literal) => {
                for (k, sines) in black_box(&SINE_LANES[$round][..]).iter().enumerate() {
                    step!($f, a b c d, words[$order(k, $row1)][$word1], sines[0], $s1);
                    step!($f, d a b c, words[$order(k, $row2)][$word2], sines[1], $s2);
                    beside.in_four(4 * $round + k);
                    step!($f, c d a b, words[$order(k, $row3)][$word3], sines[2], $s3);
                    step!($f, b c d a, words[$order(k, $row4)][$word4], sines[3], $s4);
                }
            };
        }
        round!(0 f rising: 0 0 7, 0 1 12, 0 2 17, 0 3 22);
        round!(1 g rising: 0 1 5, 1 2 9, 2 3 14, 0 0 20);
        round!(2 h falling: 1 1 4, 2 0 11, 2 3 16, 3 2 23);
        round!(3 i falling: 0 0 6, 1 3 10, 3 2 15, 1 1 21);
        for (word, more) in self.0.iter_mut().zip([a, b, c, d]) {
            *word += more;
        }
        words = [[Lanes::ZERO; 4]; 4];
        optimization_barrier(&words);
    }
}

impl Zeroize for States {
    fn zeroize(&mut self) {
        self.0.iter_mut().for_each(|word| word.as_mut_array().zeroize());
    }
}

#[inline(always)]
fn four_words(bytes: &[u8; 16]) -> Lanes {
    Lanes::new(array::from_fn(|k| u32::from_le_bytes(bytes.as_chunks().0[k])))
}

#[inline(always)]
fn rising(k: usize, row: usize) -> usize {
    (k + row) % 4
}

#[inline(always)]
fn falling(k: usize, row: usize) -> usize {
    (4 - k % 4 + row) % 4
}

#[inline(always)]
fn f(b: Lanes, c: Lanes, d: Lanes) -> Lanes {
    (c ^ d) & b ^ d
}

#[inline(always)]
fn g(b: Lanes, c: Lanes, d: Lanes) -> Lanes {
    // The two halves share no bit: adding them is the same as or-ing them.
    (c & !d) + (b & d)
}

#[inline(always)]
fn h(b: Lanes, c: Lanes, d: Lanes) -> Lanes {
    (c ^ d) ^ b
}

#[inline(always)]
fn i(b: Lanes, c: Lanes, d: Lanes) -> Lanes {
    (b | !d) ^ c
}
