//! InitializeSecurityContext, AcceptSecurityContext and what else is done with a CtxtHandle, but for
//! messages, queries and transfer.

use std::ffi::c_void;

use widestring::U16String;

use crate::abi::{CredHandle, CtxtHandle, SEC_CHAR, SEC_WCHAR, SECURITY_STATUS, SecBufferDesc, TimeStamp};
use crate::boundary::os::{System, Thread};
use crate::boundary::places;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::error::{Code, Error, Result};
use crate::export::leg::Leg;
use crate::export::{entry, tables, winpr};
use crate::object::context::{Role, Status};
use crate::object::impersonation;
use crate::store::os::ThreadIdentity;

/// # Safety
/// C's promises of the function; `context` is NULL or holds a handle.
unsafe fn unsupported(context: *const CtxtHandle, reason: &'static str) -> Result<()> {
    // SAFETY: promised by the caller.
    unsafe { tables::context(context) }?;
    Err(Error::new(Code::UnsupportedFunction, reason))
}

/// pszTargetName of a call that begins a context.
///
/// # Safety
/// C's promises of InitializeSecurityContext.
unsafe fn target<C: Charset>(context: *const CtxtHandle, name: *const C::Unit) -> Result<Option<U16String>> {
    // SAFETY: promised by the caller.
    if context.is_null() { unsafe { C::read(name) } } else { Ok(None) }
}

/// Begins or continues the client's side, as `InitializeSecurityContextW` does; strings are UTF-8.
///
/// Parameters and status codes are those of InitializeSecurityContextW; besides,
/// SEC_E_INVALID_PARAMETER if pszTargetName is not UTF-8.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitializeSecurityContextA(
    phCredential: *mut CredHandle,
    phContext: *mut CtxtHandle,
    pszTargetName: *const SEC_CHAR,
    fContextReq: u32,
    Reserved1: u32,
    TargetDataRep: u32,
    pInput: *mut SecBufferDesc,
    Reserved2: u32,
    phNewContext: *mut CtxtHandle,
    pOutput: *mut SecBufferDesc,
    pfContextAttr: *mut u32,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("InitializeSecurityContextA", phContext, {
        let _ = (Reserved1, TargetDataRep, Reserved2);
        // SAFETY: C's promise.
        let target = unsafe { target::<Ansi>(phContext, pszTargetName) }?;
        let (role, target, requirements) = (Role::Initiator, target.as_deref(), fContextReq);
        let (credential, context, new_context) =
            (phCredential.cast_const(), phContext.cast_const(), phNewContext);
        let (input, output, granted, expiry) =
            (pInput.cast_const(), pOutput.cast_const(), pfContextAttr, ptsExpiry);
        let leg = Leg {
            role,
            credential,
            context,
            target,
            requirements,
            input,
            new_context,
            output,
            granted,
            expiry,
        };
        // SAFETY: C's promise.
        unsafe { leg.make() }
    })
}

