//! The library through its C functions, found with dlopen as a program would.

use std::env;
use std::ffi::{CStr, CString, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use ffi_tests::library::lib_path;

pub const OK: u32 = 0;
pub const CONTINUE_NEEDED: u32 = 0x0009_0312;
pub const UNSUPPORTED_FUNCTION: u32 = 0x8009_0302;
pub const TARGET_UNKNOWN: u32 = 0x8009_0303;
pub const INVALID_TOKEN: u32 = 0x8009_0308;
pub const LOGON_DENIED: u32 = 0x8009_030C;
pub const NO_CREDENTIALS: u32 = 0x8009_030E;
pub const MESSAGE_ALTERED: u32 = 0x8009_030F;
pub const OUT_OF_SEQUENCE: u32 = 0x8009_0310;
pub const BAD_BINDINGS: u32 = 0x8009_0346;

/// ISC_REQ_REPLAY_DETECT | SEQUENCE_DETECT | CONFIDENTIALITY | INTEGRITY.
pub const PROTECTED: u32 = 0x1_001C;

const TOKEN: u32 = 2;
const DATA: u32 = 1;
const CHANNEL_BINDINGS: u32 = 14;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Handle {
    lower: usize,
    upper: usize,
}

#[repr(C)]
struct Buffer {
    length: u32,
    kind: u32,
    bytes: *mut c_void,
}

#[repr(C)]
struct Description {
    version: u32,
    count: u32,
    buffers: *mut Buffer,
}

#[repr(C)]
struct Identity {
    user: *const u16,
    user_length: u32,
    domain: *const u16,
    domain_length: u32,
    password: *const u16,
    password_length: u32,
    flags: u32,
}

type Acquire = unsafe extern "C" fn(
    *const i8,
    *const i8,
    u32,
    *const c_void,
    *const Identity,
    *const c_void,
    *const c_void,
    *mut Handle,
    *mut i64,
) -> u32;
type Initiate = unsafe extern "C" fn(
    *const Handle,
    *const Handle,
    *const i8,
    u32,
    u32,
    u32,
    *const Description,
    u32,
    *mut Handle,
    *mut Description,
    *mut u32,
    *mut i64,
) -> u32;
type Accept = unsafe extern "C" fn(
    *const Handle,
    *const Handle,
    *const Description,
    u32,
    u32,
    *mut Handle,
    *mut Description,
    *mut u32,
    *mut i64,
) -> u32;
type OfHandle = unsafe extern "C" fn(*const Handle) -> u32;
type Query = unsafe extern "C" fn(*const Handle, u32, *mut c_void) -> u32;
type Encrypt = unsafe extern "C" fn(*const Handle, u32, *mut Description, u32) -> u32;
type Decrypt = unsafe extern "C" fn(*const Handle, *mut Description, u32, *mut u32) -> u32;
type Free = unsafe extern "C" fn(*mut c_void) -> u32;

struct Api {
    acquire: Acquire,
    initiate: Initiate,
    accept: Accept,
    delete: OfHandle,
    free_credentials: OfHandle,
    query: Query,
    encrypt: Encrypt,
    decrypt: Decrypt,
    free: Free,
}

fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(load)
}

fn load() -> Api {
    let path = CString::new(lib_path().as_os_str().as_bytes()).unwrap();
    // SAFETY: a path; the library runs no code of ours when it is loaded.
    let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    assert!(!library.is_null(), "the library cannot be loaded");
    let find = |name: &CStr| {
        // SAFETY: a live library and a name.
        let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
        assert!(!symbol.is_null(), "{name:?} is not exported");
        symbol
    };
    // SAFETY: the functions have these signatures (include/sspi.h).
    unsafe {
        Api {
            acquire: std::mem::transmute::<*mut c_void, Acquire>(find(c"AcquireCredentialsHandleA")),
            initiate: std::mem::transmute::<*mut c_void, Initiate>(find(c"InitializeSecurityContextA")),
            accept: std::mem::transmute::<*mut c_void, Accept>(find(c"AcceptSecurityContext")),
            delete: std::mem::transmute::<*mut c_void, OfHandle>(find(c"DeleteSecurityContext")),
            free_credentials: std::mem::transmute::<*mut c_void, OfHandle>(find(c"FreeCredentialsHandle")),
            query: std::mem::transmute::<*mut c_void, Query>(find(c"QueryContextAttributesA")),
            encrypt: std::mem::transmute::<*mut c_void, Encrypt>(find(c"EncryptMessage")),
            decrypt: std::mem::transmute::<*mut c_void, Decrypt>(find(c"DecryptMessage")),
            free: std::mem::transmute::<*mut c_void, Free>(find(c"FreeContextBuffer")),
        }
    }
}

/// Points NTLM_USER_FILE at these accounts, once for all tests of this program, and has Negotiate
/// begin with SPNEGO.
pub fn use_accounts(text: &str) {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let path = env::temp_dir().join(format!("libsspi-attack-{}", std::process::id()));
        fs::write(&path, text).unwrap();
        // SAFETY: every test begins here, before any thread of it reads the environment.
        unsafe {
            env::set_var("NTLM_USER_FILE", &path);
            env::set_var("SSPI_NEGOTIATE_NTLM", "spnego");
        }
        path
    });
}

pub struct Credential(Handle);

impl Credential {
    /// An acceptor that looks into the account file.
    pub fn inbound() -> Self {
        Self::acquire(c"NTLM", 1, null())
    }

    /// The same, which negotiates.
    pub fn negotiating() -> Self {
        Self::acquire(c"Negotiate", 1, null())
    }

    pub fn outbound(domain: &str, user: &str, password: &str) -> Self {
        Self::of_user(c"NTLM", domain, user, password)
    }

