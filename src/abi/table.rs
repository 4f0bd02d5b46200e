//! The function table and the types of its members.
//!
//! Slots and their order are the ABI: 256 bytes where pointers have 8.

#![forbid(unsafe_code)]

use core::ffi::c_void;

use super::base::{
    BOOLEAN, CredHandle, CtxtHandle, SEC_CHAR, SEC_WCHAR, SECURITY_STATUS, SecBuffer, SecBufferDesc,
    SecPkgInfoA, SecPkgInfoW, TimeStamp,
};
use super::layout;

/// Called for the key of a service principal; accepted and never called, as on Windows.
pub type SEC_GET_KEY_FN = Option<
    unsafe extern "system" fn(
        Arg: *mut c_void,
        Principal: *mut c_void,
        KeyVer: u32,
        Key: *mut *mut c_void,
        Status: *mut SECURITY_STATUS,
    ),
>;

pub type ENUMERATE_SECURITY_PACKAGES_FN_W = Option<
    unsafe extern "system" fn(pcPackages: *mut u32, ppPackageInfo: *mut *mut SecPkgInfoW) -> SECURITY_STATUS,
>;
pub type ENUMERATE_SECURITY_PACKAGES_FN_A = Option<
    unsafe extern "system" fn(pcPackages: *mut u32, ppPackageInfo: *mut *mut SecPkgInfoA) -> SECURITY_STATUS,
