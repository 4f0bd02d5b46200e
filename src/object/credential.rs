//! What a CredHandle stands for.

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::{U16Str, U16String};

use crate::error::{Code, Error, Result};
use crate::package::{self, Acquire, Handshake, Package, Setting, Usage};

/// An acquired credential of one package.
pub struct Credential {
    usage: Usage,
    inner: Arc<dyn package::Credential>,
}

impl Credential {
    pub fn acquire(package: &'static dyn Package, request: Acquire<'_>) -> Result<Credential> {
        let usage = request.usage;
        if !usage.inbound && !usage.outbound {
            return Err(Error::new(Code::UnknownCredentials, "neither inbound nor outbound"));
        }
        Ok(Credential { usage, inner: package.acquire(request)? })
    }

    /// `DOMAIN\user`, for SECPKG_CRED_ATTR_NAMES.
    pub fn name(&self) -> Result<U16String> {
        self.inner.name()
    }

    pub fn set(&self, setting: Setting<'_>) -> Result<()> {
        self.inner.set(setting)
    }

    /// An initiator's credential that a client has delegated.
    pub fn delegated(inner: Arc<dyn package::Credential>) -> Credential {
        Credential { usage: Usage { inbound: false, outbound: true }, inner }
    }

    /// The packages among which it negotiates; `None`: it does not negotiate.
    pub fn mechanisms(&self) -> Option<Vec<&'static package::PackageInfo>> {
        self.inner.mechanisms()
    }

    /// FILETIME: the end of the tickets that it holds, if it holds any.
    pub fn expiry(&self) -> u64 {
        self.inner.expiry()
    }

    /// Writes its tickets to the credential cache of that name.
    pub fn export_tickets(&self, cache: &str) -> Result<()> {
        self.inner.export_tickets(cache)
    }

    pub(super) fn initiate(&self, target: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        if !self.usage.outbound {
            return Err(Error::new(Code::NoCredentials, "the credential is not outbound"));
        }
        self.inner.initiate(target)
    }

    pub(super) fn accept(&self) -> Result<Box<dyn Handshake>> {
        if !self.usage.inbound {
            return Err(Error::new(Code::NoCredentials, "the credential is not inbound"));
        }
        self.inner.accept()
    }
}
