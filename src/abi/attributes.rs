//! What QueryContextAttributes and QueryCredentialsAttributes fill in, by attribute.
//!
//! The caller owns the structure; what its pointers lead to is the library's until FreeContextBuffer.

#![forbid(unsafe_code)]

use core::ffi::{c_char, c_void};

use super::base::{
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT, SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    SEC_CHANNEL_BINDINGS, SEC_CHAR, SEC_WCHAR, SecPkgInfoA, SecPkgInfoW, TimeStamp,
};
use super::layout;

/// One of SecPkgCredClass_*.
pub type SECPKG_CRED_CLASS = u32;
/// One of SecPkgAttrLastClientToken*.
pub type SECPKG_ATTR_LCT_STATUS = u32;

/// SECPKG_CRED_ATTR_NAMES: the user of the credential; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_NamesW {
    pub sUserName: *mut SEC_WCHAR,
}

/// SECPKG_CRED_ATTR_NAMES: the user of the credential; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_NamesA {
    pub sUserName: *mut SEC_CHAR,
}

/// SECPKG_CRED_ATTR_SSI_PROVIDER.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_SSIProviderW {
    pub sProviderName: *mut SEC_WCHAR,
    pub ProviderInfoLength: u32,
    pub ProviderInfo: *mut c_char,
}

/// SECPKG_CRED_ATTR_SSI_PROVIDER.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_SSIProviderA {
    pub sProviderName: *mut SEC_CHAR,
    pub ProviderInfoLength: u32,
    pub ProviderInfo: *mut c_char,
}

/// SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS: head of a block; offsets count from its first byte, lengths are bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_KdcProxySettingsW {
    pub Version: u32,
    pub Flags: u32,
    pub ProxyServerOffset: u16,
    pub ProxyServerLength: u16,
    pub ClientTlsCredOffset: u16,
    pub ClientTlsCredLength: u16,
}

/// SECPKG_CRED_ATTR_CERT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgCredentials_Cert {
    pub EncodedCertSize: u32,
    pub EncodedCert: *mut u8,
}

/// SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_SubjectAttributes {
    pub AttributeInfo: *mut c_void,
}

/// SECPKG_ATTR_PROMPTING_NEEDED.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_CredInfo {
    pub CredClass: SECPKG_CRED_CLASS,
    pub IsPromptingNeeded: u32,
}

/// SECPKG_ATTR_NEGO_PKG_INFO.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegoPackageInfo {
    pub PackageMask: u32,
}

/// SECPKG_ATTR_NEGO_STATUS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegoStatus {
    pub LastStatus: u32,
}

/// SECPKG_ATTR_SIZES: how large the parts of a protected message are at most.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_Sizes {
    pub cbMaxToken: u32,
    pub cbMaxSignature: u32,
    pub cbBlockSize: u32,
    pub cbSecurityTrailer: u32,
}

/// SECPKG_ATTR_STREAM_SIZES.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_StreamSizes {
    pub cbHeader: u32,
    pub cbTrailer: u32,
    pub cbMaximumMessage: u32,
    pub cBuffers: u32,
    pub cbBlockSize: u32,
}

/// SECPKG_ATTR_NAMES: the client, as "DOMAIN\user"; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NamesW {
    pub sUserName: *mut SEC_WCHAR,
}

/// SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_LastClientTokenStatus {
    pub LastClientTokenStatus: SECPKG_ATTR_LCT_STATUS,
}

/// SECPKG_ATTR_NAMES: the client, as "DOMAIN\user"; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NamesA {
    pub sUserName: *mut SEC_CHAR,
}

/// SECPKG_ATTR_LIFESPAN.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_Lifespan {
    pub tsStart: TimeStamp,
    pub tsExpiry: TimeStamp,
}

/// SECPKG_ATTR_DCE_INFO.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_DceInfo {
    pub AuthzSvc: u32,
    pub pPac: *mut c_void,
}

/// SECPKG_ATTR_KEY_INFO: both names are freed by FreeContextBuffer, one by one; KeySize in bits.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_KeyInfoA {
    pub sSignatureAlgorithmName: *mut SEC_CHAR,
    pub sEncryptAlgorithmName: *mut SEC_CHAR,
    pub KeySize: u32,
    pub SignatureAlgorithm: u32,
    pub EncryptAlgorithm: u32,
}