>;
pub type QUERY_SECURITY_PACKAGE_INFO_FN_W = Option<
    unsafe extern "system" fn(
        pszPackageName: *const SEC_WCHAR,
        ppPackageInfo: *mut *mut SecPkgInfoW,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_SECURITY_PACKAGE_INFO_FN_A = Option<
    unsafe extern "system" fn(
        pszPackageName: *const SEC_CHAR,
        ppPackageInfo: *mut *mut SecPkgInfoA,
    ) -> SECURITY_STATUS,
>;
pub type ACQUIRE_CREDENTIALS_HANDLE_FN_W = Option<
    unsafe extern "system" fn(
        pszPrincipal: *const SEC_WCHAR,
        pszPackage: *const SEC_WCHAR,
        fCredentialUse: u32,
        pvLogonId: *mut c_void,
        pAuthData: *mut c_void,
        pGetKeyFn: SEC_GET_KEY_FN,
        pvGetKeyArgument: *mut c_void,
        phCredential: *mut CredHandle,
        ptsExpiry: *mut TimeStamp,
    ) -> SECURITY_STATUS,
>;
pub type ACQUIRE_CREDENTIALS_HANDLE_FN_A = Option<
    unsafe extern "system" fn(
        pszPrincipal: *const SEC_CHAR,
        pszPackage: *const SEC_CHAR,
        fCredentialUse: u32,
        pvLogonId: *mut c_void,
        pAuthData: *mut c_void,
        pGetKeyFn: SEC_GET_KEY_FN,
        pvGetKeyArgument: *mut c_void,
        phCredential: *mut CredHandle,
        ptsExpiry: *mut TimeStamp,
    ) -> SECURITY_STATUS,
>;
pub type ADD_CREDENTIALS_FN_W = Option<
    unsafe extern "system" fn(
        hCredentials: *mut CredHandle,
        pszPrincipal: *const SEC_WCHAR,
        pszPackage: *const SEC_WCHAR,
        fCredentialUse: u32,
        pAuthData: *mut c_void,
        pGetKeyFn: SEC_GET_KEY_FN,
        pvGetKeyArgument: *mut c_void,
        ptsExpiry: *mut TimeStamp,
    ) -> SECURITY_STATUS,
>;
pub type ADD_CREDENTIALS_FN_A = Option<
    unsafe extern "system" fn(
        hCredentials: *mut CredHandle,
        pszPrincipal: *const SEC_CHAR,
        pszPackage: *const SEC_CHAR,
        fCredentialUse: u32,
        pAuthData: *mut c_void,
        pGetKeyFn: SEC_GET_KEY_FN,
        pvGetKeyArgument: *mut c_void,
        ptsExpiry: *mut TimeStamp,
    ) -> SECURITY_STATUS,
>;
pub type FREE_CREDENTIALS_HANDLE_FN =
    Option<unsafe extern "system" fn(phCredential: *mut CredHandle) -> SECURITY_STATUS>;
pub type QUERY_CREDENTIALS_ATTRIBUTES_FN_W = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CREDENTIALS_ATTRIBUTES_FN_A = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type SET_CREDENTIALS_ATTRIBUTES_FN_W = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type SET_CREDENTIALS_ATTRIBUTES_FN_A = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type CHANGE_PASSWORD_FN_W = Option<
    unsafe extern "system" fn(
        pszPackageName: *const SEC_WCHAR,
        pszDomainName: *const SEC_WCHAR,
        pszAccountName: *const SEC_WCHAR,
        pszOldPassword: *const SEC_WCHAR,
        pszNewPassword: *const SEC_WCHAR,
        bImpersonating: BOOLEAN,
        dwReserved: u32,
        pOutput: *mut SecBufferDesc,
    ) -> SECURITY_STATUS,
>;
pub type CHANGE_PASSWORD_FN_A = Option<
    unsafe extern "system" fn(
        pszPackageName: *const SEC_CHAR,
        pszDomainName: *const SEC_CHAR,
        pszAccountName: *const SEC_CHAR,
        pszOldPassword: *const SEC_CHAR,
        pszNewPassword: *const SEC_CHAR,
        bImpersonating: BOOLEAN,
        dwReserved: u32,
        pOutput: *mut SecBufferDesc,
    ) -> SECURITY_STATUS,
>;
pub type INITIALIZE_SECURITY_CONTEXT_FN_W = Option<
    unsafe extern "system" fn(
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
    ) -> SECURITY_STATUS,
>;
pub type INITIALIZE_SECURITY_CONTEXT_FN_A = Option<
    unsafe extern "system" fn(
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
    ) -> SECURITY_STATUS,
>;
pub type ACCEPT_SECURITY_CONTEXT_FN = Option<
    unsafe extern "system" fn(
        phCredential: *mut CredHandle,
        phContext: *mut CtxtHandle,
        pInput: *mut SecBufferDesc,
        fContextReq: u32,
        TargetDataRep: u32,
        phNewContext: *mut CtxtHandle,
        pOutput: *mut SecBufferDesc,
        pfContextAttr: *mut u32,
        ptsExpiry: *mut TimeStamp,
    ) -> SECURITY_STATUS,
>;
pub type COMPLETE_AUTH_TOKEN_FN = Option<
    unsafe extern "system" fn(phContext: *mut CtxtHandle, pToken: *mut SecBufferDesc) -> SECURITY_STATUS,
>;
pub type DELETE_SECURITY_CONTEXT_FN =
    Option<unsafe extern "system" fn(phContext: *mut CtxtHandle) -> SECURITY_STATUS>;
pub type APPLY_CONTROL_TOKEN_FN = Option<
    unsafe extern "system" fn(phContext: *mut CtxtHandle, pInput: *mut SecBufferDesc) -> SECURITY_STATUS,
>;
pub type QUERY_CONTEXT_ATTRIBUTES_FN_W = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CONTEXT_ATTRIBUTES_FN_A = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CONTEXT_ATTRIBUTES_EX_FN_W = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type QUERY_CONTEXT_ATTRIBUTES_EX_FN_A = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type SET_CONTEXT_ATTRIBUTES_FN_W = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type SET_CONTEXT_ATTRIBUTES_FN_A = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        ulAttribute: u32,
        pBuffer: *mut c_void,
        cbBuffer: u32,
    ) -> SECURITY_STATUS,
>;
pub type IMPERSONATE_SECURITY_CONTEXT_FN =
    Option<unsafe extern "system" fn(phContext: *mut CtxtHandle) -> SECURITY_STATUS>;
