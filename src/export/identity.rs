//! The Sspi* functions: identities in one opaque block, from strings and back, compared, copied,
//! encrypted and carried to other processes.
//!
//! A new block is a SEC_WINNT_AUTH_IDENTITY_EX2 whose credentials are a password; every function here
//! takes any other form of identity as well, unless it says otherwise.

use std::ffi::{c_char, c_void};

use crate::abi::{
    BOOLEAN, PSEC_WINNT_AUTH_IDENTITY_OPAQUE, SEC_WCHAR, SECURITY_STATUS, SecPkgContext_Bindings,
};
use crate::boundary::blocks::{self, Block};
use crate::boundary::extended_bindings;
use crate::boundary::identity::{block_of, read_opaque, zero};
use crate::boundary::identity_out::{
    CRED_TYPE_DOMAIN_PASSWORD, CredentialPlaces, Texts, give, hand_over, host_of, target_block,
};
use crate::boundary::os::System;
use crate::boundary::places::{bytes, put, required};
use crate::boundary::strings::{Charset, Wide};
use crate::error::{Code, Error};
use crate::export::{Nothing, entry};
use crate::secret::Secret;
use crate::store::identity::{Identity, Password};
use crate::store::opaque::{self, Opaque, Scope};

/// Makes an identity of its parts. Each may be NULL, but not all of them.
///
/// pszPackedCredentialsString is the password. The identity is freed by SspiFreeAuthIdentity.
///
/// Returns SEC_E_OK; SEC_E_INVALID_TOKEN if all parts are NULL; SEC_E_INVALID_PARAMETER if
/// ppAuthIdentity is NULL or a part is too long; SEC_E_INSUFFICIENT_MEMORY. *ppAuthIdentity is
/// written on success only.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiEncodeStringsAsAuthIdentity(
    pszUserName: *const SEC_WCHAR,
    pszDomainName: *const SEC_WCHAR,
    pszPackedCredentialsString: *const SEC_WCHAR,
    ppAuthIdentity: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiEncodeStringsAsAuthIdentity", {
        if pszUserName.is_null() && pszDomainName.is_null() && pszPackedCredentialsString.is_null() {
            return Err(Error::new(Code::InvalidToken, "an identity of nothing"));
        }
        // SAFETY: the strings are NULL or NUL-terminated, and the place is NULL or writable.
        unsafe {
            required(ppAuthIdentity)?;
            let (user, domain) = (Wide::read(pszUserName)?, Wide::read(pszDomainName)?);
            let password = Wide::read(pszPackedCredentialsString)?;
            let password = password.map(|units| Password::Clear(Secret::new(units.into_vec())));
            let identity = Identity { user, domain, password, ..Identity::default() };
            hand_over(ppAuthIdentity, &Opaque::from_identity(&identity)?)
        }
    })
}

/// Takes an identity apart. An absent or empty part is NULL.
///
/// The strings are freed by SspiLocalFree; *ppszPackedCredentialsString is the password, and
/// ppszPackedCredentialsString may be NULL. An encrypted identity is decrypted on the way.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
/// SEC_E_UNSUPPORTED_FUNCTION if its credentials are no password; SEC_E_DECRYPT_FAILURE if it is
/// encrypted by another process; SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiEncodeAuthIdentityAsStrings(
    pAuthIdentity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    ppszUserName: *mut *const SEC_WCHAR,
    ppszDomainName: *mut *const SEC_WCHAR,
    ppszPackedCredentialsString: *mut *const SEC_WCHAR,
) -> SECURITY_STATUS {
    entry!("SspiEncodeAuthIdentityAsStrings", {
        required(ppszUserName)?;
        required(ppszDomainName)?;
        // SAFETY: an identity or NULL; the places are NULL or writable.
        unsafe {
            let texts = Texts::of(pAuthIdentity, !ppszPackedCredentialsString.is_null())?;
            give(ppszUserName, texts.user);
            give(ppszDomainName, texts.domain);
            give(ppszPackedCredentialsString, texts.password);
        }
        Ok(())
    })
}

/// Checks that an identity is well formed.
///
/// Returns SEC_E_OK, or SEC_E_INVALID_PARAMETER if it is not, or NULL.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiValidateAuthIdentity(
    AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiValidateAuthIdentity", {
        // SAFETY: an identity or NULL.
        unsafe { read_opaque(AuthData) }.map(|_| ())
    })
}

/// Copies an identity into a new block, which has room for SspiEncryptAuthIdentity.
///
/// The copy is freed by SspiFreeAuthIdentity. A copy of an encrypted identity is encrypted.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
/// SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiCopyAuthIdentity(
    AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    AuthDataCopy: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiCopyAuthIdentity", {
        required(AuthDataCopy)?;
        // SAFETY: an identity or NULL; the place is writable.
        unsafe { hand_over(AuthDataCopy, &read_opaque(AuthData)?) }
    })
}

