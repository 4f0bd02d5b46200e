//! MD5's compression function over four blocks at a time, a lane for each: in little more time than one.

#![forbid(unsafe_code)]

use std::array;

use wide::u32x4 as Lanes;
use zeroize::{Zeroize, optimization_barrier};

use super::md5::{INITIAL, SINES};

/// Four states; a word of each in its lane.
#[derive(Clone, Copy)]
pub(super) struct States([Lanes; 4]);

/// Which of the block's words each step takes, and how far it turns.
const WORD: [fn(usize) -> usize; 4] = [|t| t, |t| 5 * t + 1, |t| 3 * t + 5, |t| 7 * t];

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

    /// One block into each lane. `beside` is called for 0 to 31 in order, after each two steps.
    #[inline(always)]
    pub(super) fn compress(&mut self, blocks: [&[u8; 64]; 4], mut beside: impl FnMut(usize)) {
        let mut words = [Lanes::ZERO; 16];
        for (n, four) in words.as_chunks_mut().0.iter_mut().enumerate() {
            *four = Lanes::transpose(blocks.map(|block| four_words(&block.as_chunks().0[n])));
        }
        let [mut a, mut b, mut c, mut d] = self.0;
        macro_rules! step {
            ($f:ident, $a:ident $b:ident $c:ident $d:ident, $t:expr, $s:literal) => {
                let word = WORD[$t / 16]($t) % 16;
                let sum = $a + words[word] + Lanes::splat(SINES[$t / 16][word]) + $f($b, $c, $d);
                $a = (sum << $s | sum >> (32 - $s)) + $b;
            };
        }
        macro_rules! round {
            ($f:ident $s1:literal $s2:literal $s3:literal $s4:literal: $($t:literal)+) => {$(
                step!($f, a b c d, $t, $s1);
                step!($f, d a b c, $t + 1, $s2);
                beside($t / 2);
                step!($f, c d a b, $t + 2, $s3);
                step!($f, b c d a, $t + 3, $s4);
                beside($t / 2 + 1);
            )+};
        }
        round!(f 7 12 17 22: 0 4 8 12);
        round!(g 5 9 14 20: 16 20 24 28);
        round!(h 4 11 16 23: 32 36 40 44);
        round!(i 6 10 15 21: 48 52 56 60);
        for (word, more) in self.0.iter_mut().zip([a, b, c, d]) {
            *word += more;
        }
        words = [Lanes::ZERO; 16];
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
