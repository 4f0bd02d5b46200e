//! What the library asks of the operating system; `boundary/os` answers.

#![forbid(unsafe_code)]

use std::ffi::OsString;

use widestring::U16String;

use crate::error::Result;

/// The operating system as the safe rooms see it.
pub trait Os: Send + Sync {
    /// An environment variable; always `None` in a set-id program (secure_getenv).
    fn variable(&self, name: &str) -> Option<OsString>;
    /// The account name of the process's effective user, if it has one.
    fn user_name(&self) -> Option<U16String>;
    /// The host's DNS name as the kernel knows it, e.g. `server.example.test`; never empty.
    fn host_name(&self) -> U16String;
    /// The effective user id, for checks of a file's owner.
    fn effective_uid(&self) -> u32;
}

/// An account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAccount {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// The ids under which the calling thread, and no other, touches files and processes.
pub trait ThreadIdentity: Send + Sync {
    /// Whether this process may take on another account's ids (effective uid 0).
    fn privileged(&self) -> bool;
    /// The local account of exactly that name.
    fn local_account(&self, name: &str) -> Option<LocalAccount>;
    /// Gives the calling thread the account's uid, gid and groups until `revert`.
    fn assume(&self, account: &LocalAccount) -> Result<()>;
    /// Gives the calling thread back the ids it had before the first `assume`; fine without one.
    fn revert(&self) -> Result<()>;
}
