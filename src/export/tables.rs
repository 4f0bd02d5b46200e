//! The two handle tables and the way in and out of them.

use std::sync::Arc;

use crate::abi::{CredHandle, CtxtHandle, SecHandle};
use crate::boundary::places;
use crate::error::{Code, Error, Result};
use crate::handle::{Handle, Removed, Table};
use crate::object::context::Context;
use crate::object::credential::Credential;

static CREDENTIALS: Table<Credential> = Table::new(1);
static CONTEXTS: Table<Context> = Table::new(2);

/// The credential behind a handle; anything else is SEC_E_INVALID_HANDLE.
///
/// # Safety
/// `place` is NULL or holds a handle.
pub unsafe fn credential(place: *const CredHandle) -> Result<Arc<Credential>> {
    // SAFETY: promised by the caller.
    find(&CREDENTIALS, unsafe { places::handle(place) }?)
}

/// Refuses anything but a credential's handle, as [`credential`] does.
///
/// # Safety
/// `place` is NULL or holds a handle.
pub unsafe fn check_credential(place: *const CredHandle) -> Result<()> {
    // SAFETY: promised by the caller.
    let handle = unsafe { places::handle(place) }?;
    if CREDENTIALS.contains(inner(handle)) { Ok(()) } else { Err(unknown()) }
}

/// Refuses anything but the handle of a context that is there or was deleted not long ago.
///
/// # Safety
/// `place` is NULL or holds a handle.
pub unsafe fn check_past_context(place: *const CtxtHandle) -> Result<()> {
    // SAFETY: promised by the caller.
    let handle = unsafe { places::handle(place) }?;
    if CONTEXTS.remembers(inner(handle)) { Ok(()) } else { Err(unknown()) }
}

/// The context behind a handle; anything else is SEC_E_INVALID_HANDLE.
///
/// # Safety
/// `place` is NULL or holds a handle.
pub unsafe fn context(place: *const CtxtHandle) -> Result<Arc<Context>> {
    // SAFETY: promised by the caller.
    find(&CONTEXTS, unsafe { places::handle(place) }?)
}

/// Gives a credential its handle.
pub fn insert_credential(credential: Credential) -> Result<CredHandle> {
    insert(&CREDENTIALS, Arc::new(credential))
}

/// Gives a context its handle.
pub fn insert_context(context: Arc<Context>) -> Result<CtxtHandle> {
    insert(&CONTEXTS, context)
}

/// FreeCredentialsHandle. Contexts that were made with the credential keep it alive.
pub fn remove_credential(handle: CredHandle) -> Result<()> {
    match CREDENTIALS.remove(inner(handle)) {
        Removed::Live(credential) => {
            drop(credential);
            Ok(())
        }
        Removed::Before | Removed::Unknown => Err(unknown()),
    }
}

/// DeleteSecurityContext; once more is fine for as long as the table remembers the handle.
pub fn remove_context(handle: CtxtHandle) -> Result<()> {
    match CONTEXTS.remove(inner(handle)) {
        Removed::Live(context) => {
            drop(context);
            Ok(())
        }
        Removed::Before => Ok(()),
        Removed::Unknown => Err(unknown()),
    }
}

#[inline]
fn find<T>(table: &Table<T>, handle: SecHandle) -> Result<Arc<T>> {
    table.get(inner(handle)).ok_or_else(unknown)
}

fn insert<T>(table: &Table<T>, value: Arc<T>) -> Result<SecHandle> {
    let full = |_| Error::new(Code::InsufficientMemory, "no memory for a handle");
    let handle = table.insert(value).map_err(full)?;
    Ok(SecHandle { dwLower: handle.lower, dwUpper: handle.upper })
}

fn inner(handle: SecHandle) -> Handle {
    Handle { lower: handle.dwLower, upper: handle.dwUpper }
}

fn unknown() -> Error {
    Error::new(Code::InvalidHandle, "no such handle")
}
