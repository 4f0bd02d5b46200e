//! Encryption of an EX2 block in place: its packed credentials by ChaCha20-Poly1305 (RFC 8439), with
//! everything else in the block authenticated. Nonce and tag go into the block's trailer.

#![forbid(unsafe_code)]

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use once_cell::sync::OnceCell;

use super::layout::{self, FLAG_PROCESS_ENCRYPTED, FLAG_USER_PROTECTED, FLAGS_SYSTEM, Layout, TRAILER};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// Who can decrypt a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS.
    Process,
    /// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON.
    Logon,
}

const NONCE: usize = 12;
const TAG: usize = 16;

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

    fn key(self) -> Result<&'static Secret<[u8; 32]>> {
        static PROCESS: OnceCell<Secret<[u8; 32]>> = OnceCell::new();
        match self {
            Scope::Process => PROCESS.get_or_try_init(|| random().map(Secret::new)),
            Scope::Logon => Err(Error::new(Code::UnsupportedFunction, "encryption for the same logon")),
        }
    }

    fn cipher(self) -> Result<ChaCha20Poly1305> {
        Ok(ChaCha20Poly1305::new(self.key()?.as_ref().into()))
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::new(Code::InternalError, "no random numbers"))?;
    Ok(bytes)
}

/// Encrypts a block. One that is encrypted this way already stays as it is.
pub fn encrypt(block: &mut [u8], scope: Scope) -> Result<()> {
    let layout = Layout::parse(block)?;
    match Scope::of_flags(layout.flags)? {
        Some(now) if now == scope => return Ok(()),
        Some(_) => return Err(layout::malformed("an identity that is encrypted otherwise")),
        None => {}
    }
    if !layout.has_trailer() {
        return Err(layout::malformed("an identity without room for encryption"));
    }
    let cipher = scope.cipher()?;
    let nonce = random::<NONCE>()?;
    layout::set_flags(block, layout.flags | scope.flag());
    let rest = authenticated(block, &layout);
    let sealed = cipher.encrypt_inout_detached(&nonce.into(), &rest, packed(block, &layout));
    let Ok(tag) = sealed else {
        layout::set_flags(block, layout.flags);
        return Err(Error::new(Code::InternalError, "an identity that cannot be encrypted"));
    };
    if let Some(trailer) = block.get_mut(layout.length - TRAILER..layout.length) {
        trailer[..NONCE].copy_from_slice(&nonce);
        trailer[NONCE..NONCE + TAG].copy_from_slice(&tag);
    }
    Ok(())
}

/// Decrypts a block, if it is encrypted; one that cannot be decrypted stays as it is.
pub fn decrypt(block: &mut [u8]) -> Result<()> {
    let layout = Layout::parse(block)?;
    let Some(scope) = Scope::of_flags(layout.flags)? else { return Ok(()) };
    if !layout.has_trailer() {
        return Err(layout::malformed("an encrypted identity without its trailer"));
    }
    let trailer = block.get(layout.length - TRAILER..layout.length).unwrap_or_default();
    let nonce: [u8; NONCE] = *trailer.first_chunk().ok_or(Code::InternalError)?;
    let tag: [u8; TAG] =
        *trailer.get(NONCE..).and_then(|tag| tag.first_chunk()).ok_or(Code::InternalError)?;
    let rest = authenticated(block, &layout);
    let packed = packed(block, &layout);
    let opened = scope.cipher()?.decrypt_inout_detached(&nonce.into(), &rest, packed, &tag.into());
    opened.map_err(|_| Error::new(Code::DecryptFailure, "an encrypted identity that was changed"))?;
    layout::set_flags(block, layout.flags & !scope.flag());
    if let Some(trailer) = block.get_mut(layout.length - TRAILER..layout.length) {
        trailer.fill(0);
    }
    Ok(())
}

/// The packed credentials, as a cipher takes them; they may be absent.
fn packed<'a>(block: &'a mut [u8], layout: &Layout) -> InOutBuf<'a, 'a, u8> {
    let range = layout.packed.clone().unwrap_or_default();
    InOutBuf::from(block.get_mut(range).unwrap_or_default())
}

/// The block as the cipher authenticates it: without what is encrypted and without the trailer.
fn authenticated(block: &[u8], layout: &Layout) -> Vec<u8> {
    let end = layout.length.saturating_sub(TRAILER);
    let mut rest = Vec::with_capacity(end);
    let hidden = layout.packed.clone().unwrap_or_default();
    rest.extend_from_slice(block.get(..hidden.start.min(end)).unwrap_or_default());
    rest.extend_from_slice(block.get(hidden.end..end).unwrap_or_default());
    rest
}
