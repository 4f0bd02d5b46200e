//! What the library asks of the operating system; `boundary/os` answers.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::Arc;

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
    /// The effective user id, for checks of a file's owner; 0 on Windows.
    fn effective_uid(&self) -> u32;
    /// The DNS servers that the system asks; `None` where /etc/resolv.conf says which.
    fn nameservers(&self) -> Option<Vec<IpAddr>> {
        None
    }
    /// The realm's servers that the system itself was told of (Windows' registry).
    fn registered_servers(&self, _realm: &str, _kind: Registered) -> Vec<String> {
        Vec::new()
    }
}

/// Which of a realm's servers: each kind has its list in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    Kdcs,
    PasswordServers,
}

/// The operating system as one credential sees it: what came with its identity wins over the environment.
#[derive(Clone)]
pub struct Environment {
    os: &'static dyn Os,
    given: Option<Arc<Settings>>,
}

/// Settings that a caller gives in the place of the environment's.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// By the names of their variables.
    pub variables: Vec<(&'static str, OsString)>,
    /// What the host is called.
    pub host_name: Option<U16String>,
}

impl Environment {
    pub fn new(os: &'static dyn Os, given: Option<Arc<Settings>>) -> Environment {
        Environment { os, given }
    }
}

impl<T: Os> From<&'static T> for Environment {
    fn from(os: &'static T) -> Environment {
        Environment { os, given: None }
    }
}

impl Os for Environment {
    fn variable(&self, name: &str) -> Option<OsString> {
        let given = self.given.iter().flat_map(|given| &given.variables);
        let own = given.rev().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        own.or_else(|| self.os.variable(name))
    }

    fn user_name(&self) -> Option<U16String> {
        self.os.user_name()
    }

    fn host_name(&self) -> U16String {
        let own = self.given.as_ref().and_then(|given| given.host_name.clone());
        own.unwrap_or_else(|| self.os.host_name())
    }

    fn effective_uid(&self) -> u32 {
        self.os.effective_uid()
    }

    fn nameservers(&self) -> Option<Vec<IpAddr>> {
        self.os.nameservers()
    }

    fn registered_servers(&self, realm: &str, kind: Registered) -> Vec<String> {
        self.os.registered_servers(realm, kind)
    }
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
