//! SEC_WINNT_AUTH_PACKED_CREDENTIALS: what proves an EX2 identity, by type.
//!
//! Programs in which `unsigned long` has 8 bytes lay the header out in 48 bytes instead of 28;
//! cbHeaderLength tells the two apart. Offsets count from the start of the packed part.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::layout::{malformed, u16_at, u32_at};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::identity::Password;

/// A GUID as it lies in memory, `Data1` to `Data3` in the machine's order.
type Guid = (u32, u16, u16, [u8; 8]);

/// SEC_WINNT_AUTH_DATA_TYPE_PASSWORD.
const PASSWORD: Guid = (0x28bf_c32f, 0x10f6, 0x4738, [0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a]);
/// SEC_WINNT_AUTH_DATA_TYPE_KEYTAB.
const KEYTAB: Guid = (0xd587_aae8, 0xf78f, 0x4455, [0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1]);
/// Ours alone: MD4 of a password, which no type of Windows carries.
const NT_HASH: Guid = (0x5f0d_91c4, 0x6b2e, 0x4b0a, [0x8e, 0x57, 0x3c, 0x12, 0xd9, 0x70, 0xa4, 0xe6]);

/// sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS).
const HEADER: usize = 28;
/// The same where `unsigned long` has 8 bytes.
const HEADER_LP64: usize = 48;
/// sizeof(SEC_WINNT_AUTH_DATA_PASSWORD).
const PASSWORD_HEADER: usize = 8;
/// The same where `unsigned long` has 8 bytes.
const PASSWORD_HEADER_LP64: usize = 16;

/// What a packed part can hold.
pub enum Proof {
    Password(Password),
    /// A keytab file's bytes.
    Keytab(Secret<Vec<u8>>),
}

/// What the packed part holds. A type that no package here can use is SEC_E_UNSUPPORTED_FUNCTION.
pub fn read(packed: &[u8]) -> Result<Option<Proof>> {
    let (kind, range) = open(packed)?;
    let data = packed.get(range).unwrap_or_default();
    match kind {
        PASSWORD => Ok(password(data)?.map(Password::Clear).map(Proof::Password)),
        NT_HASH => nt_hash(data).map(Proof::Password).map(Some),
        KEYTAB => Ok(Some(Proof::Keytab(Secret::new(data.to_vec())))),
        _ => Err(Error::new(Code::UnsupportedFunction, "packed credentials of an unknown type")),
    }
}

/// Checks the packed part's own structure, whatever its type.
pub fn check(packed: &[u8]) -> Result<()> {
    open(packed).map(|_| ())
}

/// Where the secret itself is: a password without the header before it, other data whole.
pub fn secret(packed: &[u8]) -> Result<Range<usize>> {
    let (kind, range) = open(packed)?;
    let data = packed.get(range.clone()).unwrap_or_default();
    let header = match kind {
        PASSWORD => password_range(data).map_or(0, |password| password.start),
        _ => 0,
    };
    Ok(range.start + header..range.end)
}

/// The type, and where its data is.
fn open(packed: &[u8]) -> Result<(Guid, Range<usize>)> {
    let header = usize::from(u16_at(packed, 0)?);
    let length = usize::from(u16_at(packed, 2)?);
    let structure = packed.get(..length).filter(|structure| structure.len() >= header);
    let structure = structure.ok_or_else(|| malformed("packed credentials that end early"))?;
    match header {
        HEADER => {
            let guid = guid(structure, u32_at(structure, 4)?, 8)?;
            Ok((guid, vector(structure, u32_at(structure, 20)?.into(), 24, HEADER)?))
        }
        HEADER_LP64 => {
            let first =
                u32::try_from(u64_at(structure, 8)?).map_err(|_| malformed("a GUID over 16 bytes"))?;
            let guid = guid(structure, first, 16)?;
            Ok((guid, vector(structure, u64_at(structure, 32)?, 40, HEADER_LP64)?))
        }
        _ => Err(malformed("packed credentials with an unknown header")),
    }
}

fn u64_at(bytes: &[u8], offset: usize) -> Result<u64> {
    let field = bytes.get(offset..).and_then(|rest| rest.first_chunk());
    field
        .map(|field| u64::from_ne_bytes(*field))
        .ok_or_else(|| malformed("packed credentials that end early"))
}

fn guid(bytes: &[u8], first: u32, rest: usize) -> Result<Guid> {
    let last = bytes.get(rest + 4..).and_then(|tail| tail.first_chunk());
    let last = last.ok_or_else(|| malformed("packed credentials that end early"))?;
    Ok((first, u16_at(bytes, rest)?, u16_at(bytes, rest + 2)?, *last))
}