/// Zeroes and frees an identity that this library made. NULL, and a pointer that is not one of this
/// library's blocks, are left alone.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiFreeAuthIdentity(AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE) {
    entry!("SspiFreeAuthIdentity", { blocks::free(AuthData).map(|()| Nothing) })
}

/// Zeroes and frees a string or byte array that an Sspi* function made. NULL, and a pointer that is
/// not one of this library's blocks, are left alone.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiLocalFree(DataBuffer: *mut c_void) {
    entry!("SspiLocalFree", { blocks::free(DataBuffer).map(|()| Nothing) })
}

/// Zeroes the password of an identity in place. Names stay, and the identity still has to be freed.
///
/// NULL is left alone.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiZeroAuthIdentity(AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE) {
    entry!("SspiZeroAuthIdentity", {
        // SAFETY: an identity or NULL, which nobody else uses meanwhile.
        unsafe { zero(AuthData) }.map(|()| Nothing)
    })
}

/// Compares two identities.
///
/// *SameSuppliedUser becomes TRUE if both name the same user and domain, without regard to case and
/// whether the domain stands apart or as "DOMAIN\user"; *SameSuppliedIdentity if the credentials are
/// equal as well. Either place may be NULL.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if an identity is NULL or malformed;
/// SEC_E_UNSUPPORTED_FUNCTION if credentials are no password; SEC_E_DECRYPT_FAILURE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiCompareAuthIdentities(
    AuthIdentity1: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    AuthIdentity2: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    SameSuppliedUser: *mut BOOLEAN,
    SameSuppliedIdentity: *mut BOOLEAN,
) -> SECURITY_STATUS {
    entry!("SspiCompareAuthIdentities", {
        // SAFETY: identities or NULL; the places are NULL or writable.
        unsafe {
            let one = read_opaque(AuthIdentity1)?.identity(&System)?;
            let other = read_opaque(AuthIdentity2)?.identity(&System)?;
            let comparison = opaque::compare(&one, &other);
            put(SameSuppliedUser, BOOLEAN::from(comparison.same_user));
            put(SameSuppliedIdentity, BOOLEAN::from(comparison.same_identity));
            Ok(())
        }
    })
}

/// Makes a byte array of an identity, to be sent to another process.
///
/// The array is freed by SspiLocalFree. It holds the password in the clear unless the identity was
/// encrypted with SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
/// SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiMarshalAuthIdentity(
    AuthIdentity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    AuthIdentityLength: *mut u32,
    AuthIdentityByteArray: *mut *mut c_char,
) -> SECURITY_STATUS {
    entry!("SspiMarshalAuthIdentity", {
        required(AuthIdentityLength)?;
        required(AuthIdentityByteArray)?;
        // SAFETY: an identity or NULL; both places are writable.
        unsafe {
            let opaque = read_opaque(AuthIdentity)?;
            let block = Block::of(opaque.bytes())?;
            put(AuthIdentityLength, opaque.bytes().len() as u32);
            put(AuthIdentityByteArray, block.release().cast());
            Ok(())
        }
    })
}

/// Makes an identity of a byte array of SspiMarshalAuthIdentity, which is checked first.
///
/// The identity is freed by SspiFreeAuthIdentity.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the array malformed;
/// SEC_E_INSUFFICIENT_MEMORY. *ppAuthIdentity is written on success only.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiUnmarshalAuthIdentity(
    AuthIdentityLength: u32,
    AuthIdentityByteArray: *mut c_char,
    ppAuthIdentity: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiUnmarshalAuthIdentity", {
        required(ppAuthIdentity)?;
        // SAFETY: NULL or as many bytes as the caller says; the place is writable.
        unsafe {
            let array = bytes(AuthIdentityByteArray.cast_const().cast(), AuthIdentityLength as usize)?;
            hand_over(ppAuthIdentity, &Opaque::from_bytes(array)?)
        }
    })
}

/// SspiUnmarshalAuthIdentity, which also tells the length of the identity's block.
///
/// Undocumented by Microsoft. *pAuthIdentityLength may be NULL.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiUnmarshalAuthIdentityInternal(
    AuthIdentityLength: u32,
    AuthIdentityByteArray: *mut c_char,
    ppAuthIdentity: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    pAuthIdentityLength: *mut u32,
) -> SECURITY_STATUS {
    entry!("SspiUnmarshalAuthIdentityInternal", {
        required(ppAuthIdentity)?;
        // SAFETY: NULL or as many bytes as the caller says; the places are NULL or writable.
        unsafe {
            let array = bytes(AuthIdentityByteArray.cast_const().cast(), AuthIdentityLength as usize)?;
            let opaque = Opaque::from_bytes(array)?;
            hand_over(ppAuthIdentity, &opaque)?;
            put(pAuthIdentityLength, opaque.bytes().len() as u32);
            Ok(())
        }
    })
}

