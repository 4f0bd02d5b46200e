//! Handles, time, strings, buffers and package descriptions.

#![forbid(unsafe_code)]

use core::ffi::{c_char, c_void};

use super::layout;

/// What every function answers; negative is failure. The numbers are in `status`.
pub type SECURITY_STATUS = i32;
/// One byte of a string; strings of the `A` functions are UTF-8.
pub type SEC_CHAR = c_char;
/// One unit of UTF-16, never `wchar_t`.
pub type SEC_WCHAR = u16;
/// `BOOLEAN`: zero or not zero.
pub type BOOLEAN = u8;
/// A number as wide as a pointer.
pub type ULONG_PTR = usize;

/// 100-nanosecond steps since 1601-01-01 UTC; 0x7FFFFFFFFFFFFFFF is "never".
///
/// Aligned to 4 here, because some callers hold it as two words; in C it is a union with `QuadPart`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeStamp {
    pub LowPart: u32,
    pub HighPart: i32,
}
pub type SECURITY_INTEGER = TimeStamp;

impl TimeStamp {
    /// The time that never comes.
    pub const NEVER: Self = Self { LowPart: u32::MAX, HighPart: i32::MAX };

    /// From the 64-bit count.
    pub const fn new(ticks: i64) -> Self {
        Self { LowPart: ticks as u32, HighPart: (ticks >> 32) as i32 }
    }

    /// The 64-bit count (`QuadPart`).
    pub const fn ticks(self) -> i64 {
        (self.HighPart as i64) << 32 | self.LowPart as i64
    }
}

/// Two opaque words, copied and compared by value. Both -1: no handle.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecHandle {
    pub dwLower: ULONG_PTR,
    pub dwUpper: ULONG_PTR,
}
/// A credential, from AcquireCredentialsHandle to FreeCredentialsHandle.
pub type CredHandle = SecHandle;
/// A security context, from its first token to DeleteSecurityContext.
pub type CtxtHandle = SecHandle;

/// A locally unique number, such as that of a logon session.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LUID {
    pub LowPart: u32,
    pub HighPart: i32,
}

/// A globally unique identifier, in the byte order of the machine.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GUID {
    pub Data1: u32,
    pub Data2: u16,
    pub Data3: u16,
    pub Data4: [u8; 8],
}

/// A counted UTF-16 string; lengths are bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SECURITY_STRING {
    pub Length: u16,
    pub MaximumLength: u16,
    pub Buffer: *mut u16,
}

/// One stretch of memory of the caller's, with its purpose (SECBUFFER_*).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecBuffer {
    pub cbBuffer: u32,
    /// SECBUFFER_TOKEN, SECBUFFER_DATA, ... with the attributes of SECBUFFER_ATTRMASK.
    pub BufferType: u32,
    pub pvBuffer: *mut c_void,
}

/// An array of buffers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecBufferDesc {
    /// SECBUFFER_VERSION.
    pub ulVersion: u32,
    pub cBuffers: u32,
    pub pBuffers: *mut SecBuffer,
}

/// What a security package is and can.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgInfoW {
    /// SECPKG_FLAG_*.
    pub fCapabilities: u32,
    pub wVersion: u16,
    /// The number of the package in RPC, SECPKG_ID_NONE if it has none.
    pub wRPCID: u16,
    /// The largest token in bytes.
    pub cbMaxToken: u32,
    pub Name: *mut SEC_WCHAR,
    pub Comment: *mut SEC_WCHAR,
}

/// What a security package is and can.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgInfoA {
    /// SECPKG_FLAG_*.
    pub fCapabilities: u32,
    pub wVersion: u16,
    /// The number of the package in RPC, SECPKG_ID_NONE if it has none.
    pub wRPCID: u16,
    /// The largest token in bytes.
    pub cbMaxToken: u32,
    pub Name: *mut SEC_CHAR,
    pub Comment: *mut SEC_CHAR,
}

/// SECBUFFER_NEGOTIATION_INFO.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_NEGOTIATION_INFO {
    pub Size: u32,
    pub NameLength: u32,
    pub Name: *mut SEC_WCHAR,
    pub Reserved: *mut c_void,
}

