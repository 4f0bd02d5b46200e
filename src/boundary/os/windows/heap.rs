//! The heap of the blocks that callers get: the process heap, which programs ask for a block's size.

use std::ffi::c_void;

const HEAP_ZERO_MEMORY: u32 = 8;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetProcessHeap() -> *mut c_void;
    fn HeapAlloc(heap: *mut c_void, flags: u32, size: usize) -> *mut c_void;
    fn HeapFree(heap: *mut c_void, flags: u32, block: *mut c_void) -> i32;
}

/// `len` zeroed bytes, NULL if there are none.
pub fn allocate(len: usize) -> *mut c_void {
    // SAFETY: the process heap is there for as long as the process; any size may be asked for.
    unsafe { HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, len) }
}

/// Gives a block back.
///
/// # Safety
/// `block` is from [`allocate`] and was not released before.
pub unsafe fn release(block: *mut c_void) {
    // SAFETY: promised by the caller.
    unsafe { HeapFree(GetProcessHeap(), 0, block) };
}
