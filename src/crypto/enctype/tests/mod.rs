//! Each enctype against published values, and messages in parts against whole ones.

#![forbid(unsafe_code)]

mod kernel;
mod keys;
mod messages;
mod peers;
mod rc4;
mod vectors;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|k| u8::from_str_radix(&text[k..k + 2], 16).unwrap()).collect()
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Numbers that differ from test to test but not from run to run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Lengths that add up to `total`; some are 0.
    fn split(&mut self, total: usize) -> Vec<usize> {
        let mut lengths = Vec::new();
        let mut left = total;
        while left > 0 {
            let length = match self.below(4) {
                0 => 0,
                1 => self.below(left.min(70) + 1),
                2 => self.below(left + 1),
                _ => left,
            };
            lengths.push(length);
            left -= length;
        }
        if self.below(3) == 0 {
            lengths.push(0);
        }
        lengths
    }
}
