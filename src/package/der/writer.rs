//! Writes DER into one buffer, which leaves no copy of what was in it when it grows.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

use crate::package::der::{
    BIT_STRING, GENERAL_STRING, GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, context,
    values::write_time,
};
use crate::secret::Secret;

/// A message in the making. Elements nest by closures; what is dropped unfinished is zeroed.
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    pub fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(512)))
    }

    /// What was written.
    pub fn finish(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }

    /// What was written, where it holds a key.
    pub fn finish_secret(self) -> Secret<Vec<u8>> {
        Secret::new(self.finish())
    }

    /// Bytes that are DER already.
    pub fn raw(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut grown = Vec::with_capacity(needed.saturating_mul(2));
            grown.extend_from_slice(&self.0);
            self.0.zeroize();
            *self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
    }

    /// An element around `body`.
    pub fn element(&mut self, tag: u8, body: &[u8]) {
        self.nest(tag, |writer| writer.raw(body));
    }

    /// An element around what `body` writes.
    pub fn nest(&mut self, tag: u8, body: impl FnOnce(&mut Self)) {
        // One byte for the length; a longer one shifts the body when its size is known.
        self.raw(&[tag, 0]);
        let start = self.0.len();
        body(self);
        let length = self.0.len().saturating_sub(start);
        let digits = length.to_be_bytes();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = digits.get(zeros..).unwrap_or_default();
        let count = u8::try_from(digits.len()).unwrap_or_default();
        let first = match u8::try_from(length) {
            Ok(short @ 0..0x80) => short,
            _ => {
                self.raw(digits);
                if let Some(body) = self.0.get_mut(start..) {
                    body.rotate_right(digits.len());
                }
                0x80 | count
            }
        };
        if let Some(place) = self.0.get_mut(start.saturating_sub(1)) {
            *place = first;
        }
    }

    pub fn sequence(&mut self, body: impl FnOnce(&mut Self)) {
        self.nest(SEQUENCE, body);
    }

    /// The explicit tag [number].
    pub fn field(&mut self, number: u8, body: impl FnOnce(&mut Self)) {
        self.nest(context(number), body);
    }

    /// The explicit tag [number] where there is a value.
    pub fn optional<T>(&mut self, number: u8, value: Option<T>, body: impl FnOnce(&mut Self, T)) {
        if let Some(value) = value {
            self.field(number, |writer| body(writer, value));
        }
    }

    pub fn integer(&mut self, value: impl Into<i64>) {
        let value: i64 = value.into();
        let bytes = value.to_be_bytes();
        let extra = bytes.windows(2).take_while(|pair| match pair {
            [0x00, next] => *next < 0x80,
            [0xFF, next] => *next >= 0x80,
            _ => false,
        });
        let extra = extra.count();
        self.element(INTEGER, bytes.get(extra..).unwrap_or_default());
    }

    pub fn octets(&mut self, bytes: &[u8]) {
        self.element(OCTET_STRING, bytes);
    }

    /// A KerberosString.
    pub fn text(&mut self, text: &str) {
        self.element(GENERAL_STRING, text.as_bytes());
    }

    /// KerberosFlags of 32 bits, bit 0 the highest.
    pub fn flags(&mut self, word: u32) {
        let [a, b, c, d] = word.to_be_bytes();
        self.element(BIT_STRING, &[0, a, b, c, d]);
    }

    /// A KerberosTime, from seconds since 1970.
    pub fn time(&mut self, seconds: i64) {
        self.element(GENERALIZED_TIME, write_time(seconds).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::der::element;

    #[test]
    fn nested_elements_of_every_length_are_those_of_the_reader() {
        for size in [0, 1, 100, 123, 127, 128, 200, 255, 256, 1000, 65_530, 65_536] {
            let body = vec![0x5A; size];
            let mut writer = Writer::new();
            writer.sequence(|writer| {
                writer.field(3, |writer| writer.octets(&body));
                writer.optional(4, None::<i32>, |writer, value| writer.integer(value));
                writer.optional(5, Some(1), |writer, value| writer.integer(value));
            });
            let inner = [element(0xA3, &element(OCTET_STRING, &body)), vec![0xA5, 3, 2, 1, 1]].concat();
            assert_eq!(writer.finish(), element(SEQUENCE, &inner), "{size}");
        }
    }
}
