//! Where secrets and settings come from: identities that callers hand over, account files,
//! applications' own users, krb5's files, the environment; and the way to a realm's KDCs.
//!
//! The types here are what `boundary/` makes of the caller's memory and what `package/` works with.

#![forbid(unsafe_code)]

pub mod account_file;
pub mod accounts;
pub mod bindings;
pub mod export_key;
mod file;
pub mod identity;
pub mod kdc;
pub mod krb5;
mod lock;
pub mod names;
pub mod opaque;
pub mod os;
pub mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

/// Everything that a credential may ask for while it is acquired and later.
#[derive(Clone)]
pub struct Sources {
    /// The operating system: environment, names, local accounts.
    pub os: os::Environment,
    /// The application's own users (`libsspi_set_account_callback`), if it keeps any.
    pub accounts: Option<Arc<dyn accounts::AccountSource>>,
}
