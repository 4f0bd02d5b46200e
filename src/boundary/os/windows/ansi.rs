//! The 8-bit strings of the `A` functions: the active code page.

use std::ptr::null;

use widestring::{U16Str, U16String};

const CP_ACP: u32 = 0;
const CP_UTF8: u32 = 65001;
const MB_ERR_INVALID_CHARS: u32 = 8;
const WC_NO_BEST_FIT_CHARS: u32 = 0x400;
/// More bytes than any code page has for one unit.
const LONGEST_UNIT: usize = 5;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetACP() -> u32;
    fn MultiByteToWideChar(
        page: u32,
        flags: u32,
        bytes: *const u8,
        length: i32,
        out: *mut u16,
        room: i32,
    ) -> i32;
    fn WideCharToMultiByte(
        page: u32,
        flags: u32,
        text: *const u16,
        length: i32,
        out: *mut u8,
        room: i32,
        replacement: *const u8,
        replaced: *mut i32,
    ) -> i32;
}

fn is_utf8() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { GetACP() == CP_UTF8 }
}

/// Appends the units of `bytes` to `out`, which has room for as many; `None` if they are no string of
/// the code page.
pub fn decode(bytes: &[u8], out: &mut Vec<u16>) -> Option<()> {
    if bytes.is_empty() {
        return Some(());
    }
    if is_utf8() {
        out.extend(str::from_utf8(bytes).ok()?.encode_utf16());
        return Some(());
    }
    let start = out.len();
    out.resize(start.checked_add(bytes.len())?, 0);
    let room = out.get_mut(start..)?;
    let length = i32::try_from(bytes.len()).ok()?;
    // SAFETY: `length` bytes to read, and room for as many units.
    let units = unsafe {
        MultiByteToWideChar(CP_ACP, MB_ERR_INVALID_CHARS, bytes.as_ptr(), length, room.as_mut_ptr(), length)
    };
    let units = usize::try_from(units).ok().filter(|units| *units > 0);
    out.truncate(start.checked_add(units.unwrap_or(0))?);
    units.map(drop)
}

/// A text for people, with its NUL: what the code page lacks of it is told by number.
pub fn encode_text(text: &str) -> Vec<u8> {
    let whole = encode(&U16String::from_str(text));
    let mut bytes = whole.unwrap_or_else(|| text.chars().flat_map(encode_or_escape).collect());
    bytes.push(0);
    bytes
}

fn encode_or_escape(character: char) -> Vec<u8> {
    let own = encode(&U16String::from_str(character.encode_utf8(&mut [0; 4])));
    own.unwrap_or_else(|| character.escape_unicode().map(|part| part as u8).collect())
}

/// `None` where the code page lacks a character of it.
pub fn encode(text: &U16Str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    if is_utf8() {
        return text.to_string().ok().map(String::into_bytes);
    }
    let mut out = vec![0; text.len().checked_mul(LONGEST_UNIT)?];
    let (length, room) = (i32::try_from(text.len()).ok()?, i32::try_from(out.len()).ok()?);
    let mut replaced = 0;
    // SAFETY: `length` units to read, room for `room` bytes; NULL is the usual replacement.
    let bytes = unsafe {
        WideCharToMultiByte(
            CP_ACP,
            WC_NO_BEST_FIT_CHARS,
            text.as_slice().as_ptr(),
            length,
            out.as_mut_ptr(),
            room,
            null(),
            &raw mut replaced,
        )
    };
    out.truncate(usize::try_from(bytes).ok()?);
    (replaced == 0 && bytes > 0).then_some(out)
}
