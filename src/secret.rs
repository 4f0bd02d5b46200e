//! Bytes that are zeroed when they go and never printed.

#![forbid(unsafe_code)]

use subtle::ConstantTimeEq;

/// Zeroed on drop; its `Debug` and `Display` show nothing of what it holds.
pub use sspi_rs::Secret;

/// Compares two byte strings in a time that depends on their lengths only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
