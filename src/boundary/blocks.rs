//! The memory that the library hands to its callers: one allocator for everything that
//! FreeContextBuffer, SspiLocalFree and SspiFreeAuthIdentity free.
//!
//! Every live block is registered, so a pointer that is not one of ours (foreign, interior, freed
//! already) is answered with SEC_E_INVALID_HANDLE and never reaches the heap. Blocks are zeroed when
//! they are freed. They come from the C library's `calloc`, so that the fault injection of the tests
//! (an interposed allocator) reaches them; on Windows from the process heap, where programs ask for a
//! block's size. A failure is SEC_E_INSUFFICIENT_MEMORY.

use std::collections::HashMap;
use std::ffi::c_void;
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr::NonNull;

use parking_lot::Mutex;
use zeroize::Zeroize;

use crate::boundary::os::heap;
use crate::error::{Code, Error, Result};

/// Address and length of the live blocks of one shard.
type Shard = Mutex<HashMap<usize, usize, BuildHasherDefault<AddressHasher>>>;

const SHARDS: usize = 16;

static LIVE: [Shard; SHARDS] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; SHARDS];

/// Addresses are spread already; one multiplication brings their bits to where the map looks.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, value: usize) {
        self.0 = (self.0 ^ value as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

fn shard(address: usize) -> &'static Shard {
    // Blocks are 16-aligned, and neighbours should not meet in one shard.
    &LIVE[((address >> 4) ^ (address >> 12)) % SHARDS]
}

fn no_memory() -> Error {
    Error::new(Code::InsufficientMemory, "no memory for a block")
}

/// A zeroed block of `len` bytes (at least one), aligned for any C type, that [`free`] takes back.
pub fn allocate(len: usize) -> Result<NonNull<u8>> {
    let len = len.max(1);
    let raw = heap::allocate(len);
    let block = NonNull::new(raw.cast::<u8>()).ok_or_else(no_memory)?;
    let address = block.as_ptr() as usize;
    let mut live = shard(address).lock();
    if live.try_reserve(1).is_err() {
        drop(live);
        // SAFETY: the block was just made and nobody else has seen it.
        unsafe { heap::release(raw) };
        return Err(no_memory());
    }
    live.insert(address, len);
    Ok(block)
}

/// Zeroes and frees a block. NULL is nothing to free; any other pointer that is not a live block is
/// SEC_E_INVALID_HANDLE and is not touched.
pub fn free(block: *mut c_void) -> Result<()> {
    if block.is_null() {
        return Ok(());
    }
    let address = block as usize;
    let len = shard(address).lock().remove(&address);
    let len = len.ok_or_else(|| Error::new(Code::InvalidHandle, "not a block of this library"))?;
    // SAFETY: the registry held this address, so the heap made the block with `len` bytes; it was taken
    // out of the registry under the lock, so no other call frees it as well.
    unsafe {
        std::slice::from_raw_parts_mut(block.cast::<u8>(), len).zeroize();
        heap::release(block);
    }
    Ok(())
}

/// The length of a live block, `None` for any other pointer.
pub fn length(block: *const c_void) -> Option<usize> {
    let address = block as usize;
    shard(address).lock().get(&address).copied()
}

/// A block that is still being filled: freed (and zeroed) unless it is released to the caller.
pub struct Block {
    start: NonNull<u8>,
    len: usize,
}

impl Block {
    /// A zeroed block of `len` bytes.
    pub fn new(len: usize) -> Result<Self> {
        let start = allocate(len)?;
        Ok(Self { start, len })
    }

    /// A block with a copy of `bytes`.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        let mut block = Self::new(bytes.len())?;
        block.bytes().copy_from_slice(bytes);
        Ok(block)
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: `start` is a live block of at least `len` zeroed bytes, and `self` owns it.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Where the block is; valid until it is dropped, or freed after its release.
    pub fn start(&self) -> *mut c_void {
        self.start.as_ptr().cast()
    }

    /// Hands the block to the caller, who frees it with FreeContextBuffer.
    pub fn release(self) -> *mut c_void {
        let start = self.start();
        std::mem::forget(self);
        start
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // Only a block of ours gets here, so there is no error to tell anybody.
        let _ = free(self.start());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<()>) -> Option<Code> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn blocks_are_zeroed_aligned_and_freed_once() {
        let block = allocate(100).unwrap();
        let raw: *mut c_void = block.as_ptr().cast();
        assert_eq!(raw as usize % 16, 0);
        assert_eq!(length(raw), Some(100));
        // SAFETY: a live block of 100 bytes.
        assert!(unsafe { std::slice::from_raw_parts(block.as_ptr(), 100) }.iter().all(|byte| *byte == 0));
        assert_eq!(code(free(raw)), None);
        assert_eq!(code(free(raw)), Some(Code::InvalidHandle));
        assert_eq!(length(raw), None);
    }

    #[test]
    fn foreign_and_interior_pointers_are_refused() {
        let mut on_the_stack = 0_u64;
        assert_eq!(code(free((&raw mut on_the_stack).cast())), Some(Code::InvalidHandle));
        assert_eq!(code(free(usize::MAX as *mut c_void)), Some(Code::InvalidHandle));
        assert_eq!(code(free(std::ptr::null_mut())), None);
        let block: *mut c_void = allocate(64).unwrap().as_ptr().cast();
        assert_eq!(code(free(block.wrapping_byte_add(16))), Some(Code::InvalidHandle));
        assert_eq!(code(free(block)), None);
    }

    #[test]
    fn an_impossible_size_is_insufficient_memory() {
        assert_eq!(
            allocate(isize::MAX as usize).err().map(|error| error.code),
            Some(Code::InsufficientMemory)
        );
    }

    #[test]
    fn an_empty_block_can_be_freed() {
        let block = Block::new(0).unwrap().release();
        assert_eq!(code(free(block)), None);
    }

    #[test]
    fn a_block_that_is_not_released_goes_by_itself() {
        let mut block = Block::of(b"abc").unwrap();
        assert_eq!(block.bytes(), b"abc");
        let start = block.start();
        drop(block);
        assert_eq!(length(start), None);
    }

    #[test]
    fn threads_free_each_others_blocks() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let blocks: Vec<usize> =
                        (1..200).map(|len| Block::new(len).unwrap().release() as usize).collect();
                    scope.spawn(move || {
                        assert!(blocks.into_iter().all(|block| free(block as *mut c_void).is_ok()));
                    });
                });
            }
        });
    }
}
