//! The part of SSPI's C interface that the bench calls, written down from the
//! public headers: the bench knows libraries only by their symbols.

use std::ffi::c_void;

pub const SEC_E_OK: i32 = 0;
pub const SEC_I_CONTINUE_NEEDED: i32 = 0x0009_0312;
pub const SEC_I_COMPLETE_NEEDED: i32 = 0x0009_0313;

pub const SECPKG_CRED_INBOUND: u32 = 1;
pub const SECPKG_CRED_OUTBOUND: u32 = 2;
pub const SECURITY_NATIVE_DREP: u32 = 0x10;
pub const SECBUFFER_DATA: u32 = 1;
pub const SECBUFFER_TOKEN: u32 = 2;
pub const SECPKG_ATTR_SIZES: u32 = 0;
/// WinPR's own attribute: the NT hash that the acceptor shall check against.
pub const SECPKG_ATTR_AUTH_NTLM_HASH: u32 = 1003;
pub const SEC_WINNT_AUTH_IDENTITY_UNICODE: u32 = 2;

pub const MUTUAL_AUTH: u32 = 2;
const REPLAY_DETECT: u32 = 4;
const SEQUENCE_DETECT: u32 = 8;
const CONFIDENTIALITY: u32 = 0x10;
const ISC_INTEGRITY: u32 = 0x1_0000;
const ASC_INTEGRITY: u32 = 0x2_0000;
pub const ISC_REQUEST: u32 = REPLAY_DETECT | SEQUENCE_DETECT | CONFIDENTIALITY | ISC_INTEGRITY;
pub const ASC_REQUEST: u32 = REPLAY_DETECT | SEQUENCE_DETECT | CONFIDENTIALITY | ASC_INTEGRITY;

#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SecHandle {
    pub lower: usize,
    pub upper: usize,
}

#[repr(C)]
pub struct SecBuffer {
    pub size: u32,
    pub kind: u32,
    pub data: *mut c_void,
}

impl SecBuffer {
    pub fn new(kind: u32, bytes: &mut [u8]) -> Self {
        Self { size: bytes.len() as u32, kind, data: bytes.as_mut_ptr().cast() }
    }
}

#[repr(C)]
pub struct SecBufferDesc {
    pub version: u32,
    pub count: u32,
    pub buffers: *mut SecBuffer,
}

impl SecBufferDesc {
    pub fn new(buffers: &mut [SecBuffer]) -> Self {
        Self { version: 0, count: buffers.len() as u32, buffers: buffers.as_mut_ptr() }
    }
}

#[repr(C)]
pub struct AuthIdentityW {
    pub user: *const u16,
    pub user_length: u32,
    pub domain: *const u16,
    pub domain_length: u32,
    pub password: *const u16,
    pub password_length: u32,
    pub flags: u32,
}

#[repr(C)]
pub struct AuthNtlmHash {
    pub version: i32,
    pub nt_hash: [u8; 16],
}

#[repr(C)]
#[derive(Default)]
pub struct Sizes {
    pub max_token: u32,
    pub max_signature: u32,
    pub block_size: u32,
    pub security_trailer: u32,
}

pub type AcquireCredentialsHandleW = unsafe extern "C" fn(
    principal: *const u16,
    package: *const u16,
    credential_use: u32,
    logon_id: *const c_void,
    auth_data: *const c_void,
    get_key: *const c_void,
    get_key_argument: *const c_void,
    credential: *mut SecHandle,
    expiry: *mut i64,
) -> i32;

pub type InitializeSecurityContextW = unsafe extern "C" fn(
    credential: *mut SecHandle,
    context: *mut SecHandle,
    target: *const u16,
    request: u32,
    reserved1: u32,
    data_representation: u32,
    input: *mut SecBufferDesc,
    reserved2: u32,
    new_context: *mut SecHandle,
    output: *mut SecBufferDesc,
    attributes: *mut u32,
    expiry: *mut i64,
) -> i32;

pub type AcceptSecurityContext = unsafe extern "C" fn(
    credential: *mut SecHandle,
    context: *mut SecHandle,
    input: *mut SecBufferDesc,
    request: u32,
    data_representation: u32,
    new_context: *mut SecHandle,
    output: *mut SecBufferDesc,
    attributes: *mut u32,
    expiry: *mut i64,
) -> i32;

pub type OneHandle = unsafe extern "C" fn(handle: *mut SecHandle) -> i32;
pub type CompleteAuthToken = unsafe extern "C" fn(*mut SecHandle, *mut SecBufferDesc) -> i32;
pub type QueryContextAttributesW = unsafe extern "C" fn(*mut SecHandle, u32, *mut c_void) -> i32;
pub type SetContextAttributesW = unsafe extern "C" fn(*mut SecHandle, u32, *mut c_void, u32) -> i32;
pub type EncryptMessage = unsafe extern "C" fn(*mut SecHandle, u32, *mut SecBufferDesc, u32) -> i32;
pub type DecryptMessage = unsafe extern "C" fn(*mut SecHandle, *mut SecBufferDesc, u32, *mut u32) -> i32;
