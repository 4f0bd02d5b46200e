//! Identities: what a caller hands over as `pAuthData`.
//!
//! `Flags` of an identity say whether its strings are 8-bit (SEC_WINNT_AUTH_IDENTITY_ANSI) or UTF-16
//! (SEC_WINNT_AUTH_IDENTITY_UNICODE), whichever entry point is called. Lengths are characters and no
//! string needs an end, except in `SEC_WINNT_AUTH_IDENTITY_EX2`, where lengths and offsets are bytes
//! from the start of the structure.

#![forbid(unsafe_code)]

use core::ffi::c_void;

use super::base::{GUID, SecBuffer};
use super::{BOOLEAN, ULONG_PTR, layout};

/// User, domain and password as UTF-16.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_WINNT_AUTH_IDENTITY_W {
    pub User: *mut u16,
    pub UserLength: u32,
    pub Domain: *mut u16,
    pub DomainLength: u32,
    pub Password: *mut u16,
    pub PasswordLength: u32,
    /// SEC_WINNT_AUTH_IDENTITY_UNICODE.
    pub Flags: u32,
}

/// User, domain and password as UTF-8.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_WINNT_AUTH_IDENTITY_A {
    pub User: *mut u8,
    pub UserLength: u32,
    pub Domain: *mut u8,
    pub DomainLength: u32,
    pub Password: *mut u8,
    pub PasswordLength: u32,
    /// SEC_WINNT_AUTH_IDENTITY_ANSI.
    pub Flags: u32,
}

/// The same with a list of packages ("Kerberos,!NTLM").
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_WINNT_AUTH_IDENTITY_EXW {
    /// SEC_WINNT_AUTH_IDENTITY_VERSION.
    pub Version: u32,
    /// Size of this structure.
    pub Length: u32,
    pub User: *mut u16,
    pub UserLength: u32,
    pub Domain: *mut u16,
    pub DomainLength: u32,
    pub Password: *mut u16,
    pub PasswordLength: u32,
    pub Flags: u32,
    pub PackageList: *mut u16,
    pub PackageListLength: u32,
}

/// The same with a list of packages ("Kerberos,!NTLM").
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SEC_WINNT_AUTH_IDENTITY_EXA {
    /// SEC_WINNT_AUTH_IDENTITY_VERSION.
    pub Version: u32,
    /// Size of this structure.
    pub Length: u32,
    pub User: *mut u8,
    pub UserLength: u32,
    pub Domain: *mut u8,
    pub DomainLength: u32,
    pub Password: *mut u8,
    pub PasswordLength: u32,
    pub Flags: u32,
    pub PackageList: *mut u8,
    pub PackageListLength: u32,
}

/// Head of one block that holds all strings and packed credentials.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_WINNT_AUTH_IDENTITY_EX2 {
    /// SEC_WINNT_AUTH_IDENTITY_VERSION_2.
    pub Version: u32,
    pub cbHeaderLength: u16,
    pub cbStructureLength: u32,
    pub UserOffset: u32,
    pub UserLength: u16,
    pub DomainOffset: u32,
    pub DomainLength: u16,
    pub PackedCredentialsOffset: u32,
    pub PackedCredentialsLength: u16,
    pub Flags: u32,
    pub PackageListOffset: u32,
    pub PackageListLength: u16,
}

/// Any identity; its first word or its flags tell which one.
#[repr(C)]
#[derive(Clone, Copy)]
pub union SEC_WINNT_AUTH_IDENTITY_INFO {
    pub AuthIdExw: SEC_WINNT_AUTH_IDENTITY_EXW,
    pub AuthIdExa: SEC_WINNT_AUTH_IDENTITY_EXA,
    pub AuthId_a: SEC_WINNT_AUTH_IDENTITY_A,
    pub AuthId_w: SEC_WINNT_AUTH_IDENTITY_W,
    pub AuthIdEx2: SEC_WINNT_AUTH_IDENTITY_EX2,
}

/// An identity that only the Sspi* functions look into; SspiFreeAuthIdentity frees it.
pub type PSEC_WINNT_AUTH_IDENTITY_OPAQUE = *mut c_void;

/// Bytes somewhere in the block that holds this; the offset counts from the packed part's start.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_WINNT_AUTH_BYTE_VECTOR {
    pub ByteArrayOffset: u32,
    pub ByteArrayLength: u16,
}