/// Begins or continues the client's side of an authentication: takes the server's token and makes the
/// next one for it.
///
/// phCredential: an outbound credential; may be NULL from the second call on.
///
/// phContext: NULL on the first call, then the context.
///
/// pszTargetName: the service (SPN) or server that is meant; may be NULL with NTLM. Only the first call
/// looks at it.
///
/// fContextReq: ISC_REQ_*; unknown bits are ignored.
///
/// Reserved1, TargetDataRep, Reserved2: ignored.
///
/// pInput: the server's token as SECBUFFER_TOKEN, and SECBUFFER_CHANNEL_BINDINGS; NULL on the first
/// call if there is neither. Other buffers are ignored. All memory is the caller's.
///
/// phNewContext: receives the handle, which the caller frees with DeleteSecurityContext. It may be
/// phContext, and NULL where phContext is not.
///
/// pOutput: a SECBUFFER_TOKEN of the caller's, which the token is written to and whose cbBuffer becomes
/// the token's length; with ISC_REQ_ALLOCATE_MEMORY pvBuffer is set to a block that the caller frees with
/// FreeContextBuffer, or to NULL if there is no token. Its memory may overlap the input.
///
/// pfContextAttr: receives ISC_RET_*, what is granted; final with SEC_E_OK. May be NULL.
///
/// ptsExpiry: receives when the context expires, UTC; may be NULL.
///
/// Returns SEC_I_CONTINUE_NEEDED: send the token and call again with the answer. SEC_E_OK: done; a token,
/// if there is one, must still be sent. SEC_E_BUFFER_TOO_SMALL: call again with the same input and a
/// larger SECBUFFER_TOKEN. SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED, SEC_E_NO_CREDENTIALS,
/// SEC_E_TARGET_UNKNOWN, SEC_E_BAD_BINDINGS, SEC_E_UNSUPPORTED_FUNCTION: refused.
/// SEC_E_OUT_OF_SEQUENCE: the context is complete already, or was refused. SEC_E_INVALID_HANDLE,
/// SEC_E_INVALID_PARAMETER, SEC_E_INTERNAL_ERROR (a token buffer with a size and no memory),
/// SEC_E_INSUFFICIENT_MEMORY. When the first call fails there is no context and phNewContext is not
/// written; when a later one fails the context still has to be deleted.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitializeSecurityContextW(
    phCredential: *mut CredHandle,
    phContext: *mut CtxtHandle,
    pszTargetName: *const SEC_WCHAR,
    fContextReq: u32,
    Reserved1: u32,
    TargetDataRep: u32,
    pInput: *mut SecBufferDesc,
    Reserved2: u32,
    phNewContext: *mut CtxtHandle,
    pOutput: *mut SecBufferDesc,
    pfContextAttr: *mut u32,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("InitializeSecurityContextW", phContext, {
        let _ = (Reserved1, TargetDataRep, Reserved2);
        // SAFETY: C's promise.
        let target = unsafe { target::<Wide>(phContext, pszTargetName) }?;
        let (role, target, requirements) = (Role::Initiator, target.as_deref(), fContextReq);
        let (credential, context, new_context) =
            (phCredential.cast_const(), phContext.cast_const(), phNewContext);
        let (input, output, granted, expiry) =
            (pInput.cast_const(), pOutput.cast_const(), pfContextAttr, ptsExpiry);
        let leg = Leg {
            role,
            credential,
            context,
            target,
            requirements,
            input,
            new_context,
            output,
            granted,
            expiry,
        };
        // SAFETY: C's promise.
        unsafe { leg.make() }
    })
}

/// Begins or continues the server's side of an authentication: takes the client's token and makes the
/// answer to it.
///
/// phCredential: an inbound credential; may be NULL from the second call on.
///
/// phContext: NULL on the first call, then the context.
///
/// pInput: the client's token as SECBUFFER_TOKEN, and SECBUFFER_CHANNEL_BINDINGS to have the client's
/// checked. Other buffers are ignored. All memory is the caller's.
///
/// fContextReq: ASC_REQ_*; unknown bits are ignored. With channel bindings,
/// ASC_REQ_ALLOW_MISSING_BINDINGS accepts a client that has none, ASC_REQ_PROXY_BINDINGS one that has
/// others.
///
/// TargetDataRep: ignored.
///
/// phNewContext: receives the handle, which the caller frees with DeleteSecurityContext. It may be
/// phContext, and NULL where phContext is not.
///
/// pOutput: a SECBUFFER_TOKEN of the caller's, which the token is written to and whose cbBuffer becomes
/// the token's length; with ASC_REQ_ALLOCATE_MEMORY pvBuffer is set to a block that the caller frees with
/// FreeContextBuffer, or to NULL if there is no token. A SECBUFFER_CHANNEL_BINDINGS_RESULT receives
/// SEC_CHANNEL_BINDINGS_RESULT_* once the context is established. NULL only if no token is to be returned.
///
/// pfContextAttr: receives ASC_RET_*, what is granted; final with SEC_E_OK. May be NULL.
///
/// ptsExpiry: receives when the context expires, UTC; may be NULL.
///
/// Returns SEC_I_CONTINUE_NEEDED: send the token and call again with the answer. SEC_E_OK: the client is
/// who SECPKG_ATTR_NAMES says; a token, if there is one, must still be sent. SEC_I_COMPLETE_NEEDED: there
/// was no account source. SEC_E_LOGON_DENIED: unknown user or wrong password. SEC_E_INVALID_TOKEN,
/// SEC_E_BAD_BINDINGS, SEC_E_NO_CREDENTIALS, SEC_E_UNSUPPORTED_FUNCTION: refused.
/// SEC_E_BUFFER_TOO_SMALL: call again with the same input and a larger SECBUFFER_TOKEN.
/// SEC_E_OUT_OF_SEQUENCE: the context is complete already, or was refused. SEC_E_INVALID_HANDLE,
/// SEC_E_INVALID_PARAMETER, SEC_E_INTERNAL_ERROR (a token buffer with a size and no memory),
/// SEC_E_INSUFFICIENT_MEMORY. When the first call fails there is no context and phNewContext is not
/// written; when a later one fails the context still has to be deleted.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AcceptSecurityContext(
    phCredential: *mut CredHandle,
    phContext: *mut CtxtHandle,
    pInput: *mut SecBufferDesc,
    fContextReq: u32,
    TargetDataRep: u32,
    phNewContext: *mut CtxtHandle,
    pOutput: *mut SecBufferDesc,
    pfContextAttr: *mut u32,
    ptsExpiry: *mut TimeStamp,
) -> SECURITY_STATUS {
    entry!("AcceptSecurityContext", phContext, {
        let _ = TargetDataRep;
        let (role, target, requirements) = (Role::Acceptor, None, fContextReq);
        let (credential, context, new_context) =
            (phCredential.cast_const(), phContext.cast_const(), phNewContext);
        let (input, output, granted, expiry) =
            (pInput.cast_const(), pOutput.cast_const(), pfContextAttr, ptsExpiry);
        places::required(input)?;
        let leg = Leg {
            role,
            credential,
            context,
            target,
            requirements,
            input,
            new_context,
            output,
            granted,
            expiry,
        };
        // SAFETY: C's promise.
        unsafe { leg.make() }
    })
}

