//! Strings of C: `A` functions take UTF-8 (on Windows the active code page), `W` functions
//! NUL-terminated UTF-16. Inside the library every name is UTF-16 units exactly as given, lone surrogates included.

use widestring::{U16Str, U16String};

use crate::boundary::blocks::Block;
use crate::boundary::os::ansi;
use crate::error::{Code, Error, Result};

/// The longest NUL-terminated string that is read, in units without the NUL.
pub const LONGEST: usize = 65_535;

/// The character set of an entry point: [`Ansi`] or [`Wide`].
pub trait Charset {
    /// One unit of a string.
    type Unit: Copy;

    /// Whether this is UTF-16.
    const WIDE: bool;

    /// Reads a NUL-terminated string; `None` for NULL.
    ///
    /// # Safety
    /// `text` is NULL or points at a NUL-terminated string (only its first [`LONGEST`] + 1 units
    /// need be readable).
    unsafe fn read(text: *const Self::Unit) -> Result<Option<U16String>>;

    /// Reads exactly `units` units; `None` for NULL.
    ///
    /// # Safety
    /// `text` is NULL or points at `units` readable units.
    unsafe fn read_counted(text: *const Self::Unit, units: usize) -> Result<Option<U16String>>;

    /// The bytes of `text` in this character set, its NUL included.
    fn encode(text: &U16Str) -> Result<Vec<u8>>;

    /// A block with `text` and its NUL, for the caller to free.
    fn block(text: &U16Str) -> Result<Block> {
        Block::of(&Self::encode(text)?)
    }
}

/// The `A` functions: UTF-8, on Windows the active code page.
pub struct Ansi;

/// The `W` functions: UTF-16 in the machine's byte order.
pub struct Wide;

fn bad_string(reason: &'static str) -> Error {
    Error::new(Code::InvalidParameter, reason)
}

/// Room for `units` units at once: a secret that moves while it grows would leave copies behind.
fn room(units: usize) -> Result<Vec<u16>> {
    let mut out = Vec::new();
    let reserved = out.try_reserve_exact(units);
    reserved.map_err(|_| Error::new(Code::InsufficientMemory, "no memory for a string"))?;
    Ok(out)
}

/// Counts units up to the NUL.
///
/// # Safety
/// As [`Charset::read`].
unsafe fn length<Unit: Copy + Default + PartialEq>(text: *const Unit) -> Result<usize> {
    for units in 0..=LONGEST {
        // SAFETY: no unit before this one was the NUL, so this one belongs to the string. A `W`
        // string at an odd address is read as well.
        if unsafe { text.add(units).read_unaligned() } == Unit::default() {
            return Ok(units);
        }
    }
    Err(bad_string("a string without an end"))
}

impl Charset for Ansi {
    type Unit = libc::c_char;
    const WIDE: bool = false;

    unsafe fn read(text: *const libc::c_char) -> Result<Option<U16String>> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: not NULL, and the caller promises a NUL-terminated string.
        let units = unsafe { length(text) }?;
        // SAFETY: `units` units were just read there.
        unsafe { Self::read_counted(text, units) }
    }

    unsafe fn read_counted(text: *const libc::c_char, units: usize) -> Result<Option<U16String>> {
        if text.is_null() {
            return Ok(None);
        }
        if units > isize::MAX as usize {
            return Err(bad_string("a string longer than memory"));
        }
        // SAFETY: not NULL, and the caller promises `units` readable bytes, no more than isize::MAX.
        let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), units) };
        // UTF-16 never has more units than an 8-bit form has bytes.
        let mut out = room(units)?;
        ansi::decode(bytes, &mut out).ok_or_else(|| bad_string("bytes that are no string"))?;
        Ok(Some(U16String::from_vec(out)))
    }

    fn encode(text: &U16Str) -> Result<Vec<u8>> {
        let mut bytes = ansi::encode(text).ok_or_else(|| bad_string("a name that has no 8-bit form"))?;
        bytes.push(0);
        Ok(bytes)
    }
}

