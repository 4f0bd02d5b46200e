//! The heap of the blocks that callers get: the C library's, which the fault injection of the tests
//! interposes.

use std::ffi::c_void;

/// `len` zeroed bytes, NULL if there are none.
pub fn allocate(len: usize) -> *mut c_void {
    // SAFETY: calloc takes any sizes.
    unsafe { libc::calloc(1, len) }
}

/// Gives a block back.
///
/// # Safety
/// `block` is from [`allocate`] and was not released before.
pub unsafe fn release(block: *mut c_void) {
    // SAFETY: promised by the caller.
    unsafe { libc::free(block) };
}
