//! Identities of C: `pAuthData` and what the Sspi* functions take.
//!
//! | form | told by | strings |
//! |---|---|---|
//! | SEC_WINNT_AUTH_IDENTITY_EXA/W | first word 0x200, then Length = its size | by Flags, counted in characters |
//! | SEC_WINNT_AUTH_IDENTITY_EX2 | first word 0x201, then cbHeaderLength = its size | UTF-16, offsets and bytes |
//! | SEC_WINNT_AUTH_IDENTITY_A/W | anything else: the first word belongs to a pointer | by Flags, counted in characters |
//!
//! SEC_WINNT_AUTH_IDENTITY_ANSI and _UNICODE decide the character set, ANSI first as Microsoft documents
//! it; with neither, the entry point's. SEC_WINNT_AUTH_IDENTITY_MARSHALLED says that the strings lie
//! behind the structure; the pointers are valid all the same, so it changes nothing. Everything is
//! copied: the caller may free or clear its structure at once.

use std::ffi::{c_char, c_void};

use widestring::U16String;
use zeroize::Zeroize;

use crate::abi::{
    SEC_WINNT_AUTH_IDENTITY_ANSI, SEC_WINNT_AUTH_IDENTITY_EX2, SEC_WINNT_AUTH_IDENTITY_EXW,
    SEC_WINNT_AUTH_IDENTITY_ONLY, SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_VERSION,
    SEC_WINNT_AUTH_IDENTITY_VERSION_2, SEC_WINNT_AUTH_IDENTITY_W,
};
use crate::boundary::blocks;
use crate::boundary::os::System;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::boundary::winpr::{self, settings};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::identity::{Identity, Password};
use crate::store::opaque::{self, Opaque};

/// The longest string of an identity, in characters: that of a UNICODE_STRING.
const LONGEST: usize = 32_767;

/// Which structure a pointer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Ex,
    Ex2,
}

/// The structures with pointers, as one.
struct Pointers {
    user: Counted,
    domain: Counted,
    password: Counted,
    package_list: Counted,
    flags: u32,
}

/// A string by pointer and length.
#[derive(Clone, Copy)]
struct Counted {
    text: *mut c_void,
    length: u32,
}

fn invalid(reason: &'static str) -> Error {
    Error::new(Code::InvalidParameter, reason)
}

/// Reads `pAuthData` in any of its forms. `None` is the caller's default identity: NULL, or a structure
/// that names nothing at all.
///
/// # Safety
/// `data` is NULL or points at one of the identity structures, whose pointers and lengths are true.
pub unsafe fn read_auth_data(data: *const c_void, wide: bool) -> Result<Option<Identity>> {
    if data.is_null() {
        return Ok(None);
    }
    // SAFETY: as promised by the caller.
    let identity = unsafe { read(data, wide) }?;
    let more = identity.package_list.is_some() || identity.only || identity.given.is_some();
    let says_something = !identity.is_default() || more;
    Ok(says_something.then_some(identity))
}

/// Reads an identity that an Sspi* function was given, as a block of our own.
///
/// # Safety
/// As [`read_auth_data`].
pub unsafe fn read_opaque(identity: *const c_void) -> Result<Opaque> {
    // SAFETY: as promised by the caller; NULL is refused by `form`.
    match unsafe { form(identity) }? {
        // SAFETY: the form says that this is an EX2, which is only read.
        Form::Ex2 => Opaque::from_bytes(unsafe { block(identity) }?),
        // SAFETY: as promised by the caller.
        _ => Opaque::from_identity(&unsafe { read(identity, true) }?),
    }
}

/// The bytes of an EX2 identity, to be changed in place; other forms have no room for encryption.
///
/// # Safety
/// As [`read_auth_data`]; nobody else uses the identity while the answer lives.
pub unsafe fn block_of<'a>(identity: *mut c_void) -> Result<&'a mut [u8]> {
    // SAFETY: as promised by the caller.
    match unsafe { form(identity) }? {
        // SAFETY: the form says that this is an EX2.
        Form::Ex2 => unsafe { block_mut(identity) },
        _ => Err(Error::new(Code::UnsupportedFunction, "only a SEC_WINNT_AUTH_IDENTITY_EX2 is encrypted")),
    }
}

/// Zeroes an identity's password; names are no secret, and may lie in constant memory.
///
/// # Safety
/// As [`block_of`].
pub unsafe fn zero(identity: *mut c_void) -> Result<()> {
    // SAFETY: as promised by the caller.
    let form = unsafe { form(identity) }?;
    if form == Form::Ex2 {
        // SAFETY: the form says that this is an EX2.
        return opaque::zero(unsafe { block_mut(identity) }?);
    }
    // SAFETY: the form says which structure this is.
    let pointers = unsafe { pointers(identity, form) }?;
    // SAFETY: as promised by the caller.
    let bytes = unsafe {
        match pointers.is_wide(true) {
            true => pointers.password_length::<Wide>()?.0 * 2,
            false => pointers.password_length::<Ansi>()?.0,
        }
    };
    if bytes != 0 {
        // SAFETY: the caller promises that many units there, which may be written.
        unsafe { std::slice::from_raw_parts_mut(pointers.password.text.cast::<u8>(), bytes) }.zeroize();
    }
    Ok(())
}