pub type REVERT_SECURITY_CONTEXT_FN =
    Option<unsafe extern "system" fn(phContext: *mut CtxtHandle) -> SECURITY_STATUS>;
pub type QUERY_SECURITY_CONTEXT_TOKEN_FN =
    Option<unsafe extern "system" fn(phContext: *mut CtxtHandle, Token: *mut *mut c_void) -> SECURITY_STATUS>;
pub type EXPORT_SECURITY_CONTEXT_FN = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        fFlags: u32,
        pPackedContext: *mut SecBuffer,
        pToken: *mut *mut c_void,
    ) -> SECURITY_STATUS,
>;
pub type IMPORT_SECURITY_CONTEXT_FN_W = Option<
    unsafe extern "system" fn(
        pszPackage: *const SEC_WCHAR,
        pPackedContext: *mut SecBuffer,
        Token: *mut c_void,
        phContext: *mut CtxtHandle,
    ) -> SECURITY_STATUS,
>;
pub type IMPORT_SECURITY_CONTEXT_FN_A = Option<
    unsafe extern "system" fn(
        pszPackage: *const SEC_CHAR,
        pPackedContext: *mut SecBuffer,
        Token: *mut c_void,
        phContext: *mut CtxtHandle,
    ) -> SECURITY_STATUS,
>;
pub type MAKE_SIGNATURE_FN = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        fQOP: u32,
        pMessage: *mut SecBufferDesc,
        MessageSeqNo: u32,
    ) -> SECURITY_STATUS,
>;
pub type VERIFY_SIGNATURE_FN = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        pMessage: *mut SecBufferDesc,
        MessageSeqNo: u32,
        pfQOP: *mut u32,
    ) -> SECURITY_STATUS,
>;
pub type ENCRYPT_MESSAGE_FN = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        fQOP: u32,
        pMessage: *mut SecBufferDesc,
        MessageSeqNo: u32,
    ) -> SECURITY_STATUS,
>;
pub type DECRYPT_MESSAGE_FN = Option<
    unsafe extern "system" fn(
        phContext: *mut CtxtHandle,
        pMessage: *mut SecBufferDesc,
        MessageSeqNo: u32,
        pfQOP: *mut u32,
    ) -> SECURITY_STATUS,
>;
pub type FREE_CONTEXT_BUFFER_FN =
    Option<unsafe extern "system" fn(pvContextBuffer: *mut c_void) -> SECURITY_STATUS>;

/// The table of the W functions; slots behind dwVersion exist whatever it says, as on Windows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecurityFunctionTableW {
    /// SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION.
    pub dwVersion: u32,
    pub EnumerateSecurityPackagesW: ENUMERATE_SECURITY_PACKAGES_FN_W,
    pub QueryCredentialsAttributesW: QUERY_CREDENTIALS_ATTRIBUTES_FN_W,
    pub AcquireCredentialsHandleW: ACQUIRE_CREDENTIALS_HANDLE_FN_W,
    pub FreeCredentialsHandle: FREE_CREDENTIALS_HANDLE_FN,
    /// NULL.
    pub Reserved2: *mut c_void,
    pub InitializeSecurityContextW: INITIALIZE_SECURITY_CONTEXT_FN_W,
    pub AcceptSecurityContext: ACCEPT_SECURITY_CONTEXT_FN,
    pub CompleteAuthToken: COMPLETE_AUTH_TOKEN_FN,
    pub DeleteSecurityContext: DELETE_SECURITY_CONTEXT_FN,
    pub ApplyControlToken: APPLY_CONTROL_TOKEN_FN,
    pub QueryContextAttributesW: QUERY_CONTEXT_ATTRIBUTES_FN_W,
    pub ImpersonateSecurityContext: IMPERSONATE_SECURITY_CONTEXT_FN,
    pub RevertSecurityContext: REVERT_SECURITY_CONTEXT_FN,
    pub MakeSignature: MAKE_SIGNATURE_FN,
    pub VerifySignature: VERIFY_SIGNATURE_FN,
    pub FreeContextBuffer: FREE_CONTEXT_BUFFER_FN,
    pub QuerySecurityPackageInfoW: QUERY_SECURITY_PACKAGE_INFO_FN_W,
    /// SealMessage, which is EncryptMessage.
    pub Reserved3: *mut c_void,
    /// UnsealMessage, which is DecryptMessage.
    pub Reserved4: *mut c_void,
    pub ExportSecurityContext: EXPORT_SECURITY_CONTEXT_FN,
    pub ImportSecurityContextW: IMPORT_SECURITY_CONTEXT_FN_W,
    pub AddCredentialsW: ADD_CREDENTIALS_FN_W,
    /// NULL.
    pub Reserved8: *mut c_void,
    pub QuerySecurityContextToken: QUERY_SECURITY_CONTEXT_TOKEN_FN,
    pub EncryptMessage: ENCRYPT_MESSAGE_FN,
    pub DecryptMessage: DECRYPT_MESSAGE_FN,
    pub SetContextAttributesW: SET_CONTEXT_ATTRIBUTES_FN_W,
    pub SetCredentialsAttributesW: SET_CREDENTIALS_ATTRIBUTES_FN_W,
    pub ChangeAccountPasswordW: CHANGE_PASSWORD_FN_W,
    pub QueryContextAttributesExW: QUERY_CONTEXT_ATTRIBUTES_EX_FN_W,
    pub QueryCredentialsAttributesExW: QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W,
}

