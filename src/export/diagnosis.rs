//! What helps to find out why a logon fails.

use std::ffi::c_char;

use crate::abi::SECURITY_STATUS;
use crate::boundary::blocks::Block;
use crate::boundary::os::{System, ansi};
use crate::boundary::places;
use crate::error::Result;
use crate::export::{entry, extension, trace};
use crate::object::configuration;

/// # Safety
/// `text` is NULL or writable.
unsafe fn give(text: *mut *mut c_char, value: impl FnOnce() -> String) -> Result<()> {
    places::required(text)?;
    let block = Block::of(&ansi::encode_text(&value()))?;
    // SAFETY: promised by the caller.
    unsafe { places::put(text, block.release().cast()) };
    Ok(())
}

/// Tells in words why the calling thread's last call that failed did so, such as
/// "SEC_E_LOGON_DENIED: EXAMPLE\\alice: unknown user name or bad password".
///
/// Text: receives NUL-terminated UTF-8, which the caller frees with FreeContextBuffer; empty if none has
/// failed. It is for logs and people, changes from version to version and may name users: a server does not
/// send it to its clients.
///
/// A success does not clear it. A program that moves its work between threads asks on the thread that
/// made the call.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if Text is NULL; SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// The pointer is NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_last_error(Text: *mut *mut c_char) -> SECURITY_STATUS {
    entry!("libsspi_last_error", {
        // SAFETY: C's promise.
        unsafe { give(Text, || trace::last_failure().unwrap_or_default()) }
    })
}

/// Tells the configuration in force, a line for each fact: packages, account file, names, krb5.conf, realm
/// and KDCs, credential cache, keytabs, settings; and of each file whether it can be used. No secret is in it.
///
/// Text: receives NUL-terminated UTF-8, which the caller frees with FreeContextBuffer. It is for people and
/// changes from version to version.
///
/// Files are read; nobody on the network is asked.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if Text is NULL; SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// The pointer is NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_describe_configuration(Text: *mut *mut c_char) -> SECURITY_STATUS {
    entry!("libsspi_describe_configuration", {
        let callback = extension::accounts().is_some();
        // SAFETY: C's promise.
        unsafe { give(Text, || configuration::describe(&System, callback)) }
    })
}
