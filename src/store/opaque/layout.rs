//! SEC_WINNT_AUTH_IDENTITY_EX2 as bytes: a header of 48 and everything it points at, in one block.
//!
//! Offsets and lengths are bytes from the block's start. Lengths have 16 bits; the padding behind them
//! is never looked at, because callers leave anything there. Multi-byte fields are in the machine's
//! order, as the structure is.

#![forbid(unsafe_code)]

use std::ops::Range;

use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// sizeof(SEC_WINNT_AUTH_IDENTITY_EX2).
pub const HEADER: usize = 48;
/// Four fields of at most 65,535 bytes, the header and some slack.
pub const LONGEST: usize = 0x5_0000;
/// SEC_WINNT_AUTH_IDENTITY_VERSION_2.
pub const VERSION_2: u32 = 0x201;
/// Room at the end of every block that this library makes, for what encryption adds (`seal`).
pub const TRAILER: usize = 48;

/// SEC_WINNT_AUTH_IDENTITY_ONLY.
pub const FLAG_ONLY: u32 = 0x8;
/// SEC_WINNT_AUTH_IDENTITY_UNICODE.
pub const FLAG_UNICODE: u32 = 0x2;
/// SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED.
pub const FLAG_PROCESS_ENCRYPTED: u32 = 0x10;
/// SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED: encrypted for the same logon.
pub const FLAG_USER_PROTECTED: u32 = 0x40;
/// SYSTEM_PROTECTED and SYSTEM_ENCRYPTED: what this library never makes and cannot read.
pub const FLAGS_SYSTEM: u32 = 0x20 | 0x80;
/// Every flag that says that the packed credentials are encrypted.
pub const FLAGS_ENCRYPTED: u32 = FLAG_PROCESS_ENCRYPTED | FLAG_USER_PROTECTED | FLAGS_SYSTEM;
/// SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER.
pub const FLAG_NULL_USER: u32 = 0x2_0000;
/// SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN.
pub const FLAG_NULL_DOMAIN: u32 = 0x4_0000;

/// Where `Flags` is.
const FLAGS_AT: usize = 36;

pub fn malformed(reason: &'static str) -> Error {
    Error::new(Code::InvalidParameter, reason)
}

/// A checked block: where its parts are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// cbStructureLength.
    pub length: usize,
    pub user: Option<Range<usize>>,
    pub domain: Option<Range<usize>>,
    pub packed: Option<Range<usize>>,
    pub package_list: Option<Range<usize>>,
    pub flags: u32,
}

/// The parts of a block that is to be made.
#[derive(Clone, Copy, Default)]
pub struct Parts<'a> {
    /// UTF-16 units as bytes; absent is not the same as empty.
    pub user: Option<&'a [u8]>,
    pub domain: Option<&'a [u8]>,
    /// SEC_WINNT_AUTH_PACKED_CREDENTIALS.
    pub packed: Option<&'a [u8]>,
    pub package_list: Option<&'a [u8]>,
    pub flags: u32,
}

/// The 16-bit field at `offset`.
pub fn u16_at(bytes: &[u8], offset: usize) -> Result<u16> {
    let field = bytes.get(offset..).and_then(|rest| rest.first_chunk());
    field.map(|field| u16::from_ne_bytes(*field)).ok_or_else(|| malformed("an identity that ends early"))
}

/// The 32-bit field at `offset`.
pub fn u32_at(bytes: &[u8], offset: usize) -> Result<u32> {
    let field = bytes.get(offset..).and_then(|rest| rest.first_chunk());
    field.map(|field| u32::from_ne_bytes(*field)).ok_or_else(|| malformed("an identity that ends early"))
}

/// cbStructureLength of a header, checked as far as the header alone can be.
pub fn structure_length(header: &[u8]) -> Result<usize> {
    if u32_at(header, 0)? != VERSION_2 || usize::from(u16_at(header, 4)?) != HEADER {
        return Err(malformed("not a SEC_WINNT_AUTH_IDENTITY_EX2"));
    }
    let length = u32_at(header, 8)? as usize;
    if !(HEADER..=LONGEST).contains(&length) {
        return Err(malformed("an impossible cbStructureLength"));
    }
    Ok(length)
}

