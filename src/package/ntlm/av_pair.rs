//! AV_PAIR lists (MS-NLMP 2.2.2.1): read strictly, written plainly.

#![forbid(unsafe_code)]

use super::message::invalid;
use crate::error::{Code, Error, Result};

/// AvId.
pub mod id {
    pub const EOL: u16 = 0;
    pub const NB_COMPUTER_NAME: u16 = 1;
    pub const NB_DOMAIN_NAME: u16 = 2;
    pub const DNS_COMPUTER_NAME: u16 = 3;
    pub const DNS_DOMAIN_NAME: u16 = 4;
    pub const DNS_TREE_NAME: u16 = 5;
    pub const FLAGS: u16 = 6;
    pub const TIMESTAMP: u16 = 7;
    pub const SINGLE_HOST: u16 = 8;
    pub const TARGET_NAME: u16 = 9;
    pub const CHANNEL_BINDINGS: u16 = 10;
}

/// MsvAvFlags: the AUTHENTICATE message has a MIC.
pub const FLAG_MIC: u32 = 0x2;

/// A list and the pairs of it that the protocol itself acts on.
#[derive(Clone, Copy, Default)]
pub struct AvPairs<'a> {
    /// The pairs without the end.
    list: &'a [u8],
    pub flags: Option<u32>,
    pub timestamp: Option<[u8; 8]>,
    /// UTF-16LE.
    pub target_name: Option<&'a [u8]>,
    pub channel_bindings: Option<[u8; 16]>,
}

impl<'a> AvPairs<'a> {
    /// Reads up to MsvAvEOL, which must be there. Names are whole UTF-16 units, pairs of fixed
    /// size have that size, and no pair that the protocol acts on comes twice.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut pairs = AvPairs::default();
        let mut rest = bytes;
        loop {
            let (av_id, value, after) = split(rest).ok_or_else(|| invalid("an AV pair is cut off"))?;
            if av_id == id::EOL {
                if !value.is_empty() {
                    return Err(invalid("MsvAvEOL has a value"));
                }
                break;
            }
            pairs.take(av_id, value)?;
            rest = after;
        }
        let length = bytes.len().saturating_sub(rest.len());
        pairs.list = bytes.get(..length).unwrap_or_default();
        Ok(pairs)
    }

    fn take(&mut self, av_id: u16, value: &'a [u8]) -> Result<()> {
        match av_id {
            id::FLAGS => once(&mut self.flags, u32::from_le_bytes(sized(value)?)),
            id::TIMESTAMP => once(&mut self.timestamp, sized(value)?),
            id::CHANNEL_BINDINGS => once(&mut self.channel_bindings, sized(value)?),
            id::TARGET_NAME => {
                even(value)?;
                once(&mut self.target_name, value)
            }
            id::NB_COMPUTER_NAME..=id::DNS_TREE_NAME => even(value),
            _ => Ok(()),
        }
    }

    /// The pairs in their order, without the end.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let mut rest = self.list;
        std::iter::from_fn(move || {
            let (av_id, value, after) = split(rest)?;
            rest = after;
            Some((av_id, value))
        })
    }

    /// The first value of that id.
    pub fn find(&self, av_id: u16) -> Option<&'a [u8]> {
        self.iter().find(|(found, _)| *found == av_id).map(|(_, value)| value)
    }
}

/// The first pair and what follows it.
fn split(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (av_id, rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (value, after) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some((u16::from_le_bytes(*av_id), value, after))
}

fn sized<const N: usize>(value: &[u8]) -> Result<[u8; N]> {
    value.try_into().map_err(|_| invalid("an AV pair of fixed size has another size"))
}

fn even(value: &[u8]) -> Result<()> {
    if value.len().is_multiple_of(2) { Ok(()) } else { Err(invalid("a name has half a UTF-16 unit")) }
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(invalid("an AV pair comes twice")),
    }
}

/// Appends a pair.
pub fn push(list: &mut Vec<u8>, av_id: u16, value: &[u8]) -> Result<()> {
    let too_long = |_| Error::new(Code::InvalidToken, "a value does not fit an AV pair");
    let length = u16::try_from(value.len()).map_err(too_long)?;
    list.extend_from_slice(&av_id.to_le_bytes());
    list.extend_from_slice(&length.to_le_bytes());
    list.extend_from_slice(value);
    Ok(())
}

/// Appends MsvAvEOL.
pub fn end(list: &mut Vec<u8>) {
    list.extend_from_slice(&[0; 4]);
}
