//! A credential of Negotiate: one of each mechanism that could be acquired.

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::{U16Str, U16String};

use super::acceptor::Acceptor;
use super::initiator::Initiator;
use super::mechanism::Mechanism;
use crate::error::{Code, Error, Result};
use crate::package::{Acquire, Credential, Handshake, PackageInfo, Setting, time};
use crate::store::os::Os;

/// A mechanism and its credential.
pub type Held = (&'static Mechanism, Arc<dyn Credential>);

/// How a mechanism that can do without SPNEGO travels (`SSPI_NEGOTIATE_NTLM`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emission {
    /// Bare when it is the only candidate and the acceptor has not spoken SPNEGO first. A list that
    /// only excludes leaves open what else there is: SPNEGO then, as on Windows.
    Auto,
    /// Bare when it is the only candidate, whoever spoke first.
    Raw,
    /// Always inside SPNEGO.
    Spnego,
}

/// A credential of the package Negotiate.
pub struct NegotiateCredential {
    held: Arc<[Held]>,
    emission: Emission,
}

impl NegotiateCredential {
    /// A list that leaves no mechanism is told when the credential is used, as on Windows.
    pub fn acquire(mechanisms: &[&'static Mechanism], request: &Acquire<'_>) -> Result<Self> {
        let list = request.identity.as_ref().and_then(|identity| identity.package_list.as_deref());
        let (mut held, mut failed) = (Vec::new(), None);
        for mechanism in listed(mechanisms, list) {
            let request = Acquire {
                usage: request.usage,
                principal: request.principal,
                identity: request.identity.clone(),
                sources: request.sources.clone(),
            };
            match mechanism.package.acquire(request) {
                Ok(credential) => held.push((mechanism, credential)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) if held.is_empty() => Err(error),
            _ => Ok(Self { held: held.into(), emission: emission(&request.sources.os, list) }),
        }
    }

    fn held(&self) -> Result<&Arc<[Held]>> {
        match self.held.is_empty() {
            true => Err(Error::new(Code::NoCredentials, "the list of packages leaves none")),
            false => Ok(&self.held),
        }
    }
}

pub fn emission(os: &dyn Os, list: Option<&U16Str>) -> Emission {
    let is = |value: &std::ffi::OsString, name: &str| value.eq_ignore_ascii_case(name);
    match os.variable("SSPI_NEGOTIATE_NTLM") {
        Some(value) if is(&value, "raw") => Emission::Raw,
        Some(value) if is(&value, "spnego") => Emission::Spnego,
        _ if excludes_only(list) => Emission::Spnego,
        _ => Emission::Auto,
    }
}

/// The names of a PackageList, with their `!`.
fn names(list: Option<&U16Str>) -> Vec<String> {
    let list = list.map(U16Str::to_string_lossy).unwrap_or_default();
    let names = list.split([',', ':']).map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn excludes_only(list: Option<&U16Str>) -> bool {
    let names = names(list);
    !names.is_empty() && names.iter().all(|name| name.starts_with('!'))
}

/// What a PackageList leaves of the mechanisms: those it names, in its order, or all where it names
/// none; without those behind a `!`. A name that is no mechanism's says nothing but that others are
/// meant.
fn listed(mechanisms: &[&'static Mechanism], list: Option<&U16Str>) -> Vec<&'static Mechanism> {
    let names = names(list);
    let (excluded, named): (Vec<&str>, Vec<&str>) =
        names.iter().map(String::as_str).partition(|name| name.starts_with('!'));
    let called = |mechanism: &Mechanism, name: &str| {
        mechanism.package.info().name.eq_ignore_ascii_case(name.trim_start_matches('!').trim())
    };
    let mut left: Vec<&'static Mechanism> = Vec::new();
    let all = mechanisms.iter().copied();
    match named.is_empty() {
        true => left.extend(all),
        false => {
            for name in named {
                left.extend(all.clone().find(|mechanism| called(mechanism, name)));
            }
        }
    }
    let mut seen: Vec<&'static Mechanism> = Vec::new();
    for mechanism in left {
        let twice = seen.contains(&mechanism);
        if !twice && !excluded.iter().any(|name| called(mechanism, name)) {
            seen.push(mechanism);
        }
    }
    seen
}

impl Credential for NegotiateCredential {
    fn initiate(&self, target: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        Ok(Box::new(Initiator::new(self.held()?, self.emission, target)?))
    }

    fn accept(&self) -> Result<Box<dyn Handshake>> {
        Ok(Box::new(Acceptor::new(Arc::clone(self.held()?))))
    }

    fn name(&self) -> Result<U16String> {
        let mut names = self.held()?.iter().map(|(_, credential)| credential.name());
        let first = names.next().unwrap_or_else(|| Err(Code::NoCredentials.into()));
        first.or_else(|error| names.find_map(Result::ok).ok_or(error))
    }

    /// The soonest: afterwards one mechanism less is offered.
    fn expiry(&self) -> u64 {
        self.held.iter().map(|(_, credential)| credential.expiry()).min().unwrap_or(time::NEVER)
    }

    fn export_tickets(&self, cache: &str) -> Result<()> {
        let mut exported = self.held()?.iter().map(|(_, credential)| credential.export_tickets(cache));
        let first = exported.next().unwrap_or_else(|| Err(Code::NoCredentials.into()));
        first.or_else(|error| exported.find_map(Result::ok).ok_or(error))
    }

    fn mechanisms(&self) -> Option<Vec<&'static PackageInfo>> {
        Some(self.held.iter().map(|(mechanism, _)| mechanism.package.info()).collect())
    }

    /// Fine when one mechanism takes it. The proxy of KDCs also where none asks a KDC: a caller sets it
    /// without knowing what will be negotiated, as on Windows.
    fn set(&self, setting: Setting<'_>) -> Result<()> {
        let (mut taken, mut refused) = (matches!(setting, Setting::KdcProxy { .. }), None);
        for (_, credential) in self.held.iter() {
            match credential.set(setting.clone()) {
                Ok(()) => taken = true,
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        let none = || Error::new(Code::UnsupportedFunction, "no mechanism has such a setting");
        if taken { Ok(()) } else { Err(refused.unwrap_or_else(none)) }
    }
}
