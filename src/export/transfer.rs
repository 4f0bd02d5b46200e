//! ExportSecurityContext and ImportSecurityContext.

use std::ffi::c_void;
use std::sync::Arc;

use crate::abi::{
    CtxtHandle, SEC_CHAR, SEC_WCHAR, SECBUFFER_EMPTY, SECPKG_CONTEXT_EXPORT_DELETE_OLD,
    SECPKG_CONTEXT_EXPORT_TO_KERNEL, SECURITY_STATUS, SecBuffer,
};
use crate::boundary::blocks::Block;
use crate::boundary::os::System;
use crate::boundary::places;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::error::{Code, Error, Result};
use crate::export::{entry, packages, tables};
use crate::object::transfer;
use crate::store::export_key::ExportKey;

/// # Safety
/// C's promises of ExportSecurityContext.
unsafe fn export(context: *const CtxtHandle, flags: u32, packed: *mut SecBuffer) -> Result<()> {
    // SAFETY: promised by the caller.
    let (handle, found) = unsafe { (places::handle(context)?, tables::context(context)?) };
    places::required(packed)?;
    if flags & SECPKG_CONTEXT_EXPORT_TO_KERNEL != 0 {
        return Err(Error::new(Code::UnsupportedFunction, "no kernel takes contexts"));
    }
    found.facts()?;
    let blob = Block::of(&transfer::export(&found, &ExportKey::obtain(&System)?)?)?;
    let filled =
        SecBuffer { cbBuffer: blob.len() as u32, BufferType: SECBUFFER_EMPTY, pvBuffer: blob.release() };
    // SAFETY: promised by the caller.
    unsafe { places::put(packed, filled) };
    if flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD != 0 {
        // Another thread may have deleted it meanwhile: it is gone either way.
        let _ = tables::remove_context(handle);
    }
    Ok(())
}

/// # Safety
/// C's promises of ImportSecurityContext.
unsafe fn import<C: Charset>(
    package: *const C::Unit,
    packed: *const SecBuffer,
    context: *mut CtxtHandle,
) -> Result<()> {
    places::required(context)?;
    // SAFETY: promised by the caller.
    let (package, packed) = unsafe { (packages::find::<C>(package)?, places::get(packed)) };
    let packed = packed.ok_or_else(|| Error::new(Code::InvalidParameter, "no packed context"))?;
    // SAFETY: promised by the caller.
    let blob = unsafe { places::bytes(packed.pvBuffer.cast(), packed.cbBuffer as usize) }?;
    let imported = transfer::import(package, blob, &ExportKey::obtain(&System)?)?;
    let handle = tables::insert_context(Arc::new(imported))?;
    // SAFETY: promised by the caller.
    unsafe { places::put(context, handle) };
    Ok(())
}

/// Packs an established context, for ImportSecurityContext in another process of the same user.
///
/// phContext: the context. It takes no more messages afterwards, whatever fFlags says: two copies would
/// share one key stream. It still has to be deleted.
///
/// fFlags: SECPKG_CONTEXT_EXPORT_DELETE_OLD deletes it right away; SECPKG_CONTEXT_EXPORT_RESET_NEW
/// changes nothing.
///
/// pPackedContext: one buffer, whose pvBuffer is set to a block that the caller frees with
/// FreeContextBuffer, and cbBuffer to its length. The block is sealed: only who has the key, see
/// SSPI_EXPORT_KEY, can read, change or import it. Import it once: two contexts made of one block would
/// share one key stream.
///
/// pToken: receives NULL; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
/// SEC_E_UNSUPPORTED_FUNCTION if there is no place for a key, or for SECPKG_CONTEXT_EXPORT_TO_KERNEL;
/// SEC_E_NOT_OWNER if others can read the key; SEC_E_CONTEXT_EXPIRED; SEC_E_INVALID_PARAMETER if
/// pPackedContext is NULL; SEC_E_INSUFFICIENT_MEMORY, after which the context takes no messages either.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ExportSecurityContext(
    phContext: *mut CtxtHandle,
    fFlags: u32,
    pPackedContext: *mut SecBuffer,
    pToken: *mut *mut c_void,
) -> SECURITY_STATUS {
    entry!("ExportSecurityContext", phContext, {
        // SAFETY: C's promise.
        unsafe {
            export(phContext, fFlags, pPackedContext)?;
            places::put(pToken, std::ptr::null_mut());
        }
        Ok(())
    })
}

/// Makes a context from what ExportSecurityContext packed, as `ImportSecurityContextW` does; the name is
/// UTF-8.
///
/// Parameters and status codes are those of ImportSecurityContextW.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ImportSecurityContextA(
    pszPackage: *const SEC_CHAR,
    pPackedContext: *mut SecBuffer,
    Token: *mut c_void,
    phContext: *mut CtxtHandle,
) -> SECURITY_STATUS {
    entry!("ImportSecurityContextA", {
        let _ = Token;
        // SAFETY: C's promise.
        unsafe { import::<Ansi>(pszPackage, pPackedContext, phContext) }
    })
}

/// Makes a context from what ExportSecurityContext packed in a process of the same user.
///
/// pszPackage: the package that the context was made with, in any case.
///
/// pPackedContext: the packed context; the memory stays the caller's.
///
/// Token: ignored.
///
/// phContext: receives the handle, which the caller frees with DeleteSecurityContext.
///
/// Returns SEC_E_OK; SEC_E_INVALID_TOKEN if the packed context was changed, sealed with another key, or
/// is of another package; SEC_E_SECPKG_NOT_FOUND; SEC_E_UNSUPPORTED_FUNCTION or SEC_E_NOT_OWNER if there
/// is no key; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing
/// is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ImportSecurityContextW(
    pszPackage: *const SEC_WCHAR,
    pPackedContext: *mut SecBuffer,
    Token: *mut c_void,
    phContext: *mut CtxtHandle,
) -> SECURITY_STATUS {
    entry!("ImportSecurityContextW", {
        let _ = Token;
        // SAFETY: C's promise.
        unsafe { import::<Wide>(pszPackage, pPackedContext, phContext) }
    })
}
