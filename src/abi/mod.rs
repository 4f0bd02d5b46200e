//! What SSPI looks like to C: types, constants, status codes and the function table.
//!
//! Sizes and offsets are those of Windows, with 64 bits and with 32, which hold on every system once each
//! Windows type has a fixed width: `unsigned long` is `u32`, `ULONG_PTR` is `usize`, `SEC_WCHAR` is a
//! 16-bit UTF-16 unit, `BOOLEAN` is one byte, a `TimeStamp` is 8 bytes. Names are Windows' own, and so is
//! their case. Lengths are bytes unless a comment says characters. `include/sspi.h` is made from these files.
//!
//! Sources: the public pages of Microsoft (win32 SecAuthN, sdk-api) and the layouts that a Windows
//! compiler gives to them.

#![forbid(unsafe_code)]
// Windows' names, which Microsoft documents.
#![allow(non_camel_case_types, non_snake_case, missing_docs)]

pub mod attributes;
pub mod base;
pub mod extension;
pub mod flags;
pub mod identity;
pub mod names;
pub mod status;
pub mod table;

pub use attributes::*;
pub use base::*;
pub use extension::*;
pub use flags::*;
pub use identity::*;
pub use status::*;
pub use table::*;

/// Fails to compile unless `$type` has this size and alignment and its fields these offsets, where
/// they differ `64-bit | 32-bit`.
macro_rules! layout {
    ($wide:literal) => { $wide };
    ($wide:literal | $narrow:literal) => {
        if cfg!(target_pointer_width = "64") { $wide } else { $narrow }
    };
    ($type:ty: $size:literal $(| $size32:literal)? align $align:literal $(| $align32:literal)? {
        $($field:ident @ $offset:literal $(| $offset32:literal)?),* $(,)?
    }) => {
        const _: () = {
            assert!(size_of::<$type>() == layout!($size $(| $size32)?));
            assert!(align_of::<$type>() == layout!($align $(| $align32)?));
            $(assert!(core::mem::offset_of!($type, $field) == layout!($offset $(| $offset32)?));)*
        };
    };
}
use layout;
