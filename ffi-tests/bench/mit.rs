//! MIT's GSS-API, known by its symbols alone: contexts and messages of the Kerberos mechanism.
//!
//! Its tickets lie in a MEMORY: cache, as a long-lived client of its kind would have them.

use std::ffi::{CString, c_char, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};

use crate::library::Module;
use crate::realm;
use crate::session::{Failure, expect};

const CONTINUE_NEEDED: u32 = 1;
const ACCEPT: i32 = 2;
/// Mutual authentication, replay and sequence detection, confidentiality, integrity.
const FLAGS: u32 = 2 | 4 | 8 | 16 | 32;
const MEMORY_CACHE: &str = "MEMORY:bench";

/// gss_buffer_desc.
#[repr(C)]
pub struct Buffer {
    length: usize,
    value: *mut c_void,
}

impl Buffer {
    const EMPTY: Self = Self { length: 0, value: null_mut() };

    fn new(bytes: &mut [u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_mut_ptr().cast() }
    }
}

/// gss_OID_desc.
#[repr(C)]
struct Oid {
    length: u32,
    elements: *const c_void,
}

/// gss_iov_buffer_desc.
#[repr(C)]
struct Piece {
    kind: u32,
    buffer: Buffer,
}

const PIECE_DATA: u32 = 1;
const PIECE_HEADER: u32 = 2;
const PIECE_TRAILER: u32 = 7;
const PIECE_PADDING: u32 = 9;

type Handle = *mut c_void;
type ImportName = unsafe extern "C" fn(*mut u32, *const Buffer, *const Oid, *mut Handle) -> u32;
type AcquireCred = unsafe extern "C" fn(
    *mut u32,
    Handle,
    u32,
    *const c_void,
    i32,
    *mut Handle,
    *mut c_void,
    *mut u32,
) -> u32;
type ImportCred = unsafe extern "C" fn(*mut u32, Handle, Handle, Handle, *mut Handle) -> u32;
type InitSecContext = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *mut Handle,
    Handle,
    *const Oid,
    u32,
    u32,
    *const c_void,
    *const Buffer,
    *mut *const Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> u32;
type AcceptSecContext = unsafe extern "C" fn(
    *mut u32,
    *mut Handle,
    Handle,
    *const Buffer,
    *const c_void,
    *mut Handle,
    *mut *const Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
    *mut Handle,
) -> u32;
type DeleteSecContext = unsafe extern "C" fn(*mut u32, *mut Handle, *mut Buffer) -> u32;
type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut Buffer) -> u32;
type Wrap = unsafe extern "C" fn(*mut u32, Handle, i32, u32, *const Buffer, *mut i32, *mut Buffer) -> u32;
type Unwrap = unsafe extern "C" fn(*mut u32, Handle, *const Buffer, *mut Buffer, *mut i32, *mut u32) -> u32;
type WrapIov = unsafe extern "C" fn(*mut u32, Handle, i32, u32, *mut i32, *mut Piece, i32) -> u32;
type UnwrapIov = unsafe extern "C" fn(*mut u32, Handle, *mut i32, *mut u32, *mut Piece, i32) -> u32;

type InitContext = unsafe extern "C" fn(*mut Handle) -> i32;
type CcResolve = unsafe extern "C" fn(Handle, *const c_char, *mut Handle) -> i32;
type CcGetPrincipal = unsafe extern "C" fn(Handle, Handle, *mut Handle) -> i32;
type CcInitialize = unsafe extern "C" fn(Handle, Handle, Handle) -> i32;
type CcCopyCreds = unsafe extern "C" fn(Handle, Handle, Handle) -> i32;

/// The functions of libkrb5 that fill a cache.
struct Krb5 {
    init_context: InitContext,
    resolve: CcResolve,
    principal: CcGetPrincipal,
    initialize: CcInitialize,
    copy: CcCopyCreds,
}

