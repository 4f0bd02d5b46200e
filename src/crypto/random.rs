//! Random bytes, each time from the operating system.
//!
//! Nothing is kept between calls, so a forked child never repeats its parent's bytes.

#![forbid(unsafe_code)]

use crate::error::{Code, Error};

/// Fills `bytes`; one call for all that a leg needs is one system call.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::new(Code::InternalError, "the system gave no random bytes"))
}