/// 16-bit units somewhere in the block that holds this.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_WINNT_AUTH_SHORT_VECTOR {
    pub ShortArrayOffset: u32,
    pub ShortArrayCount: u16,
}

/// A credential of the kind `CredType`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_DATA {
    pub CredType: GUID,
    pub CredData: SEC_WINNT_AUTH_BYTE_VECTOR,
}

/// The packed part of an EX2 identity.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_PACKED_CREDENTIALS {
    pub cbHeaderLength: u16,
    pub cbStructureLength: u16,
    pub AuthData: SEC_WINNT_AUTH_DATA,
}

/// The packed part with a list of packages.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX {
    pub cbHeaderLength: u16,
    pub Flags: u32,
    pub PackedCredentials: SEC_WINNT_AUTH_BYTE_VECTOR,
    pub PackageList: SEC_WINNT_AUTH_SHORT_VECTOR,
}

/// CredData of SEC_WINNT_AUTH_DATA_TYPE_PASSWORD.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_DATA_PASSWORD {
    pub UnicodePassword: SEC_WINNT_AUTH_BYTE_VECTOR,
}

/// CredData of SEC_WINNT_AUTH_DATA_TYPE_CERT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_CERTIFICATE_DATA {
    pub cbHeaderLength: u16,
    pub cbStructureLength: u16,
    pub Certificate: SEC_WINNT_AUTH_BYTE_VECTOR,
}

/// `SEC_WINNT_AUTH_BYTE_VECTOR` of programs in which `unsigned long` has 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SEC_WINNT_AUTH_BYTE_VECTOR_LP64 {
    pub ByteArrayOffset: u64,
    pub ByteArrayLength: u16,
}

/// `GUID` of programs in which `unsigned long` has 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GUID_LP64 {
    pub Data1: u64,
    pub Data2: u16,
    pub Data3: u16,
    pub Data4: [u8; 8],
}

/// `SEC_WINNT_AUTH_DATA` of programs in which `unsigned long` has 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_DATA_LP64 {
    pub CredType: GUID_LP64,
    pub CredData: SEC_WINNT_AUTH_BYTE_VECTOR_LP64,
}

/// `SEC_WINNT_AUTH_PACKED_CREDENTIALS` of programs in which `unsigned long` has 8 bytes;
/// `cbHeaderLength` tells the two apart (28 and 48).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SEC_WINNT_AUTH_PACKED_CREDENTIALS_LP64 {
    pub cbHeaderLength: u16,
    pub cbStructureLength: u16,
    pub AuthData: SEC_WINNT_AUTH_DATA_LP64,
}

/// 28bfc32f-10f6-4738-98d1-1ac061df716a: a password.
pub const SEC_WINNT_AUTH_DATA_TYPE_PASSWORD: GUID = GUID {
    Data1: 0x28bfc32f,
    Data2: 0x10f6,
    Data3: 0x4738,
    Data4: [0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a],
};
/// 235f69ad-73fb-4dbc-8203-0629e739339b: a certificate.
pub const SEC_WINNT_AUTH_DATA_TYPE_CERT: GUID = GUID {
    Data1: 0x235f69ad,
    Data2: 0x73fb,
    Data3: 0x4dbc,
    Data4: [0x82, 0x03, 0x06, 0x29, 0xe7, 0x39, 0x33, 0x9b],
};
/// d587aae8-f78f-4455-a112-c934beee7ce1: a keytab.
pub const SEC_WINNT_AUTH_DATA_TYPE_KEYTAB: GUID = GUID {
    Data1: 0xd587aae8,
    Data2: 0xf78f,
    Data3: 0x4455,
    Data4: [0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1],
};

/// AddSecurityPackage.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SECURITY_PACKAGE_OPTIONS {
    pub Size: u32,
    /// SECPKG_OPTIONS_TYPE_*.
    pub Type: u32,
    /// SECPKG_OPTIONS_PERMANENT.
    pub Flags: u32,
    pub SignatureSize: u32,
    pub Signature: *mut c_void,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SECPKG_APP_MODE_INFO {
    pub UserFunction: u32,
    pub Argument1: ULONG_PTR,
    pub Argument2: ULONG_PTR,
    pub UserData: SecBuffer,
    pub ReturnToLsa: BOOLEAN,
}

