//! QueryContextAttributes and QueryCredentialsAttributes, with and without the structure's size.
//!
//! Before a context is established only SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS, NEGO_STATUS,
//! NEGO_PKG_INFO and LAST_CLIENT_TOKEN_STATUS are answered; everything else is SEC_E_INVALID_HANDLE until then.

use std::ffi::c_void;

use widestring::{U16Str, U16String, u16str};

use crate::abi::{self, *};
use crate::boundary::attributes::{Destination, Made};
use crate::boundary::identity_out::CRED_TYPE_DOMAIN_PASSWORD;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::error::{Code, Error, Result};
use crate::export::{entry, flags, packages, tables, trace, winpr};
use crate::object::context::{Context, Role};
use crate::object::credential::Credential;
use crate::package::{Facts, PackageInfo};

/// What Windows calls a client that gave no name.
const ANONYMOUS: &U16Str = u16str!("NT AUTHORITY\\ANONYMOUS LOGON");

// The A structures are laid out as the W structures are; only what the pointers lead to differs.

/// # Safety
/// `handle` is NULL or holds a handle; `place` as [`Destination::new`] says.
unsafe fn context<C: Charset>(
    handle: *const CtxtHandle,
    attribute: u32,
    place: *mut c_void,
    size: Option<u32>,
) -> Result<()> {
    trace::note("attribute", || abi::names::name(abi::names::CONTEXT_ATTRIBUTES, attribute));
    // SAFETY: promised by the caller.
    let (context, to) = unsafe { (tables::context(handle)?, Destination::new(place, size)) };
    match attribute {
        SECPKG_ATTR_SIZES | SECPKG_ATTR_PACKAGE_INFO | SECPKG_ATTR_NEGOTIATION_INFO | SECPKG_ATTR_FLAGS => {
            progress::<C>(&context, attribute, to)
        }
        SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS => to.fill(|_| {
            Ok(SecPkgContext_LastClientTokenStatus { LastClientTokenStatus: last_token(&context)? })
        }),
        SECPKG_ATTR_NEGO_STATUS | SECPKG_ATTR_NEGO_PKG_INFO => negotiation(&context, attribute, to),
        SECPKG_ATTR_CREDENTIAL_NAME => credential_name::<C>(&context, to),
        SECPKG_ATTR_NAMES
        | SECPKG_ATTR_NATIVE_NAMES
        | SECPKG_ATTR_AUTHORITY
        | SECPKG_ATTR_TARGET
        | SECPKG_ATTR_CLIENT_SPECIFIED_TARGET => names::<C>(context.facts()?, attribute, to),
        SECPKG_ATTR_LIFESPAN | SECPKG_ATTR_LOGOFF_TIME | SECPKG_ATTR_PASSWORD_EXPIRY => {
            times(context.facts()?, attribute, to)
        }
        SECPKG_ATTR_KEY_INFO | SECPKG_ATTR_SESSION_KEY | SECPKG_ATTR_USER_FLAGS => {
            keys::<C>(context.facts()?, attribute, to)
        }
        _ => winpr::query::<C>(&context, attribute, to),
    }
}

/// What is known from the first leg on.
fn progress<C: Charset>(context: &Context, attribute: u32, to: Destination) -> Result<()> {
    let known = context.progress()?;
    match attribute {
        SECPKG_ATTR_SIZES => to.fill(|_| {
            Ok(SecPkgContext_Sizes {
                cbMaxToken: known.sizes.max_token,
                cbMaxSignature: known.sizes.max_signature,
                cbBlockSize: known.sizes.block_size,
                cbSecurityTrailer: known.sizes.security_trailer,
            })
        }),
        SECPKG_ATTR_PACKAGE_INFO => {
            to.fill(|made| Ok(SecPkgContext_PackageInfoW { PackageInfo: package::<C>(made, known.package)? }))
        }
        SECPKG_ATTR_NEGOTIATION_INFO => to.fill(|made| {
            Ok(SecPkgContext_NegotiationInfoW {
                PackageInfo: package::<C>(made, known.package)?,
                NegotiationState: known.negotiation_state,
            })
        }),
        _ => to.fill(|_| Ok(SecPkgContext_Flags { Flags: flags::grants(context.role(), known.grants) })),
    }
}

