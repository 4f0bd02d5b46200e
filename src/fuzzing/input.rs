//! The fuzzer's bytes, taken from the front.

#![forbid(unsafe_code)]

/// What is left of an input; it never runs out, it only becomes zeros.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// `length` bytes, or as many as there are.
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A few changes of the bytes of something.
    pub fn edits(&mut self) -> Vec<Edit> {
        let count = self.byte() % 8;
        (0..count).map(|_| Edit { at: self.word(), with: self.byte() }).collect()
    }
}

/// Flips the bits `with` of the byte `at`, counted around the end.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    pub at: u16,
    pub with: u8,
}

impl Edit {
    pub fn apply(self, bytes: &mut [u8]) {
        let at = usize::from(self.at).checked_rem(bytes.len());
        if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
            *byte ^= self.with;
        }
    }
}