/// SECPKG_ATTR_KEY_INFO: both names are freed by FreeContextBuffer, one by one; KeySize in bits.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_KeyInfoW {
    pub sSignatureAlgorithmName: *mut SEC_WCHAR,
    pub sEncryptAlgorithmName: *mut SEC_WCHAR,
    pub KeySize: u32,
    pub SignatureAlgorithm: u32,
    pub EncryptAlgorithm: u32,
}

/// SECPKG_ATTR_AUTHORITY: freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_AuthorityA {
    pub sAuthorityName: *mut SEC_CHAR,
}

/// SECPKG_ATTR_AUTHORITY: freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_AuthorityW {
    pub sAuthorityName: *mut SEC_WCHAR,
}

/// SECPKG_ATTR_PROTO_INFO.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_ProtoInfoA {
    pub sProtocolName: *mut SEC_CHAR,
    pub majorVersion: u32,
    pub minorVersion: u32,
}

/// SECPKG_ATTR_PROTO_INFO.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_ProtoInfoW {
    pub sProtocolName: *mut SEC_WCHAR,
    pub majorVersion: u32,
    pub minorVersion: u32,
}

/// SECPKG_ATTR_PASSWORD_EXPIRY.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_PasswordExpiry {
    pub tsPasswordExpires: TimeStamp,
}

/// SECPKG_ATTR_LOGOFF_TIME.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_LogoffTime {
    pub tsLogoffTime: TimeStamp,
}

/// SECPKG_ATTR_SESSION_KEY: freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_SessionKey {
    pub SessionKeyLength: u32,
    pub SessionKey: *mut u8,
}

/// SECPKG_ATTR_NEGO_KEYS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegoKeys {
    pub KeyType: u32,
    pub KeyLength: u16,
    pub KeyValue: *mut u8,
    pub VerifyKeyType: u32,
    pub VerifyKeyLength: u16,
    pub VerifyKeyValue: *mut u8,
}

/// SECPKG_ATTR_PACKAGE_INFO: one block, freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_PackageInfoW {
    pub PackageInfo: *mut SecPkgInfoW,
}

/// SECPKG_ATTR_PACKAGE_INFO: one block, freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_PackageInfoA {
    pub PackageInfo: *mut SecPkgInfoA,
}

/// SECPKG_ATTR_USER_FLAGS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_UserFlags {
    pub UserFlags: u32,
}

/// SECPKG_ATTR_FLAGS: ISC_RET_* of an initiator, ASC_RET_* of an acceptor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_Flags {
    pub Flags: u32,
}

/// SECPKG_ATTR_NEGOTIATION_INFO: the package in use; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegotiationInfoA {
    pub PackageInfo: *mut SecPkgInfoA,
    pub NegotiationState: u32,
}

/// SECPKG_ATTR_NEGOTIATION_INFO: the package in use; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegotiationInfoW {
    pub PackageInfo: *mut SecPkgInfoW,
    pub NegotiationState: u32,
}

/// SECPKG_ATTR_NATIVE_NAMES: both freed by FreeContextBuffer, one by one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NativeNamesW {
    pub sClientName: *mut SEC_WCHAR,
    pub sServerName: *mut SEC_WCHAR,
}

/// SECPKG_ATTR_NATIVE_NAMES: both freed by FreeContextBuffer, one by one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NativeNamesA {
    pub sClientName: *mut SEC_CHAR,
    pub sServerName: *mut SEC_CHAR,
}

/// SECPKG_ATTR_CREDENTIAL_NAME: freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_CredentialNameW {
    pub CredentialType: u32,
    pub sCredentialName: *mut SEC_WCHAR,
}

/// SECPKG_ATTR_CREDENTIAL_NAME: freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_CredentialNameA {
    pub CredentialType: u32,
    pub sCredentialName: *mut SEC_CHAR,
}

/// SECPKG_ATTR_ACCESS_TOKEN.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_AccessToken {
    pub AccessToken: *mut c_void,
}

/// SECPKG_ATTR_TARGET_INFORMATION.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_TargetInformation {
    pub MarshalledTargetInfoLength: u32,
    pub MarshalledTargetInfo: *mut u8,
}

/// SECPKG_ATTR_AUTHENTICATION_ID.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_AuthzID {
    pub AuthzIDLength: u32,
    pub AuthzID: *mut c_char,
}

