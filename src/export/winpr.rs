//! What WinPR (FreeRDP) adds to SSPI: its attributes of contexts, and settings that come with an identity.

use std::ffi::c_void;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use widestring::{U16Str, U16String};

use crate::abi::CtxtHandle;
use crate::boundary::attributes::Destination;
use crate::boundary::os::System;
use crate::boundary::strings::Charset;
use crate::boundary::winpr::attributes::{self as attribute, AuthIdentity, Buffer, NAMES};
use crate::boundary::winpr::callback::{HashCallback, Manner};
use crate::boundary::winpr::settings::SAM_FILE;
use crate::error::{Code, Error, Result};
use crate::export::{extension, tables};
use crate::object::context::{Context, Role};
use crate::package::{Fixed, HandshakeSetting, Usage};
use crate::store::Sources;
use crate::store::accounts::{AccountSource, FileAccounts, OneKey};
use crate::store::identity::Identity;
use crate::store::os::{Environment, Os, Settings};

/// A name that is longer is none.
const LONGEST_NAME: usize = 255;

/// What WinPR's attributes keep with a context.
#[derive(Default)]
struct Kept {
    callback: Mutex<Option<Arc<HashCallback>>>,
    names: Mutex<[Option<U16String>; NAMES.len()]>,
}

/// What a credential may ask for: what came with its identity first.
///
/// An acceptor that was given settings decides at once, as WinPR 3 expects: where nothing names its
/// accounts they are in WinPR's own file.
pub fn sources(identity: Option<&Identity>, usage: Usage) -> Sources {
    let given = identity.and_then(|identity| identity.given.as_ref());
    let mut settings = given.map(|given| given.settings.clone());
    let accounts = given.and_then(|given| given.accounts.clone()).or_else(extension::accounts);
    if let Some(settings) = settings.as_mut().filter(|_| usage.inbound && accounts.is_none())
        && System.variable("NTLM_USER_FILE").is_none()
    {
        let own: &mut Settings = Arc::make_mut(settings);
        own.variables.push(("NTLM_USER_FILE", SAM_FILE.into()));
    }
    Sources { os: Environment::new(&System, settings), accounts }
}

/// The accounts of a context that awaits some and was given none of its own.
pub fn late_accounts() -> Option<Arc<dyn AccountSource>> {
    let file = || Path::new(SAM_FILE).exists().then(|| FileAccounts::at(SAM_FILE) as Arc<dyn AccountSource>);
    extension::accounts().or_else(file)
}

/// # Safety
/// C's promises of SetContextAttributes; `context` is NULL or holds a handle.
pub unsafe fn set<C: Charset>(
    context: *const CtxtHandle,
    attribute: u32,
    buffer: *const c_void,
    size: u32,
) -> Result<()> {
    // SAFETY: promised by the caller.
    let context = unsafe { tables::context(context) }?;
    match attribute {
        attribute::HASH_CALLBACK_OR_HOST if size == 0 => {
            // SAFETY: without a size this is the function.
            set_callback(
                &context,
                HashCallback::new(
                    unsafe { attribute::function(buffer) }?,
                    std::ptr::null_mut(),
                    Manner::Count,
                ),
            )
        }
        attribute::HASH_CALLBACK_DATA => set_callback_data(&context, buffer.cast_mut()),
        // SAFETY: promised by the caller.
        _ => unsafe { set_value::<C>(&context, attribute, buffer, size) },
    }
}

fn unsupported(reason: &'static str) -> Error {
    Error::new(Code::UnsupportedFunction, reason)
}

fn kept(context: &Context) -> Result<&Kept> {
    context.companion().ok_or_else(|| Error::new(Code::InternalError, "another companion"))
}

fn set_accounts(context: &Context, source: Arc<dyn AccountSource>) -> Result<()> {
    context.set(HandshakeSetting::Accounts(source))
}

fn set_callback(context: &Context, callback: Arc<HashCallback>) -> Result<()> {
    set_accounts(context, callback.clone())?;
    *kept(context)?.callback.lock() = Some(callback);
    Ok(())
}

/// The function comes first.
fn set_callback_data(context: &Context, argument: *mut c_void) -> Result<()> {
    let callback = kept(context)?.callback.lock();
    let callback = callback.as_ref().ok_or_else(|| Error::new(Code::OutOfSequence, "no function was set"))?;
    callback.set_argument(argument);
    Ok(())
}