/// What only a context of a negotiating package tells, whatever has become of it.
fn negotiation(context: &Context, attribute: u32, to: Destination) -> Result<()> {
    let mechanisms = context.credential().and_then(|credential| credential.mechanisms());
    let mechanisms = mechanisms.ok_or_else(|| unsupported("nothing is negotiated"))?;
    if attribute == SECPKG_ATTR_NEGO_STATUS {
        return to.fill(|_| Ok(SecPkgContext_NegoStatus { LastStatus: context.last_status() }));
    }
    let missing = |name: &str, flag: u32| match mechanisms.iter().any(|info| info.name == name) {
        true => 0,
        false => flag,
    };
    let mask = missing("Kerberos", SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS)
        | missing("NTLM", SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM);
    to.fill(|_| Ok(SecPkgContext_NegoPackageInfo { PackageMask: mask }))
}

fn package<C: Charset>(made: &mut Made, info: &PackageInfo) -> Result<*mut SecPkgInfoW> {
    Ok(made.keep(packages::describe::<C>(&[info])?))
}

/// Whether the client has sent its last token. Of an acceptor that still waits it has not; of an
/// initiator that waits it depends on the answer.
fn last_token(context: &Context) -> Result<u32> {
    if context.facts().is_ok() {
        return Ok(SecPkgAttrLastClientTokenYes);
    }
    context.progress()?;
    match context.role() {
        Role::Acceptor => Ok(SecPkgAttrLastClientTokenNo),
        Role::Initiator => Ok(SecPkgAttrLastClientTokenMaybe),
    }
}

/// The name of the credential that the context was made with.
fn credential_name<C: Charset>(context: &Context, to: Destination) -> Result<()> {
    context.facts()?;
    let credential =
        context.credential().ok_or_else(|| unsupported("an imported context has no credential"))?;
    let name = credential.name()?;
    to.fill(|made| {
        Ok(SecPkgContext_CredentialNameW {
            CredentialType: CRED_TYPE_DOMAIN_PASSWORD,
            sCredentialName: made.text::<C, _>(&name)?,
        })
    })
}

fn names<C: Charset>(facts: &Facts, attribute: u32, to: Destination) -> Result<()> {
    let client = facts.client.as_deref().unwrap_or(ANONYMOUS);
    let unknown = || Error::new(Code::TargetUnknown, "the client named no target");
    match attribute {
        SECPKG_ATTR_NAMES => {
            to.fill(|made| Ok(SecPkgContext_NamesW { sUserName: made.text::<C, _>(client)? }))
        }
        SECPKG_ATTR_NATIVE_NAMES => to.fill(|made| {
            let server = filled(&facts.target).or(filled(&facts.server)).unwrap_or_default();
            Ok(SecPkgContext_NativeNamesW {
                sClientName: made.text::<C, _>(client)?,
                sServerName: made.text::<C, _>(server)?,
            })
        }),
        SECPKG_ATTR_AUTHORITY => to.fill(|made| {
            let authority = filled(&facts.authority).or(filled(&facts.server));
            let authority = authority.ok_or_else(|| unsupported("an authority without a name"))?;
            Ok(SecPkgContext_AuthorityW { sAuthorityName: made.text::<C, _>(authority)? })
        }),
        SECPKG_ATTR_TARGET => to.fill(|made| {
            let target = Ansi::encode(filled(&facts.target).ok_or_else(unknown)?)?;
            let length = target.len().saturating_sub(1) as u32;
            Ok(SecPkgContext_Target { TargetLength: length, Target: made.bytes(&target)?.cast() })
        }),
        _ => to.fill(|made| {
            let target = filled(&facts.target).ok_or_else(unknown)?;
            Ok(SecPkgContext_ClientSpecifiedTarget { sTargetName: made.text::<C, _>(target)? })
        }),
    }
}