layout!(SEC_WINNT_AUTH_IDENTITY_W: 48 | 28 align 8 | 4 {
    User @ 0, UserLength @ 8 | 4, Domain @ 16 | 8, DomainLength @ 24 | 12, Password @ 32 | 16,
    PasswordLength @ 40 | 20, Flags @ 44 | 24,
});
layout!(SEC_WINNT_AUTH_IDENTITY_A: 48 | 28 align 8 | 4 {
    User @ 0, UserLength @ 8 | 4, Domain @ 16 | 8, DomainLength @ 24 | 12, Password @ 32 | 16,
    PasswordLength @ 40 | 20, Flags @ 44 | 24,
});
layout!(SEC_WINNT_AUTH_IDENTITY_EXW: 72 | 44 align 8 | 4 {
    Version @ 0, Length @ 4, User @ 8, UserLength @ 16 | 12, Domain @ 24 | 16,
    DomainLength @ 32 | 20, Password @ 40 | 24, PasswordLength @ 48 | 28, Flags @ 52 | 32,
    PackageList @ 56 | 36, PackageListLength @ 64 | 40,
});
layout!(SEC_WINNT_AUTH_IDENTITY_EXA: 72 | 44 align 8 | 4 {
    Version @ 0, Length @ 4, User @ 8, UserLength @ 16 | 12, Domain @ 24 | 16,
    DomainLength @ 32 | 20, Password @ 40 | 24, PasswordLength @ 48 | 28, Flags @ 52 | 32,
    PackageList @ 56 | 36, PackageListLength @ 64 | 40,
});
layout!(SEC_WINNT_AUTH_IDENTITY_EX2: 48 align 4 {
    Version @ 0, cbHeaderLength @ 4, cbStructureLength @ 8, UserOffset @ 12, UserLength @ 16,
    DomainOffset @ 20, DomainLength @ 24, PackedCredentialsOffset @ 28,
    PackedCredentialsLength @ 32, Flags @ 36, PackageListOffset @ 40, PackageListLength @ 44,
});
layout!(SEC_WINNT_AUTH_IDENTITY_INFO: 72 | 48 align 8 | 4 {});
layout!(SEC_WINNT_AUTH_BYTE_VECTOR: 8 align 4 { ByteArrayOffset @ 0, ByteArrayLength @ 4 });
layout!(SEC_WINNT_AUTH_SHORT_VECTOR: 8 align 4 { ShortArrayOffset @ 0, ShortArrayCount @ 4 });
layout!(SEC_WINNT_AUTH_DATA: 24 align 4 { CredType @ 0, CredData @ 16 });
layout!(SEC_WINNT_AUTH_PACKED_CREDENTIALS: 28 align 4 {
    cbHeaderLength @ 0, cbStructureLength @ 2, AuthData @ 4,
});
layout!(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX: 24 align 4 {
    cbHeaderLength @ 0, Flags @ 4, PackedCredentials @ 8, PackageList @ 16,
});
layout!(SEC_WINNT_AUTH_DATA_PASSWORD: 8 align 4 { UnicodePassword @ 0 });
layout!(SEC_WINNT_AUTH_CERTIFICATE_DATA: 12 align 4 {
    cbHeaderLength @ 0, cbStructureLength @ 2, Certificate @ 4,
});
#[cfg(target_pointer_width = "64")]
layout!(SEC_WINNT_AUTH_BYTE_VECTOR_LP64: 16 align 8 { ByteArrayOffset @ 0, ByteArrayLength @ 8 });
#[cfg(target_pointer_width = "64")]
layout!(GUID_LP64: 24 align 8 { Data1 @ 0, Data2 @ 8, Data3 @ 10, Data4 @ 12 });
#[cfg(target_pointer_width = "64")]
layout!(SEC_WINNT_AUTH_DATA_LP64: 40 align 8 { CredType @ 0, CredData @ 24 });
#[cfg(target_pointer_width = "64")]
layout!(SEC_WINNT_AUTH_PACKED_CREDENTIALS_LP64: 48 align 8 {
    cbHeaderLength @ 0, cbStructureLength @ 2, AuthData @ 8,
});
layout!(SECURITY_PACKAGE_OPTIONS: 24 | 20 align 8 | 4 {
    Size @ 0, Type @ 4, Flags @ 8, SignatureSize @ 12, Signature @ 16,
});
layout!(SECPKG_APP_MODE_INFO: 48 | 28 align 8 | 4 {
    UserFunction @ 0, Argument1 @ 8 | 4, Argument2 @ 16 | 8, UserData @ 24 | 12,
    ReturnToLsa @ 40 | 24,
});