/// Encrypts an identity in place for this process: SspiEncryptAuthIdentityEx with
/// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiEncryptAuthIdentity(
    AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiEncryptAuthIdentity", {
        // SAFETY: an identity or NULL, which nobody else uses meanwhile.
        opaque::encrypt(unsafe { block_of(AuthData) }?, Scope::Process, &System)
    })
}

/// Encrypts the credentials of an identity in place; names stay readable.
///
/// Options is SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, or
/// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON for all processes of the user that share SSPI_EXPORT_KEY
/// or the key file in XDG_RUNTIME_DIR. AuthData must have been made by an Sspi* function
/// (SspiCopyAuthIdentity does it for any identity). AcquireCredentialsHandle takes it encrypted. An
/// identity that is encrypted this way already stays as it is.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if AuthData is NULL, malformed, without room or encrypted
/// otherwise, or if Options is not one option; SEC_E_UNSUPPORTED_FUNCTION for
/// SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM, for other forms of identity, and if there is no key that
/// the user's processes share; SEC_E_NOT_OWNER if the key file is not the user's alone.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiEncryptAuthIdentityEx(
    Options: u32,
    AuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiEncryptAuthIdentityEx", {
        let scope = Scope::of_options(Options)?;
        // SAFETY: an identity or NULL, which nobody else uses meanwhile.
        opaque::encrypt(unsafe { block_of(AuthData) }?, scope, &System)
    })
}

/// Decrypts an identity in place that SspiEncryptAuthIdentity encrypted in this process. One that is
/// not encrypted stays as it is.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if it is NULL or malformed; SEC_E_DECRYPT_FAILURE if
/// another process encrypted it or it was changed since.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiDecryptAuthIdentity(
    EncryptedAuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiDecryptAuthIdentity", {
        // SAFETY: an identity or NULL, which nobody else uses meanwhile.
        opaque::decrypt(unsafe { block_of(EncryptedAuthData) }?, Scope::Process, &System)
    })
}

/// Decrypts an identity in place; Options as they were given to SspiEncryptAuthIdentityEx.
///
/// Returns as SspiDecryptAuthIdentity, SEC_E_INVALID_PARAMETER also if Options are not those, and
/// SEC_E_UNSUPPORTED_FUNCTION or SEC_E_NOT_OWNER if there is no key that the user's processes share.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiDecryptAuthIdentityEx(
    Options: u32,
    EncryptedAuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiDecryptAuthIdentityEx", {
        let scope = Scope::of_options(Options)?;
        // SAFETY: an identity or NULL, which nobody else uses meanwhile.
        opaque::decrypt(unsafe { block_of(EncryptedAuthData) }?, scope, &System)
    })
}

/// Whether an identity is encrypted: TRUE or FALSE, which is also the answer for NULL and for what is
/// no identity.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiIsAuthIdentityEncrypted(
    EncryptedAuthData: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> BOOLEAN {
    entry!("SspiIsAuthIdentityEncrypted", {
        // SAFETY: an identity or NULL.
        unsafe { read_opaque(EncryptedAuthData) }.map(|opaque| opaque.is_encrypted())
    })
}

/// What to call CredRead with for an identity and a target.
///
/// *pCredmanCredentialType becomes CRED_TYPE_DOMAIN_PASSWORD (2), *ppszCredmanTargetName the target, which
/// is freed by SspiLocalFree.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL, the identity malformed, or the target
/// empty and the identity without a user; SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiPrepareForCredRead(
    AuthIdentity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    pszTargetName: *const SEC_WCHAR,
    pCredmanCredentialType: *mut u32,
    ppszCredmanTargetName: *mut *const SEC_WCHAR,
) -> SECURITY_STATUS {
    entry!("SspiPrepareForCredRead", {
        required(pszTargetName)?;
        required(pCredmanCredentialType)?;
        required(ppszCredmanTargetName)?;
        // SAFETY: an identity, a NUL-terminated string, or NULL; both places are writable.
        unsafe {
            let identity = read_opaque(AuthIdentity)?.identity(&System)?;
            let target = target_block(Wide::read(pszTargetName)?, &identity)?;
            put(pCredmanCredentialType, CRED_TYPE_DOMAIN_PASSWORD);
            give(ppszCredmanTargetName, Some(target));
            Ok(())
        }
    })
}

