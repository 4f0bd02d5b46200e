//! Each enctype against published values, and messages in parts against whole ones.

#![forbid(unsafe_code)]

mod keys;
mod peers;
mod vectors;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|k| u8::from_str_radix(&text[k..k + 2], 16).unwrap()).collect()
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}