impl Charset for Wide {
    type Unit = u16;
    const WIDE: bool = true;

    unsafe fn read(text: *const u16) -> Result<Option<U16String>> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: not NULL, and the caller promises a NUL-terminated string.
        let units = unsafe { length(text) }?;
        // SAFETY: `units` units were just read there.
        unsafe { Self::read_counted(text, units) }
    }

    unsafe fn read_counted(text: *const u16, units: usize) -> Result<Option<U16String>> {
        if text.is_null() {
            return Ok(None);
        }
        let bytes = units.checked_mul(2).filter(|bytes| *bytes <= isize::MAX as usize);
        let bytes = bytes.ok_or_else(|| bad_string("a string longer than memory"))?;
        // SAFETY: not NULL, and the caller promises `units` readable units; bytes need no alignment.
        let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), bytes) };
        let mut out = room(units)?;
        out.extend(bytes.as_chunks().0.iter().map(|unit| u16::from_ne_bytes(*unit)));
        Ok(Some(U16String::from_vec(out)))
    }

    fn encode(text: &U16Str) -> Result<Vec<u8>> {
        let units = text.as_slice().iter().chain(&[0]);
        Ok(units.flat_map(|unit| unit.to_ne_bytes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ansi(bytes: &[u8]) -> Result<Option<U16String>> {
        // SAFETY: every test string below ends in a NUL.
        unsafe { Ansi::read(bytes.as_ptr().cast()) }
    }

    fn wide(units: &[u16]) -> Result<Option<U16String>> {
        // SAFETY: every test string below ends in a NUL.
        unsafe { Wide::read(units.as_ptr()) }
    }

    #[test]
    fn null_is_no_string_and_empty_is_one() {
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { Ansi::read(std::ptr::null()) }.unwrap(), None);
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { Wide::read(std::ptr::null()) }.unwrap(), None);
        assert_eq!(ansi(b"\0").unwrap(), Some(U16String::new()));
        assert_eq!(wide(&[0]).unwrap(), Some(U16String::new()));
    }

    #[test]
    fn both_character_sets_give_the_same_units() {
        let name = "Zo\u{eb} \u{1d11e}";
        let units: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let expected = Some(U16String::from_str(name));
        assert_eq!(wide(&units).unwrap(), expected);
        assert_eq!(ansi("Zo\u{eb} \u{1d11e}\0rest".as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_not_utf8_is_refused_and_lone_surrogates_stay() {
        assert_eq!(ansi(b"\xff\xfe\0").err().map(|error| error.code), Some(Code::InvalidParameter));
        let lone = [0xD800, u16::from(b'a'), 0];
        let read = wide(&lone).unwrap().unwrap();
        assert_eq!(read.as_slice(), &lone[..2]);
        assert_eq!(Wide::encode(&read).unwrap().len(), 6);
        assert_eq!(Ansi::encode(&read).err().map(|error| error.code), Some(Code::InvalidParameter));
    }

    #[test]
    fn a_string_without_an_end_is_refused() {
        let mut text = vec![b'a'; LONGEST + 1];
        assert_eq!(ansi(&text).err().map(|error| error.code), Some(Code::InvalidParameter));
        text[LONGEST] = 0;
        assert_eq!(ansi(&text).unwrap().unwrap().len(), LONGEST);
    }

    #[test]
    fn a_wide_string_may_lie_at_an_odd_address() {
        let bytes = [0_u8, b'h', 0, b'i', 0, 0, 0, 0];
        // SAFETY: six bytes from there on are two units and a NUL.
        let read = unsafe { Wide::read(bytes.as_ptr().wrapping_add(1).cast()) };
        assert_eq!(read.unwrap(), Some(U16String::from_str("hi")));
    }

    #[test]
    fn blocks_end_in_a_nul() {
        let text = U16String::from_str("\u{e9}");
        assert_eq!(Ansi::block(&text).unwrap().bytes(), [0xC3, 0xA9, 0]);
        assert_eq!(Wide::block(&text).unwrap().bytes(), [0xE9, 0, 0, 0]);
    }
}
