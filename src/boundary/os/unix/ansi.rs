//! The 8-bit strings of the `A` functions: UTF-8.

#![forbid(unsafe_code)]

use widestring::U16Str;

/// Appends the units of `bytes` to `out`, which has room for as many; `None` if they are no UTF-8.
pub fn decode(bytes: &[u8], out: &mut Vec<u16>) -> Option<()> {
    out.extend(str::from_utf8(bytes).ok()?.encode_utf16());
    Some(())
}

/// A text for people, with its NUL.
pub fn encode_text(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// `None` for half of a surrogate pair.
pub fn encode(text: &U16Str) -> Option<Vec<u8>> {
    text.to_string().ok().map(String::into_bytes)
}