    pub fn negotiating_as(domain: &str, user: &str, password: &str) -> Self {
        Self::of_user(c"Negotiate", domain, user, password)
    }

    fn of_user(package: &CStr, domain: &str, user: &str, password: &str) -> Self {
        let [user, domain, password] =
            [user, domain, password].map(|text| text.encode_utf16().collect::<Vec<_>>());
        let identity = Identity {
            user: user.as_ptr(),
            user_length: user.len() as u32,
            domain: domain.as_ptr(),
            domain_length: domain.len() as u32,
            password: password.as_ptr(),
            password_length: password.len() as u32,
            flags: 2,
        };
        Self::acquire(package, 2, &identity)
    }

    fn acquire(package: &CStr, direction: u32, identity: *const Identity) -> Self {
        let mut handle = Handle::default();
        // SAFETY: live arguments, NULL where that is allowed.
        let status = unsafe {
            (api().acquire)(
                null(),
                package.as_ptr(),
                direction,
                null(),
                identity,
                null(),
                null(),
                &mut handle,
                null_mut(),
            )
        };
        assert_eq!(status, OK, "a credential");
        Self(handle)
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        // SAFETY: a handle of this library.
        unsafe { (api().free_credentials)(&self.0) };
    }
}

/// A status, and the token that came with it.
pub struct Answer {
    pub status: u32,
    pub token: Vec<u8>,
}

/// One side of a handshake.
#[derive(Default)]
pub struct Context(Option<Handle>);

impl Context {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn initiate(
        &mut self,
        credential: &Credential,
        flags: u32,
        target: &str,
        token: Option<&[u8]>,
    ) -> Answer {
        let target = CString::new(target).unwrap();
        let mut input = token.map(|token| [buffer(token, TOKEN)]);
        self.step(|old, new, output| {
            let input = input.as_mut().map(|buffers| description(buffers));
            let input = input.as_ref().map_or(null(), |input| input as *const Description);
            let mut granted = 0;
            // SAFETY: live arguments, NULL where that is allowed.
            unsafe {
                (api().initiate)(
                    &credential.0,
                    old,
                    target.as_ptr(),
                    flags,
                    0,
                    0x10,
                    input,
                    0,
                    new,
                    output,
                    &mut granted,
                    null_mut(),
                )
            }
        })
    }

    pub fn accept(
        &mut self,
        credential: &Credential,
        flags: u32,
        token: &[u8],
        bindings: Option<&[u8]>,
    ) -> Answer {
        let mut input = vec![buffer(token, TOKEN)];
        input.extend(bindings.map(|bindings| buffer(bindings, CHANNEL_BINDINGS)));
        self.step(|old, new, output| {
            let input = description(&mut input);
            let mut granted = 0;
            // SAFETY: live arguments, NULL where that is allowed.
            unsafe {
                (api().accept)(&credential.0, old, &input, flags, 0x10, new, output, &mut granted, null_mut())
            }
        })
    }

    fn step(&mut self, call: impl FnOnce(*const Handle, *mut Handle, *mut Description) -> u32) -> Answer {
        let mut token = vec![0; 16384];
        let mut output =
            [Buffer { length: token.len() as u32, kind: TOKEN, bytes: token.as_mut_ptr().cast() }];
        let mut new = Handle::default();
        let old = self.0.as_ref().map_or(null(), |handle| handle as *const Handle);
        let status = call(old, &mut new, &mut description(&mut output));
        let is_good = status & 0x8000_0000 == 0;
        token.truncate(if is_good { output[0].length as usize } else { 0 });
        if is_good {
            self.0 = Some(new);
        }
        Answer { status, token }
    }

    /// SECPKG_ATTR_NAMES.
    pub fn name(&self) -> Option<String> {
        let mut name: *mut i8 = null_mut();
        // SAFETY: NAMES writes one pointer to a string, which FreeContextBuffer takes.
        unsafe {
            let status = (api().query)(self.0.as_ref()?, 1, (&raw mut name).cast());
            if status != OK {
                return None;
            }
            let text = CStr::from_ptr(name).to_string_lossy().into_owned();
            (api().free)(name.cast());
            Some(text)
        }
    }

    /// Seals a text: signature and sealed bytes.
    pub fn seal(&self, text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut signature, mut text) = (vec![0; 16], text.to_vec());
        let mut buffers = [buffer_mut(&mut signature, TOKEN), buffer_mut(&mut text, DATA)];
        // SAFETY: live buffers.
        let status = unsafe { (api().encrypt)(self.0.as_ref()?, 0, &mut description(&mut buffers), 0) };
        (status == OK).then_some((signature, text))
    }

    /// Opens a sealed text.
    pub fn open(&self, signature: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (mut signature, mut text) = (signature.to_vec(), sealed.to_vec());
        let mut buffers = [buffer_mut(&mut signature, TOKEN), buffer_mut(&mut text, DATA)];
        // SAFETY: live buffers.
        let status =
            unsafe { (api().decrypt)(self.0.as_ref()?, &mut description(&mut buffers), 0, null_mut()) };
        (status == OK).then_some(text)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            // SAFETY: a handle of this library.
            unsafe { (api().delete)(handle) };
        }
    }
}

/// An input buffer: the library only reads it.
fn buffer(bytes: &[u8], kind: u32) -> Buffer {
    Buffer { length: bytes.len() as u32, kind, bytes: bytes.as_ptr().cast_mut().cast() }
}

fn buffer_mut(bytes: &mut [u8], kind: u32) -> Buffer {
    Buffer { length: bytes.len() as u32, kind, bytes: bytes.as_mut_ptr().cast() }
}

fn description(buffers: &mut [Buffer]) -> Description {
    Description { version: 0, count: buffers.len() as u32, buffers: buffers.as_mut_ptr() }
}
