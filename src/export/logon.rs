//! What a logon brings besides the context, for which SSPI has no function: the credential that the
//! client delegated, its groups, and tickets for other programs.

use std::ffi::c_char;

use crate::abi::{CredHandle, CtxtHandle, SECURITY_STATUS, TimeStamp};
use crate::boundary::blocks::Block;
use crate::boundary::places;
use crate::boundary::strings::{Ansi, Charset};
use crate::error::{Code, Error, Result};
use crate::export::{entry, tables};
use crate::object::credential::Credential;
use crate::package::facts::{DomainAccount, Extra};

/// # Safety
/// `context` is NULL or holds a handle, the other places are NULL or writable.
unsafe fn delegated(
    context: *const CtxtHandle,
    handle: *mut CredHandle,
    expiry: *mut TimeStamp,
) -> Result<()> {
    // SAFETY: promised by the caller.
    let context = unsafe { tables::context(context) }?;
    places::required(handle)?;
    let extra = context.facts()?.extra.as_deref();
    let inner = extra.and_then(|extra| extra.delegated.clone());
    let inner = inner.ok_or_else(|| Error::new(Code::NoCredentials, "the client delegated nothing"))?;
    let credential = Credential::delegated(inner);
    let until = TimeStamp::new(credential.expiry().cast_signed());
    // SAFETY: promised by the caller.
    unsafe {
        places::put(handle, tables::insert_credential(credential)?);
        places::put(expiry, until);
    }
    Ok(())
}

/// # Safety
/// `credential` is NULL or holds a handle, `cache` is NULL or a NUL-terminated string.
unsafe fn export_tickets(credential: *const CredHandle, cache: *const c_char) -> Result<()> {
    // SAFETY: promised by the caller.
    let (credential, cache) = unsafe { (tables::credential(credential)?, Ansi::read(cache)?) };
    let cache = cache.and_then(|name| name.to_string().ok()).filter(|name| !name.is_empty());
    let cache = cache.ok_or_else(|| Error::new(Code::InvalidParameter, "a cache without a name"))?;
    credential.export_tickets(&cache)
}

/// # Safety
/// `context` is NULL or holds a handle, the other places are NULL or writable.
unsafe fn groups(context: *const CtxtHandle, sids: *mut *mut c_char, count: *mut u32) -> Result<()> {
    // SAFETY: promised by the caller.
    let context = unsafe { tables::context(context) }?;
    places::required(sids)?;
    let account = context.facts()?.extra.as_deref().and_then(account_of);
    let account = account.ok_or_else(|| Error::new(Code::TargetUnknown, "no domain vouched for groups"))?;
    let mut text: Vec<u8> = account.sids.iter().flat_map(|sid| sid.bytes().chain([0])).collect();
    text.push(0);
    let block = Block::of(&text)?;
    // SAFETY: promised by the caller.
    unsafe {
        places::put(count, u32::try_from(account.sids.len()).unwrap_or(u32::MAX));
        places::put(sids, block.release().cast());
    }
    Ok(())
}

fn account_of(extra: &Extra) -> Option<&DomainAccount> {
    extra.account.as_ref().filter(|account| !account.sids.is_empty())
}

/// Makes a credential of what the client delegated (Kerberos: its forwarded ticket), to act for it
/// towards other servers.
///
/// phContext: an acceptor's established context, whose pfContextAttr has ASC_RET_DELEGATE.
///
/// phCredential: receives an outbound credential, which the caller frees with FreeCredentialsHandle. It
/// outlives the context.
///
/// ptsExpiry: receives when it expires, UTC; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_NO_CREDENTIALS if the client delegated nothing; SEC_E_INVALID_HANDLE;
/// SEC_E_INVALID_PARAMETER if phCredential is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
/// written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_delegated_credential(
    phContext: *mut CtxtHandle,
    phCredential: *mut CredHandle,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("libsspi_delegated_credential", phContext, {
        // SAFETY: C's promise.
        unsafe { delegated(phContext, phCredential, ptsExpiry) }
    })
}

/// Writes a credential's tickets to a credential cache, for programs that read KRB5CCNAME.
///
/// phCredential: an outbound Kerberos or Negotiate credential, or one of `libsspi_delegated_credential`.
///
/// CacheName: NUL-terminated UTF-8 as in KRB5CCNAME, e.g. "FILE:/run/user/1000/krb5cc_web". A cache that
/// is there is replaced; a file is made with mode 0600.
///
/// Returns SEC_E_OK; SEC_E_NO_CREDENTIALS if it has no tickets and can get none;
/// SEC_E_UNSUPPORTED_FUNCTION for another package or kind of cache; SEC_E_INVALID_HANDLE;
/// SEC_E_INVALID_PARAMETER if CacheName is NULL, empty or not UTF-8; SEC_E_INTERNAL_ERROR if the cache
/// cannot be written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_export_tickets(
    phCredential: *mut CredHandle,
    CacheName: *const c_char,
) -> SECURITY_STATUS {
    entry!("libsspi_export_tickets", phCredential, {
        // SAFETY: C's promise.
        unsafe { export_tickets(phCredential, CacheName) }
    })
}

/// Tells the SIDs of a client and of its groups, as its domain vouches for them (Kerberos: a PAC whose
/// signature with the service's key was verified).
///
/// phContext: an acceptor's established context.
///
/// Sids: receives a block that the caller frees with FreeContextBuffer: NUL-terminated strings such as
/// "S-1-5-21-1-2-3-513" one after the other, the client's own first; an empty one ends them.
///
/// Count: receives how many; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_TARGET_UNKNOWN if no domain vouched for any; SEC_E_INVALID_HANDLE;
/// SEC_E_INVALID_PARAMETER if Sids is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn libsspi_query_groups(
    phContext: *mut CtxtHandle,
    Sids: *mut *mut c_char,
    Count: *mut u32,
) -> SECURITY_STATUS {
    entry!("libsspi_query_groups", phContext, {
        // SAFETY: C's promise.
        unsafe { groups(phContext, Sids, Count) }
    })
}
