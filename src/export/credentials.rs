//! AcquireCredentialsHandle and what else is done with a CredHandle, but for queries.

use std::ffi::c_void;

use widestring::U16Str;

use crate::abi::*;
use crate::boundary::identity::read_auth_data;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::boundary::{kdc_proxy, places};
use crate::error::{Code, Error, Result};
use crate::export::{entry, packages, tables, trace, winpr};
use crate::object::credential::Credential;
use crate::package::{Acquire, Package, PasswordChange, Setting, Usage};
use crate::secret::Secret;
use crate::store::identity::{Identity, Password};
use crate::store::names::down_level;

/// What fCredentialUse may say besides the direction; none of it changes anything here.
const MODIFIERS: u32 =
    SECPKG_CRED_DEFAULT | SECPKG_CRED_AUTOLOGON_RESTRICTED | SECPKG_CRED_PROCESS_POLICY_ONLY;

fn usage(bits: u32) -> Result<Usage> {
    if bits & SECPKG_CRED_BOTH == 0 || bits & !(SECPKG_CRED_BOTH | MODIFIERS) != 0 {
        return Err(Error::new(Code::UnknownCredentials, "an unknown fCredentialUse"));
    }
    Ok(Usage { inbound: bits & SECPKG_CRED_INBOUND != 0, outbound: bits & SECPKG_CRED_OUTBOUND != 0 })
}

/// AcquireCredentialsHandle's arguments, as far as they mean anything.
struct Wanted<C: Charset> {
    principal: *const C::Unit,
    package: *const C::Unit,
    usage: u32,
    identity: *const c_void,
}

impl<C: Charset> Wanted<C> {
    /// # Safety
    /// C's promises of AcquireCredentialsHandle.
    unsafe fn acquire(self, handle: *mut CredHandle, expiry: *mut TimeStamp) -> Result<()> {
        places::required(handle)?;
        // SAFETY: promised by the caller.
        let (package, principal, identity) = unsafe {
            (
                packages::find::<C>(self.package)?,
                C::read(self.principal)?,
                read_auth_data(self.identity, C::WIDE),
            )
        };
        let identity = identity?;
        note(package, self.usage, principal.as_deref(), identity.as_ref());
        let usage = usage(self.usage)?;
        let sources = winpr::sources(identity.as_ref(), usage);
        let request = Acquire { usage, principal: principal.as_deref(), identity, sources };
        let credential = Credential::acquire(package, request)?;
        let until = TimeStamp::new(credential.expiry().cast_signed());
        // SAFETY: promised by the caller.
        unsafe {
            let made = tables::insert_credential(credential)?;
            trace::note_handle("cred", Some(made));
            places::put(handle, made);
            places::put(expiry, until);
        }
        Ok(())
    }
}

/// Who is meant, never with what.
fn note(package: &dyn Package, usage: u32, principal: Option<&U16Str>, identity: Option<&Identity>) {
    trace::note("package", || package.info().name.to_owned());
    trace::note("use", || names::flags(names::CRED_USES, "SECPKG_CRED_", usage));
    trace::note_text("principal", principal);
    let Some(identity) = identity else { return trace::note("identity", || "default".to_owned()) };
    trace::note("identity", || {
        let (user, domain) = identity.account();
        let proof = match (&identity.password, &identity.keytab) {
            (Some(Password::Clear(_)), _) => "password",
            (Some(Password::NtHash(_)), _) => "hash",
            (None, Some(_)) => "keytab",
            (None, None) => "nothing",
        };
        format!("{:?} with {proof}", down_level(domain, user).to_string_lossy())
    });
    trace::note_text("list", identity.package_list.as_deref());
}

/// # Safety
/// C's promises of SetCredentialsAttributes.
unsafe fn set(credential: *const CredHandle, attribute: u32, buffer: *const c_void, len: u32) -> Result<()> {
    // SAFETY: promised by the caller.
    let credential = unsafe { tables::credential(credential) }?;
    if attribute != SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS {
        return Err(Error::new(Code::UnsupportedFunction, "an attribute that cannot be set"));
    }
    places::required(buffer)?;
    // SAFETY: promised by the caller.
    let settings = kdc_proxy::parse(unsafe { places::bytes(buffer.cast(), len as usize) }?)?;
    credential.set(Setting::KdcProxy { force: settings.force, server: settings.server.as_deref() })
}

/// # Safety
/// C's promises of AddCredentials.
unsafe fn add(credential: *const CredHandle) -> Result<()> {
    // SAFETY: promised by the caller.
    unsafe { tables::credential(credential) }?;
    Err(Error::new(Code::UnsupportedFunction, "a handle holds one credential"))
}

/// ChangeAccountPassword's arguments, as far as they mean anything.
struct NewPassword<C: Charset> {
    package: *const C::Unit,
    domain: *const C::Unit,
    account: *const C::Unit,
    old: *const C::Unit,
    new: *const C::Unit,
}

