//! NTLM (MS-NLMP), both roles: NTLMv2 only.

#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::package::{Acquire, Credential, Established, Facts, Package, PackageInfo};

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

impl Package for Ntlm {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }

    fn acquire(&self, _request: Acquire<'_>) -> Result<Arc<dyn Credential>> {
        Err(Error::new(Code::UnsupportedFunction, "not yet"))
    }

    fn import(&self, _facts: Facts, _sender: &[u8], _receiver: &[u8]) -> Result<Established> {
        Err(Error::new(Code::UnsupportedFunction, "not yet"))
    }
}