/// # Safety
/// `data` points at one of the identity structures, whose pointers and lengths are true.
unsafe fn read(data: *const c_void, wide: bool) -> Result<Identity> {
    // SAFETY: as promised by the caller.
    let form = unsafe { form(data) }?;
    if form == Form::Ex2 {
        // SAFETY: the form says that this is an EX2, which is only read.
        return Opaque::from_bytes(unsafe { block(data) }?)?.identity(&System);
    }
    // SAFETY: the form says which structure this is.
    let pointers = unsafe { pointers(data, form) }?;
    // SAFETY: as promised by the caller.
    let identity = unsafe {
        if pointers.is_wide(wide) { pointers.identity::<Wide>() } else { pointers.identity::<Ansi>() }
    }?;
    let given = match form {
        // SAFETY: as promised by the caller; where the flags say so there is more behind the structure.
        Form::Ex => unsafe { settings::given(data, pointers.flags) }?,
        _ => None,
    };
    Ok(Identity { given, ..identity })
}

/// Tells the forms apart without trusting anything but that 8 bytes are readable.
///
/// A plain identity begins with a pointer, whose low half could be one of the version numbers by
/// chance; then the high half is the upper part of an address, never a structure's length.
///
/// # Safety
/// `data` is NULL or points at 8 readable bytes.
unsafe fn form(data: *const c_void) -> Result<Form> {
    if data.is_null() {
        return Err(invalid("no identity"));
    }
    let block = blocks::length(data);
    if block.is_some_and(|length| length < opaque::HEADER) {
        return Err(invalid("a block that holds no identity"));
    }
    // SAFETY: not NULL, and every identity has more than 8 bytes.
    let [version, length] = unsafe { data.cast::<[u32; 2]>().read_unaligned() };
    let header = length.to_ne_bytes();
    let header = usize::from(u16::from_ne_bytes([header[0], header[1]]));
    match version {
        SEC_WINNT_AUTH_IDENTITY_VERSION_2 if header == size_of::<SEC_WINNT_AUTH_IDENTITY_EX2>() => {
            Ok(Form::Ex2)
        }
        // The library's own identities have that form: any other block is a token, a string, ...
        _ if block.is_some() => Err(invalid("a block that holds no identity")),
        SEC_WINNT_AUTH_IDENTITY_VERSION if length as usize == size_of::<SEC_WINNT_AUTH_IDENTITY_EXW>() => {
            Ok(Form::Ex)
        }
        SEC_WINNT_AUTH_IDENTITY_VERSION | SEC_WINNT_AUTH_IDENTITY_VERSION_2 if !is_address(length) => {
            Err(invalid("an identity of an unknown size"))
        }
        _ => Ok(Form::Plain),
    }
}

/// Whether `high` can be the upper half of an address where programs keep their memory: 47 bits, and
/// not so low that a wrong length could be taken for it.
fn is_address(high: u32) -> bool {
    cfg!(target_pointer_width = "64") && (0x1000..0x8000).contains(&high)
}

/// # Safety
/// `identity` points at an EX2.
unsafe fn block_length(identity: *const c_void) -> Result<usize> {
    // SAFETY: every EX2 has its header, and bytes need no alignment.
    let header = unsafe { std::slice::from_raw_parts(identity.cast::<u8>(), opaque::HEADER) };
    let length = opaque::structure_length(header)?;
    match blocks::length(identity) {
        Some(block) if block < length => Err(invalid("an identity longer than its block")),
        _ => Ok(length),
    }
}

/// # Safety
/// `identity` points at an EX2, which nobody changes while the answer lives.
unsafe fn block<'a>(identity: *const c_void) -> Result<&'a [u8]> {
    // SAFETY: the caller promises that the structure is as long as it says.
    unsafe { Ok(std::slice::from_raw_parts(identity.cast::<u8>(), block_length(identity)?)) }
}

/// # Safety
/// `identity` points at an EX2, which nobody else uses while the answer lives.
unsafe fn block_mut<'a>(identity: *mut c_void) -> Result<&'a mut [u8]> {
    // SAFETY: the caller promises that the structure is as long as it says.
    unsafe { Ok(std::slice::from_raw_parts_mut(identity.cast::<u8>(), block_length(identity)?)) }
}

