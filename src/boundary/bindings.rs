//! SECBUFFER_CHANNEL_BINDINGS: SEC_CHANNEL_BINDINGS and SEC_CHANNEL_BINDINGS_EX, every offset and
//! length checked against the buffer.

#![forbid(unsafe_code)]

use crate::abi::{SEC_CHANNEL_BINDINGS, SEC_CHANNEL_BINDINGS_EX, SEC_CHANNEL_BINDINGS_EX_MAGIC};
use crate::error::{Code, Error, Result};
use crate::store::bindings::ChannelBindings;

/// The fields that both forms end their heads with, in 32-bit words.
const FIELDS: usize = size_of::<SEC_CHANNEL_BINDINGS>() / 4;

fn bad_bindings() -> Error {
    Error::new(Code::InvalidToken, "channel bindings that leave their buffer")
}

/// Reads the bindings out of the buffer that holds them.
pub fn parse(buffer: &[u8]) -> Result<ChannelBindings<'_>> {
    let words = head(buffer)?;
    let [
        initiator_addrtype,
        initiator_len,
        initiator_at,
        acceptor_addrtype,
        acceptor_len,
        acceptor_at,
        len,
        at,
    ] = words;
    Ok(ChannelBindings {
        initiator_addrtype,
        initiator_address: stretch(buffer, initiator_at, initiator_len)?,
        acceptor_addrtype,
        acceptor_address: stretch(buffer, acceptor_at, acceptor_len)?,
        application_data: stretch(buffer, at, len)?,
    })
}

/// The eight words that say what lies where.
fn head(buffer: &[u8]) -> Result<[u32; FIELDS]> {
    let extended = word(buffer, 0)? == SEC_CHANNEL_BINDINGS_EX_MAGIC;
    let first = if extended { extended_head(buffer)? } else { 0 };
    let mut words = [0; FIELDS];
    for (index, place) in words.iter_mut().enumerate() {
        *place = word(buffer, first + 4 * index)?;
    }
    Ok(words)
}

/// Checks what SEC_CHANNEL_BINDINGS_EX says about itself; answers where the fields begin.
fn extended_head(buffer: &[u8]) -> Result<usize> {
    let (head_len, structure_len) = (word(buffer, 8)? as usize, word(buffer, 12)? as usize);
    let fits = size_of::<SEC_CHANNEL_BINDINGS_EX>() <= head_len
        && head_len <= structure_len
        && structure_len <= buffer.len();
    if fits { Ok(size_of::<SEC_CHANNEL_BINDINGS_EX>() - 4 * FIELDS) } else { Err(bad_bindings()) }
}

fn word(buffer: &[u8], at: usize) -> Result<u32> {
    let bytes = buffer.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map(|bytes| u32::from_ne_bytes(*bytes)).ok_or_else(bad_bindings)
}

/// `len` bytes from `at`; where there are none, the offset means nothing.
fn stretch(buffer: &[u8], at: u32, len: u32) -> Result<&[u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    let end = (at as usize).checked_add(len as usize).ok_or_else(bad_bindings)?;
    buffer.get(at as usize..end).ok_or_else(bad_bindings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u32], data: &[u8]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).chain(data.iter().copied()).collect()
    }

    #[test]
    fn both_forms_are_read() {
        let plain = bytes(&[2, 1, 32, 3, 2, 33, 4, 35], b"iaadata");
        let bindings = parse(&plain).unwrap();
        assert_eq!((bindings.initiator_addrtype, bindings.initiator_address), (2, &b"i"[..]));
        assert_eq!((bindings.acceptor_addrtype, bindings.acceptor_address), (3, &b"aa"[..]));
        assert_eq!(bindings.application_data, b"data");
        let extended =
            bytes(&[SEC_CHANNEL_BINDINGS_EX_MAGIC, 1, 48, 52, 0, 0, 0, 0, 0, 9999, 4, 48], b"data");
        assert_eq!(parse(&extended).unwrap().application_data, b"data");
    }

    #[test]
    fn nothing_outside_the_buffer_is_read() {
        let good = bytes(&[0, 0, 0, 0, 0, 0, 4, 32], b"data");
        for len in 0..good.len() {
            assert!(parse(&good[..len]).is_err());
        }
        for (at, len) in [(33, 4), (32, 5), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX)] {
            assert!(parse(&bytes(&[0, 0, 0, 0, 0, 0, len, at], b"data")).is_err());
            assert!(parse(&bytes(&[0, len, at, 0, 0, 0, 0, 0], b"data")).is_err());
            assert!(parse(&bytes(&[0, 0, 0, 0, len, at, 0, 0], b"data")).is_err());
        }
        for (head, structure) in [(47, 52), (48, 53), (53, 52), (u32::MAX, u32::MAX)] {
            let words = [SEC_CHANNEL_BINDINGS_EX_MAGIC, 0, head, structure, 0, 0, 0, 0, 0, 0, 4, 48];
            assert!(parse(&bytes(&words, b"data")).is_err());
        }
    }
}
