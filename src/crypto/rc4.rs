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
        let mut s = IDENTITY;
        let mut j = 0u8;
        for i in 0..256 {
            let si = s[i];
            j = j.wrapping_add(si).wrapping_add(key[i % 16]);
            s[i] = s[usize::from(j)];
            s[usize::from(j)] = si;
        }
        Self { s, i: 0, j: 0 }
    }

    /// Encrypts or decrypts in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let mut stream = self.stream();
        for byte in bytes {
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
        Stream { i: self.i, j: self.j, rc4: self }
    }
}

/// A key stream in use; `leave` writes the indices back.
pub(super) struct Stream<'a> {
    i: u8,
    j: u8,
    rc4: &'a mut Rc4,
}

impl Stream<'_> {
    /// The next byte of the key stream.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u8 {
        let s = &mut self.rc4.s;
        self.i = self.i.wrapping_add(1);
        let si = s[usize::from(self.i)];
        self.j = self.j.wrapping_add(si);
        let sj = s[usize::from(self.j)];
        s[usize::from(self.i)] = sj;
        s[usize::from(self.j)] = si;
        s[usize::from(si.wrapping_add(sj))]
    }

    #[inline(always)]
    pub(super) fn leave(self) {
        self.rc4.i = self.i;
        self.rc4.j = self.j;
    }
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