/// The table of the A functions; slots behind dwVersion exist whatever it says, as on Windows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SecurityFunctionTableA {
    /// SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION.
    pub dwVersion: u32,
    pub EnumerateSecurityPackagesA: ENUMERATE_SECURITY_PACKAGES_FN_A,
    pub QueryCredentialsAttributesA: QUERY_CREDENTIALS_ATTRIBUTES_FN_A,
    pub AcquireCredentialsHandleA: ACQUIRE_CREDENTIALS_HANDLE_FN_A,
    pub FreeCredentialHandle: FREE_CREDENTIALS_HANDLE_FN,
    /// NULL.
    pub Reserved2: *mut c_void,
    pub InitializeSecurityContextA: INITIALIZE_SECURITY_CONTEXT_FN_A,
    pub AcceptSecurityContext: ACCEPT_SECURITY_CONTEXT_FN,
    pub CompleteAuthToken: COMPLETE_AUTH_TOKEN_FN,
    pub DeleteSecurityContext: DELETE_SECURITY_CONTEXT_FN,
    pub ApplyControlToken: APPLY_CONTROL_TOKEN_FN,
    pub QueryContextAttributesA: QUERY_CONTEXT_ATTRIBUTES_FN_A,
    pub ImpersonateSecurityContext: IMPERSONATE_SECURITY_CONTEXT_FN,
    pub RevertSecurityContext: REVERT_SECURITY_CONTEXT_FN,
    pub MakeSignature: MAKE_SIGNATURE_FN,
    pub VerifySignature: VERIFY_SIGNATURE_FN,
    pub FreeContextBuffer: FREE_CONTEXT_BUFFER_FN,
    pub QuerySecurityPackageInfoA: QUERY_SECURITY_PACKAGE_INFO_FN_A,
    /// SealMessage, which is EncryptMessage.
    pub Reserved3: *mut c_void,
    /// UnsealMessage, which is DecryptMessage.
    pub Reserved4: *mut c_void,
    pub ExportSecurityContext: EXPORT_SECURITY_CONTEXT_FN,
    pub ImportSecurityContextA: IMPORT_SECURITY_CONTEXT_FN_A,
    pub AddCredentialsA: ADD_CREDENTIALS_FN_A,
    /// NULL.
    pub Reserved8: *mut c_void,
    pub QuerySecurityContextToken: QUERY_SECURITY_CONTEXT_TOKEN_FN,
    pub EncryptMessage: ENCRYPT_MESSAGE_FN,
    pub DecryptMessage: DECRYPT_MESSAGE_FN,
    pub SetContextAttributesA: SET_CONTEXT_ATTRIBUTES_FN_A,
    pub SetCredentialsAttributesA: SET_CREDENTIALS_ATTRIBUTES_FN_A,
    pub ChangeAccountPasswordA: CHANGE_PASSWORD_FN_A,
    pub QueryContextAttributesExA: QUERY_CONTEXT_ATTRIBUTES_EX_FN_A,
    pub QueryCredentialsAttributesExA: QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A,
}

