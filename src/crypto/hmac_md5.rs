//! HMAC-MD5 (RFC 2104) with the key's two blocks compressed once.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::digest;
use super::md5::{self, Md5};

/// A key as the two states that follow its inner and its outer block.
#[derive(Clone, ZeroizeOnDrop)]
pub struct HmacMd5Key {
    inner: [u32; 4],
    outer: [u32; 4],
}

impl HmacMd5Key {
    /// A key of any length; one longer than a block is hashed first.
    pub fn new(key: &[u8]) -> Self {
        let mut block = [0u8; 64];
        let Some(space) = block.get_mut(..key.len()) else {
            return Self::new(&*Zeroizing::new(digest::md5(&[key])));
        };
        space.copy_from_slice(key);
        let [mut inner, mut outer] = [md5::INITIAL; 2];
        let mut padded = [0x36, 0x5c].map(|pad| block.map(|byte| byte ^ pad));
        md5::compress_two([&mut inner, &mut outer], padded.each_ref());
        padded.as_flattened_mut().zeroize();
        block.as_mut_slice().zeroize();
        Self { inner, outer }
    }

    /// The authentication code of a message given in parts.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut digest = self.begin();
        for part in parts {
            digest.update(part);
        }
        self.finish(digest)
    }

    /// The inner digest, its key block taken.
    #[inline(always)]
    pub(super) fn begin(&self) -> Md5 {
        Md5::after(&self.inner, 64)
    }

    /// The outer digest over the inner one.
    pub(super) fn finish(&self, inner: Md5) -> [u8; 16] {
        let mut block = [0u8; 64];
        block[..16].copy_from_slice(&inner.finish());
        block[16] = 0x80;
        block[56..].copy_from_slice(&(8 * (64 + 16u64)).to_le_bytes());
        let mut outer = self.outer;
        md5::compress(&mut outer, &block);
        md5::to_bytes(&outer)
    }
}
