//! Acquired NTLM credentials: whose identity goes out, whose accounts let in.

#![forbid(unsafe_code)]

use std::sync::Arc;

use arc_swap::ArcSwap;
use widestring::{U16Str, U16String};

use super::acceptor::{Acceptor, Accounts, Inbound};
use super::decision::Policy;
use super::initiator::{Initiator, LONGEST_NAME, Outbound};
use super::keys;
use super::target::{TargetNames, workstation};
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::error::{Code, Error, Result};
use crate::package::{Acquire, Credential, Handshake, Setting};
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::{AccountSource, FileAccounts, nt_hash};
use crate::store::identity::{Identity, Password};
use crate::store::names::down_level;
use crate::store::os::Os;

/// A credential of the package NTLM.
pub struct NtlmCredential {
    outbound: Option<Arc<Outbound>>,
    inbound: Option<Arc<Inbound>>,
    name: Option<U16String>,
}

impl NtlmCredential {
    /// An identity that is missing is told when it is used, as on Windows; so a credential for
    /// both directions can accept where nobody is configured to go out.
    pub fn acquire(request: Acquire<'_>) -> Result<Self> {
        let Acquire { usage, identity, sources, .. } = request;
        let only = identity.as_ref().is_some_and(|identity| identity.only);
        let explicit = identity.filter(|identity| !identity.is_default());
        let inbound = match usage.inbound {
            true => Some(Arc::new(inbound(&sources, explicit.is_none())?)),
            false => None,
        };
        let identity = match explicit {
            Some(identity) => Ok(identity),
            None if only => Err(none("the caller forbids the default identity")),
            None => default_identity(&sources.os),
        };
        if let Ok(Identity { user, domain, .. }) = &identity
            && [user, domain].into_iter().flatten().any(|name| name.len() > LONGEST_NAME)
        {
            return Err(Error::new(Code::InvalidParameter, "a name is too long for NTLM"));
        }
        let name = match &identity {
            Ok(identity) => Some(full_name(identity)),
            Err(_) => sources.os.user_name(),
        };
        let outbound = usage.outbound.then(|| match identity {
            Ok(identity) => outbound(&identity, no_password(&identity), &sources.os),
            Err(error) => outbound(&Identity::default(), Some(error), &sources.os),
        });
        Ok(Self { outbound, inbound, name: name.filter(|name| !name.is_empty()) })
    }
}

fn none(reason: &'static str) -> Error {
    Error::new(Code::NoCredentials, reason)
}

/// Why an identity that has something else than a password is nobody to NTLM.
fn no_password(identity: &Identity) -> Option<Error> {
    identity.keytab.as_ref().map(|_| none("a keytab is no password"))
}

fn full_name(identity: &Identity) -> U16String {
    let (user, domain) = identity.account();
    down_level(domain, user)
}

/// The account file's line of the current user, else its first line that has a password.
fn default_identity(os: &dyn Os) -> Result<Identity> {
    let file = FileAccounts::from_environment(os).ok_or_else(|| none("NTLM_USER_FILE is not set"))?;
    let identity = file.default_identity(os.user_name().as_deref());
    // Whatever is wrong with the file: there are no credentials, and the log says why.
    let identity = identity.map_err(|error| Error::new(Code::NoCredentials, error.reason))?;
    identity.ok_or_else(|| none("the account file has no line to log on with"))
}

/// `missing` says why there is no identity; a null session does without.
fn outbound(identity: &Identity, missing: Option<Error>, os: &dyn Os) -> Arc<Outbound> {
    let (user, domain) = identity.account();
    let (hash, no_password) = match &identity.password {
        Some(Password::NtHash(hash)) => (hash.clone(), false),
        Some(Password::Clear(password)) => (nt_hash(password.as_ref()), password.as_ref().is_empty()),
        None => (Secret::new(keys::EMPTY_PASSWORD), true),
    };
    let response_key = keys::ntowf_v2(hash.as_ref(), user, domain);
    Arc::new(Outbound {
        user: user.to_ustring(),
        domain: domain.to_ustring(),
        workstation: workstation(os),
        response_key: HmacMd5Key::new(response_key.as_ref()),
        anonymous: missing.is_none() && user.is_empty() && no_password,
        missing,
    })
}

fn inbound(sources: &Sources, by_default: bool) -> Result<Inbound> {
    let file = || FileAccounts::from_environment(&sources.os).map(|file| file as Arc<dyn AccountSource>);
    let accounts = match sources.accounts.clone().or_else(file) {
        Some(source) => Accounts::From(source),
        None if by_default => Accounts::Awaited,
        None => Accounts::Nowhere,
    };
    let require_mic = sources.os.variable("SSPI_NTLM_REQUIRE_MIC").is_some_and(|value| value == "1");
    Ok(Inbound {
        names: TargetNames::new(&sources.os)?,
        accounts: ArcSwap::from_pointee(accounts),
        policy: ArcSwap::from_pointee(Policy { services: Vec::new(), require_mic }),
    })
}

impl Credential for NtlmCredential {
    fn initiate(&self, target: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        let outbound = self.outbound.as_ref().ok_or_else(|| none("the credential is not outbound"))?;
        Ok(Box::new(Initiator::new(Arc::clone(outbound), target)?))
    }

    fn accept(&self) -> Result<Box<dyn Handshake>> {
        let inbound = self.inbound.as_ref().ok_or_else(|| none("the credential is not inbound"))?;
        Ok(Box::new(Acceptor::new(Arc::clone(inbound))))
    }

    fn name(&self) -> Result<U16String> {
        self.name.clone().ok_or_else(|| none("the credential has no name"))
    }

    fn set(&self, setting: Setting<'_>) -> Result<()> {
        let inbound = self.inbound.as_ref();
        let inbound = inbound.ok_or_else(|| {
            Error::new(Code::UnsupportedFunction, "only an inbound NTLM credential has settings")
        })?;
        match setting {
            Setting::Accounts(source) => inbound.accounts.store(Arc::new(Accounts::From(source))),
            Setting::Services(names) => {
                let require_mic = inbound.policy.load().require_mic;
                inbound.policy.store(Arc::new(Policy { services: names.to_vec(), require_mic }));
            }
            _ => return Err(Error::new(Code::UnsupportedFunction, "NTLM has no such setting")),
        }
        Ok(())
    }
}
