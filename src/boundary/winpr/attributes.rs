//! The structures of WinPR's context attributes.

use std::ffi::{c_char, c_void};
use std::path::PathBuf;

use widestring::{U16Str, U16String};

use super::callback::HashFunction;
use crate::boundary::places;
use crate::boundary::strings::{Ansi, Charset};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::accounts::AccountKey;

/// SECPKG_ATTR_AUTH_IDENTITY.
pub const IDENTITY: u32 = 1001;
/// SECPKG_ATTR_AUTH_NTLM_HASH.
pub const NTLM_HASH: u32 = 1003;
/// SECPKG_ATTR_AUTH_NTLM_SAM_FILE, WinPR 2.
pub const SAM_FILE: u32 = 1004;
/// SECPKG_ATTR_AUTH_NTLM_MESSAGE.
pub const MESSAGE: u32 = 1100;
/// SECPKG_ATTR_AUTH_NTLM_TIMESTAMP.
pub const TIMESTAMP: u32 = 1101;
/// SECPKG_ATTR_AUTH_NTLM_CLIENT_CHALLENGE.
pub const CLIENT_CHALLENGE: u32 = 1102;
/// SECPKG_ATTR_AUTH_NTLM_SERVER_CHALLENGE.
pub const SERVER_CHALLENGE: u32 = 1103;
/// SECPKG_ATTR_AUTH_NTLM_HASH_CB in WinPR 2, and SECPKG_ATTR_AUTH_NTLM_HOSTNAME since 3.27: the function
/// comes with a size of zero, a name never does.
pub const HASH_CALLBACK_OR_HOST: u32 = 1108;
/// SECPKG_ATTR_AUTH_NTLM_HASH_CB_DATA, WinPR 2.
pub const HASH_CALLBACK_DATA: u32 = 1109;

/// The names' attributes, and those that tell how long each is: the host's, then the NetBIOS and DNS
/// names of computer and domain.
pub const NAMES: [(u32, u32); 5] =
    [(HASH_CALLBACK_OR_HOST, 1110), (1111, 1112), (1113, 1114), (1115, 1116), (1117, 1118)];

/// SecPkgContext_AuthIdentity.
#[repr(C)]
pub struct AuthIdentity {
    user: [c_char; 257],
    domain: [c_char; 257],
}

impl AuthIdentity {
    pub fn new(user: &U16Str, domain: &U16Str) -> Result<Self> {
        Ok(Self { user: fixed(user)?, domain: fixed(domain)? })
    }
}

fn fixed(name: &U16Str) -> Result<[c_char; 257]> {
    let encoded = Ansi::encode(name)?;
    let mut place = [0; 257];
    if encoded.len() > place.len() {
        return Err(Error::new(Code::BufferTooSmall, "a name longer than WinPR's structure"));
    }
    place.iter_mut().zip(encoded).for_each(|(to, from)| *to = c_char::from_ne_bytes([from]));
    Ok(place)
}

/// What an attribute's buffer holds; SEC_E_INVALID_PARAMETER where it is NULL or too short.
pub struct Buffer<'a>(&'a [u8]);

fn short() -> Error {
    Error::new(Code::InvalidParameter, "a structure smaller than the attribute's, or not one of its kinds")
}

impl<'a> Buffer<'a> {
    /// # Safety
    /// `start` is NULL or leads to `size` readable bytes.
    pub unsafe fn new(start: *const c_void, size: u32) -> Result<Self> {
        places::required(start)?;
        // SAFETY: promised by the caller.
        unsafe { places::bytes(start.cast(), size as usize) }.map(Buffer)
    }

    fn word(&self, index: usize) -> Result<u32> {
        let word = self.0.as_chunks::<4>().0.get(index).ok_or_else(short)?;
        Ok(u32::from_ne_bytes(*word))
    }

    /// The first eight bytes: a time or a challenge.
    pub fn eight(&self) -> Result<[u8; 8]> {
        self.0.first_chunk().copied().ok_or_else(short)
    }

    /// SecPkgContext_AuthNtlmHash: the NT hash (1) or NTOWFv2 (2).
    pub fn key(&self) -> Result<AccountKey> {
        let key = self.0.get(4..20).and_then(|key| key.first_chunk()).copied().map(Secret::new);
        match (self.word(0)?, key.ok_or_else(short)?) {
            (1, key) => Ok(AccountKey::NtHash(key)),
            (2, key) => Ok(AccountKey::NtowfV2(key)),
            _ => Err(short()),
        }
    }

