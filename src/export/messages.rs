//! EncryptMessage, DecryptMessage, MakeSignature, VerifySignature, and the first two's other names.

use crate::abi::{CtxtHandle, SECQOP_WRAP_NO_ENCRYPT, SECURITY_STATUS, SecBufferDesc};
use crate::boundary::buffers::describe;
use crate::boundary::messages::{Incoming, Open, Outgoing, Workspace};
use crate::boundary::places;
use crate::error::{Code, Error, Result};
use crate::export::{entry, tables, trace};
use crate::package::Qop;

fn qop(bits: u32) -> Result<Qop> {
    match bits {
        0 => Ok(Qop::Encrypt),
        SECQOP_WRAP_NO_ENCRYPT => Ok(Qop::NoEncrypt),
        _ => Err(Error::new(Code::QopNotSupported, "an unknown quality of protection")),
    }
}

fn qop_bits(qop: Qop) -> u32 {
    match qop {
        Qop::Encrypt => 0,
        Qop::NoEncrypt => SECQOP_WRAP_NO_ENCRYPT,
    }
}

/// # Safety
/// C's promises of EncryptMessage.
unsafe fn seal(context: *const CtxtHandle, quality: u32, message: *const SecBufferDesc) -> Result<()> {
    let mut space = Workspace::new();
    let buffers = message;
    trace::note("qop", || format!("{quality:#x}"));
    // SAFETY: promised by the caller.
    trace::note("in", || unsafe { describe(buffers) });
    // SAFETY: promised by the caller.
    let (context, message) = unsafe { (tables::context(context)?, Outgoing::seal(&mut space, message)?) };
    let wrapped = context.wrap(message.parts, message.token, message.padding, qop(quality)?)?;
    message.used(wrapped.token, wrapped.padding);
    // SAFETY: promised by the caller.
    trace::note("out", || unsafe { describe(buffers) });
    Ok(())
}

/// # Safety
/// C's promises of DecryptMessage.
unsafe fn open(context: *const CtxtHandle, message: *const SecBufferDesc, quality: *mut u32) -> Result<()> {
    let mut space = Workspace::new();
    // SAFETY: promised by the caller.
    trace::note("in", || unsafe { describe(message) });
    // SAFETY: promised by the caller.
    let (context, message) = unsafe { (tables::context(context)?, Open::read(&mut space, message)?) };
    let found = match message {
        Open::Parts(parts) => context.unwrap(parts.parts, parts.token, parts.padding)?,
        Open::Stream(stream) => {
            let (plain, found) = context.unwrap_stream(stream.bytes)?;
            stream.plain(plain);
            found
        }
    };
    // SAFETY: promised by the caller.
    unsafe { places::put(quality, qop_bits(found)) };
    Ok(())
}

/// Protects a message: signs it and, unless fQOP says otherwise, encrypts it in place.
///
/// phContext: an established context.
///
/// fQOP: 0, or SECQOP_WRAP_NO_ENCRYPT to sign only.
///
/// pMessage: one SECBUFFER_TOKEN with room for cbSecurityTrailer bytes (SECPKG_ATTR_SIZES), whose
/// cbBuffer is set to what was used; any number of SECBUFFER_DATA, which are one message in their
/// order; perhaps a SECBUFFER_PADDING. Buffers are found by type, in any order. Data marked
/// SECBUFFER_READONLY or SECBUFFER_READONLY_WITH_CHECKSUM is signed and not changed. All memory is the
/// caller's; buffers may not overlap.
///
/// MessageSeqNo: ignored; the context counts for itself.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
/// SEC_E_INVALID_TOKEN if buffers are missing, double, without memory or overlapping;
/// SEC_E_BUFFER_TOO_SMALL; SEC_E_QOP_NOT_SUPPORTED; SEC_E_CONTEXT_EXPIRED;
/// SEC_E_UNSUPPORTED_FUNCTION if the context has no such protection; SEC_E_INVALID_PARAMETER if
/// pMessage is NULL. On failure the message and the context are as before.
///
/// One thread may encrypt while another decrypts with the same context.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn EncryptMessage(
    phContext: *mut CtxtHandle,
    fQOP: u32,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
) -> SECURITY_STATUS {
    entry!("EncryptMessage", phContext, {
        let _ = MessageSeqNo;
        // SAFETY: C's promise.
        unsafe { seal(phContext, fQOP, pMessage) }
    })
}

