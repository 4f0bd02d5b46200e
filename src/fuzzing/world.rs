//! The small world that targets run in: one host, one user, whose password is known.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::sync::{Arc, LazyLock};

use widestring::{U16Str, U16String};

use crate::error::Result;
use crate::object::credential::Credential;
use crate::package::{self, Acquire, Package, Usage};
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::{Account, AccountKey, AccountSource, nt_hash};
use crate::store::export_key::ExportKey;
use crate::store::identity::{Identity, Password};
use crate::store::names::same;
use crate::store::os::Os;

/// An operating system of constant answers.
pub struct World;

impl Os for World {
    fn variable(&self, name: &str) -> Option<OsString> {
        match name {
            "SSPI_EXPORT_KEY" => Some("a key for nothing but this".into()),
            "SSPI_NEGOTIATE_NTLM" => Some("spnego".into()),
            // Nothing of this machine's Kerberos.
            "KRB5_CONFIG" | "KRB5_KTNAME" | "KRB5_CLIENT_KTNAME" => Some("/dev/null".into()),
            "KRB5CCNAME" => Some("MEMORY:fuzzing".into()),
            _ => None,
        }
    }

    fn user_name(&self) -> Option<U16String> {
        Some(wide("alice"))
    }

    fn host_name(&self) -> U16String {
        wide("server.example.test")
    }

    fn effective_uid(&self) -> u32 {
        1000
    }
}

/// The one account.
struct Users;

impl AccountSource for Users {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        static HASH: LazyLock<Secret<[u8; 16]>> = LazyLock::new(|| nt_hash(wide("secret").as_slice()));
        let known = same(user, &wide("alice"));
        let key = AccountKey::NtHash(HASH.clone());
        Ok(known.then(|| Account { user: user.to_ustring(), domain: domain.to_ustring(), key }))
    }
}

pub fn wide(text: &str) -> U16String {
    U16String::from_str(text)
}

/// Alice with her password.
pub fn alice() -> Identity {
    Identity {
        user: Some(wide("alice")),
        domain: Some(wide("EXAMPLE")),
        password: Some(Password::Clear(Secret::new(wide("secret").into_vec()))),
        ..Identity::default()
    }
}

pub fn export_key() -> ExportKey {
    ExportKey::obtain(&World).expect("the world has a key")
}

/// Alice's way out, or the way in of the server that knows her.
fn request(outbound: bool) -> Acquire<'static> {
    let usage = Usage { inbound: !outbound, outbound };
    let identity = outbound.then(alice);
    let accounts: Option<Arc<dyn AccountSource>> = (!outbound).then(|| Arc::new(Users) as _);
    Acquire { usage, principal: None, identity, sources: Sources { os: (&World).into(), accounts } }
}

/// A credential as a protocol has it.
pub fn credential(package: &dyn Package, outbound: bool) -> Arc<dyn package::Credential> {
    package.acquire(request(outbound)).expect("the world's credentials are there")
}

/// A credential as a handle stands for it.
pub fn acquired(package: &'static dyn Package, outbound: bool) -> Credential {
    Credential::acquire(package, request(outbound)).expect("the world's credentials are there")
}
