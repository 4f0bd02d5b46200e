//! Who a caller says it is: the safe form of every SEC_WINNT_AUTH_IDENTITY structure.

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::{U16Str, U16String};

use crate::secret::Secret;
use crate::store::accounts::AccountSource;
use crate::store::os::Settings;

/// What proves an identity.
#[derive(Clone)]
pub enum Password {
    /// The password's UTF-16 units, lone surrogates included.
    Clear(Secret<Vec<u16>>),
    /// MD4 of the password (NTOWFv1), given instead of it.
    NtHash(Secret<[u8; 16]>),
}

/// An identity as handed over; an absent field was NULL.
///
/// Names keep their UTF-16 units exactly as given: the NTLM hash is taken over them.
#[derive(Clone, Default)]
pub struct Identity {
    pub user: Option<U16String>,
    pub domain: Option<U16String>,
    pub password: Option<Password>,
    /// A keytab file's bytes, given in the place of a password.
    pub keytab: Option<Secret<Vec<u8>>>,
    /// PackageList of the EX forms: names separated by `,` or `:`, `!` excludes.
    pub package_list: Option<U16String>,
    /// SEC_WINNT_AUTH_IDENTITY_ONLY: never fall back to the default credentials.
    pub only: bool,
    /// What came with it besides.
    pub given: Option<Arc<Given>>,
}

/// What a caller gives with an identity in the place of the environment's settings.
#[derive(Default)]
pub struct Given {
    pub settings: Arc<Settings>,
    /// An acceptor's accounts.
    pub accounts: Option<Arc<dyn AccountSource>>,
}

impl Identity {
    /// All names and what proves them absent: the caller means its default identity.
    pub fn is_default(&self) -> bool {
        let proof = self.password.is_some() || self.keytab.is_some();
        self.user.is_none() && self.domain.is_none() && !proof
    }

    /// User and domain as NTLM uses them.
    ///
    /// `DOMAIN\user` in the user field is split when no domain was given; a UPN stays whole with an
    /// empty domain (MS-NLMP 3.1.5.1.2: the name is sent as it was entered).
    pub fn account(&self) -> (&U16Str, &U16Str) {
        let empty = U16Str::from_slice(&[]);
        let user = self.user.as_deref().unwrap_or(empty);
        match self.domain.as_deref() {
            Some(domain) if !domain.is_empty() => (user, domain),
            _ => split_down_level(user),
        }
    }
}

/// Splits `DOMAIN\user` at the first backslash; a name without one has an empty domain.
fn split_down_level(name: &U16Str) -> (&U16Str, &U16Str) {
    let units = name.as_slice();
    let mut halves = units.splitn(2, |unit| *unit == u16::from(b'\\'));
    match (halves.next(), halves.next()) {
        (Some(domain), Some(user)) => (U16Str::from_slice(user), U16Str::from_slice(domain)),
        _ => (name, U16Str::from_slice(&[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_down_level_name_is_split_only_without_a_domain() {
        let mut identity =
            Identity { user: Some(U16String::from_str("DOM\\al\\ice")), ..Identity::default() };
        let (user, domain) = identity.account();
        assert_eq!((user.to_string_lossy(), domain.to_string_lossy()), ("al\\ice".into(), "DOM".into()));
        identity.domain = Some(U16String::from_str("OTHER"));
        assert_eq!(identity.account().0.to_string_lossy(), "DOM\\al\\ice");
        identity.domain = Some(U16String::new());
        assert_eq!(identity.account().1.to_string_lossy(), "DOM");
    }
}
