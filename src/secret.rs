//! Bytes that are zeroed when they go and never printed.

#![forbid(unsafe_code)]

use subtle::ConstantTimeEq;

/// Zeroed on drop; its `Debug` and `Display` show nothing of what it holds.
#[cfg(not(windows))]
pub use sspi_rs::Secret;
#[cfg(windows)]
pub use windows::Secret;

/// The same where sspi-rs would bring imports of half of Windows' DLLs along.
#[cfg(windows)]
mod windows {
    use std::fmt::{Debug, Display, Formatter, Result};

    use zeroize::{Zeroize, ZeroizeOnDrop};

    #[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
    pub struct Secret<T: Zeroize>(T);

    impl<T: Zeroize> Secret<T> {
        pub fn new(inner: T) -> Self {
            Self(inner)
        }
    }

    impl<T: Zeroize> AsRef<T> for Secret<T> {
        fn as_ref(&self) -> &T {
            &self.0
        }
    }

    impl<T: Zeroize> AsMut<T> for Secret<T> {
        fn as_mut(&mut self) -> &mut T {
            &mut self.0
        }
    }

    impl<T: Zeroize> Debug for Secret<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            f.write_str("Secret")
        }
    }

    impl<T: Zeroize> Display for Secret<T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            f.write_str("(secret)")
        }
    }
}

/// Compares two byte strings in a time that depends on their lengths only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
