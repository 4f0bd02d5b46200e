//! One SSPI library, opened by path and known by its symbols alone.
//!
//! Several libraries of one process export the same names, so each function is
//! taken from its own handle, and RTLD_DEEPBIND keeps a library that was not
//! bound to itself from calling into another.

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Path, PathBuf};

use crate::abi;
use crate::session::{self, ServerWay};

/// The functions that the bench calls, under their own names.
pub struct Functions {
    pub acquire: abi::AcquireCredentialsHandleW,
    pub free_credentials: abi::OneHandle,
    pub initialize: abi::InitializeSecurityContextW,
    pub accept: abi::AcceptSecurityContext,
    pub complete: abi::CompleteAuthToken,
    pub delete: abi::OneHandle,
    pub encrypt: abi::EncryptMessage,
    pub decrypt: abi::DecryptMessage,
    pub query: abi::QueryContextAttributesW,
    /// sspi-rs exports none.
    pub set_context: Option<abi::SetContextAttributesW>,
}

pub struct Library {
    pub name: String,
    pub version: String,
    pub path: PathBuf,
    pub functions: Functions,
    pub server_way: ServerWay,
}

impl Library {
    /// Opens `path` and finds out, by trying, how its acceptor gets an account.
    pub fn open(name: &str, version: &str, path: &Path) -> Result<Self, String> {
        let module = Module::open(path)?;
        let functions = Functions::of(&module)?;
        let server_way = session::find_server_way(&functions)?;
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            path: path.to_owned(),
            functions,
            server_way,
        })
    }
}

/// A loaded module; never closed, as SSPI libraries are not made for it.
pub struct Module(*mut c_void);

impl Module {
    pub fn open(path: &Path) -> Result<Self, String> {
        let c_path = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| format!("{}: a NUL in the path", path.display()))?;
        let flags = libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_DEEPBIND;
        // SAFETY: the path is a C string; loading runs the library's own constructors.
        let module = unsafe { libc::dlopen(c_path.as_ptr(), flags) };
        if module.is_null() { Err(last_error()) } else { Ok(Self(module)) }
    }

    /// The symbol `name` as a function pointer of type `F`.
    ///
    /// # Safety
    /// `F` must be a function pointer type that fits what the symbol is.
    pub unsafe fn symbol<F: Copy>(&self, name: &CStr) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        // SAFETY: the module was opened and is never closed.
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        // SAFETY: same size, and the caller answers for the type.
        (!address.is_null()).then(|| unsafe { std::mem::transmute_copy::<*mut c_void, F>(&address) })
    }

    /// What a function without arguments that returns a static string says.
    pub fn string_from(&self, name: &CStr) -> Option<String> {
        type Text = unsafe extern "C" fn(i32) -> *const c_char;
        // SAFETY: an argument too many is harmless in the C convention of this platform.
        let text = unsafe { self.symbol::<Text>(name)?(0) };
        // SAFETY: both users of this return a static C string.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    }
}

impl Functions {
    fn of(module: &Module) -> Result<Self, String> {
        /// Reads one symbol that must be there.
        fn needed<F: Copy>(module: &Module, name: &CStr) -> Result<F, String> {
            // SAFETY: each field below carries the type that SSPI gives the name.
            unsafe { module.symbol(name) }
                .ok_or_else(|| format!("{} is not exported", name.to_string_lossy()))
        }
        Ok(Self {
            acquire: needed(module, c"AcquireCredentialsHandleW")?,
            free_credentials: needed(module, c"FreeCredentialsHandle")?,
            initialize: needed(module, c"InitializeSecurityContextW")?,
            accept: needed(module, c"AcceptSecurityContext")?,
            complete: needed(module, c"CompleteAuthToken")?,
            delete: needed(module, c"DeleteSecurityContext")?,
            encrypt: needed(module, c"EncryptMessage")?,
            decrypt: needed(module, c"DecryptMessage")?,
            query: needed(module, c"QueryContextAttributesW")?,
            // SAFETY: as above.
            set_context: unsafe { module.symbol(c"SetContextAttributesW") },
        })
    }
}

fn last_error() -> String {
    // SAFETY: dlerror returns NULL or a C string that lives until the next dl call.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "cannot be loaded".to_owned();
    }
    // SAFETY: see above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
