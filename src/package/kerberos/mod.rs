//! Kerberos V5 (RFC 4120, RFC 4121, MS-KILE), both roles.
//!
//! | file | holds |
//! |---|---|
//! | `credential.rs` | whose tickets an initiator has, whose keys an acceptor has |
//! | `initiator.rs`, `acceptor.rs` | the two sides; `errors.rs`, what a KRB-ERROR means to the first |
//! | `decision.rs` | whom an acceptor lets in: a pure function; `replay.rs` and `pac.rs` serve it |
//! | `route.rs`, `account.rs` | the way to a KDC, Windows' names of principals |
//! | `session.rs`, `messages/` | the established context |
//! | `delegation.rs`, `user_to_user.rs` | what their names say |
//! | `describe.rs` | the configuration in words |
//! | `client/` | what a KDC is asked for |
//! | `wire/` | the messages, in the DER of `package/der.rs` |

#![forbid(unsafe_code)]

mod acceptor;
mod account;
mod client;
mod credential;
mod decision;
mod delegation;
mod describe;
mod errors;
mod flags;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod initiator;
mod key_info;
mod messages;
mod pac;
mod replay;
mod route;
mod session;
#[cfg(test)]
mod tests;
mod user_to_user;
// Whole as it is: what only a KDC says is written and read by the tests.
#[allow(dead_code, unused_imports)]
pub mod wire;

use std::sync::Arc;

use crate::crypto::enctype::Enctype;
use crate::error::Result;
use crate::package::Progress;
use crate::package::facts::NEGOTIATION_COMPLETE;
use crate::package::{
    Acquire, Credential, Established, Facts, Flags, Line, Package, PackageInfo, PasswordChange,
};
use crate::store::os::Os;

/// The package "Kerberos".
pub struct Kerberos;

/// SECPKG_FLAG_*: what Windows reports.
pub static INFO: PackageInfo = PackageInfo {
    name: "Kerberos",
    comment: "Microsoft Kerberos V1.0",
    capabilities: 0x000F_3BBF,
    version: 1,
    rpc_id: 16,
    max_token: 48000,
};

/// What a handshake can tell before its key is agreed: the sizes are those of the enctype that is most
/// likely.
fn progress(grants: Flags) -> Progress {
    let sizes = messages::sizes(Enctype::Aes256CtsHmacSha1, grants);
    Progress { package: &INFO, sizes, grants, negotiation_state: NEGOTIATION_COMPLETE }
}

impl Package for Kerberos {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }

    fn describe(&self, os: &dyn Os) -> Vec<Line> {
        describe::describe(os)
    }

    fn acquire(&self, request: Acquire<'_>) -> Result<Arc<dyn Credential>> {
        Ok(Arc::new(credential::KerberosCredential::acquire(request)?))
    }

    fn changes_passwords(&self) -> bool {
        true
    }

    fn change_password(&self, change: PasswordChange<'_>) -> Result<()> {
        credential::change_password(change)
    }

    fn import(&self, mut facts: Facts, sender: &[u8], receiver: &[u8]) -> Result<Established> {
        let ((sender, receiver), enctype) = messages::import(sender, receiver)?;
        facts.key_info = key_info::of(enctype);
        Ok(Established { sender, receiver, facts })
    }
}