/// Checks a message's signature and decrypts it in place.
///
/// phContext: an established context.
///
/// pMessage: either the SECBUFFER_TOKEN, SECBUFFER_DATA and SECBUFFER_PADDING buffers that
/// EncryptMessage made, in any order; or one SECBUFFER_STREAM with the whole protected message and one
/// SECBUFFER_DATA, which is then pointed at the plaintext inside the stream's memory. Data marked
/// SECBUFFER_READONLY or SECBUFFER_READONLY_WITH_CHECKSUM was signed only and is not changed.
///
/// MessageSeqNo: ignored; the context counts for itself.
///
/// pfQOP: receives 0, or SECQOP_WRAP_NO_ENCRYPT for a message that was signed only; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_MESSAGE_ALTERED if the message is not what the peer sent next: its data is
/// then zeroed and the context still waits for the right one; SEC_E_OUT_OF_SEQUENCE;
/// SEC_E_INVALID_HANDLE also for a context that is not established; SEC_E_INVALID_TOKEN if buffers are
/// missing, double, without memory or overlapping; SEC_E_CONTEXT_EXPIRED; SEC_E_UNSUPPORTED_FUNCTION;
/// SEC_E_INVALID_PARAMETER if pMessage is NULL.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DecryptMessage(
    phContext: *mut CtxtHandle,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
    pfQOP: *mut u32,
) -> SECURITY_STATUS {
    entry!("DecryptMessage", phContext, {
        let _ = MessageSeqNo;
        // SAFETY: C's promise.
        unsafe { open(phContext, pMessage, pfQOP) }
    })
}

/// The same function as `EncryptMessage`, under its older name.
///
/// Parameters and status codes are those of EncryptMessage.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SealMessage(
    phContext: *mut CtxtHandle,
    fQOP: u32,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
) -> SECURITY_STATUS {
    entry!("SealMessage", phContext, {
        let _ = MessageSeqNo;
        // SAFETY: C's promise.
        unsafe { seal(phContext, fQOP, pMessage) }
    })
}

/// The same function as `DecryptMessage`, under its older name.
///
/// Parameters and status codes are those of DecryptMessage.
///
/// # Safety
/// Pointers are NULL or as described there.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn UnsealMessage(
    phContext: *mut CtxtHandle,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
    pfQOP: *mut u32,
) -> SECURITY_STATUS {
    entry!("UnsealMessage", phContext, {
        let _ = MessageSeqNo;
        // SAFETY: C's promise.
        unsafe { open(phContext, pMessage, pfQOP) }
    })
}

/// Signs a message.
///
/// phContext: an established context.
///
/// fQOP: 0.
///
/// pMessage: one SECBUFFER_TOKEN with room for cbMaxSignature bytes (SECPKG_ATTR_SIZES), whose
/// cbBuffer is set to the signature's length, and any number of SECBUFFER_DATA, which are one message
/// in their order and are only read. Buffers are found by type. All memory is the caller's.
///
/// MessageSeqNo: ignored; the context counts for itself.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
/// SEC_E_INVALID_TOKEN if buffers are missing, double, without memory or overlapping;
/// SEC_E_BUFFER_TOO_SMALL; SEC_E_QOP_NOT_SUPPORTED; SEC_E_CONTEXT_EXPIRED;
/// SEC_E_UNSUPPORTED_FUNCTION; SEC_E_INVALID_PARAMETER if pMessage is NULL. On failure the context is
/// as before.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MakeSignature(
    phContext: *mut CtxtHandle,
    fQOP: u32,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
) -> SECURITY_STATUS {
    entry!("MakeSignature", phContext, {
        let _ = MessageSeqNo;
        let mut space = Workspace::new();
        // SAFETY: C's promise.
        trace::note("in", || unsafe { describe(pMessage) });
        // SAFETY: C's promise.
        let (context, message) =
            unsafe { (tables::context(phContext)?, Outgoing::sign(&mut space, pMessage)?) };
        if fQOP != 0 {
            return Err(Error::new(Code::QopNotSupported, "a signature has no quality of protection"));
        }
        let used = context.mic(message.parts, message.token)?;
        message.used(used, 0);
        Ok(())
    })
}

/// Checks a signature that the peer made with MakeSignature.
///
/// phContext: an established context.
///
/// pMessage: the SECBUFFER_TOKEN with the signature and the SECBUFFER_DATA that it covers, in the order
/// in which the data was signed. Nothing is written.
///
/// MessageSeqNo: ignored; the context counts for itself.
///
/// pfQOP: receives 0; may be NULL.
///
/// Returns SEC_E_OK; SEC_E_MESSAGE_ALTERED if the signature is not the peer's next one over this data:
/// the context still waits for the right one; SEC_E_OUT_OF_SEQUENCE; SEC_E_INVALID_HANDLE also for a
/// context that is not established; SEC_E_INVALID_TOKEN if buffers are missing, double, overlapping or without
/// memory; SEC_E_CONTEXT_EXPIRED; SEC_E_UNSUPPORTED_FUNCTION; SEC_E_INVALID_PARAMETER if pMessage is
/// NULL.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn VerifySignature(
    phContext: *mut CtxtHandle,
    pMessage: *mut SecBufferDesc,
    MessageSeqNo: u32,
    pfQOP: *mut u32,
) -> SECURITY_STATUS {
    entry!("VerifySignature", phContext, {
        let _ = MessageSeqNo;
        let mut space = Workspace::new();
        // SAFETY: C's promise.
        trace::note("in", || unsafe { describe(pMessage) });
        // SAFETY: C's promise.
        let (context, message) =
            unsafe { (tables::context(phContext)?, Incoming::verify(&mut space, pMessage)?) };
        context.verify(message.parts, message.token)?;
        // SAFETY: C's promise.
        unsafe { places::put(pfQOP, 0) };
        Ok(())
    })
}
