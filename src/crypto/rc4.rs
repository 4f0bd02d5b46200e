//! RC4, as NTLM and the RC4 enctype of Kerberos use it: always a key of 16 bytes.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// One key stream and how far it has been used.
///
/// A clone continues from the same place: it is how a caller keeps the state to return to
/// when a message fails.
#[derive(Clone)]
pub struct Rc4 {
    s: [u8; 256],
    i: u8,
    j: u8,
}

const IDENTITY: [u8; 256] = {
    let mut s = [0; 256];
    let mut i = 0;
    while i < 256 {
        s[i] = i as u8;
        i += 1;
    }
    s
};

impl Rc4 {
    /// The key schedule.
    pub fn new(key: &[u8; 16]) -> Self {
        let mut rc4 = Self { s: IDENTITY, i: 0, j: 0 };
        let mut j = 0_u8;
        for row in 0..16 {
            for (column, byte) in key.iter().enumerate() {
                let i = 16 * row + column;
                let x = rc4.s[i];
                j = j.wrapping_add(*byte).wrapping_add(x);
                rc4.s[i] = rc4.s[usize::from(j)];
                rc4.s[usize::from(j)] = x;
            }
        }
        rc4
    }

    /// Encrypts or decrypts in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let mut stream = self.stream();
        let (twos, rest) = bytes.as_chunks_mut::<2>();
        for [first, second] in twos {
            let [a, b] = stream.next_two();
            *first ^= a;
            *second ^= b;
        }
        for byte in rest {
            *byte ^= stream.next();
        }
        stream.leave();
    }

    /// The whole state, for a context that goes on in another process.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 258]> {
        let mut bytes = Zeroizing::new([0; 258]);
        let state = self.s.iter().chain([&self.i, &self.j]);
        for (place, byte) in bytes.iter_mut().zip(state) {
            *place = *byte;
        }
        bytes
    }

    /// The state that `to_bytes` gave; `None` for what cannot be one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 258] = bytes.try_into().ok()?;
        let (s, indices) = bytes.split_first_chunk::<256>()?;
        let mut seen = [false; 256];
        s.iter().for_each(|byte| seen[usize::from(*byte)] = true);
        let [i, j] = *indices else { return None };
        seen.iter().all(|seen| *seen).then_some(Self { s: *s, i, j })
    }

    /// The key stream with its two indices at hand, for loops that take many bytes.
    #[inline(always)]
    pub(super) fn stream(&mut self) -> Stream<'_> {
        Stream {
            i: u32::from(self.i),
            j: u32::from(self.j),
            s: &mut self.s,
            indices: (&mut self.i, &mut self.j),
        }
    }
}

/// Two key schedules side by side, whose exchanges may be made between the steps of something else.
///
/// Neither waits for the other, and words are read back sooner after they were written than bytes are.
pub(super) struct TwoSchedules {
    s: [[u32; 256]; 2],
    j: [usize; 2],
    keys: [[u32; 16]; 2],
    /// Exchanges made so far.
    made: usize,
}

/// A quarter of both schedules, with what changes at hand.
pub(super) struct Exchanges<'a> {
    s: &'a mut [[u32; 256]; 2],
    j: [usize; 2],
    keys: &'a [[u32; 16]; 2],
    made: usize,
}

impl Exchanges<'_> {
    /// The exchanges number 4 * `n` to 4 * `n` + 3 of the quarter.
    #[inline(always)]
    pub(super) fn four(&mut self, n: usize) {
        let i = 4 * ((self.made / 4 + n) % 64);
        for half in 0..2 {
            for ((s, j), keys) in self.s.iter_mut().zip(&mut self.j).zip(self.keys) {
                let keys = keys.as_chunks::<4>().0[n % 4].as_chunks::<2>().0;
                *j = two_exchanges(s, [i + 2 * half, i + 2 * half + 1], *j, &keys[half]);
            }
        }
    }
}

/// Two exchanges of one schedule, read ahead of as in `Stream::next_two`; answers the new j.
#[inline(always)]
fn two_exchanges(s: &mut [u32; 256], [i1, i2]: [usize; 2], j: usize, keys: &[u32; 2]) -> usize {
    let (x1, mut x2) = (s[i1], s[i2]);
    let j1 = cut(keys[0].wrapping_add(x1).wrapping_add(j as u32));
    let y1 = s[j1];
    (s[i1], s[j1]) = (y1, x1);
    if j1 == i2 {
        x2 = seldom(x1);
    }
    let j2 = cut(keys[1].wrapping_add(x2).wrapping_add(j1 as u32));
    let y2 = s[j2];
    (s[i2], s[j2]) = (y2, x2);
    j2
}