/// A name that is there and not empty.
fn filled(name: &Option<U16String>) -> Option<&U16Str> {
    name.as_deref().filter(|name| !name.is_empty())
}

fn times(facts: &Facts, attribute: u32, to: Destination) -> Result<()> {
    let time = |ticks: u64| TimeStamp::new(ticks.cast_signed());
    match attribute {
        SECPKG_ATTR_LIFESPAN => to.fill(|_| {
            Ok(SecPkgContext_Lifespan { tsStart: time(facts.start), tsExpiry: time(facts.expiry) })
        }),
        // Whether a password expires is not known here: no account source says so.
        SECPKG_ATTR_PASSWORD_EXPIRY => {
            to.fill(|_| Ok(SecPkgContext_PasswordExpiry { tsPasswordExpires: TimeStamp::NEVER }))
        }
        _ => to.fill(|_| Ok(SecPkgContext_LogoffTime { tsLogoffTime: time(facts.expiry) })),
    }
}

fn keys<C: Charset>(facts: &Facts, attribute: u32, to: Destination) -> Result<()> {
    match attribute {
        SECPKG_ATTR_KEY_INFO => to.fill(|made| {
            let info = facts.key_info;
            let mut name = |name: &str| made.text::<C, _>(&U16String::from_str(name));
            Ok(SecPkgContext_KeyInfoW {
                sSignatureAlgorithmName: name(info.signature_algorithm_name)?,
                sEncryptAlgorithmName: name(info.encrypt_algorithm_name)?,
                KeySize: info.key_size,
                SignatureAlgorithm: info.signature_algorithm,
                EncryptAlgorithm: info.encrypt_algorithm,
            })
        }),
        SECPKG_ATTR_SESSION_KEY => to.fill(|made| {
            let key = facts.session_key.as_ref();
            if key.is_empty() {
                return Err(unsupported("a context without a session key"));
            }
            Ok(SecPkgContext_SessionKey { SessionKeyLength: key.len() as u32, SessionKey: made.bytes(key)? })
        }),
        // Flags of a logon (guest, cached, ...), none of which a logon here ever has.
        _ => to.fill(|_| Ok(SecPkgContext_UserFlags { UserFlags: 0 })),
    }
}

/// # Safety
/// `handle` is NULL or holds a handle; `place` as [`Destination::new`] says.
unsafe fn credential<C: Charset>(
    handle: *const CredHandle,
    attribute: u32,
    place: *mut c_void,
    size: Option<u32>,
) -> Result<()> {
    trace::note("attribute", || abi::names::name(abi::names::CREDENTIAL_ATTRIBUTES, attribute));
    // SAFETY: promised by the caller.
    let (credential, to) = unsafe { (tables::credential(handle)?, Destination::new(place, size)) };
    match attribute {
        SECPKG_CRED_ATTR_NAMES => to.fill(|made| {
            Ok(SecPkgCredentials_NamesW { sUserName: made.text::<C, _>(&credential_user(&credential)?)? })
        }),
        _ => Err(unsupported("an attribute that no credential here has")),
    }
}

fn credential_user(credential: &Credential) -> Result<U16String> {
    let name = credential.name()?;
    match name.is_empty() {
        true => Err(Error::new(Code::NoCredentials, "a credential without a name")),
        false => Ok(name),
    }
}

fn unsupported(reason: &'static str) -> Error {
    Error::new(Code::UnsupportedFunction, reason)
}

/// Tells something about a security context; strings are UTF-8.
///
/// phContext: the context, established or not.
///
/// ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
/// an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
/// status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
/// context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
/// gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
/// CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
///
/// pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
/// description that it then points at is a block of its own, which the caller frees with
/// FreeContextBuffer. No string is empty; one that is not known is NULL.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
/// the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_TARGET_UNKNOWN if the client named
/// no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryContextAttributesA(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
) -> SECURITY_STATUS {
    entry!("QueryContextAttributesA", phContext, {
        // SAFETY: C's promise.
        unsafe { context::<Ansi>(phContext, ulAttribute, pBuffer, None) }
    })
}

