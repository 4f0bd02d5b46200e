//! The calling thread on Windows: only the system itself can make a token that acts as a client.

#![forbid(unsafe_code)]

use crate::error::{Code, Error, Result};
use crate::store::os::{LocalAccount, ThreadIdentity};

/// The calling thread.
pub struct Thread;

impl ThreadIdentity for Thread {
    /// A server that believed to act as its client would do so with its own rights: to be refused.
    fn privileged(&self) -> bool {
        true
    }

    fn local_account(&self, _name: &str) -> Option<LocalAccount> {
        None
    }

    fn assume(&self, _account: &LocalAccount) -> Result<()> {
        Err(Error::new(Code::NoImpersonation, "no thread acts as a client on Windows"))
    }

    fn revert(&self) -> Result<()> {
        Ok(())
    }
}

impl Thread {
    /// Whether the calling thread has another account's ids.
    pub fn is_acting(&self) -> bool {
        false
    }
}
