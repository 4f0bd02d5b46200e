//! What the library asks of the operating system; `boundary/os` answers.

#![forbid(unsafe_code)]

use std::ffi::OsString;

use widestring::U16String;

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