impl<C: Charset> NewPassword<C> {
    /// # Safety
    /// C's promises of ChangeAccountPassword.
    unsafe fn change(self) -> Result<()> {
        // SAFETY: promised by the caller.
        let package = unsafe { packages::find::<C>(self.package) }?;
        // SAFETY: promised by the caller.
        let read = |text| unsafe { C::read(text) };
        let secret = |text| read(text).map(|text| Secret::new(text.unwrap_or_default().into_vec()));
        let (domain, account) = (read(self.domain)?.unwrap_or_default(), read(self.account)?);
        let account = account.filter(|account| !account.is_empty());
        let account =
            account.ok_or_else(|| Error::new(Code::InvalidParameter, "an account without a name"))?;
        package.change_password(PasswordChange {
            domain: &domain,
            account: &account,
            old: secret(self.old)?,
            new: secret(self.new)?,
            sources: winpr::sources(None, Usage { inbound: false, outbound: true }),
        })
    }
}

/// Makes a credential, as `AcquireCredentialsHandleW` does; strings are UTF-8. The strings of the
/// identity are of the kind that its own Flags say, whichever of the two functions is called.
///
/// Parameters and status codes are those of AcquireCredentialsHandleW; besides,
/// SEC_E_INVALID_PARAMETER if a string is not UTF-8.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AcquireCredentialsHandleA(
    pszPrincipal: *const SEC_CHAR,
    pszPackage: *const SEC_CHAR,
    fCredentialUse: u32,
    pvLogonId: *mut c_void,
    pAuthData: *mut c_void,
    pGetKeyFn: SEC_GET_KEY_FN,
    pvGetKeyArgument: *mut c_void,
    phCredential: *mut CredHandle,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("AcquireCredentialsHandleA", {
        let _ = (pvLogonId, pGetKeyFn, pvGetKeyArgument);
        let (principal, package, identity) = (pszPrincipal, pszPackage, pAuthData.cast_const());
        let wanted = Wanted::<Ansi> { principal, package, usage: fCredentialUse, identity };
        // SAFETY: C's promise.
        unsafe { wanted.acquire(phCredential, ptsExpiry) }
    })
}

/// Makes a credential, with which contexts are begun. Nothing is sent; a wrong password shows when
/// a context is established.
///
/// pszPrincipal: the principal's name, or NULL.
///
/// pszPackage: the package, in any case.
///
/// fCredentialUse: SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND or both.
///
/// pvLogonId, pGetKeyFn, pvGetKeyArgument: ignored.
///
/// pAuthData: NULL for the default identity, or a SEC_WINNT_AUTH_IDENTITY_A or _W, _EXA or _EXW, or
/// _EX2. Its Flags say what its strings are, and with WinPR's 0x100 and 0x200 that settings of NTLM and
/// Kerberos lie behind an _EX identity: these win over the environment. It is copied: the caller may zero
/// and free it after the call, but not what a hash callback uses.
///
/// phCredential: receives the handle; the caller frees it with FreeCredentialsHandle.
///
/// ptsExpiry: receives when the credential expires, UTC; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or its name is NULL;
/// SEC_E_UNKNOWN_CREDENTIALS for an unknown fCredentialUse; SEC_E_NO_CREDENTIALS if there is no
/// default identity; SEC_E_INVALID_PARAMETER if phCredential is NULL, or pAuthData is malformed;
/// SEC_E_UNSUPPORTED_FUNCTION or SEC_E_DECRYPT_FAILURE for credentials that are no password, or are
/// encrypted by another process; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AcquireCredentialsHandleW(
    pszPrincipal: *const SEC_WCHAR,
    pszPackage: *const SEC_WCHAR,
    fCredentialUse: u32,
    pvLogonId: *mut c_void,
    pAuthData: *mut c_void,
    pGetKeyFn: SEC_GET_KEY_FN,
    pvGetKeyArgument: *mut c_void,
    phCredential: *mut CredHandle,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("AcquireCredentialsHandleW", {
        let _ = (pvLogonId, pGetKeyFn, pvGetKeyArgument);
        let (principal, package, identity) = (pszPrincipal, pszPackage, pAuthData.cast_const());
        let wanted = Wanted::<Wide> { principal, package, usage: fCredentialUse, identity };
        // SAFETY: C's promise.
        unsafe { wanted.acquire(phCredential, ptsExpiry) }
    })
}

/// Frees a credential. Contexts that were made with it go on working.
///
/// phCredential: the handle; it is not written.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if it is not the handle of a credential, or was freed
/// before.
///
/// # Safety
/// The pointer is NULL or leads to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn FreeCredentialsHandle(phCredential: *mut CredHandle) -> SECURITY_STATUS {
    entry!("FreeCredentialsHandle", phCredential, {
        // SAFETY: C's promise.
        tables::remove_credential(unsafe { places::handle(phCredential) }?)
    })
}

/// Would add a second credential to a handle, as `AddCredentialsW` would.
///
/// hCredentials: a credential. The other arguments are not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AddCredentialsA(
    hCredentials: *mut CredHandle,
    pszPrincipal: *const SEC_CHAR,
    pszPackage: *const SEC_CHAR,
    fCredentialUse: u32,
    pAuthData: *mut c_void,
    pGetKeyFn: SEC_GET_KEY_FN,
    pvGetKeyArgument: *mut c_void,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("AddCredentialsA", hCredentials, {
        let _ = (pszPrincipal, pszPackage, fCredentialUse, pAuthData, pGetKeyFn, pvGetKeyArgument, ptsExpiry);
        // SAFETY: C's promise.
        unsafe { add(hCredentials) }
    })
}