    /// SecPkgContext_AuthNtlmTimestamp: whether it is the challenge's, not the response's.
    pub fn is_of_challenge(&self) -> Result<bool> {
        Ok(self.word(2)? != 0)
    }

    /// SecPkgContext_AuthNtlmMessage: its type and bytes.
    ///
    /// # Safety
    /// The structure's pointer is NULL or leads to as many bytes as it says.
    pub unsafe fn message(&self) -> Result<(u32, &'a [u8])> {
        const POINTER: usize = size_of::<*const u8>();
        let pointer = self.0.get(8..8 + POINTER).and_then(|pointer| pointer.first_chunk());
        let start = usize::from_ne_bytes(*pointer.ok_or_else(short)?);
        let start = std::ptr::with_exposed_provenance::<u8>(start);
        // SAFETY: promised by the caller.
        let bytes = unsafe { places::bytes(start, self.word(1)? as usize) }?;
        Ok((self.word(0)?, bytes))
    }

    /// A string, up to its NUL if it has one; never empty.
    pub fn text<C: Charset>(&self) -> Result<U16String> {
        let units = self.0.len() / size_of::<C::Unit>();
        if !self.0.len().is_multiple_of(size_of::<C::Unit>()) {
            return Err(short());
        }
        // SAFETY: so many units lie in the slice; they need no alignment.
        let text = unsafe { C::read_counted(self.0.as_ptr().cast(), units) }?.unwrap_or_default();
        let used = text.as_slice().split(|unit| *unit == 0).next().unwrap_or_default();
        if used.is_empty() { Err(short()) } else { Ok(U16String::from_vec(used)) }
    }
}

impl Buffer<'_> {
    /// A file's name, up to its NUL.
    pub fn path(&self) -> Result<PathBuf> {
        self.text::<Ansi>().map(|path| PathBuf::from(path.to_os_string()))
    }
}

/// The function that an attribute's pointer is.
///
/// # Safety
/// `pointer` is NULL or a function of that kind.
pub unsafe fn function(pointer: *const c_void) -> Result<HashFunction> {
    // SAFETY: promised by the caller.
    let function = unsafe { std::mem::transmute::<*const c_void, Option<HashFunction>>(pointer) };
    function.ok_or_else(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::strings::Wide;

    #[test]
    fn short_structures_are_refused() {
        let hash: Vec<u8> = [2_u32.to_ne_bytes().to_vec(), vec![5; 16]].concat();
        assert!(matches!(Buffer(&hash).key(), Ok(AccountKey::NtowfV2(_))));
        assert!((0..20).all(|length| Buffer(&hash[..length]).key().is_err()));
        let other: Vec<u8> = [3_u32.to_ne_bytes().to_vec(), vec![5; 16]].concat();
        assert!(Buffer(&other).key().is_err());
        assert!(Buffer(&[0; 7]).eight().is_err() && Buffer(&[0; 8]).eight().is_ok());
        assert!(Buffer(&[0; 11]).is_of_challenge().is_err());
        assert!(Buffer(&[0; 12]).is_of_challenge().is_ok_and(|is| !is));
        // SAFETY: the structure ends before its pointer.
        assert!(unsafe { Buffer(&[0; 15]).message() }.is_err());
        // SAFETY: NULL is refused.
        assert!(unsafe { Buffer::new(std::ptr::null(), 9) }.is_err());
        // SAFETY: NULL is refused.
        assert!(unsafe { function(std::ptr::null()) }.is_err());
    }

    #[test]
    fn names_end_at_their_nul_and_are_never_empty() {
        let name = U16String::from_str("gag");
        assert_eq!(Buffer(b"gag").text::<Ansi>().unwrap(), name);
        assert_eq!(Buffer(b"gag\0\0x").text::<Ansi>().unwrap(), name);
        assert_eq!(Buffer(&Wide::encode(&name).unwrap()).text::<Wide>().unwrap(), name);
        assert!(Buffer(b"gag").text::<Wide>().is_err());
        assert!(Buffer(b"").text::<Ansi>().is_err() && Buffer(b"\0gag").text::<Ansi>().is_err());
        let long = U16String::from_str(&"\u{DF}".repeat(129));
        assert!(AuthIdentity::new(&long, &name).is_err());
        let identity = AuthIdentity::new(&name, &U16String::from_str(&"d".repeat(256))).unwrap();
        assert_eq!((identity.user[3], identity.domain[256]), (0, 0));
    }
}
