//! ImpersonateSecurityContext and RevertSecurityContext off Windows.
//!
//! `SSPI_IMPERSONATION` decides:
//! * `auto`, the default. In a privileged process (effective uid 0) a client that is a local account
//!   (same name; its domain empty or the host's own, or its domain or realm listed in
//!   `SSPI_LOCAL_DOMAINS`; never uid 0)
//!   gives the calling thread its effective ids until RevertSecurityContext; any other client gives it the ids
//!   of `nobody`, so that nothing is done with root's rights in its name; so does a client that let
//!   itself be identified and no more (ISC_REQ_IDENTIFY). In an unprivileged process
//!   the call succeeds at identification level, as on Windows without SeImpersonatePrivilege.
//! * `identify`: identification level always.
//! * `refuse`: SEC_E_NO_IMPERSONATION.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::object::context::{Context, Role};
use crate::package::{Facts, Flags};
use crate::store::names::same;
use crate::store::os::{LocalAccount, Os, ThreadIdentity};

/// Makes the calling thread act as the context's client, as far as `SSPI_IMPERSONATION` lets it.
pub fn impersonate(context: &Context, os: &dyn Os, thread: &dyn ThreadIdentity) -> Result<()> {
    let facts = context.facts()?;
    if context.role() != Role::Acceptor {
        return Err(Error::new(Code::NoImpersonation, "only an acceptor has a client to act as"));
    }
    let setting = os.variable("SSPI_IMPERSONATION").unwrap_or_default();
    match setting.to_str() {
        Some("refuse") => Err(Error::new(Code::NoImpersonation, "SSPI_IMPERSONATION is refuse")),
        Some("identify") => Ok(()),
        Some("auto" | "") if !thread.privileged() => Ok(()),
        Some("auto" | "") => thread.assume(&account_of(facts, os, thread)?),
        _ => Err(Error::new(Code::NoImpersonation, "SSPI_IMPERSONATION is none of auto, identify, refuse")),
    }
}

/// The local account for a client: its own, else `nobody`.
fn account_of(facts: &Facts, os: &dyn Os, thread: &dyn ThreadIdentity) -> Result<LocalAccount> {
    let own = local_name(facts, os).and_then(|name| thread.local_account(&name));
    if let Some(account) = own.filter(|account| account.uid != 0) {
        return Ok(account);
    }
    log::write(
        Level::Info,
        format_args!("the client is no local account, or only to be identified: acting as nobody"),
    );
    thread
        .local_account("nobody")
        .filter(|account| account.uid != 0)
        .ok_or_else(|| Error::new(Code::NoImpersonation, "there is no account nobody"))
}

/// The client's user name if it is one of this machine's: `DOMAIN\user`, `user@REALM` or `user`.
///
/// What a domain vouches for (a realm, or a PAC) is this machine's only where SSPI_LOCAL_DOMAINS lists it:
/// another realm can call itself what it likes, even by this host's name.
fn local_name(facts: &Facts, os: &dyn Os) -> Option<String> {
    let client = facts.client.as_deref().filter(|_| !facts.grants.has(Flags::IDENTIFY))?;
    let vouched = facts.extra.as_ref().is_some_and(|extra| extra.account.is_some());
    let units = client.as_slice();
    let last = |unit: u8| units.iter().rposition(|other| *other == u16::from(unit));
    let first = units.iter().position(|unit| *unit == u16::from(b'\\'));
    let (domain, user, vouched) = match (first, last(b'@')) {
        // No account's name has both.
        (Some(_), Some(_)) => return None,
        (Some(at), None) => (units.get(..at)?, units.get(at + 1..)?, vouched),
        (None, Some(at)) => (units.get(at + 1..)?, units.get(..at)?, true),
        (None, None) => (&[][..], units, vouched),
    };
    let domain = U16Str::from_slice(domain);
    let here = is_listed(domain, os) || !vouched && (domain.is_empty() || is_host(domain, os));
    here.then(|| U16Str::from_slice(user).to_string().ok()).flatten().filter(|name| !name.is_empty())
}

fn is_host(domain: &U16Str, os: &dyn Os) -> bool {
    let host = os.host_name();
    let first = host.as_slice().split(|unit| *unit == u16::from(b'.')).next().unwrap_or_default();
    same(domain, &host) || same(domain, U16Str::from_slice(first))
}

fn is_listed(domain: &U16Str, os: &dyn Os) -> bool {
    let list = os.variable("SSPI_LOCAL_DOMAINS").unwrap_or_default();
    let list = list.to_string_lossy();
    list.split([',', ' ']).any(|name| !name.is_empty() && same(domain, &U16String::from_str(name)))
}