/// # Safety
/// `data` points at the structure that `form` (not EX2) names; A and W forms are laid out alike.
unsafe fn pointers(data: *const c_void, form: Form) -> Result<Pointers> {
    if form == Form::Ex {
        // SAFETY: as promised by the caller.
        let ex = unsafe { data.cast::<SEC_WINNT_AUTH_IDENTITY_EXW>().read_unaligned() };
        return Ok(Pointers {
            user: Counted { text: ex.User.cast(), length: ex.UserLength },
            domain: Counted { text: ex.Domain.cast(), length: ex.DomainLength },
            password: Counted { text: ex.Password.cast(), length: ex.PasswordLength },
            package_list: Counted { text: ex.PackageList.cast(), length: ex.PackageListLength },
            flags: ex.Flags,
        });
    }
    // SAFETY: as promised by the caller.
    let plain = unsafe { data.cast::<SEC_WINNT_AUTH_IDENTITY_W>().read_unaligned() };
    Ok(Pointers {
        user: Counted { text: plain.User.cast(), length: plain.UserLength },
        domain: Counted { text: plain.Domain.cast(), length: plain.DomainLength },
        password: Counted { text: plain.Password.cast(), length: plain.PasswordLength },
        package_list: Counted { text: std::ptr::null_mut(), length: 0 },
        flags: plain.Flags,
    })
}

impl Counted {
    /// The length in characters, checked against the pointer.
    fn length(self) -> Result<usize> {
        match self.length as usize {
            0 => Ok(0),
            _ if self.text.is_null() => Err(invalid("a NULL string with a length")),
            length if length > LONGEST => Err(invalid("a string of an identity that is too long")),
            length => Ok(length),
        }
    }
}

impl Pointers {
    fn is_wide(&self, entry_point: bool) -> bool {
        let flag = |flag: u32| self.flags & flag != 0;
        !flag(SEC_WINNT_AUTH_IDENTITY_ANSI) && (entry_point || flag(SEC_WINNT_AUTH_IDENTITY_UNICODE))
    }

    /// # Safety
    /// The pointers lead to as many units as the lengths say.
    unsafe fn identity<C: Unit>(&self) -> Result<Identity> {
        // SAFETY: as promised by the caller.
        unsafe {
            Ok(Identity {
                user: text::<C>(self.user)?,
                domain: text::<C>(self.domain)?,
                password: self.password::<C>()?,
                keytab: None,
                package_list: text::<C>(self.package_list)?.filter(|list| !list.is_empty()),
                only: self.flags & SEC_WINNT_AUTH_IDENTITY_ONLY != 0,
                given: None,
            })
        }
    }

    /// How many units of the password are really there, and whether WinPR's mark was on the length.
    ///
    /// # Safety
    /// As [`Pointers::identity`].
    unsafe fn password_length<C: Unit>(&self) -> Result<(usize, bool)> {
        let start = self.password.text.cast_const().cast::<C::Unit>();
        // SAFETY: the helper asks for units below the length, and for none behind a NUL.
        let unit = |index: usize| unsafe { C::unit(start, index) };
        Ok(winpr::password_length(self.password.length()?, unit))
    }

    /// # Safety
    /// As [`Pointers::identity`].
    unsafe fn password<C: Unit>(&self) -> Result<Option<Password>> {
        // SAFETY: as promised by the caller.
        let (length, marked) = unsafe { self.password_length::<C>() }?;
        let counted = Counted { text: self.password.text, length: length as u32 };
        // SAFETY: as promised by the caller; no longer than PasswordLength.
        let Some(units) = (unsafe { text::<C>(counted) })? else { return Ok(None) };
        winpr::password(Secret::new(units.into_vec()), self.flags, marked).map(Some)
    }
}

/// One unit of a string as a number.
trait Unit: Charset {
    /// # Safety
    /// The string has a unit at `index`.
    unsafe fn unit(text: *const Self::Unit, index: usize) -> u16;

    /// How many of `length` units belong to the string.
    ///
    /// # Safety
    /// The string has `length` units, or ends in a NUL before.
    unsafe fn used(text: *const Self::Unit, length: usize) -> usize;
}

impl Unit for Ansi {
    unsafe fn unit(text: *const c_char, index: usize) -> u16 {
        // SAFETY: as promised by the caller.
        u16::from(unsafe { text.add(index).cast::<u8>().read() })
    }

    /// Callers count the buffer where they should count the characters; nothing behind a NUL is meant.
    unsafe fn used(text: *const c_char, length: usize) -> usize {
        // SAFETY: as promised by the caller: no unit behind the NUL is read.
        (0..length).position(|index| unsafe { Self::unit(text, index) } == 0).unwrap_or(length)
    }
}

impl Unit for Wide {
    unsafe fn unit(text: *const u16, index: usize) -> u16 {
        // SAFETY: as promised by the caller; the string may lie at an odd address.
        unsafe { text.add(index).read_unaligned() }
    }

    /// Units are kept as they are: the NTLM hash is taken over them.
    unsafe fn used(_: *const u16, length: usize) -> usize {
        length
    }
}

/// # Safety
/// `counted` leads to as many units as it says.
unsafe fn text<C: Unit>(counted: Counted) -> Result<Option<U16String>> {
    let length = counted.length()?;
    let start = counted.text.cast_const().cast::<C::Unit>();
    // SAFETY: as promised by the caller; NULL is no string whatever its length (0).
    unsafe {
        let used = C::used(start, length);
        C::read_counted(start, used)
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