impl Layout {
    /// Checks a block. It may be longer than its cbStructureLength says, never shorter.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let length = structure_length(bytes)?;
        let structure = bytes.get(..length).ok_or_else(|| malformed("an identity that ends early"))?;
        let layout = Self {
            length,
            user: text(structure, 12, 16)?,
            domain: text(structure, 20, 24)?,
            packed: range(structure, 28, 32)?,
            package_list: text(structure, 40, 44)?,
            flags: u32_at(structure, FLAGS_AT)?,
        };
        Ok(layout.without_null_names())
    }

    /// The flags say which names were NULL, so that an offset may be anything.
    fn without_null_names(mut self) -> Self {
        let empty = |range: &Range<usize>| range.is_empty();
        if self.flags & FLAG_NULL_USER != 0 && self.user.as_ref().is_some_and(empty) {
            self.user = None;
        }
        if self.flags & FLAG_NULL_DOMAIN != 0 && self.domain.as_ref().is_some_and(empty) {
            self.domain = None;
        }
        self
    }

    /// Whether the block's last [`TRAILER`] bytes belong to none of its parts.
    pub fn has_trailer(&self) -> bool {
        let parts = [&self.user, &self.domain, &self.packed, &self.package_list];
        let end = parts.into_iter().flatten().map(|part| part.end).fold(HEADER, usize::max);
        end.checked_add(TRAILER).is_some_and(|end| end <= self.length)
    }

    /// The parts themselves.
    pub fn parts<'a>(&self, bytes: &'a [u8]) -> Parts<'a> {
        let part = |range: &Option<Range<usize>>| range.clone().and_then(|range| bytes.get(range));
        Parts {
            user: part(&self.user),
            domain: part(&self.domain),
            packed: part(&self.packed),
            package_list: part(&self.package_list),
            flags: self.flags,
        }
    }
}

/// Writes `Flags` of a block.
pub fn set_flags(bytes: &mut [u8], flags: u32) {
    if let Some(field) = bytes.get_mut(FLAGS_AT..FLAGS_AT + 4) {
        field.copy_from_slice(&flags.to_ne_bytes());
    }
}

fn range(structure: &[u8], offset_at: usize, length_at: usize) -> Result<Option<Range<usize>>> {
    let offset = u32_at(structure, offset_at)? as usize;
    let length = usize::from(u16_at(structure, length_at)?);
    if length == 0 {
        // An empty part's offset may lie anywhere; it is only asked whether it is there at all.
        return Ok((offset != 0).then_some(HEADER..HEADER));
    }
    let end = offset.checked_add(length).filter(|end| offset >= HEADER && *end <= structure.len());
    end.map(|end| Some(offset..end)).ok_or_else(|| malformed("a part of an identity outside of its block"))
}

fn text(structure: &[u8], offset_at: usize, length_at: usize) -> Result<Option<Range<usize>>> {
    let range = range(structure, offset_at, length_at)?;
    match range {
        Some(text) if text.len() % 2 != 0 => Err(malformed("half a UTF-16 unit")),
        range => Ok(range),
    }
}

impl Parts<'_> {
    /// The block, padded to a multiple of 16 and with room for encryption.
    pub fn build(&self) -> Result<Secret<Vec<u8>>> {
        let parts = [self.user, self.domain, self.packed, self.package_list];
        let length: usize = parts.iter().flatten().map(|part| part.len()).sum();
        let total = (HEADER + length).next_multiple_of(16) + TRAILER;
        // One allocation: a block that moved while it grew would leave copies behind.
        let mut block = Vec::with_capacity(total);
        block.resize(HEADER, 0);
        let [user, domain, packed, package_list] = parts.map(|part| append(&mut block, part));
        block.resize(total, 0);
        let mut block = Secret::new(block);
        let header = block.as_mut();
        put(header, 0, VERSION_2);
        put(header, 4, HEADER as u32);
        put(header, 8, u32::try_from(total).map_err(|_| malformed("an identity that is too long"))?);
        for (at, part) in [(12, user?), (20, domain?), (28, packed?), (40, package_list?)] {
            put(header, at, part.0);
            put(header, at + 4, part.1);
        }
        set_flags(header, self.flags());
        Ok(block)
    }

    fn flags(&self) -> u32 {
        let null = |absent: bool, flag: u32| if absent { flag } else { 0 };
        self.flags & !(FLAG_NULL_USER | FLAG_NULL_DOMAIN)
            | FLAG_UNICODE
            | null(self.user.is_none(), FLAG_NULL_USER)
            | null(self.domain.is_none(), FLAG_NULL_DOMAIN)
    }
}

/// Appends a part; answers its offset and length.
fn append(block: &mut Vec<u8>, part: Option<&[u8]>) -> Result<(u32, u32)> {
    let Some(part) = part else { return Ok((0, 0)) };
    let length = u16::try_from(part.len()).map_err(|_| malformed("a part of an identity over 64 KiB"))?;
    let offset = u32::try_from(block.len()).map_err(|_| malformed("an identity that is too long"))?;
    block.extend_from_slice(part);
    Ok((offset, u32::from(length)))
}

/// Writes a field and, for a 16-bit one, its padding: `value` fits either way.
fn put(block: &mut [u8], at: usize, value: u32) {
    if let Some(field) = block.get_mut(at..at + 4) {
        let narrow = matches!(at, 4 | 16 | 24 | 32 | 44);
        let bytes = if narrow { narrow_field(value) } else { value.to_ne_bytes() };
        field.copy_from_slice(&bytes);
    }
}

/// A 16-bit field and two bytes of padding.
fn narrow_field(value: u32) -> [u8; 4] {
    let [low, high] = (value as u16).to_ne_bytes();
    [low, high, 0, 0]
}
