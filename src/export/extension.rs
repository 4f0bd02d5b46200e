//! What SSPI has no function for: an application's own accounts, the services that a server answers
//! to, and the version.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use parking_lot::RwLock;
use zeroize::Zeroize;

use crate::abi::{CredHandle, LIBSSPI_ACCOUNT_CALLBACK, SECURITY_STATUS};
use crate::boundary::strings::{Ansi, Charset};
use crate::boundary::{callbacks, places};
use crate::error::{Code, Error, Result};
use crate::export::{entry, tables};
use crate::package::Setting;
use crate::store::accounts::{AccountSource, nt_hash};

/// A server with more names than this is a mistake.
const MOST_SERVICES: u32 = 1024;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

static ACCOUNTS: RwLock<Option<Arc<dyn AccountSource>>> = RwLock::new(None);

/// The application's own accounts, if it keeps any.
pub fn accounts() -> Option<Arc<dyn AccountSource>> {
    ACCOUNTS.read().clone()
}

/// # Safety
/// `services` is NULL or leads to `count` strings.
unsafe fn set_services(
    credential: *const CredHandle,
    services: *const *const c_char,
    count: u32,
) -> Result<()> {
    // SAFETY: promised by the caller.
    let credential = unsafe { tables::credential(credential) }?;
    if count > MOST_SERVICES || (count > 0 && services.is_null()) {
        return Err(Error::new(Code::InvalidParameter, "services and count do not go together"));
    }
    let mut names = Vec::new();
    for index in 0..count as usize {
        // SAFETY: the array has `count` strings, and each is NULL or NUL-terminated.
        let name = unsafe { Ansi::read(services.wrapping_add(index).read_unaligned()) }?;
        names.push(name.ok_or_else(|| Error::new(Code::InvalidParameter, "a service without a name"))?);
    }
    credential.set(Setting::Services(&names))
}

/// # Safety
/// `password` is NULL or a NUL-terminated string, `hash` is NULL or has 16 writable bytes.
unsafe fn hash_of(password: *const c_char, hash: *mut [u8; 16]) -> Result<()> {
    places::required(password)?;
    places::required(hash)?;
    // SAFETY: promised by the caller.
    let mut units = unsafe { Ansi::read(password) }?.unwrap_or_default().into_vec();
    let made = nt_hash(&units);
    units.zeroize();
    // SAFETY: promised by the caller.
    unsafe { places::put(hash, *made.as_ref()) };
    Ok(())
}

/// Names the function that finds the accounts of clients, for applications that keep their own users.
///
/// Callback: called by AcceptSecurityContext for each client that logs on, on the calling thread, from
/// several threads at once if the application has several; see LIBSSPI_ACCOUNT_CALLBACK. NULL: no
/// callback any more.
///
/// Argument: handed to the callback; the library does not look at it.
///
/// It is asked by inbound credentials that are acquired afterwards, and wins over NTLM_USER_FILE. It
/// and its argument have to stay valid until those credentials and the contexts made with them are
/// freed. It may be set from any thread.
///
/// Returns SEC_E_OK.
///
/// # Safety
/// The callback and its argument are as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_set_account_callback(
    Callback: LIBSSPI_ACCOUNT_CALLBACK,
    Argument: *mut c_void,
) -> SECURITY_STATUS {
    entry!("libsspi_set_account_callback", {
        // SAFETY: C's promise.
        let source = unsafe { callbacks::accounts(Callback, Argument) };
        let old = std::mem::replace(&mut *ACCOUNTS.write(), source);
        drop(old);
        Ok(())
    })
}

/// Names the function that finds the accounts of clients for one credential.
///
/// phCredential: an inbound credential.
///
/// Callback, Argument: as for `libsspi_set_account_callback`; they have to stay valid until the
/// credential and the contexts made with it are freed. Callback must not be NULL.
///
/// Contexts that are begun afterwards ask it; set it before the credential is used.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_PARAMETER if Callback is NULL;
/// SEC_E_UNSUPPORTED_FUNCTION if the credential's package looks up no accounts.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_set_credential_account_callback(
    phCredential: *mut CredHandle,
    Callback: LIBSSPI_ACCOUNT_CALLBACK,
    Argument: *mut c_void,
) -> SECURITY_STATUS {
    entry!("libsspi_set_credential_account_callback", phCredential, {
        // SAFETY: C's promise.
        let credential = unsafe { tables::credential(phCredential) }?;
        // SAFETY: C's promise.
        let source = unsafe { callbacks::accounts(Callback, Argument) };
        let source = source.ok_or_else(|| Error::new(Code::InvalidParameter, "no callback"))?;
        credential.set(Setting::Accounts(source))
    })
}

/// Names the services that a server answers to: a client that says it meant another one is refused.
///
/// phCredential: an inbound credential.
///
/// Services: Count service names (SPNs such as "HTTP/server.example.test"), NUL-terminated UTF-8, compared
/// in any case. They are copied. An empty list, which is the default, takes any.
///
/// Count: how many, at most 1024.
///
/// Contexts that are begun afterwards use it.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_PARAMETER if there are too many names or one is
/// NULL or not UTF-8; SEC_E_UNSUPPORTED_FUNCTION if the credential's package has no use for it.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_set_credential_services(
    phCredential: *mut CredHandle,
    Services: *const *const c_char,
    Count: u32,
) -> SECURITY_STATUS {
    entry!("libsspi_set_credential_services", phCredential, {
        // SAFETY: C's promise.
        unsafe { set_services(phCredential, Services, Count) }
    })
}

/// Makes the NT hash of a password: MD4 of its UTF-16LE form, for LIBSSPI_ACCOUNT and account files.
///
/// Password: NUL-terminated UTF-8.
///
/// Hash: receives 16 bytes. They are worth as much as the password: zero them after use.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the password is not UTF-8.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_nt_hash(Password: *const c_char, Hash: *mut u8) -> SECURITY_STATUS {
    entry!("libsspi_nt_hash", {
        // SAFETY: C's promise.
        unsafe { hash_of(Password, Hash.cast()) }
    })
}

/// Tells the library's version, such as "0.1.0".
///
/// Returns a static NUL-terminated string, never NULL; nobody frees it.
///
/// # Safety
/// None is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_version() -> *const c_char {
    entry!("libsspi_version", { Ok(VERSION.as_ptr().cast::<c_char>()) })
}
