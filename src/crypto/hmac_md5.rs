//! HMAC-MD5 (RFC 2104) with the key's two blocks compressed once.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::digest;
use super::md5::{self, Compress, Md5, Workspace};

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
        let mut workspace = Workspace::new();
        let key = Self::of_block(&mut block, &mut |state: &mut [u32; 4], block: &[u8; 64]| {
            md5::compress_beside(state, block, &mut workspace, &mut ());
        });
        workspace.zeroize();
        key
    }

    /// The key that stands in `block`, zeros behind it, by any way to compress.
    #[inline(always)]
    pub(super) fn of_block(block: &mut [u8; 64], compress: &mut impl Compress) -> Self {
        let [inner, outer] = [0x36, 0x5c].map(|pad| {
            let mut state = md5::INITIAL;
            let mut padded = block.map(|byte| byte ^ pad);
            compress(&mut state, &padded);
            padded.as_mut_slice().zeroize();
            state
        });
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
    #[inline(always)]
    pub(super) fn finish(&self, inner: Md5) -> [u8; 16] {
        self.finish_by(inner, &mut md5::compress)
    }

    /// As `finish`, by another way to compress.
    #[inline(always)]
    pub(super) fn finish_by(&self, inner: Md5, compress: &mut impl Compress) -> [u8; 16] {
        let mut block = [0u8; 64];
        block[..16].copy_from_slice(&inner.finish_by(compress));
        block[16] = 0x80;
        block[56..].copy_from_slice(&(8 * (64 + 16u64)).to_le_bytes());
        let mut outer = self.outer;
        compress(&mut outer, &block);
        md5::to_bytes(&outer)
    }
}
