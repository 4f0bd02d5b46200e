//! The system's own security DLL, for the functions that are not SSPI's: loaded by its full path when
//! the first of them is called, never by name, which would be ours.

use std::ffi::{CStr, c_char, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::log::{self, Level};

const FROM_ADDRESS: u32 = 4;
const UNCHANGED_REFCOUNT: u32 = 2;
const LOAD_WITH_ALTERED_SEARCH_PATH: u32 = 8;
const ERROR_CALL_NOT_IMPLEMENTED: u32 = 120;
const SEC_E_UNSUPPORTED_FUNCTION: usize = 0x8009_0302;
const STATUS_NOT_IMPLEMENTED: usize = 0xC000_0002;
/// Where the functions may be, first the DLL that most programs know.
const NAMES: [&str; 2] = ["secur32.dll", "sspicli.dll"];

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetSystemDirectoryW(buffer: *mut u16, room: u32) -> u32;
    fn LoadLibraryExW(path: *const u16, file: *mut c_void, flags: u32) -> *mut c_void;
    fn GetProcAddress(module: *mut c_void, name: *const c_char) -> *mut c_void;
    fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    fn SetLastError(code: u32);
}

/// What a function answers where the system lacks it.
#[derive(Clone, Copy)]
pub enum Kind {
    /// SECURITY_STATUS: SEC_E_UNSUPPORTED_FUNCTION.
    Security,
    /// NTSTATUS: STATUS_NOT_IMPLEMENTED.
    Nt,
    /// BOOL or a pointer: 0, and ERROR_CALL_NOT_IMPLEMENTED.
    Zero,
}

/// One function of the system's. Its address is the first field: the export jumps there.
#[repr(C)]
pub struct Function {
    address: AtomicUsize,
    name: &'static CStr,
    kind: Kind,
}

impl Function {
    pub const fn new(name: &'static CStr, kind: Kind) -> Function {
        Function { address: AtomicUsize::new(0), name, kind }
    }
}

/// Finds the function, once; the answer can be called like it.
pub extern "C" fn find(function: &'static Function) -> usize {
    let found = std::panic::catch_unwind(|| modules().iter().find_map(|module| module.find(function.name)));
    let address = found.ok().flatten().unwrap_or_else(|| {
        log::write(Level::Warn, format_args!("the system has no {}", function.name.to_string_lossy()));
        match function.kind {
            Kind::Security => lacking_security as *const () as usize,
            Kind::Nt => lacking_nt as *const () as usize,
            Kind::Zero => lacking_zero as *const () as usize,
        }
    });
    function.address.store(address, Ordering::Release);
    address
}

extern "system" fn lacking_security() -> usize {
    SEC_E_UNSUPPORTED_FUNCTION
}

extern "system" fn lacking_nt() -> usize {
    STATUS_NOT_IMPLEMENTED
}

extern "system" fn lacking_zero() -> usize {
    // SAFETY: takes a number and cannot fail.
    unsafe { SetLastError(ERROR_CALL_NOT_IMPLEMENTED) };
    0
}

/// A module that stays loaded.
struct Module(usize);

impl Module {
    fn load(name: &str) -> Option<Module> {
        let mut path = system_folder()?;
        path.extend(format!("\\{name}\0").encode_utf16());
        // SAFETY: a NUL-terminated path.
        let module =
            unsafe { LoadLibraryExW(path.as_ptr(), std::ptr::null_mut(), LOAD_WITH_ALTERED_SEARCH_PATH) };
        (!module.is_null()).then_some(Module(module as usize))
    }

    /// Not what leads back to us: this library may be that file, or the system's may forward to it.
    fn find(&self, name: &CStr) -> Option<usize> {
        // SAFETY: a module that stays loaded, and a NUL-terminated name.
        let address = unsafe { GetProcAddress(self.0 as *mut c_void, name.as_ptr()) };
        (!address.is_null() && module_of(address) != module_of(find as *const c_void))
            .then_some(address as usize)
    }
}

fn modules() -> &'static [Module] {
    static MODULES: OnceLock<Vec<Module>> = OnceLock::new();
    MODULES.get_or_init(|| NAMES.iter().filter_map(|name| Module::load(name)).collect())
}

fn module_of(address: *const c_void) -> usize {
    let mut module = std::ptr::null_mut();
    // SAFETY: any address may be asked about; the count of the module stays.
    unsafe { GetModuleHandleExW(FROM_ADDRESS | UNCHANGED_REFCOUNT, address, &raw mut module) };
    module as usize
}

fn system_folder() -> Option<Vec<u16>> {
    let mut room = vec![0; 1024];
    // SAFETY: room for as many units as are said.
    let length = unsafe { GetSystemDirectoryW(room.as_mut_ptr(), 1024) };
    let length = usize::try_from(length).ok().filter(|length| (1..room.len()).contains(length))?;
    room.truncate(length);
    Some(room)
}