impl Krb5 {
    fn open() -> Result<Self, String> {
        let module = Module::open(Path::new("libkrb5.so.3"))?;
        // SAFETY: the types are those of krb5.h.
        let found = unsafe {
            (|| {
                Some(Self {
                    init_context: module.symbol(c"krb5_init_context")?,
                    resolve: module.symbol(c"krb5_cc_resolve")?,
                    principal: module.symbol(c"krb5_cc_get_principal")?,
                    initialize: module.symbol(c"krb5_cc_initialize")?,
                    copy: module.symbol(c"krb5_cc_copy_creds")?,
                })
            })()
        };
        found.ok_or_else(|| "libkrb5 lacks a function".to_owned())
    }

    /// A cache in memory with the tickets of the realm's file; it lives as long as the process.
    fn memory_cache(&self) -> Result<Handle, String> {
        let told = |call: &'static str, status: i32| match status {
            0 => Ok(()),
            _ => Err(format!("{call} answered {status}")),
        };
        let name = |text: &str| CString::new(text).map_err(|_| "a NUL in a cache's name".to_owned());
        let (file_name, memory_name) = (name(&realm::cache())?, name(MEMORY_CACHE)?);
        let (mut context, mut file, mut memory, mut principal) =
            (null_mut(), null_mut(), null_mut(), null_mut());
        // SAFETY: each call takes what those before it made, and C strings.
        unsafe {
            told("krb5_init_context", (self.init_context)(&mut context))?;
            told("krb5_cc_resolve", (self.resolve)(context, file_name.as_ptr(), &mut file))?;
            told("krb5_cc_resolve", (self.resolve)(context, memory_name.as_ptr(), &mut memory))?;
            told("krb5_cc_get_principal", (self.principal)(context, file, &mut principal))?;
            told("krb5_cc_initialize", (self.initialize)(context, memory, principal))?;
            told("krb5_cc_copy_creds", (self.copy)(context, file, memory))?;
        }
        Ok(memory)
    }
}

struct Functions {
    init: InitSecContext,
    accept: AcceptSecContext,
    delete: DeleteSecContext,
    release_buffer: ReleaseBuffer,
    wrap: Wrap,
    unwrap: Unwrap,
    wrap_iov: WrapIov,
    unwrap_iov: UnwrapIov,
    import_name: ImportName,
    acquire: AcquireCred,
    import_cred: ImportCred,
}

/// The library, a client's and a server's credential, and the server's name.
pub struct Mit {
    pub version: String,
    functions: Functions,
    client: Handle,
    server: Handle,
    target: Handle,
}

// SAFETY: MIT's credentials and names may be used by several threads at once.
unsafe impl Sync for Mit {}

impl Mit {
    /// Opens the library; the realm has been made.
    pub fn open() -> Result<Self, String> {
        let path = Path::new("libgssapi_krb5.so.2");
        let module = Module::open(path)?;
        // SAFETY: the types are those of gssapi.h, gssapi_krb5.h and gssapi_ext.h.
        let found = unsafe {
            (|| {
                Some(Functions {
                    init: module.symbol(c"gss_init_sec_context")?,
                    accept: module.symbol(c"gss_accept_sec_context")?,
                    delete: module.symbol(c"gss_delete_sec_context")?,
                    release_buffer: module.symbol(c"gss_release_buffer")?,
                    wrap: module.symbol(c"gss_wrap")?,
                    unwrap: module.symbol(c"gss_unwrap")?,
                    wrap_iov: module.symbol(c"gss_wrap_iov")?,
                    unwrap_iov: module.symbol(c"gss_unwrap_iov")?,
                    import_name: module.symbol(c"gss_import_name")?,
                    acquire: module.symbol(c"gss_acquire_cred")?,
                    import_cred: module.symbol(c"gss_krb5_import_cred")?,
                })
            })()
        };
        let functions = found.ok_or_else(|| "libgssapi_krb5 lacks a function".to_owned())?;
        let cache = Krb5::open()?.memory_cache()?;
        let mut mit = Self {
            version: version().unwrap_or_default(),
            functions,
            client: null_mut(),
            server: null_mut(),
            target: null_mut(),
        };
        mit.prepare(cache).map_err(|failure| failure.to_string())?;
        Ok(mit)
    }