/// Head of a SECBUFFER_CHANNEL_BINDINGS buffer; offsets count from its first byte.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_CHANNEL_BINDINGS {
    pub dwInitiatorAddrType: u32,
    pub cbInitiatorLength: u32,
    pub dwInitiatorOffset: u32,
    pub dwAcceptorAddrType: u32,
    pub cbAcceptorLength: u32,
    pub dwAcceptorOffset: u32,
    pub cbApplicationDataLength: u32,
    pub dwApplicationDataOffset: u32,
}

/// The extended head, told by `magicNumber` in its first word.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_CHANNEL_BINDINGS_EX {
    /// SEC_CHANNEL_BINDINGS_EX_MAGIC.
    pub magicNumber: u32,
    /// SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS.
    pub flags: u32,
    pub cbHeaderLength: u32,
    pub cbStructureLength: u32,
    pub dwInitiatorAddrType: u32,
    pub cbInitiatorLength: u32,
    pub dwInitiatorOffset: u32,
    pub dwAcceptorAddrType: u32,
    pub cbAcceptorLength: u32,
    pub dwAcceptorOffset: u32,
    pub cbApplicationDataLength: u32,
    pub dwApplicationDataOffset: u32,
}

/// SECBUFFER_CHANNEL_BINDINGS_RESULT: what the acceptor made of the client's bindings.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_CHANNEL_BINDINGS_RESULT {
    /// SEC_CHANNEL_BINDINGS_RESULT_*.
    pub flags: u32,
}

/// SECBUFFER_FLAGS: requests that do not fit into 32 bits; the low 32 bits are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_FLAGS {
    pub Flags: u64,
}

/// One of SecApplicationProtocolNegotiationExt_*.
pub type SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT = u32;
/// One of SecApplicationProtocolNegotiationStatus_*.
pub type SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS = u32;
/// One of SecTrafficSecret_*.
pub type SEC_TRAFFIC_SECRET_TYPE = u32;