/// Would add a second credential to a handle. A handle of this library holds one.
///
/// hCredentials: a credential. The other arguments are not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AddCredentialsW(
    hCredentials: *mut CredHandle,
    pszPrincipal: *const SEC_WCHAR,
    pszPackage: *const SEC_WCHAR,
    fCredentialUse: u32,
    pAuthData: *mut c_void,
    pGetKeyFn: SEC_GET_KEY_FN,
    pvGetKeyArgument: *mut c_void,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("AddCredentialsW", hCredentials, {
        let _ = (pszPrincipal, pszPackage, fCredentialUse, pAuthData, pGetKeyFn, pvGetKeyArgument, ptsExpiry);
        // SAFETY: C's promise.
        unsafe { add(hCredentials) }
    })
}

/// Sets an attribute of a credential: the same as `SetCredentialsAttributesW`, whose structures it
/// takes as well.
///
/// Parameters and status codes are those of SetCredentialsAttributesW.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SetCredentialsAttributesA(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("SetCredentialsAttributesA", phCredential, {
        // SAFETY: C's promise.
        unsafe { set(phCredential, ulAttribute, pBuffer, cbBuffer) }
    })
}

/// Sets an attribute of a credential.
///
/// phCredential: the credential.
///
/// ulAttribute: SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS.
///
/// pBuffer: a SecPkgCredentials_KdcProxySettingsW of version KDC_PROXY_SETTINGS_V1, followed by what its
/// offsets lead to. It is copied.
///
/// cbBuffer: bytes of all that.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION for another attribute, or a
/// package that has no use for it; SEC_E_INVALID_PARAMETER if pBuffer is NULL, of another version, or
/// says that something lies outside of it.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SetCredentialsAttributesW(
    phCredential: *mut CredHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("SetCredentialsAttributesW", phCredential, {
        // SAFETY: C's promise.
        unsafe { set(phCredential, ulAttribute, pBuffer, cbBuffer) }
    })
}

/// Changes an account's password, as `ChangeAccountPasswordW` does; strings are UTF-8.
///
/// Parameters and status codes are those of ChangeAccountPasswordW.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ChangeAccountPasswordA(
    pszPackageName: *const SEC_CHAR,
    pszDomainName: *const SEC_CHAR,
    pszAccountName: *const SEC_CHAR,
    pszOldPassword: *const SEC_CHAR,
    pszNewPassword: *const SEC_CHAR,
    bImpersonating: BOOLEAN,
    dwReserved: u32,
    pOutput: *mut SecBufferDesc,
) -> SECURITY_STATUS {
    entry!("ChangeAccountPasswordA", {
        let _ = (bImpersonating, dwReserved, pOutput);
        let (package, domain, account) = (pszPackageName, pszDomainName, pszAccountName);
        let (old, new) = (pszOldPassword, pszNewPassword);
        // SAFETY: C's promise.
        unsafe { NewPassword::<Ansi> { package, domain, account, old, new }.change() }
    })
}

/// Changes an account's password: Kerberos and Negotiate ask the domain's password service (RFC 3244).
///
/// pszPackageName: the package.
///
/// pszDomainName: the account's domain or realm; NULL or empty for that of the account's name, or the
/// default realm.
///
/// pszAccountName: the account: "user" or "user@realm".
///
/// pszOldPassword, pszNewPassword: the passwords.
///
/// bImpersonating, dwReserved, pOutput: ignored; nothing is written.
///
/// Returns SEC_E_OK; SEC_E_LOGON_DENIED if the old password is wrong or the account unknown; 0x8007052D
/// (ERROR_PASSWORD_RESTRICTION) if the new one breaks the domain's rules;
/// SEC_E_NO_AUTHENTICATING_AUTHORITY if no service answers; SEC_E_UNSUPPORTED_FUNCTION for NTLM;
/// SEC_E_SECPKG_NOT_FOUND if there is no such package; SEC_E_INVALID_PARAMETER if pszAccountName is
/// NULL or empty.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ChangeAccountPasswordW(
    pszPackageName: *const SEC_WCHAR,
    pszDomainName: *const SEC_WCHAR,
    pszAccountName: *const SEC_WCHAR,
    pszOldPassword: *const SEC_WCHAR,
    pszNewPassword: *const SEC_WCHAR,
    bImpersonating: BOOLEAN,
    dwReserved: u32,
    pOutput: *mut SecBufferDesc,
) -> SECURITY_STATUS {
    entry!("ChangeAccountPasswordW", {
        let _ = (bImpersonating, dwReserved, pOutput);
        let (package, domain, account) = (pszPackageName, pszDomainName, pszAccountName);
        let (old, new) = (pszOldPassword, pszNewPassword);
        // SAFETY: C's promise.
        unsafe { NewPassword::<Wide> { package, domain, account, old, new }.change() }
    })
}