/// What to call CredWrite with for an identity and a target.
///
/// pszTargetName NULL stands for the identity's "DOMAIN\user". *pCredmanCredentialType becomes
/// CRED_TYPE_DOMAIN_PASSWORD (2), *ppszCredmanTargetName the target, *ppszCredmanUserName the user (NULL if
/// there is none), *ppCredentialBlob the password as UTF-16 without an end (NULL and 0 bytes if there is
/// none). All are freed by SspiLocalFree.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if another pointer is NULL, the identity malformed, or there
/// is neither target nor user; SEC_E_UNSUPPORTED_FUNCTION if the credentials are no password;
/// SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiPrepareForCredWrite(
    AuthIdentity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    pszTargetName: *const SEC_WCHAR,
    pCredmanCredentialType: *mut u32,
    ppszCredmanTargetName: *mut *const SEC_WCHAR,
    ppszCredmanUserName: *mut *const SEC_WCHAR,
    ppCredentialBlob: *mut *mut u8,
    pCredentialBlobSize: *mut u32,
) -> SECURITY_STATUS {
    entry!("SspiPrepareForCredWrite", {
        let places = CredentialPlaces {
            kind: pCredmanCredentialType,
            target: ppszCredmanTargetName,
            user: ppszCredmanUserName,
            blob: ppCredentialBlob,
            blob_length: pCredentialBlobSize,
        };
        // SAFETY: an identity, a NUL-terminated string, or NULL; the places are NULL or writable.
        unsafe { places.fill(AuthIdentity, pszTargetName) }
    })
}

/// Copies an identity so that a package is not used for it.
///
/// The package is taken from the identity's list of packages, or "!package" put there. AuthIdentity
/// NULL is the default identity. The copy is freed by SspiFreeAuthIdentity.
///
/// Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if pszPackageName is NULL or no name;
/// SEC_E_INVALID_PARAMETER if ppNewAuthIdentity is NULL or the identity malformed;
/// SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiExcludePackage(
    AuthIdentity: PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
    pszPackageName: *const SEC_WCHAR,
    ppNewAuthIdentity: *mut PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
) -> SECURITY_STATUS {
    entry!("SspiExcludePackage", {
        required(ppNewAuthIdentity)?;
        // SAFETY: an identity, a NUL-terminated string, or NULL; the place is writable.
        unsafe {
            let package = Wide::read(pszPackageName)?.unwrap_or_default();
            let old = match AuthIdentity.is_null() {
                true => Opaque::from_identity(&Identity::default())?,
                false => read_opaque(AuthIdentity)?,
            };
            hand_over(ppNewAuthIdentity, &old.excluding(&package, &System)?)
        }
    })
}

/// The host of a target name: of "class/host:port/name", or of a host's own name.
///
/// *pszHostName is freed by SspiLocalFree.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_TARGET_UNKNOWN if the name has
/// no host; SEC_E_INSUFFICIENT_MEMORY.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiGetTargetHostName(
    pszTargetName: *const SEC_WCHAR,
    pszHostName: *mut *mut SEC_WCHAR,
) -> SECURITY_STATUS {
    entry!("SspiGetTargetHostName", {
        // SAFETY: a NUL-terminated string or NULL; the place is NULL or writable.
        unsafe { host_of(pszTargetName, pszHostName) }
    })
}

/// The computer of a service principal name. Undocumented by Microsoft; as SspiGetTargetHostName.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiGetComputerNameForSPN(
    pszServicePrincipalName: *const SEC_WCHAR,
    ppszComputerName: *mut *mut SEC_WCHAR,
) -> SECURITY_STATUS {
    entry!("SspiGetComputerNameForSPN", {
        // SAFETY: a NUL-terminated string or NULL; the place is NULL or writable.
        unsafe { host_of(pszServicePrincipalName, ppszComputerName) }
    })
}

/// Turns channel bindings into SEC_CHANNEL_BINDINGS_EX and sets their flags
/// (SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS or 0).
///
/// pBindings->Bindings is replaced by a block that FreeContextBuffer frees; what was there is freed if
/// it is a block of this library. Bindings that are extended already are only given the flags.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if pBindings is NULL, the bindings malformed or a flag
/// unknown; SEC_E_INSUFFICIENT_MEMORY. Nothing is changed on failure.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SspiSetChannelBindingFlags(
    pBindings: *mut SecPkgContext_Bindings,
    flags: u32,
) -> SECURITY_STATUS {
    entry!("SspiSetChannelBindingFlags", {
        // SAFETY: NULL or bindings as long as BindingsLength says, which nobody else uses meanwhile.
        unsafe { extended_bindings::set_flags(pBindings, flags) }
    })
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
