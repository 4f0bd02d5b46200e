//! In the place of the library's module of this name, which needs the whole of sspi-rs.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    pub fn new(inner: T) -> Self {
        Self(Zeroizing::new(inner))
    }
}

impl<T: Zeroize> AsRef<T> for Secret<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