const IDENTITY_WORDS: [u32; 256] = {
    let mut s = [0; 256];
    let mut i = 0;
    while i < 256 {
        s[i] = i as u32;
        i += 1;
    }
    s
};

impl TwoSchedules {
    #[inline(always)]
    pub(super) fn new(keys: [&[u8; 16]; 2]) -> Self {
        let keys = keys.map(|key| key.map(u32::from));
        Self { s: [IDENTITY_WORDS; 2], j: [0; 2], keys, made: 0 }
    }

    /// Has `work` make the next 64 exchanges of both, by calling `four` for 0 to 15 in order;
    /// answers false when none are left.
    #[inline(always)]
    pub(super) fn quarter(&mut self, work: impl FnOnce(&mut Exchanges<'_>)) -> bool {
        if self.made >= 256 {
            return false;
        }
        let mut exchanges = Exchanges { s: &mut self.s, j: self.j, keys: &self.keys, made: self.made };
        work(&mut exchanges);
        self.j = exchanges.j;
        self.made += 64;
        true
    }

    /// What both key streams begin with, once all exchanges are made; the schedules are no more.
    pub(super) fn first_eight(&mut self) -> [[u8; 8]; 2] {
        while self.quarter(|exchanges| (0..16).for_each(|n| exchanges.four(n))) {}
        let mut streams = [[0; 8]; 2];
        for (stream, s) in streams.iter_mut().zip(&mut self.s) {
            let mut j = 0;
            for (n, byte) in stream.iter_mut().enumerate() {
                let x = s[n + 1];
                j = cut(j as u32 + x);
                let y = s[j];
                (s[n + 1], s[j]) = (y, x);
                *byte = s[cut(x.wrapping_add(y))] as u8;
            }
        }
        self.s.as_flattened_mut().zeroize();
        self.keys.as_flattened_mut().zeroize();
        self.j.zeroize();
        streams
    }
}

/// A key stream in use; `leave` writes the indices back.
///
/// The indices are whole registers here, cut to 8 bits where they are used.
pub(super) struct Stream<'a> {
    i: u32,
    j: u32,
    s: &'a mut [u8; 256],
    indices: (&'a mut u8, &'a mut u8),
}

impl Stream<'_> {
    /// The next byte of the key stream.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        let i = cut(self.i);
        let x = self.s[i];
        self.j = self.j.wrapping_add(u32::from(x));
        let j = cut(self.j);
        let y = self.s[j];
        self.s[i] = y;
        self.s[j] = x;
        self.s[usize::from(x.wrapping_add(y))]
    }

    /// The next two bytes.
    ///
    /// A processor holds a read back until it knows where earlier writes go, and the first
    /// exchange writes at an index that is known late. So what the second exchange needs is read
    /// before the first one writes, and put right in the rare case that it was written to.
    #[inline(always)]
    pub(super) fn next_two(&mut self) -> [u8; 2] {
        let i1 = cut(self.i.wrapping_add(1));
        let i2 = cut(self.i.wrapping_add(2));
        self.i = self.i.wrapping_add(2);
        let x1 = self.s[i1];
        let mut x2 = self.s[i2];
        self.j = self.j.wrapping_add(u32::from(x1));
        let j1 = cut(self.j);
        let y1 = self.s[j1];
        self.s[i1] = y1;
        self.s[j1] = x1;
        if j1 == i2 {
            x2 = seldom(x1);
        }
        let first = self.s[usize::from(x1.wrapping_add(y1))];
        self.j = self.j.wrapping_add(u32::from(x2));
        let j2 = cut(self.j);
        let y2 = self.s[j2];
        self.s[i2] = y2;
        self.s[j2] = x2;
        [first, self.s[usize::from(x2.wrapping_add(y2))]]
    }

    #[inline(always)]
    pub(super) fn leave(self) {
        *self.indices.0 = self.i as u8;
        *self.indices.1 = self.j as u8;
    }
}

#[inline(always)]
fn cut(index: u32) -> usize {
    (index & 0xff) as usize
}

/// `x` as it is; the compiler must make the way here a branch and not a conditional move, which
/// would wait for the comparison each time.
#[cold]
#[inline]
fn seldom<T>(x: T) -> T {
    std::hint::black_box(x)
}

impl Drop for Rc4 {
    fn drop(&mut self) {
        // As a slice: an array would be written byte by byte.
        self.s.as_mut_slice().zeroize();
        self.i.zeroize();
        self.j.zeroize();
    }
}

impl ZeroizeOnDrop for Rc4 {}
