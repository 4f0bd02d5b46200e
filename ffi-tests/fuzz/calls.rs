//! What the targets of C share: the fuzzer's bytes, a table of functions, memory as C has it.

use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::Once;

use sspi::abi::{
    BOOLEAN, LIBSSPI_ACCOUNT, LIBSSPI_KEY_NT_HASH, SecBuffer, SecBufferDesc, SecPkgContext_Bindings,
    SecurityFunctionTableW,
};

pub type Identity = *mut c_void;

unsafe extern "C" {
    fn InitSecurityInterfaceW() -> *mut SecurityFunctionTableW;
    fn libsspi_set_account_callback(
        callback: sspi::abi::LIBSSPI_ACCOUNT_CALLBACK,
        argument: *mut c_void,
    ) -> i32;
    pub fn SspiUnmarshalAuthIdentity(length: u32, bytes: *mut c_char, identity: *mut Identity) -> i32;
    pub fn SspiMarshalAuthIdentity(identity: Identity, length: *mut u32, bytes: *mut *mut c_char) -> i32;
    pub fn SspiEncodeAuthIdentityAsStrings(
        identity: Identity,
        user: *mut *const u16,
        domain: *mut *const u16,
        password: *mut *const u16,
    ) -> i32;
    pub fn SspiValidateAuthIdentity(identity: Identity) -> i32;
    pub fn SspiCopyAuthIdentity(identity: Identity, copy: *mut Identity) -> i32;
    pub fn SspiFreeAuthIdentity(identity: Identity);
    pub fn SspiZeroAuthIdentity(identity: Identity);
    pub fn SspiCompareAuthIdentities(
        one: Identity,
        other: Identity,
        same_user: *mut BOOLEAN,
        same_identity: *mut BOOLEAN,
    ) -> i32;
    pub fn SspiEncryptAuthIdentityEx(options: u32, identity: Identity) -> i32;
    pub fn SspiDecryptAuthIdentityEx(options: u32, identity: Identity) -> i32;
    pub fn SspiIsAuthIdentityEncrypted(identity: Identity) -> BOOLEAN;
    pub fn SspiExcludePackage(identity: Identity, package: *const u16, other: *mut Identity) -> i32;
    pub fn SspiSetChannelBindingFlags(bindings: *mut SecPkgContext_Bindings, flags: u32) -> i32;
}

/// The library's functions, with one account behind them.
pub fn table() -> &'static SecurityFunctionTableW {
    static ONCE: Once = Once::new();
    // SAFETY: the callback is a function of this program that needs no argument.
    ONCE.call_once(|| unsafe {
        libsspi_set_account_callback(Some(everybody), null_mut());
    });
    // SAFETY: the table is never freed.
    unsafe { &*InitSecurityInterfaceW() }
}

/// Everybody has an account, and one password.
unsafe extern "system" fn everybody(
    _: *mut c_void,
    _: *const u16,
    _: u32,
    _: *const u16,
    _: u32,
    account: *mut LIBSSPI_ACCOUNT,
) -> i32 {
    // SAFETY: the library gives a whole structure.
    unsafe {
        (*account).Kind = LIBSSPI_KEY_NT_HASH;
        (*account).Key = NT_HASH;
    }
    0
}

/// MD4 of "secret" in UTF-16.
const NT_HASH: [u8; 16] =
    [0x87, 0x8d, 0x80, 0x14, 0x60, 0x6c, 0xda, 0x29, 0x67, 0x7a, 0x44, 0xef, 0xa1, 0x35, 0x3f, 0xc7];

/// UTF-16 with its end.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Takes the fuzzer's bytes from the front; when there are no more, zeros.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A length of at most 255, then so many bytes.
    pub fn counted(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.take(length.into())
    }

    /// One of the slots of an array.
    pub fn slot(&mut self, slots: usize) -> usize {
        usize::from(self.byte()) % slots
    }
}

/// Buffers of one call, each in memory of exactly its size.
pub struct Buffers {
    pub memory: Vec<(u32, Vec<u8>)>,
    entries: Vec<SecBuffer>,
}

impl Buffers {
    pub fn new(memory: Vec<(u32, Vec<u8>)>) -> Buffers {
        Buffers { memory, entries: Vec::new() }
    }

    /// Their descriptor, which points into `self`.
    pub fn descriptor(&mut self) -> SecBufferDesc {
        let entry = |(kind, bytes): &mut (u32, Vec<u8>)| SecBuffer {
            cbBuffer: bytes.len() as u32,
            BufferType: *kind,
            pvBuffer: bytes.as_mut_ptr().cast(),
        };
        self.entries = self.memory.iter_mut().map(entry).collect();
        SecBufferDesc {
            ulVersion: 0,
            cBuffers: self.entries.len() as u32,
            pBuffers: self.entries.as_mut_ptr(),
        }
    }

    /// Cuts each buffer to the length that the library wrote.
    pub fn taken(mut self) -> Vec<(u32, Vec<u8>)> {
        for ((_, bytes), entry) in self.memory.iter_mut().zip(&self.entries) {
            bytes.truncate(entry.cbBuffer as usize);
        }
        self.memory
    }
}