/// Completes a context for which AcceptSecurityContext answered SEC_I_COMPLETE_NEEDED: the client is
/// looked up among the accounts that WinPR's attributes named (SetContextAttributes), else among those
/// of `libsspi_set_account_callback`, else in /etc/winpr/SAM. The packages here complete all
/// others by themselves; calling it on an established context does no harm.
///
/// phContext: the context.
///
/// pToken: not looked at.
///
/// Returns SEC_E_OK on an established context; SEC_E_LOGON_DENIED if the client is refused;
/// SEC_E_UNSUPPORTED_FUNCTION if there is nothing to complete, or no accounts; SEC_E_INVALID_HANDLE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn CompleteAuthToken(
    phContext: *mut CtxtHandle,
    pToken: *mut SecBufferDesc,
) -> SECURITY_STATUS {
    entry!("CompleteAuthToken", phContext, {
        let _ = pToken;
        // SAFETY: C's promise.
        let context = unsafe { tables::context(phContext) }?;
        match context.last_status() == Status::CompleteNeeded.code() {
            true => context.supply(winpr::late_accounts().as_deref()),
            false => context.complete(),
        }
    })
}

/// Frees a context in any state and zeroes its keys; a call that is inside it on another thread ends
/// first.
///
/// phContext: the handle; it is not written.
///
/// Returns SEC_E_OK, also for a handle that was deleted a short while ago; SEC_E_INVALID_HANDLE if it is
/// not the handle of a context.
///
/// # Safety
/// The pointer is NULL or leads to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DeleteSecurityContext(phContext: *mut CtxtHandle) -> SECURITY_STATUS {
    entry!("DeleteSecurityContext", phContext, {
        // SAFETY: C's promise.
        tables::remove_context(unsafe { places::handle(phContext) }?)
    })
}

/// Would apply a control token, such as a shutdown of TLS. No package here has any.
///
/// phContext: a context.
///
/// pInput: not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ApplyControlToken(
    phContext: *mut CtxtHandle,
    pInput: *mut SecBufferDesc,
) -> SECURITY_STATUS {
    entry!("ApplyControlToken", phContext, {
        let _ = pInput;
        // SAFETY: C's promise.
        unsafe { unsupported(phContext, "no package has control tokens") }
    })
}

