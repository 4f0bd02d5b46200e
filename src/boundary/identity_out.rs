//! What the Sspi* functions hand out: blocks of identities and of their parts. Every block is made
//! before the first one is given away, so that a failure neither leaks nor leaves anything half written.

use std::ffi::c_void;

use widestring::{U16Str, U16String};

use crate::abi::{PSEC_WINNT_AUTH_IDENTITY_OPAQUE, SEC_WCHAR};
use crate::boundary::blocks::Block;
use crate::boundary::identity::read_opaque;
use crate::boundary::os::System;
use crate::boundary::places::{put, required};
use crate::boundary::strings::{Charset, Wide};
use crate::error::{Code, Error, Result};
use crate::store::identity::{Identity, Password};
use crate::store::opaque::Opaque;
use crate::store::{names, target};

/// CRED_TYPE_DOMAIN_PASSWORD of wincred.h.
pub const CRED_TYPE_DOMAIN_PASSWORD: u32 = 2;

/// Gives an identity's block to the caller.
///
/// # Safety
/// `place` is NULL or writable.
pub unsafe fn hand_over(place: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE, opaque: &Opaque) -> Result<()> {
    required(place)?;
    let block = Block::of(opaque.bytes())?;
    // SAFETY: not NULL, and writable by the caller's promise.
    unsafe { put(place, block.release()) };
    Ok(())
}

/// Gives a block to the caller, NULL where there is none; a caller who does not want it gets nothing.
///
/// # Safety
/// `place` is NULL or writable.
pub unsafe fn give<T>(place: *mut T, block: Option<Block>)
where
    T: FromBlock,
{
    if !place.is_null() {
        let start = block.map_or(std::ptr::null_mut(), Block::release);
        // SAFETY: not NULL, and writable by the caller's promise.
        unsafe { put(place, T::from_block(start)) };
    }
}

/// A pointer that a block becomes.
pub trait FromBlock {
    fn from_block(start: *mut c_void) -> Self;
}

impl<T> FromBlock for *mut T {
    fn from_block(start: *mut c_void) -> Self {
        start.cast()
    }
}

impl<T> FromBlock for *const T {
    fn from_block(start: *mut c_void) -> Self {
        start.cast_const().cast()
    }
}

/// A name's block, none for an absent or empty name.
fn name_block(name: Option<&U16Str>) -> Result<Option<Block>> {
    name.filter(|name| !name.is_empty()).map(Wide::block).transpose()
}

/// The password's units in a block, with a NUL or without; none for an absent or empty password.
fn password_block(identity: &Identity, nul: bool) -> Result<Option<Block>> {
    if identity.keytab.is_some() {
        return Err(Error::new(Code::UnsupportedFunction, "a keytab instead of a password"));
    }
    let units = match &identity.password {
        None => return Ok(None),
        Some(Password::Clear(units)) if units.as_ref().is_empty() => return Ok(None),
        Some(Password::Clear(units)) => units.as_ref(),
        Some(Password::NtHash(_)) => {
            return Err(Error::new(Code::UnsupportedFunction, "a hash instead of a password"));
        }
    };
    // Straight into the block, which is zeroed when it is freed.
    let mut block = Block::new((units.len() + usize::from(nul)) * 2)?;
    for (place, unit) in block.bytes().chunks_exact_mut(2).zip(units) {
        place.copy_from_slice(&unit.to_ne_bytes());
    }
    Ok(Some(block))
}

/// The target name for CredRead and CredWrite: as given, else the identity's `DOMAIN\user`.
pub fn target_block(given: Option<U16String>, identity: &Identity) -> Result<Block> {
    let target = given.filter(|target| !target.is_empty()).unwrap_or_else(|| full_name(identity));
    if target.is_empty() {
        return Err(Error::new(Code::InvalidParameter, "neither a target nor a user"));
    }
    Wide::block(&target)
}

fn full_name(identity: &Identity) -> U16String {
    let (user, domain) = identity.account();
    names::down_level(domain, user)
}

/// What SspiEncodeAuthIdentityAsStrings answers.
pub struct Texts {
    pub user: Option<Block>,
    pub domain: Option<Block>,
    pub password: Option<Block>,
}

impl Texts {
    /// # Safety
    /// `identity` is NULL or an identity.
    pub unsafe fn of(identity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE, with_password: bool) -> Result<Self> {
        // SAFETY: as promised by the caller.
        let identity = unsafe { read_opaque(identity) }?.identity(&System)?;
        Ok(Self {
            user: name_block(identity.user.as_deref())?,
            domain: name_block(identity.domain.as_deref())?,
            password: if with_password { password_block(&identity, true)? } else { None },
        })
    }
}

/// Where SspiPrepareForCredWrite's answers go.
pub struct CredentialPlaces {
    pub kind: *mut u32,
    pub target: *mut *const SEC_WCHAR,
    pub user: *mut *const SEC_WCHAR,
    pub blob: *mut *mut u8,
    /// Bytes.
    pub blob_length: *mut u32,
}

impl CredentialPlaces {
    /// # Safety
    /// `identity` is NULL or an identity, `target` NULL or a NUL-terminated string, and every place
    /// NULL or writable.
    pub unsafe fn fill(
        &self,
        identity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
        target: *const SEC_WCHAR,
    ) -> Result<()> {
        required(self.kind)?;
        required(self.target)?;
        required(self.user)?;
        required(self.blob)?;
        required(self.blob_length)?;
        // SAFETY: as promised by the caller.
        let (identity, target) = unsafe { (read_opaque(identity)?.identity(&System)?, Wide::read(target)?) };
        let target = target_block(target, &identity)?;
        let user = name_block(Some(&full_name(&identity)))?;
        let mut blob = password_block(&identity, false)?;
        let blob_length = blob.as_mut().map_or(0, |blob| blob.bytes().len());
        // SAFETY: as promised by the caller.
        unsafe {
            put(self.kind, CRED_TYPE_DOMAIN_PASSWORD);
            put(self.blob_length, blob_length as u32);
            give(self.target, Some(target));
            give(self.user, user);
            give(self.blob, blob);
        }
        Ok(())
    }
}

/// SspiGetTargetHostName.
///
/// # Safety
/// `name` is NULL or a NUL-terminated string, `place` NULL or writable.
pub unsafe fn host_of(name: *const SEC_WCHAR, place: *mut *mut SEC_WCHAR) -> Result<()> {
    required(place)?;
    required(name)?;
    // SAFETY: as promised by the caller.
    let name = unsafe { Wide::read(name) }?.unwrap_or_default();
    let host =
        target::host(&name).ok_or_else(|| Error::new(Code::TargetUnknown, "a target without a host"))?;
    let block = Wide::block(host)?;
    // SAFETY: not NULL, and writable by the caller's promise.
    unsafe { give(place, Some(block)) };
    Ok(())
}