/// SECPKG_ATTR_TARGET.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_Target {
    pub TargetLength: u32,
    pub Target: *mut c_char,
}

/// SECPKG_ATTR_CLIENT_SPECIFIED_TARGET: what the client believes to talk to; freed by FreeContextBuffer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_ClientSpecifiedTarget {
    pub sTargetName: *mut SEC_WCHAR,
}

/// SECPKG_ATTR_UNIQUE_BINDINGS and SECPKG_ATTR_ENDPOINT_BINDINGS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_Bindings {
    pub BindingsLength: u32,
    pub Bindings: *mut SEC_CHANNEL_BINDINGS,
}

/// SECPKG_ATTR_APPLICATION_PROTOCOL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_ApplicationProtocol {
    pub ProtoNegoStatus: SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    pub ProtoNegoExt: SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT,
    pub ProtocolIdSize: u8,
    pub ProtocolId: [u8; 255],
}

/// SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecPkgContext_NegotiatedTlsExtensions {
    pub ExtensionsCount: u32,
    pub Extensions: *mut u16,
}

/// SECPKG_ATTR_DATAGRAM_SIZES.
pub type SecPkgContext_DatagramSizes = SecPkgContext_StreamSizes;

// A TimeStamp is aligned to 4 here and to 8 in C; the offsets are the same.
layout!(SecPkgCredentials_NamesW: 8 | 4 align 8 | 4 { sUserName @ 0 });
layout!(SecPkgCredentials_NamesA: 8 | 4 align 8 | 4 { sUserName @ 0 });
layout!(SecPkgCredentials_SSIProviderW: 24 | 12 align 8 | 4 {
    sProviderName @ 0, ProviderInfoLength @ 8 | 4, ProviderInfo @ 16 | 8,
});
layout!(SecPkgCredentials_SSIProviderA: 24 | 12 align 8 | 4 {
    sProviderName @ 0, ProviderInfoLength @ 8 | 4, ProviderInfo @ 16 | 8,
});
layout!(SecPkgCredentials_KdcProxySettingsW: 16 align 4 {
    Version @ 0, Flags @ 4, ProxyServerOffset @ 8, ProxyServerLength @ 10, ClientTlsCredOffset @ 12,
    ClientTlsCredLength @ 14,
});
layout!(SecPkgCredentials_Cert: 16 | 8 align 8 | 4 { EncodedCertSize @ 0, EncodedCert @ 8 | 4 });
layout!(SecPkgContext_SubjectAttributes: 8 | 4 align 8 | 4 { AttributeInfo @ 0 });
layout!(SecPkgContext_CredInfo: 8 align 4 { CredClass @ 0, IsPromptingNeeded @ 4 });
layout!(SecPkgContext_NegoPackageInfo: 4 align 4 { PackageMask @ 0 });
layout!(SecPkgContext_NegoStatus: 4 align 4 { LastStatus @ 0 });
layout!(SecPkgContext_Sizes: 16 align 4 {
    cbMaxToken @ 0, cbMaxSignature @ 4, cbBlockSize @ 8, cbSecurityTrailer @ 12,
});
layout!(SecPkgContext_StreamSizes: 20 align 4 {
    cbHeader @ 0, cbTrailer @ 4, cbMaximumMessage @ 8, cBuffers @ 12, cbBlockSize @ 16,
});
layout!(SecPkgContext_NamesW: 8 | 4 align 8 | 4 { sUserName @ 0 });
layout!(SecPkgContext_LastClientTokenStatus: 4 align 4 { LastClientTokenStatus @ 0 });
layout!(SecPkgContext_NamesA: 8 | 4 align 8 | 4 { sUserName @ 0 });
layout!(SecPkgContext_Lifespan: 16 align 4 { tsStart @ 0, tsExpiry @ 8 });
layout!(SecPkgContext_DceInfo: 16 | 8 align 8 | 4 { AuthzSvc @ 0, pPac @ 8 | 4 });
layout!(SecPkgContext_KeyInfoA: 32 | 20 align 8 | 4 {
    sSignatureAlgorithmName @ 0, sEncryptAlgorithmName @ 8 | 4, KeySize @ 16 | 8,
    SignatureAlgorithm @ 20 | 12, EncryptAlgorithm @ 24 | 16,
});
layout!(SecPkgContext_KeyInfoW: 32 | 20 align 8 | 4 {
    sSignatureAlgorithmName @ 0, sEncryptAlgorithmName @ 8 | 4, KeySize @ 16 | 8,
    SignatureAlgorithm @ 20 | 12, EncryptAlgorithm @ 24 | 16,
});
layout!(SecPkgContext_AuthorityA: 8 | 4 align 8 | 4 { sAuthorityName @ 0 });
layout!(SecPkgContext_AuthorityW: 8 | 4 align 8 | 4 { sAuthorityName @ 0 });
layout!(SecPkgContext_ProtoInfoA: 16 | 12 align 8 | 4 {
    sProtocolName @ 0, majorVersion @ 8 | 4, minorVersion @ 12 | 8,
});
layout!(SecPkgContext_ProtoInfoW: 16 | 12 align 8 | 4 {
    sProtocolName @ 0, majorVersion @ 8 | 4, minorVersion @ 12 | 8,
});
layout!(SecPkgContext_PasswordExpiry: 8 align 4 { tsPasswordExpires @ 0 });
layout!(SecPkgContext_LogoffTime: 8 align 4 { tsLogoffTime @ 0 });
layout!(SecPkgContext_SessionKey: 16 | 8 align 8 | 4 { SessionKeyLength @ 0, SessionKey @ 8 | 4 });
layout!(SecPkgContext_NegoKeys: 32 | 24 align 8 | 4 {
    KeyType @ 0, KeyLength @ 4, KeyValue @ 8, VerifyKeyType @ 16 | 12, VerifyKeyLength @ 20 | 16,
    VerifyKeyValue @ 24 | 20,
});
layout!(SecPkgContext_PackageInfoW: 8 | 4 align 8 | 4 { PackageInfo @ 0 });
layout!(SecPkgContext_PackageInfoA: 8 | 4 align 8 | 4 { PackageInfo @ 0 });
layout!(SecPkgContext_UserFlags: 4 align 4 { UserFlags @ 0 });
layout!(SecPkgContext_Flags: 4 align 4 { Flags @ 0 });
layout!(SecPkgContext_NegotiationInfoA: 16 | 8 align 8 | 4 {
    PackageInfo @ 0, NegotiationState @ 8 | 4,
});
layout!(SecPkgContext_NegotiationInfoW: 16 | 8 align 8 | 4 {
    PackageInfo @ 0, NegotiationState @ 8 | 4,
});
layout!(SecPkgContext_NativeNamesW: 16 | 8 align 8 | 4 { sClientName @ 0, sServerName @ 8 | 4 });
layout!(SecPkgContext_NativeNamesA: 16 | 8 align 8 | 4 { sClientName @ 0, sServerName @ 8 | 4 });
layout!(SecPkgContext_CredentialNameW: 16 | 8 align 8 | 4 {
    CredentialType @ 0, sCredentialName @ 8 | 4,
});
layout!(SecPkgContext_CredentialNameA: 16 | 8 align 8 | 4 {
    CredentialType @ 0, sCredentialName @ 8 | 4,
});
layout!(SecPkgContext_AccessToken: 8 | 4 align 8 | 4 { AccessToken @ 0 });
layout!(SecPkgContext_TargetInformation: 16 | 8 align 8 | 4 {
    MarshalledTargetInfoLength @ 0, MarshalledTargetInfo @ 8 | 4,
});
layout!(SecPkgContext_AuthzID: 16 | 8 align 8 | 4 { AuthzIDLength @ 0, AuthzID @ 8 | 4 });
layout!(SecPkgContext_Target: 16 | 8 align 8 | 4 { TargetLength @ 0, Target @ 8 | 4 });
layout!(SecPkgContext_ClientSpecifiedTarget: 8 | 4 align 8 | 4 { sTargetName @ 0 });
layout!(SecPkgContext_Bindings: 16 | 8 align 8 | 4 { BindingsLength @ 0, Bindings @ 8 | 4 });
layout!(SecPkgContext_ApplicationProtocol: 264 align 4 {
    ProtoNegoStatus @ 0, ProtoNegoExt @ 4, ProtocolIdSize @ 8, ProtocolId @ 9,
});
layout!(SecPkgContext_NegotiatedTlsExtensions: 16 | 8 align 8 | 4 {
    ExtensionsCount @ 0, Extensions @ 8 | 4,
});
