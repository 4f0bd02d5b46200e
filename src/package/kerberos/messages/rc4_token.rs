//! The tokens of RFC 4757 7: framed as RFC 2743 3.1 says, then fixed fields.

#![forbid(unsafe_code)]

use super::{altered, too_small};
use crate::error::{Code, Error, Result};

/// What goes into the checksum of a token of GSS_GetMIC.
pub const USAGE_MIC: u32 = 15;
/// What goes into the checksum of a token of GSS_Wrap.
pub const USAGE_WRAP: u32 = 13;

/// Bytes of a token of GSS_GetMIC behind its framing.
pub const MIC_SIZE: usize = 24;
/// Bytes of a token of GSS_Wrap behind its framing and in front of the data.
pub const WRAP_SIZE: usize = 32;

/// TOK_ID, SGN_ALG HMAC, filler.
pub const MIC: [u8; 8] = [0x01, 0x01, 0x11, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];
/// TOK_ID, SGN_ALG HMAC, SEAL_ALG RC4, filler.
pub const SEALED: [u8; 8] = [0x02, 0x01, 0x11, 0x00, 0x10, 0x00, 0xFF, 0xFF];
/// As `SEALED`, SEAL_ALG none.
pub const SIGNED: [u8; 8] = [0x02, 0x01, 0x11, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];

/// [APPLICATION 0].
const TAG: u8 = 0x60;
/// 1.2.840.113554.1.2.2 in DER.
const MECHANISM: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];

/// Padding of a token of GSS_Wrap: RC4 has no blocks, and the format wants a byte at least.
pub const PADDING: u8 = 1;
/// No sender pads further.
pub const LONGEST_PADDING: usize = 8;

/// The fields behind the framing.
pub struct Fields<'a> {
    pub head: &'a mut [u8; 8],
    /// SND_SEQ.
    pub sequence: &'a mut [u8; 8],
    /// SGN_CKSUM.
    pub checksum: &'a mut [u8; 8],
    /// Confounder and data.
    pub rest: &'a mut [u8],
}

/// Divides what follows the framing; `None` when it is too short.
pub fn fields(body: &mut [u8]) -> Option<Fields<'_>> {
    let (head, rest) = body.split_first_chunk_mut()?;
    let (sequence, rest) = rest.split_first_chunk_mut()?;
    let (checksum, rest) = rest.split_first_chunk_mut()?;
    Some(Fields { head, sequence, checksum, rest })
}

/// SND_SEQ in plain: the number, then the direction.
pub fn sequence(number: u64, from_acceptor: bool) -> [u8; 8] {
    let [.., a, b, c, d] = number.to_be_bytes();
    let direction = if from_acceptor { 0xFF } else { 0 };
    [a, b, c, d, direction, direction, direction, direction]
}

/// The number of a SND_SEQ in plain that must be of this direction.
pub fn number(bytes: &[u8; 8], from_acceptor: bool) -> Result<u64> {
    let [a, b, c, d, ..] = *bytes;
    let number = u64::from(u32::from_be_bytes([a, b, c, d]));
    match *bytes == sequence(number, from_acceptor) {
        true => Ok(number),
        false => Err(altered("a token of the other direction")),
    }
}

/// Writes the framing of `framed` bytes to the front of `token`; answers its length.
pub fn write_framing(token: &mut [u8], framed: usize) -> Result<usize> {
    let length = framed.saturating_add(MECHANISM.len());
    let short = u8::try_from(length).ok().filter(|length| *length < 0x80);
    let bytes = length.to_be_bytes();
    let octets = bytes.iter().skip_while(|byte| **byte == 0).count();
    let octets = if short.is_some() { 0 } else { octets };
    let first = short.unwrap_or(0x80 | u8::try_from(octets).unwrap_or(0));
    let long = bytes.iter().skip(bytes.len().saturating_sub(octets));
    let framing = [TAG, first];
    let framing = framing.iter().chain(long).chain(&MECHANISM);
    let size = 2usize.saturating_add(octets).saturating_add(MECHANISM.len());
    let place = token.get_mut(..size).ok_or_else(too_small)?;
    place.iter_mut().zip(framing).for_each(|(place, byte)| *place = *byte);
    Ok(size)
}

/// Reads the framing: its length, and how many bytes it says that it frames.
pub fn read_framing(token: &[u8]) -> Result<(usize, usize)> {
    if token.len() < 16 {
        return Err(Error::new(Code::InvalidToken, "the token is shorter than its framing"));
    }
    framing(token).ok_or_else(|| altered("not a token of Kerberos"))
}

fn framing(token: &[u8]) -> Option<(usize, usize)> {
    let ([tag, first], rest) = token.split_first_chunk()?;
    let octets = match first {
        ..=0x7F => 0,
        0x81..=0x84 => usize::from(first & 0x7F),
        _ => return None,
    };
    let (long, rest) = rest.split_at_checked(octets)?;
    let length = match long {
        [] => usize::from(*first),
        _ => {
            long.iter().try_fold(0usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?
        }
    };
    // As short as it can be: a longer way to write it would be another token for the same message.
    let shortest = match long {
        [] => true,
        [0, ..] => false,
        [one] => *one >= 0x80,
        _ => true,
    };
    if *tag != TAG || !shortest || !rest.starts_with(&MECHANISM) {
        return None;
    }
    let size = octets.checked_add(2 + MECHANISM.len())?;
    Some((size, length.checked_sub(MECHANISM.len())?))
}
