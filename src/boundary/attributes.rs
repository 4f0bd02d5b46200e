//! Where the answers of QueryContextAttributes and QueryCredentialsAttributes go.
//!
//! The caller's structure is written once, when everything that it points at has been made; until
//! then the blocks belong to [`Made`] and go with it.

use std::ffi::c_void;

use widestring::U16Str;

use crate::boundary::blocks::Block;
use crate::boundary::places::required;
use crate::boundary::strings::Charset;
use crate::error::{Code, Error, Result};

/// The caller's structure and, in the Ex functions, its size.
pub struct Destination {
    place: *mut c_void,
    size: Option<u32>,
}

/// Blocks that an answer points at.
#[derive(Default)]
pub struct Made(Vec<Block>);

impl Destination {
    /// # Safety
    /// `place` is NULL or has room for the structure of the attribute that is asked for, or for `size`
    /// bytes where a size is given.
    pub unsafe fn new(place: *mut c_void, size: Option<u32>) -> Self {
        Self { place, size }
    }

    /// Makes the answer and writes it: SEC_E_INVALID_PARAMETER without a structure,
    /// SEC_E_BUFFER_TOO_SMALL if it is smaller than `T`.
    pub fn fill<T>(self, make: impl FnOnce(&mut Made) -> Result<T>) -> Result<()> {
        required(self.place)?;
        if self.size.is_some_and(|size| (size as usize) < size_of::<T>()) {
            return Err(Error::new(Code::BufferTooSmall, "a structure smaller than the attribute's"));
        }
        let mut made = Made::default();
        let answer = make(&mut made)?;
        // SAFETY: not NULL, and large enough by `new`'s promise and the size; at any address.
        unsafe { self.place.cast::<T>().write_unaligned(answer) };
        made.0.into_iter().for_each(|block| _ = block.release());
        Ok(())
    }
}

impl Destination {
    /// Writes bytes that are no structure, as many as they are.
    pub fn fill_bytes(self, bytes: &[u8]) -> Result<()> {
        required(self.place)?;
        if self.size.is_some_and(|size| (size as usize) < bytes.len()) {
            return Err(Error::new(Code::BufferTooSmall, "a place smaller than the attribute"));
        }
        // SAFETY: not NULL, and large enough by `new`'s promise and the size.
        unsafe { self.place.cast::<u8>().copy_from(bytes.as_ptr(), bytes.len()) };
        Ok(())
    }
}

impl Made {
    /// A string of its own. An empty one is NULL: some callers cannot bear an empty string.
    pub fn text<C: Charset, U>(&mut self, text: &U16Str) -> Result<*mut U> {
        match text.is_empty() {
            true => Ok(std::ptr::null_mut()),
            false => Ok(self.keep(C::block(text)?)),
        }
    }

    /// Bytes of their own; none are NULL.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<*mut u8> {
        match bytes.is_empty() {
            true => Ok(std::ptr::null_mut()),
            false => Ok(self.keep(Block::of(bytes)?)),
        }
    }

    /// Any other block.
    pub fn keep<U>(&mut self, block: Block) -> *mut U {
        let start = block.start().cast();
        self.0.push(block);
        start
    }
}

#[cfg(test)]
mod tests {
    use widestring::U16String;

    use super::*;
    use crate::abi::{SecPkgContext_NativeNamesW, SecPkgContext_SessionKey, SecPkgContext_Sizes};
    use crate::boundary::blocks;
    use crate::boundary::strings::Wide;

    fn destination<T>(place: &mut T, size: Option<u32>) -> Destination {
        // SAFETY: the tests fill the structure that they give, or one that `size` refuses.
        unsafe { Destination::new((&raw mut *place).cast(), size) }
    }

    #[test]
    fn every_short_size_is_refused_and_nothing_is_written() {
        let sizes =
            SecPkgContext_Sizes { cbMaxToken: 1, cbMaxSignature: 2, cbBlockSize: 3, cbSecurityTrailer: 4 };
        for size in 0..16 {
            let mut place = [0xAA_u8; 16];
            let refused = destination(&mut place, Some(size)).fill(|_| Ok(sizes));
            assert_eq!(refused.err().map(|error| error.code), Some(Code::BufferTooSmall));
            assert_eq!(place, [0xAA; 16]);
        }
        for size in [Some(16), Some(17), Some(u32::MAX), None] {
            // An odd address must do.
            let mut place = [0_u8; 17];
            // SAFETY: sixteen bytes follow.
            let odd = unsafe { Destination::new(place.as_mut_ptr().wrapping_add(1).cast(), size) };
            odd.fill(|_| Ok(sizes)).unwrap();
            assert_eq!((place[1], place[13]), (1, 4));
        }
        // SAFETY: NULL is refused.
        let nowhere = unsafe { Destination::new(std::ptr::null_mut(), None) };
        assert_eq!(nowhere.fill(|_| Ok(sizes)).err().map(|error| error.code), Some(Code::InvalidParameter));
    }

    #[test]
    fn a_failure_leaves_neither_blocks_nor_writes() {
        let mut place = [0xAA_u8; 16];
        let mut first = std::ptr::null_mut::<u8>();
        let failed = destination(&mut place, None).fill(|made| -> Result<SecPkgContext_SessionKey> {
            first = made.bytes(b"key")?;
            assert_eq!(blocks::length(first.cast()), Some(3));
            Err(Code::InsufficientMemory.into())
        });
        assert!(failed.is_err() && place == [0xAA; 16]);
        assert_eq!(blocks::length(first.cast()), None);
    }

    #[test]
    fn strings_are_blocks_of_their_own_and_never_empty() {
        let mut names = SecPkgContext_NativeNamesW {
            sClientName: std::ptr::dangling_mut(),
            sServerName: std::ptr::dangling_mut(),
        };
        let client = U16String::from_str("D\\u");
        destination(&mut names, None)
            .fill(|made| {
                Ok(SecPkgContext_NativeNamesW {
                    sClientName: made.text::<Wide, _>(&client)?,
                    sServerName: made.text::<Wide, _>(U16Str::from_slice(&[]))?,
                })
            })
            .unwrap();
        assert!(names.sServerName.is_null());
        assert_eq!(blocks::length(names.sClientName.cast()), Some(8));
        blocks::free(names.sClientName.cast()).unwrap();
    }
}
