//! A message as the protocols see it: parts in the caller's order, no pointers.

#![forbid(unsafe_code)]

/// One stretch of a message that is protected in place.
pub enum Part<'a> {
    /// Signed and, where the quality of protection says so, encrypted in place.
    Sealed(&'a mut [u8]),
    /// Signed, never changed (SECBUFFER_READONLY, SECBUFFER_READONLY_WITH_CHECKSUM).
    SignedOnly(&'a [u8]),
}

impl Part<'_> {
    /// The bytes as they are now.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Part::Sealed(bytes) => bytes,
            Part::SignedOnly(bytes) => bytes,
        }
    }
}
