//! Negotiate: SPNEGO (RFC 4178, MS-SPNG), both roles.
//!
//! | file | holds |
//! |---|---|
//! | `mechanism.rs` | what is negotiated, and one attempt with it |
//! | `credential.rs` | one credential of each mechanism; PackageList |
//! | `initiator.rs`, `acceptor.rs` | the two sides |
//! | `mic.rs` | the mechListMIC |
//! | `tokens.rs` | the messages, in the DER of `package/der.rs` |
//!
//! NegoEx (1.3.6.1.4.1.311.2.2.30) is not offered; in a peer's list it is one more mechanism that
//! nobody here has.

#![forbid(unsafe_code)]

mod acceptor;
mod credential;
mod initiator;
mod mechanism;
mod mic;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use credential::Emission;
use mechanism::{Failure, KERBEROS, Mechanism, NTLMSSP};
use tokens::{NegState, NegTokenResp};

use crate::error::{Code, Error, Result};
use crate::package::{
    Acquire, Credential, Established, Facts, Flags, Line, Package, PackageInfo, PasswordChange,
};
use crate::package::{Progress, Sizes, Step};
use crate::store::os::Os;

/// The package "Negotiate".
pub struct Negotiate {
    /// In the order of preference.
    mechanisms: &'static [&'static Mechanism],
}

/// With every mechanism of the library.
pub static NEGOTIATE: Negotiate = Negotiate { mechanisms: &[&KERBEROS, &NTLMSSP] };

/// SECPKG_FLAG_*: what Windows reports.
pub static INFO: PackageInfo = PackageInfo {
    name: "Negotiate",
    comment: "Microsoft Package Negotiator",
    capabilities: 0x0008_3BB3,
    version: 1,
    rpc_id: 9,
    max_token: 48256,
};

/// SECPKG_NEGOTIATION_OPTIMISTIC.
const OPTIMISTIC: u32 = 1;
/// SECPKG_NEGOTIATION_IN_PROGRESS.
const IN_PROGRESS: u32 = 2;

/// What can be told before a mechanism is tried.
fn nothing_known() -> Progress {
    Progress {
        package: &INFO,
        sizes: Sizes { max_token: INFO.max_token, max_signature: 0, block_size: 0, security_trailer: 0 },
        grants: Flags::NONE,
        negotiation_state: IN_PROGRESS,
    }
}

/// A step that failed, with the `reject` that tells the peer.
fn rejecting(failure: Failure) -> Step {
    let response = NegTokenResp {
        neg_state: Some(NegState::Reject),
        response_token: failure.token.as_deref(),
        ..NegTokenResp::default()
    };
    Step::Failed(failure.error, Some(response.build()))
}

impl Package for Negotiate {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }

    fn describe(&self, os: &dyn Os) -> Vec<Line> {
        let names = self.mechanisms.iter().map(|mechanism| mechanism.package.info().name);
        let mode = match credential::emission(os, None) {
            Emission::Auto => "as on Windows: bare where nothing else can be offered",
            Emission::Raw => "bare",
            Emission::Spnego => "in SPNEGO",
        };
        vec![
            Line::new("mechanisms", names.collect::<Vec<_>>().join(", ")),
            Line::new("NTLM travels (SSPI_NEGOTIATE_NTLM)", mode),
        ]
    }

    fn acquire(&self, request: Acquire<'_>) -> Result<Arc<dyn Credential>> {
        Ok(Arc::new(credential::NegotiateCredential::acquire(self.mechanisms, &request)?))
    }

    /// Of the first mechanism that changes passwords.
    fn change_password(&self, change: PasswordChange<'_>) -> Result<()> {
        let mut mechanisms = self.mechanisms.iter().map(|mechanism| mechanism.package);
        match mechanisms.find(|package| package.changes_passwords()) {
            Some(package) => package.change_password(change),
            None => Err(Error::new(Code::UnsupportedFunction, "no mechanism changes passwords")),
        }
    }

    /// An established context is its mechanism's.
    fn makes(&self, info: &PackageInfo) -> bool {
        self.mechanisms.iter().any(|mechanism| mechanism.package.makes(info))
    }

    fn import(&self, facts: Facts, sender: &[u8], receiver: &[u8]) -> Result<Established> {
        let mechanism = self.mechanisms.iter().find(|mechanism| mechanism.package.makes(facts.package));
        let mechanism = mechanism.ok_or_else(|| Error::new(Code::InvalidToken, "no such mechanism"))?;
        mechanism.package.import(facts, sender, receiver)
    }
}