    fn prepare(&mut self, cache: Handle) -> Result<(), Failure> {
        let functions = &self.functions;
        let mut service = realm::SERVICE.as_bytes().to_vec();
        let (service, mut minor) = (Buffer::new(&mut service), 0);
        let name_type = Oid { length: PRINCIPAL_NAME.len() as u32, elements: PRINCIPAL_NAME.as_ptr().cast() };
        // SAFETY: live buffers, and NULL where the interface takes it.
        unsafe {
            let status = (functions.import_name)(&mut minor, &service, &name_type, &mut self.target);
            done("gss_import_name", status)?;
            let client = &mut self.client;
            let status = (functions.import_cred)(&mut minor, cache, null_mut(), null_mut(), client);
            done("gss_krb5_import_cred", status)?;
            let (no_mechanisms, any_time) = (null(), 0);
            let status = (functions.acquire)(
                &mut minor,
                null_mut(),
                any_time,
                no_mechanisms,
                ACCEPT,
                &mut self.server,
                null_mut(),
                null_mut(),
            );
            done("gss_acquire_cred", status)
        }
    }

    /// The two legs of a handshake, and what the client makes of the answer.
    pub fn pair(&self) -> Result<Pair<'_>, Failure> {
        let mut pair = Pair { mit: self, client: null_mut(), server: null_mut() };
        let request = self.initiate(&mut pair, None, CONTINUE_NEEDED)?;
        let answer = self.accept(&mut pair, &request)?;
        self.initiate(&mut pair, Some(&answer), 0)?;
        Ok(pair)
    }

    pub fn nothing(&self) -> Pair<'_> {
        Pair { mit: self, client: null_mut(), server: null_mut() }
    }

    fn initiate(
        &self,
        pair: &mut Pair<'_>,
        input: Option<&Output<'_>>,
        wanted: u32,
    ) -> Result<Output<'_>, Failure> {
        let mechanism = Oid { length: KERBEROS.len() as u32, elements: KERBEROS.as_ptr().cast() };
        let mut output = Output { mit: self, buffer: Buffer::EMPTY };
        let (mut minor, mut flags, mut lifetime) = (0, 0, 0);
        // SAFETY: live handles, buffers and places.
        let status = unsafe {
            (self.functions.init)(
                &mut minor,
                self.client,
                &mut pair.client,
                self.target,
                &mechanism,
                FLAGS,
                0,
                null(),
                input.map_or(null(), |output| &output.buffer),
                null_mut(),
                &mut output.buffer,
                &mut flags,
                &mut lifetime,
            )
        };
        expect("gss_init_sec_context", status as i32, wanted as i32)?;
        Ok(output)
    }

    fn accept(&self, pair: &mut Pair<'_>, input: &Output<'_>) -> Result<Output<'_>, Failure> {
        let mut output = Output { mit: self, buffer: Buffer::EMPTY };
        let (mut minor, mut flags, mut lifetime) = (0, 0, 0);
        // SAFETY: live handles, buffers and places; NULL for what is not asked for.
        let status = unsafe {
            (self.functions.accept)(
                &mut minor,
                &mut pair.server,
                self.server,
                &input.buffer,
                null(),
                null_mut(),
                null_mut(),
                &mut output.buffer,
                &mut flags,
                &mut lifetime,
                null_mut(),
            )
        };
        done("gss_accept_sec_context", status)?;
        Ok(output)
    }
}

/// A buffer of the library's.
struct Output<'a> {
    mit: &'a Mit,
    buffer: Buffer,
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: made by the library, released once.
        unsafe { (self.mit.functions.release_buffer)(&mut minor, &mut self.buffer) };
    }
}

/// The contexts of a handshake.
pub struct Pair<'a> {
    mit: &'a Mit,
    client: Handle,
    server: Handle,
}