/// # Safety
/// As `set`.
unsafe fn set_value<C: Charset>(
    context: &Context,
    attribute: u32,
    buffer: *const c_void,
    size: u32,
) -> Result<()> {
    let name = NAMES.iter().position(|(name, _)| *name == attribute);
    if name.is_none() && !matches!(attribute, attribute::NTLM_HASH..=attribute::SERVER_CHALLENGE) {
        return Err(unsupported("no such attribute of a context can be set"));
    }
    // SAFETY: promised by the caller.
    let buffer = unsafe { Buffer::new(buffer, size) }?;
    match (attribute, name) {
        (_, Some(index)) => set_name(context, index, buffer.text::<C>()?),
        (attribute::NTLM_HASH, _) => set_accounts(context, Arc::new(OneKey(buffer.key()?))),
        (attribute::SAM_FILE, _) => set_accounts(context, FileAccounts::at(buffer.path()?)),
        // SAFETY: promised by the caller.
        _ => match unsafe { fixed(attribute, &buffer) }? {
            Some(fixed) => context.set(HandshakeSetting::Fixed(fixed)),
            None => Ok(()),
        },
    }
}

/// A computer calls itself what its application wants; a context that sends no such name keeps it.
fn set_name(context: &Context, index: usize, name: U16String) -> Result<()> {
    if name.len() > LONGEST_NAME {
        return Err(Error::new(Code::InvalidParameter, "a computer's name that is too long"));
    }
    if index == 0 && context.role() == Role::Initiator {
        // Kerberos has no place for it, and an established context has sent it.
        let _ = context.set(HandshakeSetting::Workstation(name.clone()));
    }
    if let Some(place) = kept(context)?.names.lock().get_mut(index) {
        *place = Some(name);
    }
    Ok(())
}

/// What makes a handshake repeat a recorded one. An acceptor whose challenge is no secret beforehand lets
/// in who has seen an answer to it, so nobody does this by accident.
///
/// # Safety
/// A message's structure is true.
unsafe fn fixed(attribute: u32, buffer: &Buffer<'_>) -> Result<Option<Fixed>> {
    if System.variable("SSPI_WINPR_TEST_VECTORS").is_none_or(|value| value != "1") {
        return Err(unsupported("SSPI_WINPR_TEST_VECTORS is not 1"));
    }
    match attribute {
        attribute::TIMESTAMP if buffer.is_of_challenge()? => Ok(None),
        attribute::TIMESTAMP => Ok(Some(Fixed::Time(buffer.eight()?))),
        attribute::CLIENT_CHALLENGE => Ok(Some(Fixed::ClientChallenge(buffer.eight()?))),
        attribute::SERVER_CHALLENGE => Ok(Some(Fixed::ServerChallenge(buffer.eight()?))),
        // SAFETY: promised by the caller.
        attribute::MESSAGE => match unsafe { buffer.message() }? {
            (2, message) => Ok(Some(Fixed::Challenge(message.to_vec()))),
            _ => Err(unsupported("only a CHALLENGE can be replaced")),
        },
        _ => Err(unsupported("no such attribute of a context can be set")),
    }
}

/// What WinPR's attributes tell.
pub fn query<C: Charset>(context: &Context, attribute: u32, to: Destination) -> Result<()> {
    if attribute == attribute::IDENTITY {
        let (user, domain) = identity(context)?;
        return to.fill(|_| AuthIdentity::new(&user, &domain));
    }
    let told = |(name, length): &(u32, u32)| *name == attribute || *length == attribute;
    let Some(index) = NAMES.iter().position(told) else {
        return Err(unsupported("an attribute that no package here has"));
    };
    let name = kept(context)?.names.lock().get(index).cloned().flatten();
    let name = name.ok_or_else(|| unsupported("a name that was not set"))?;
    let mut encoded = C::encode(&name)?;
    // Neither the name nor its length has the NUL.
    encoded.truncate(encoded.len().saturating_sub(size_of::<C::Unit>()));
    match NAMES.get(index).is_some_and(|(name, _)| *name == attribute) {
        true => to.fill_bytes(&encoded),
        false => to.fill(|_| Ok(encoded.len() as u32)),
    }
}

/// The client as it has named itself, or as it is known once the context is established.
fn identity(context: &Context) -> Result<(U16String, U16String)> {
    let Ok(facts) = context.facts() else { return context.claimed() };
    let name = facts.client.as_deref().unwrap_or_default();
    let at = name.as_slice().iter().position(|unit| *unit == u16::from(b'\\'));
    Ok(match at.map(|at| name.as_slice().split_at(at)) {
        Some((domain, user)) => {
            let user = user.get(1..).unwrap_or_default();
            (U16Str::from_slice(user).to_ustring(), U16Str::from_slice(domain).to_ustring())
        }
        None => (name.to_ustring(), U16String::new()),
    })
}
