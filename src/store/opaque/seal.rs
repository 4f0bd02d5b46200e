//! Encryption of an EX2 block in place: of its packed credentials, with everything else in the block
//! authenticated. Nonce and tag go into the block's trailer.

#![forbid(unsafe_code)]

use once_cell::sync::OnceCell;

use super::layout::{self, FLAG_PROCESS_ENCRYPTED, FLAG_USER_PROTECTED, FLAGS_SYSTEM, Layout, TRAILER};
use crate::crypto::{aead, random};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::export_key::ExportKey;
use crate::store::os::Os;

/// Who can decrypt a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS.
    Process,
    /// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON.
    Logon,
}

/// What the sealed form has before and behind the ciphertext.
const NONCE: usize = 24;
const TAG: usize = 16;
/// Names the format, and keeps these boxes apart from others under the same key.
const CONTEXT: &[u8] = b"libsspi identity 1\n";

impl Scope {
    /// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_*, of which exactly one must be given. There is no system that
    /// could decrypt for others here, so ENCRYPT_FOR_SYSTEM is not offered.
    pub fn of_options(options: u32) -> Result<Self> {
        match options {
            1 => Ok(Scope::Logon),
            2 => Ok(Scope::Process),
            4 => Err(Error::new(Code::UnsupportedFunction, "encryption for the system")),
            _ => Err(layout::malformed("not one encryption option")),
        }
    }

    /// How a block with these flags is encrypted, if it is.
    pub fn of_flags(flags: u32) -> Result<Option<Self>> {
        if flags & FLAGS_SYSTEM != 0 {
            return Err(Error::new(Code::UnsupportedFunction, "an identity encrypted for the system"));
        }
        match (flags & FLAG_PROCESS_ENCRYPTED != 0, flags & FLAG_USER_PROTECTED != 0) {
            (false, false) => Ok(None),
            (true, false) => Ok(Some(Scope::Process)),
            (false, true) => Ok(Some(Scope::Logon)),
            (true, true) => Err(layout::malformed("an identity encrypted twice")),
        }
    }

    fn flag(self) -> u32 {
        match self {
            Scope::Process => FLAG_PROCESS_ENCRYPTED,
            Scope::Logon => FLAG_USER_PROTECTED,
        }
    }

    /// Work with the key: the process's own, or the one that a user's processes share.
    fn with_key<T>(self, os: &dyn Os, work: impl FnOnce(&[u8; 32]) -> Result<T>) -> Result<T> {
        static PROCESS: OnceCell<Secret<[u8; 32]>> = OnceCell::new();
        match self {
            Scope::Process => work(PROCESS.get_or_try_init(process_key)?.as_ref()),
            Scope::Logon => work(ExportKey::obtain(os)?.bytes()),
        }
    }
}

fn process_key() -> Result<Secret<[u8; 32]>> {
    let mut key = Secret::new([0; 32]);
    random::fill(key.as_mut())?;
    Ok(key)
}

/// Encrypts a block. One that is encrypted this way already stays as it is.
pub fn encrypt(block: &mut [u8], scope: Scope, os: &dyn Os) -> Result<()> {
    let layout = Layout::parse(block)?;
    match Scope::of_flags(layout.flags)? {
        Some(now) if now == scope => return Ok(()),
        Some(_) => return Err(layout::malformed("an identity that is encrypted otherwise")),
        None => {}
    }
    if !layout.has_trailer() {
        return Err(layout::malformed("an identity without room for encryption"));
    }
    let flags = layout.flags | scope.flag();
    let rest = authenticated(block, &layout, flags);
    let sealed = scope.with_key(os, |key| aead::seal(key, &rest, packed(block, &layout)))?;
    let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(Code::InternalError)?;
    let (ciphertext, tag) =
        body.split_at_checked(body.len().saturating_sub(TAG)).ok_or(Code::InternalError)?;
    layout::set_flags(block, flags);
    write(block, layout.packed.clone().unwrap_or_default().start, ciphertext);
    write(block, layout.length - TRAILER, nonce);
    write(block, layout.length - TRAILER + NONCE, tag);
    Ok(())
}

/// Decrypts a block that is encrypted this way, or not at all.
pub fn decrypt(block: &mut [u8], scope: Scope, os: &dyn Os) -> Result<()> {
    let layout = Layout::parse(block)?;
    match Scope::of_flags(layout.flags)? {
        Some(now) if now != scope => Err(layout::malformed("an identity that is encrypted otherwise")),
        _ => open(block, os),
    }
}

/// Decrypts a block, if it is encrypted; one that cannot be decrypted stays as it is.
pub fn open(block: &mut [u8], os: &dyn Os) -> Result<()> {
    let layout = Layout::parse(block)?;
    let Some(scope) = Scope::of_flags(layout.flags)? else { return Ok(()) };
    if !layout.has_trailer() {
        return Err(layout::malformed("an encrypted identity without its trailer"));
    }
    let trailer = layout.length - TRAILER;
    let at = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
    let sealed = [at(trailer, NONCE), packed(block, &layout), at(trailer + NONCE, TAG)].concat();
    let rest = authenticated(block, &layout, layout.flags);
    let clear = scope.with_key(os, |key| {
        let refused = |_| Error::new(Code::DecryptFailure, "another's encrypted identity, or a changed one");
        aead::open(key, &rest, &sealed).map_err(refused)
    })?;
    layout::set_flags(block, layout.flags & !scope.flag());
    write(block, layout.packed.clone().unwrap_or_default().start, clear.as_ref());
    write(block, trailer, &[0; TRAILER]);
    Ok(())
}

/// The packed credentials, which may be absent.
fn packed<'a>(block: &'a [u8], layout: &Layout) -> &'a [u8] {
    layout.packed.clone().and_then(|range| block.get(range)).unwrap_or_default()
}

fn write(block: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = block.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// What is authenticated beside the credentials: the rest of the block as it is once encrypted,
/// without its trailer.
fn authenticated(block: &[u8], layout: &Layout, flags: u32) -> Vec<u8> {
    let end = layout.length.saturating_sub(TRAILER);
    // Without credentials nothing is left out, and what comes first holds the flags all the same.
    let hidden = layout.packed.clone().unwrap_or(end..end);
    let mut rest = block.get(..hidden.start.min(end)).unwrap_or_default().to_vec();
    layout::set_flags(&mut rest, flags);
    rest.extend_from_slice(block.get(hidden.end..end).unwrap_or_default());
    [CONTEXT, &rest].concat()
}
