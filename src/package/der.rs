//! The DER that the protocols' tokens are made of (X.690), read strictly.
//!
//! Lengths are definite and as short as they can be, tags are one byte, nothing trails. Nothing here
//! recurses: how deep a token may nest is how deep its reader reads.

#![forbid(unsafe_code)]

use crate::error::{Code, Error, Result};

mod values;
mod writer;

pub use values::{Fields, flags, integer, list, octets, text, text_lossy, time, uint32};
pub use writer::Writer;

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const ENUMERATED: u8 = 0x0A;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const GENERAL_STRING: u8 = 0x1B;
pub const SEQUENCE: u8 = 0x30;
/// InitialContextToken's [APPLICATION 0].
pub const APPLICATION_0: u8 = 0x60;
/// The explicit tag [0]; [1] is one more.
pub const CONTEXT_0: u8 = 0xA0;

/// The constructed tag [APPLICATION number], up to 30.
pub const fn application(number: u8) -> u8 {
    APPLICATION_0 | (number & TAG_NUMBER)
}

/// The explicit tag [number], up to 30.
pub const fn context(number: u8) -> u8 {
    CONTEXT_0 | (number & TAG_NUMBER)
}

/// The mask of a tag's number; all ones mean a number in the bytes that follow.
const TAG_NUMBER: u8 = 0x1F;

pub fn invalid(reason: &'static str) -> Error {
    Error::new(Code::InvalidToken, reason)
}

/// One element.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    /// With tag and length, as it came.
    pub whole: &'a [u8],
}

/// Elements one after the other.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn next(&mut self) -> Result<Element<'a>> {
        let all = self.0;
        let (&tag, rest) = all.split_first().ok_or_else(|| invalid("an element is missing"))?;
        if tag & TAG_NUMBER == TAG_NUMBER {
            return Err(invalid("a tag of more than one byte"));
        }
        let (length, rest) = length(rest)?;
        let (body, rest) =
            rest.split_at_checked(length).ok_or_else(|| invalid("an element longer than its token"))?;
        self.0 = rest;
        let whole = all.get(..all.len().saturating_sub(rest.len())).unwrap_or_default();
        Ok(Element { tag, body, whole })
    }

    /// The next element, which must be of that tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>> {
        let element = self.next()?;
        match element.tag == tag {
            true => Ok(element),
            false => Err(invalid("an element of another type")),
        }
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<()> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(invalid("bytes after the end")),
        }
    }
}

/// The one element that `bytes` is.
pub fn only(bytes: &[u8], tag: u8) -> Result<Element<'_>> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.end()?;
    Ok(element)
}

/// A length and what follows it.
fn length(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first().ok_or_else(|| invalid("a length is missing"))?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return Err(invalid("an indefinite or impossible length"));
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or_else(|| invalid("a length is cut off"))?;
    let value = digits.iter().fold(0u32, |value, digit| (value << 8) | u32::from(*digit));
    if value < 0x80 || digits.first() == Some(&0) {
        return Err(invalid("a length that is not the shortest"));
    }
    let value = usize::try_from(value).map_err(|_| invalid("an impossible length"))?;
    Ok((value, rest))
}

/// Whether these are the contents of an OBJECT IDENTIFIER.
pub fn is_oid(body: &[u8]) -> bool {
    let mut starts = true;
    for byte in body {
        if starts && *byte == 0x80 {
            return false;
        }
        starts = byte & 0x80 == 0;
    }
    !body.is_empty() && starts
}

/// Bytes of an element around so many.
pub fn size(length: usize) -> usize {
    let digits = if length < 0x80 { 0 } else { digits_of(length) };
    length.saturating_add(digits).saturating_add(2)
}

/// Tag and length of an element; its `length` bytes come next.
#[inline]
pub fn start(out: &mut impl Extend<u8>, tag: u8, length: usize) {
    match (length, length.to_be_bytes()) {
        (..0x80, [.., short]) => out.extend([tag, short]),
        (0x80..0x100, [.., a]) => out.extend([tag, 0x81, a]),
        (0x100..0x1_0000, [.., a, b]) => out.extend([tag, 0x82, a, b]),
        (_, bytes) => {
            let digits = digits_of(length);
            out.extend([tag, 0x80 | u8::try_from(digits).unwrap_or_default()]);
            out.extend(bytes.into_iter().skip(bytes.len().saturating_sub(digits)));
        }
    }
}

/// Bytes that a number has without leading zeros.
fn digits_of(number: usize) -> usize {
    let bits = usize::BITS.saturating_sub(number.leading_zeros());
    bits.div_ceil(8) as usize
}

/// One element around `body`.
pub fn element(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(size(body.len()));
    start(&mut out, tag, body.len());
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_definite_and_shortest() {
        for size in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let written = element(OCTET_STRING, &vec![7; size]);
            assert_eq!(written.len(), super::size(size));
            let read = only(&written, OCTET_STRING).unwrap();
            assert_eq!((read.body.len(), read.whole.len()), (size, written.len()));
            for end in [0, 1, written.len() - 1] {
                assert!(only(&written[..end], OCTET_STRING).is_err());
            }
            assert!(only(&[&written[..], &[0]].concat(), OCTET_STRING).is_err());
        }
        let refused: [&[u8]; 9] = [
            &[4, 0x80, 0, 0],
            &[4, 0x81, 0x7F],
            &[4, 0x82, 0, 0x80],
            &[4, 0x85, 1, 0, 0, 0, 0],
            &[4, 0x88, 1, 0, 0, 0, 0, 0, 0, 0],
            &[4, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            &[4, 0xFF],
            &[0x1F, 1, 0],
            &[4],
        ];
        for bytes in refused {
            assert!(Reader::new(bytes).next().is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn object_identifiers_have_no_leading_zeros_and_an_end() {
        assert!(is_oid(&[0x2B, 6, 1, 0x82, 0x37]));
        for bad in [&[][..], &[0x80, 1], &[0x2B, 0x80, 1], &[0x2B, 0x82]] {
            assert!(!is_oid(bad));
        }
    }
}