/// InitSecurityInterfaceW.
pub type INIT_SECURITY_INTERFACE_W = Option<unsafe extern "system" fn() -> *mut SecurityFunctionTableW>;
/// InitSecurityInterfaceA.
pub type INIT_SECURITY_INTERFACE_A = Option<unsafe extern "system" fn() -> *mut SecurityFunctionTableA>;

layout!(SecurityFunctionTableW: 256 | 128 align 8 | 4 {
    dwVersion @ 0, EnumerateSecurityPackagesW @ 8 | 4, QueryCredentialsAttributesW @ 16 | 8,
    AcquireCredentialsHandleW @ 24 | 12, FreeCredentialsHandle @ 32 | 16, Reserved2 @ 40 | 20,
    InitializeSecurityContextW @ 48 | 24, AcceptSecurityContext @ 56 | 28,
    CompleteAuthToken @ 64 | 32, DeleteSecurityContext @ 72 | 36, ApplyControlToken @ 80 | 40,
    QueryContextAttributesW @ 88 | 44, ImpersonateSecurityContext @ 96 | 48,
    RevertSecurityContext @ 104 | 52, MakeSignature @ 112 | 56, VerifySignature @ 120 | 60,
    FreeContextBuffer @ 128 | 64, QuerySecurityPackageInfoW @ 136 | 68, Reserved3 @ 144 | 72,
    Reserved4 @ 152 | 76, ExportSecurityContext @ 160 | 80, ImportSecurityContextW @ 168 | 84,
    AddCredentialsW @ 176 | 88, Reserved8 @ 184 | 92, QuerySecurityContextToken @ 192 | 96,
    EncryptMessage @ 200 | 100, DecryptMessage @ 208 | 104, SetContextAttributesW @ 216 | 108,
    SetCredentialsAttributesW @ 224 | 112, ChangeAccountPasswordW @ 232 | 116,
    QueryContextAttributesExW @ 240 | 120, QueryCredentialsAttributesExW @ 248 | 124,
});
layout!(SecurityFunctionTableA: 256 | 128 align 8 | 4 {
    dwVersion @ 0, EnumerateSecurityPackagesA @ 8 | 4, QueryCredentialsAttributesA @ 16 | 8,
    AcquireCredentialsHandleA @ 24 | 12, FreeCredentialHandle @ 32 | 16, Reserved2 @ 40 | 20,
    InitializeSecurityContextA @ 48 | 24, AcceptSecurityContext @ 56 | 28,
    CompleteAuthToken @ 64 | 32, DeleteSecurityContext @ 72 | 36, ApplyControlToken @ 80 | 40,
    QueryContextAttributesA @ 88 | 44, ImpersonateSecurityContext @ 96 | 48,
    RevertSecurityContext @ 104 | 52, MakeSignature @ 112 | 56, VerifySignature @ 120 | 60,
    FreeContextBuffer @ 128 | 64, QuerySecurityPackageInfoA @ 136 | 68, Reserved3 @ 144 | 72,
    Reserved4 @ 152 | 76, ExportSecurityContext @ 160 | 80, ImportSecurityContextA @ 168 | 84,
    AddCredentialsA @ 176 | 88, Reserved8 @ 184 | 92, QuerySecurityContextToken @ 192 | 96,
    EncryptMessage @ 200 | 100, DecryptMessage @ 208 | 104, SetContextAttributesA @ 216 | 108,
    SetCredentialsAttributesA @ 224 | 112, ChangeAccountPasswordA @ 232 | 116,
    QueryContextAttributesExA @ 240 | 120, QueryCredentialsAttributesExA @ 248 | 124,
});