// SAFETY: the library locks what its contexts change.
unsafe impl Sync for Pair<'_> {}

/// Room in front of and behind the data, for `carry_in_place`.
pub const HEADER: usize = 32;
pub const TRAILER: usize = 28;

impl Pair<'_> {
    fn ends(&self, from_client: bool) -> (Handle, Handle) {
        if from_client { (self.client, self.server) } else { (self.server, self.client) }
    }

    /// gss_wrap and gss_unwrap; whether the message came back as it was.
    pub fn carry(&self, from_client: bool, message: &mut [u8]) -> Result<bool, Failure> {
        let (sender, receiver) = self.ends(from_client);
        let functions = &self.mit.functions;
        let plain = Buffer::new(message);
        let mut sealed = Output { mit: self.mit, buffer: Buffer::EMPTY };
        let mut opened = Output { mit: self.mit, buffer: Buffer::EMPTY };
        let (mut minor, mut sealed_so, mut quality) = (0, 0, 0);
        // SAFETY: live contexts and buffers.
        unsafe {
            let status =
                (functions.wrap)(&mut minor, sender, 1, 0, &plain, &mut sealed_so, &mut sealed.buffer);
            done("gss_wrap", status)?;
            let status = (functions.unwrap)(
                &mut minor,
                receiver,
                &sealed.buffer,
                &mut opened.buffer,
                &mut sealed_so,
                &mut quality,
            );
            done("gss_unwrap", status)?;
        }
        Ok(opened.buffer.length == plain.length)
    }

    /// gss_wrap_iov and gss_unwrap_iov of what lies between header and trailer, in place.
    pub fn carry_in_place(&self, from_client: bool, message: &mut [u8]) -> Result<(), Failure> {
        let (sender, receiver) = self.ends(from_client);
        let functions = &self.mit.functions;
        let (header, rest) = message.split_at_mut(HEADER);
        let (data, trailer) = rest.split_at_mut(rest.len() - TRAILER);
        let mut pieces = [
            Piece { kind: PIECE_HEADER, buffer: Buffer::new(header) },
            Piece { kind: PIECE_DATA, buffer: Buffer::new(data) },
            Piece { kind: PIECE_PADDING, buffer: Buffer::EMPTY },
            Piece { kind: PIECE_TRAILER, buffer: Buffer::new(trailer) },
        ];
        let count = pieces.len() as i32;
        let (mut minor, mut sealed_so, mut quality) = (0, 0, 0);
        // SAFETY: live contexts; the pieces lie in `message`.
        unsafe {
            let pieces = pieces.as_mut_ptr();
            let status = (functions.wrap_iov)(&mut minor, sender, 1, 0, &mut sealed_so, pieces, count);
            done("gss_wrap_iov", status)?;
            let status =
                (functions.unwrap_iov)(&mut minor, receiver, &mut sealed_so, &mut quality, pieces, count);
            done("gss_unwrap_iov", status)
        }
    }

    /// Leaves the contexts alive for good.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Pair<'_> {
    fn drop(&mut self) {
        let mut minor = 0;
        for context in [&mut self.client, &mut self.server] {
            if !context.is_null() {
                // SAFETY: made by the library, deleted once.
                unsafe { (self.mit.functions.delete)(&mut minor, context, null_mut()) };
            }
        }
    }
}

fn done(call: &'static str, status: u32) -> Result<(), Failure> {
    expect(call, status as i32, 0)
}

/// 1.2.840.113554.1.2.2, the mechanism.
static KERBEROS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// 1.2.840.113554.1.2.2.1, GSS_KRB5_NT_PRINCIPAL_NAME.
static PRINCIPAL_NAME: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01];

/// What krb5-config says: "Kerberos 5 release 1.20.1".
fn version() -> Option<String> {
    let said = std::process::Command::new("dpkg-query")
        .args(["--show", "--showformat=${Version}", "libgssapi-krb5-2"])
        .output()
        .ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    Some(said.split('-').next().unwrap_or_default().to_owned())
}
