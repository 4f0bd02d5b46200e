//! Accounts that an acceptor checks against, and the default identity.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use crate::error::Result;
use crate::secret::Secret;

/// What an account's logon is checked with.
#[derive(Clone)]
pub enum AccountKey {
    /// MD4 of the password (NTOWFv1).
    NtHash(Secret<[u8; 16]>),
    /// NTOWFv2 for exactly the user and domain that were asked for.
    NtowfV2(Secret<[u8; 16]>),
}

/// An account's record.
#[derive(Clone)]
pub struct Account {
    /// The names as the record spells them: what SECPKG_ATTR_NAMES reports.
    pub user: U16String,
    pub domain: U16String,
    pub key: AccountKey,
}

/// Where an acceptor finds accounts.
pub trait AccountSource: Send + Sync {
    /// The account of `user` in `domain`, as both stand on the wire.
    ///
    /// `Ok(None)`: no such account. `Err`: the source itself failed; the logon is denied.
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>>;
}
