//! What is known about a package, a handshake and an established context.

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::U16String;

use crate::package::{Credential, Flags};
use crate::secret::Secret;

/// SecPkgInfo without its pointers.
#[derive(Debug, PartialEq, Eq)]
pub struct PackageInfo {
    pub name: &'static str,
    pub comment: &'static str,
    /// SECPKG_FLAG_*.
    pub capabilities: u32,
    pub version: u16,
    pub rpc_id: u16,
    /// Bytes.
    pub max_token: u32,
}

/// SecPkgContext_Sizes, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub max_token: u32,
    pub max_signature: u32,
    pub block_size: u32,
    pub security_trailer: u32,
}

/// What an unfinished handshake can tell.
#[derive(Clone, Copy)]
pub struct Progress {
    pub package: &'static PackageInfo,
    pub sizes: Sizes,
    pub grants: Flags,
    /// SECPKG_NEGOTIATION_*.
    pub negotiation_state: u32,
}

/// SECBUFFER_CHANNEL_BINDINGS_RESULT: what the acceptor found about channel bindings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum BindingsVerdict {
    /// None were asked for.
    #[default]
    Unchecked = 0,
    /// SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED.
    Matched = 0x10,
    /// SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY.
    Proxy = 0x20,
    /// SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING.
    Missing = 0x40,
}

/// SecPkgContext_KeyInfo without its pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    pub signature_algorithm_name: &'static str,
    pub encrypt_algorithm_name: &'static str,
    /// Bits.
    pub key_size: u32,
    pub signature_algorithm: u32,
    pub encrypt_algorithm: u32,
}

impl KeyInfo {
    /// Of an imported context until its package has named its algorithms.
    pub const UNNAMED: KeyInfo = KeyInfo {
        signature_algorithm_name: "",
        encrypt_algorithm_name: "",
        key_size: 0,
        signature_algorithm: 0,
        encrypt_algorithm: 0,
    };
}

impl BindingsVerdict {
    /// The verdict of that number, for an imported context.
    pub fn from_code(code: u32) -> Option<BindingsVerdict> {
        let all = [
            BindingsVerdict::Unchecked,
            BindingsVerdict::Matched,
            BindingsVerdict::Proxy,
            BindingsVerdict::Missing,
        ];
        all.into_iter().find(|verdict| *verdict as u32 == code)
    }
}

/// What is known about an established context.
pub struct Facts {
    pub package: &'static PackageInfo,
    pub sizes: Sizes,
    /// What both sides really have, never an echo of what was asked.
    pub grants: Flags,
    /// The client, `DOMAIN\user` or `user`; `None` when it is anonymous.
    pub client: Option<U16String>,
    /// The server as the protocol names it (NTLM: the target name of its challenge).
    pub server: Option<U16String>,
    /// The realm or domain that vouched for the client (SECPKG_ATTR_AUTHORITY).
    pub authority: Option<U16String>,
    /// The SPN that the client meant (SECPKG_ATTR_CLIENT_SPECIFIED_TARGET).
    pub target: Option<U16String>,
    /// FILETIME, 100 ns since 1601 UTC.
    pub start: u64,
    /// FILETIME; `time::NEVER` when the context does not expire.
    pub expiry: u64,
    pub session_key: Secret<Vec<u8>>,
    pub key_info: &'static KeyInfo,
    pub bindings: BindingsVerdict,
    /// What few contexts have.
    pub extra: Option<Box<Extra>>,
}

/// What an acceptor may have been given besides the client's name.
#[derive(Default)]
pub struct Extra {
    /// The credential that the client delegated.
    pub delegated: Option<Arc<dyn Credential>>,
    /// Whom the client's domain says it is.
    pub account: Option<DomainAccount>,
}

/// An account as its domain's verified authorization data (MS-PAC) describe it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainAccount {
    /// EffectiveName.
    pub user: U16String,
    /// LogonDomainName, the NetBIOS name.
    pub domain: U16String,
    /// The account's SID, then those of its groups, each once; `S-1-5-21-...`.
    pub sids: Vec<String>,
}

/// SECPKG_NEGOTIATION_COMPLETE.
pub const NEGOTIATION_COMPLETE: u32 = 0;

impl Facts {
    /// The part of it that is known from the start.
    pub fn progress(&self) -> Progress {
        Progress {
            package: self.package,
            sizes: self.sizes,
            grants: self.grants,
            negotiation_state: NEGOTIATION_COMPLETE,
        }
    }
}