/// Where the bytes of a SEC_WINNT_AUTH_BYTE_VECTOR are; none may lie in the header.
fn vector(structure: &[u8], offset: u64, length_at: usize, header: usize) -> Result<Range<usize>> {
    let length = usize::from(u16_at(structure, length_at)?);
    if length == 0 {
        return Ok(header..header);
    }
    let outside = || malformed("credential data outside of its block");
    let start = usize::try_from(offset).ok().filter(|start| *start >= header).ok_or_else(outside)?;
    let end = start.checked_add(length).filter(|end| *end <= structure.len()).ok_or_else(outside)?;
    Ok(start..end)
}

/// The UTF-16 units of a password: behind a SEC_WINNT_AUTH_DATA_PASSWORD, or the bare units that
/// other programs put there.
fn password(data: &[u8]) -> Result<Option<Secret<Vec<u16>>>> {
    let units = match password_range(data) {
        Some(range) => data.get(range).unwrap_or_default(),
        None => data,
    };
    let (units, rest) = units.as_chunks();
    if !rest.is_empty() {
        return Err(malformed("half a UTF-16 unit"));
    }
    let mut password = Vec::with_capacity(units.len());
    password.extend(units.iter().map(|unit| u16::from_ne_bytes(*unit)));
    Ok((!data.is_empty()).then(|| Secret::new(password)))
}

/// Where the password is, if a header stands before it: its vector then fills the data exactly.
fn password_range(data: &[u8]) -> Option<Range<usize>> {
    let fits = |header: usize, offset: u64, length_at: usize| {
        let length = usize::from(u16_at(data, length_at).ok()?);
        let exact = offset == header as u64 && header.checked_add(length) == Some(data.len());
        exact.then_some(header..data.len())
    };
    let narrow = u32_at(data, 0).ok().and_then(|offset| fits(PASSWORD_HEADER, offset.into(), 4));
    let wide = || u64_at(data, 0).ok().and_then(|offset| fits(PASSWORD_HEADER_LP64, offset, 8));
    narrow.or_else(wide)
}

fn nt_hash(data: &[u8]) -> Result<Password> {
    let hash: [u8; 16] = data.try_into().map_err(|_| malformed("an NT hash that is not 16 bytes"))?;
    Ok(Password::NtHash(Secret::new(hash)))
}

/// The packed part that holds `password`.
pub fn write(password: &Password) -> Result<Secret<Vec<u8>>> {
    match password {
        Password::Clear(units) => {
            let units = units.as_ref();
            let mut data = Secret::new(Vec::with_capacity(PASSWORD_HEADER + units.len() * 2));
            let vector = byte_vector(PASSWORD_HEADER, units.len().saturating_mul(2))?;
            data.as_mut().extend_from_slice(&vector);
            data.as_mut().extend(units.iter().flat_map(|unit| unit.to_ne_bytes()));
            pack(PASSWORD, data.as_ref())
        }
        Password::NtHash(hash) => pack(NT_HASH, hash.as_ref()),
    }
}

/// The packed part that holds a keytab.
pub fn write_keytab(keytab: &Secret<Vec<u8>>) -> Result<Secret<Vec<u8>>> {
    pack(KEYTAB, keytab.as_ref())
}

fn pack(kind: Guid, data: &[u8]) -> Result<Secret<Vec<u8>>> {
    let total = HEADER + data.len();
    let length = u16::try_from(total).map_err(|_| malformed("a password over 64 KiB"))?;
    let mut packed = Secret::new(Vec::with_capacity(total));
    let out = packed.as_mut();
    out.extend_from_slice(&(HEADER as u16).to_ne_bytes());
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&kind.0.to_ne_bytes());
    out.extend_from_slice(&kind.1.to_ne_bytes());
    out.extend_from_slice(&kind.2.to_ne_bytes());
    out.extend_from_slice(&kind.3);
    out.extend_from_slice(&byte_vector(HEADER, data.len())?);
    out.extend_from_slice(data);
    Ok(packed)
}

/// SEC_WINNT_AUTH_BYTE_VECTOR.
fn byte_vector(offset: usize, length: usize) -> Result<[u8; 8]> {
    let length = u16::try_from(length).map_err(|_| malformed("a password over 64 KiB"))?;
    let mut vector = [0; 8];
    vector[..4].copy_from_slice(&(offset as u32).to_ne_bytes());
    vector[4..6].copy_from_slice(&length.to_ne_bytes());
    Ok(vector)
}
