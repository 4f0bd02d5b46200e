//! NTLM (MS-NLMP), both roles: NTLMv2 with extended session security, and nothing older.
//!
//! | file | holds |
//! |---|---|
//! | `credential.rs` | what AcquireCredentialsHandle makes: an identity, an account source, policy |
//! | `initiator.rs`, `acceptor.rs` | the two handshakes |
//! | `decision.rs` | whom an acceptor lets in |
//! | `negotiate.rs`, `challenge.rs`, `authenticate.rs` | the three messages; `message.rs`: what they share |
//! | `response.rs`, `av_pair.rs`, `flags.rs` | what is inside them |
//! | `keys.rs` | the computations |
//! | `messages.rs` | signing and sealing |
//! | `target.rs` | what an acceptor calls itself |
//! | `describe.rs` | the configuration in words |

#![forbid(unsafe_code)]

mod acceptor;
mod authenticate;
mod av_pair;
mod challenge;
mod credential;
mod decision;
mod describe;
mod flags;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod initiator;
mod keys;
mod message;
mod messages;
mod negotiate;
mod response;
mod target;
#[cfg(test)]
pub mod tests;

use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::package::facts::{KeyInfo, NEGOTIATION_COMPLETE};
use crate::package::{
    Acquire, Credential, Established, Facts, Flags, Line, Package, PackageInfo, Progress, Sizes,
};
use crate::store::os::Os;

/// The package "NTLM".
pub struct Ntlm;

/// SECPKG_FLAG_*: what Windows reports.
pub static INFO: PackageInfo = PackageInfo {
    name: "NTLM",
    comment: "NTLM Security Package",
    capabilities: 0x0008_2B37,
    version: 1,
    rpc_id: 10,
    max_token: 2888,
};

/// A signature is all that a message grows by.
pub const SIZES: Sizes = Sizes { max_token: 2888, max_signature: 16, block_size: 0, security_trailer: 16 };

/// KERB_CHECKSUM_HMAC_MD5 (-138) and CALG_RC4, with the names that Wine's tests found on Windows.
pub static KEY_INFO: KeyInfo = KeyInfo {
    signature_algorithm_name: "HMAC-MD5",
    encrypt_algorithm_name: "RSADSI RC4",
    key_size: 128,
    signature_algorithm: 0xFFFF_FF76,
    encrypt_algorithm: 0x0000_6801,
};

/// What a handshake can tell. NTLM negotiates no mechanism: that part is always complete.
fn progress(grants: Flags) -> Progress {
    Progress { package: &INFO, sizes: SIZES, grants, negotiation_state: NEGOTIATION_COMPLETE }
}

impl Package for Ntlm {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }

    fn describe(&self, os: &dyn Os) -> Vec<Line> {
        describe::describe(os)
    }

    fn acquire(&self, request: Acquire<'_>) -> Result<Arc<dyn Credential>> {
        Ok(Arc::new(credential::NtlmCredential::acquire(request)?))
    }

    fn import(&self, mut facts: Facts, sender: &[u8], receiver: &[u8]) -> Result<Established> {
        let half = |blob| {
            messages::Half::read(blob).ok_or_else(|| Error::new(Code::InvalidToken, "no NTLM context"))
        };
        facts.key_info = &KEY_INFO;
        Ok(Established { sender: half(sender)?, receiver: half(receiver)?, facts })
    }
}