/// Tells something about a security context.
///
/// phContext: the context, established or not.
///
/// ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
/// an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
/// status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
/// context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
/// gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
/// CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
///
/// pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
/// description that it then points at is a block of its own, which the caller frees with
/// FreeContextBuffer. No string is empty; one that is not known is NULL.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
/// the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_TARGET_UNKNOWN if the client named
/// no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryContextAttributesW(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
) -> SECURITY_STATUS {
    entry!("QueryContextAttributesW", phContext, {
        // SAFETY: C's promise.
        unsafe { context::<Wide>(phContext, ulAttribute, pBuffer, None) }
    })
}

/// Tells something about a security context; strings are UTF-8.
///
/// phContext: the context, established or not.
///
/// ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
/// an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
/// status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
/// context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
/// gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
/// CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
///
/// pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
/// description that it then points at is a block of its own, which the caller frees with
/// FreeContextBuffer. No string is empty; one that is not known is NULL.
///
/// cbBuffer: the size of the structure in bytes; a larger one is fine.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
/// the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
/// the structure's size; SEC_E_TARGET_UNKNOWN if the client named
/// no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryContextAttributesExA(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("QueryContextAttributesExA", phContext, {
        // SAFETY: C's promise.
        unsafe { context::<Ansi>(phContext, ulAttribute, pBuffer, Some(cbBuffer)) }
    })
}

/// Tells something about a security context.
///
/// phContext: the context, established or not.
///
/// ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
/// an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
/// status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
/// context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
/// gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
/// CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
///
/// pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
/// description that it then points at is a block of its own, which the caller frees with
/// FreeContextBuffer. No string is empty; one that is not known is NULL.
///
/// cbBuffer: the size of the structure in bytes; a larger one is fine.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
/// the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
/// the structure's size; SEC_E_TARGET_UNKNOWN if the client named
/// no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryContextAttributesExW(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("QueryContextAttributesExW", phContext, {
        // SAFETY: C's promise.
        unsafe { context::<Wide>(phContext, ulAttribute, pBuffer, Some(cbBuffer)) }
    })
}

/// Tells something about a credential; strings are UTF-8.
///
/// phCredential: the credential.
///
/// ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
///
/// pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
/// any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure
/// nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryCredentialsAttributesA(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
) -> SECURITY_STATUS {
    entry!("QueryCredentialsAttributesA", phCredential, {
        // SAFETY: C's promise.
        unsafe { credential::<Ansi>(phCredential, ulAttribute, pBuffer, None) }
    })
}

/// Tells something about a credential.
///
/// phCredential: the credential.
///
/// ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
///
/// pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
/// any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure
/// nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryCredentialsAttributesW(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
) -> SECURITY_STATUS {
    entry!("QueryCredentialsAttributesW", phCredential, {
        // SAFETY: C's promise.
        unsafe { credential::<Wide>(phCredential, ulAttribute, pBuffer, None) }
    })
}

/// Tells something about a credential; strings are UTF-8.
///
/// phCredential: the credential.
///
/// ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
///
/// pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
///
/// cbBuffer: the size of the structure in bytes; a larger one is fine.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
/// any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
/// the structure's size; SEC_E_INSUFFICIENT_MEMORY. On failure
/// nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryCredentialsAttributesExA(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("QueryCredentialsAttributesExA", phCredential, {
        // SAFETY: C's promise.
        unsafe { credential::<Ansi>(phCredential, ulAttribute, pBuffer, Some(cbBuffer)) }
    })
}

/// Tells something about a credential.
///
/// phCredential: the credential.
///
/// ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
///
/// pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
///
/// cbBuffer: the size of the structure in bytes; a larger one is fine.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
/// any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
/// the structure's size; SEC_E_INSUFFICIENT_MEMORY. On failure
/// nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QueryCredentialsAttributesExW(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("QueryCredentialsAttributesExW", phCredential, {
        // SAFETY: C's promise.
        unsafe { credential::<Wide>(phCredential, ulAttribute, pBuffer, Some(cbBuffer)) }
    })
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