// The rest of this file belongs to packages of Windows that are not here (TLS); programs compile
// against it.

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_APPLICATION_PROTOCOL_LIST {
    pub ProtoNegoExt: SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT,
    pub ProtocolListSize: u16,
    pub ProtocolList: [u8; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_APPLICATION_PROTOCOLS {
    pub ProtocolListsSize: u32,
    pub ProtocolLists: [SEC_APPLICATION_PROTOCOL_LIST; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_SRTP_PROTECTION_PROFILES {
    pub ProfilesSize: u16,
    pub ProfilesList: [u16; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_SRTP_MASTER_KEY_IDENTIFIER {
    pub MasterKeyIdentifierSize: u8,
    pub MasterKeyIdentifier: [u8; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_TOKEN_BINDING {
    pub MajorVersion: u8,
    pub MinorVersion: u8,
    pub KeyParametersSize: u16,
    pub KeyParameters: [u8; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_PRESHAREDKEY {
    pub KeySize: u16,
    pub Key: [u8; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_PRESHAREDKEY_IDENTITY {
    pub KeyIdentitySize: u16,
    pub KeyIdentity: [u8; 1],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_DTLS_MTU {
    pub PathMTU: u16,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_TRAFFIC_SECRETS {
    pub SymmetricAlgId: [SEC_WCHAR; 64],
    pub ChainingMode: [SEC_WCHAR; 64],
    pub HashAlgId: [SEC_WCHAR; 64],
    pub KeySize: u16,
    pub IvSize: u16,
    pub MsgSequenceStart: u16,
    pub MsgSequenceEnd: u16,
    pub TrafficSecretType: SEC_TRAFFIC_SECRET_TYPE,
    pub TrafficSecretSize: u16,
    pub TrafficSecret: [u8; 1],
}

layout!(TimeStamp: 8 align 4 { LowPart @ 0, HighPart @ 4 });
layout!(SecHandle: 16 | 8 align 8 | 4 { dwLower @ 0, dwUpper @ 8 | 4 });
layout!(LUID: 8 align 4 { LowPart @ 0, HighPart @ 4 });
layout!(GUID: 16 align 4 { Data1 @ 0, Data2 @ 4, Data3 @ 6, Data4 @ 8 });
layout!(SECURITY_STRING: 16 | 8 align 8 | 4 { Length @ 0, MaximumLength @ 2, Buffer @ 8 | 4 });
layout!(SecBuffer: 16 | 12 align 8 | 4 { cbBuffer @ 0, BufferType @ 4, pvBuffer @ 8 });
layout!(SecBufferDesc: 16 | 12 align 8 | 4 { ulVersion @ 0, cBuffers @ 4, pBuffers @ 8 });
layout!(SecPkgInfoW: 32 | 20 align 8 | 4 {
    fCapabilities @ 0, wVersion @ 4, wRPCID @ 6, cbMaxToken @ 8, Name @ 16 | 12, Comment @ 24 | 16,
});
layout!(SecPkgInfoA: 32 | 20 align 8 | 4 {
    fCapabilities @ 0, wVersion @ 4, wRPCID @ 6, cbMaxToken @ 8, Name @ 16 | 12, Comment @ 24 | 16,
});
layout!(SEC_NEGOTIATION_INFO: 24 | 16 align 8 | 4 {
    Size @ 0, NameLength @ 4, Name @ 8, Reserved @ 16 | 12,
});
layout!(SEC_CHANNEL_BINDINGS: 32 align 4 {
    dwInitiatorAddrType @ 0, cbInitiatorLength @ 4, dwInitiatorOffset @ 8, dwAcceptorAddrType @ 12,
    cbAcceptorLength @ 16, dwAcceptorOffset @ 20, cbApplicationDataLength @ 24,
    dwApplicationDataOffset @ 28,
});
layout!(SEC_CHANNEL_BINDINGS_EX: 48 align 4 {
    magicNumber @ 0, flags @ 4, cbHeaderLength @ 8, cbStructureLength @ 12,
    dwInitiatorAddrType @ 16, cbInitiatorLength @ 20, dwInitiatorOffset @ 24,
    dwAcceptorAddrType @ 28, cbAcceptorLength @ 32, dwAcceptorOffset @ 36,
    cbApplicationDataLength @ 40, dwApplicationDataOffset @ 44,
});
layout!(SEC_CHANNEL_BINDINGS_RESULT: 4 align 4 { flags @ 0 });
// Elsewhere on 32 bits, a number of 64 is aligned to 4.
#[cfg(any(windows, target_pointer_width = "64"))]
layout!(SEC_FLAGS: 8 align 8 { Flags @ 0 });
layout!(SEC_APPLICATION_PROTOCOL_LIST: 8 align 4 {
    ProtoNegoExt @ 0, ProtocolListSize @ 4, ProtocolList @ 6,
});
layout!(SEC_APPLICATION_PROTOCOLS: 12 align 4 { ProtocolListsSize @ 0, ProtocolLists @ 4 });
layout!(SEC_SRTP_PROTECTION_PROFILES: 4 align 2 { ProfilesSize @ 0, ProfilesList @ 2 });
layout!(SEC_SRTP_MASTER_KEY_IDENTIFIER: 2 align 1 {
    MasterKeyIdentifierSize @ 0, MasterKeyIdentifier @ 1,
});
layout!(SEC_TOKEN_BINDING: 6 align 2 {
    MajorVersion @ 0, MinorVersion @ 1, KeyParametersSize @ 2, KeyParameters @ 4,
});
layout!(SEC_PRESHAREDKEY: 4 align 2 { KeySize @ 0, Key @ 2 });
layout!(SEC_PRESHAREDKEY_IDENTITY: 4 align 2 { KeyIdentitySize @ 0, KeyIdentity @ 2 });
layout!(SEC_DTLS_MTU: 2 align 2 { PathMTU @ 0 });
layout!(SEC_TRAFFIC_SECRETS: 400 align 4 {
    SymmetricAlgId @ 0, ChainingMode @ 128, HashAlgId @ 256, KeySize @ 384, IvSize @ 386,
    MsgSequenceStart @ 388, MsgSequenceEnd @ 390, TrafficSecretType @ 392, TrafficSecretSize @ 396,
    TrafficSecret @ 398,
});
