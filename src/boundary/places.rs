//! Single values of the caller's: handles, numbers and times, at whatever address.

use crate::abi::SecHandle;
use crate::error::{Code, Error, Result};

/// A place that must be there: SEC_E_INVALID_PARAMETER for NULL, before anything else is done.
pub fn required<T>(place: *const T) -> Result<()> {
    if place.is_null() { Err(Error::new(Code::InvalidParameter, "a NULL pointer")) } else { Ok(()) }
}

/// Writes, unless the caller does not want the value.
///
/// # Safety
/// `place` is NULL or writable.
pub unsafe fn put<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not NULL, so the caller promises that it is writable; it need not be aligned.
        unsafe { place.write_unaligned(value) };
    }
}

/// Reads a value; `None` for NULL.
///
/// # Safety
/// `place` is NULL or holds a value.
pub unsafe fn get<T: Copy>(place: *const T) -> Option<T> {
    if place.is_null() {
        return None;
    }
    // SAFETY: not NULL, so the caller promises a value; it need not be aligned.
    Some(unsafe { place.read_unaligned() })
}

/// Reads a handle; NULL is SEC_E_INVALID_HANDLE.
///
/// # Safety
/// `place` is NULL or holds a handle.
pub unsafe fn handle(place: *const SecHandle) -> Result<SecHandle> {
    // SAFETY: promised by the caller.
    unsafe { get(place) }.ok_or_else(|| Error::new(Code::InvalidHandle, "a NULL handle"))
}

/// The caller's memory as a slice; NULL with a length is SEC_E_INVALID_PARAMETER.
///
/// # Safety
/// `start` is NULL or the first of `len` readable bytes, which nothing writes to meanwhile.
pub unsafe fn bytes<'a>(start: *const u8, len: usize) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    required(start)?;
    if (start as usize).checked_add(len).is_none() || len > isize::MAX as usize {
        return Err(Error::new(Code::InvalidParameter, "a length beyond memory"));
    }
    // SAFETY: not NULL, and the length fits the address space; the rest is promised by the caller.
    Ok(unsafe { std::slice::from_raw_parts(start, len) })
}