/// Makes the calling thread act as the context's client, as far as SSPI_IMPERSONATION lets it.
///
/// phContext: an established context of a server.
///
/// In a privileged process a client that is a local account gives this thread its user and group ids;
/// any other client gives it those of "nobody". In an unprivileged process nothing is switched: the
/// client is identified and no more. Other threads keep their ids, and threads that are started
/// meanwhile inherit this one's. Always call RevertSecurityContext, on the same thread, before the
/// context is deleted; and check the status, or the thread acts with its own rights.
///
/// Returns SEC_E_OK; SEC_E_NO_IMPERSONATION if the environment refuses it, the ids cannot be switched,
/// or the context is a client's; SEC_E_INVALID_HANDLE also for a context that is not established.
///
/// # Safety
/// The pointer is NULL or leads to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ImpersonateSecurityContext(phContext: *mut CtxtHandle) -> SECURITY_STATUS {
    entry!("ImpersonateSecurityContext", phContext, {
        // SAFETY: C's promise.
        let context = unsafe { tables::context(phContext) }?;
        impersonation::impersonate(&context, &System, &Thread)
    })
}

/// Gives the calling thread back the ids that it had before ImpersonateSecurityContext.
///
/// phContext: the context that was impersonated, even if it was deleted meanwhile.
///
/// Returns SEC_E_OK, also if the thread was not impersonating; SEC_E_NO_IMPERSONATION if the ids cannot be
/// switched back: the thread should then end; SEC_E_INVALID_HANDLE.
///
/// # Safety
/// The pointer is NULL or leads to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn RevertSecurityContext(phContext: *mut CtxtHandle) -> SECURITY_STATUS {
    entry!("RevertSecurityContext", phContext, {
        // SAFETY: C's promise.
        match Thread.is_acting() {
            true => unsafe { tables::check_past_context(phContext) }?,
            false => drop(unsafe { tables::context(phContext) }?),
        }
        Thread.revert()
    })
}

/// Would open the access token of the context's client. There are no such tokens off Windows.
///
/// phContext: a context.
///
/// Token: not written.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QuerySecurityContextToken(
    phContext: *mut CtxtHandle,
    Token: *mut *mut c_void,
) -> SECURITY_STATUS {
    entry!("QuerySecurityContextToken", phContext, {
        let _ = Token;
        // SAFETY: C's promise.
        unsafe { unsupported(phContext, "access tokens are Windows' own") }
    })
}

/// Sets an attribute of a context, as `SetContextAttributesW` does; strings are UTF-8.
///
/// Parameters and status codes are those of SetContextAttributesW.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SetContextAttributesA(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("SetContextAttributesA", phContext, {
        // SAFETY: C's promise.
        unsafe { winpr::set::<Ansi>(phContext, ulAttribute, pBuffer, cbBuffer) }
    })
}

/// Sets an attribute of a context: those of WinPR (FreeRDP). Windows' own packages have none.
///
/// phContext: the context.
///
/// ulAttribute: of an acceptor's context of NTLM that is not yet established, where its accounts come
/// from: 1003 (SecPkgContext_AuthNtlmHash: the client's NT hash or NTOWFv2), 1004 (a file), 1108 with a
/// cbBuffer of 0 (a function that computes NTOWFv2) and 1109 (its argument). They are asked by the call
/// of AcceptSecurityContext or CompleteAuthToken that decides. Of any context what the computer is
/// called: 1108 with a cbBuffer, 1111, 1113, 1115, 1117; the first goes out with NTLM's AUTHENTICATE.
/// 1100 to 1103 are for test vectors, and refused unless the environment has SSPI_WINPR_TEST_VECTORS=1.
///
/// pBuffer: the attribute's structure or string, which is copied, or the function or its argument, which
/// have to stay valid until the context is deleted.
///
/// cbBuffer: bytes of pBuffer.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION for another attribute or package, or
/// the other role; SEC_E_OUT_OF_SEQUENCE if the context is established or was refused;
/// SEC_E_INVALID_PARAMETER if pBuffer is NULL, or cbBuffer too small.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SetContextAttributesW(
    phContext: *mut CtxtHandle,
    ulAttribute: u32,
    pBuffer: *mut c_void,
    cbBuffer: u32,
) -> SECURITY_STATUS {
    entry!("SetContextAttributesW", phContext, {
        // SAFETY: C's promise.
        unsafe { winpr::set::<Wide>(phContext, ulAttribute, pBuffer, cbBuffer) }
    })
}
