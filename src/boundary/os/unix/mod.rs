//! POSIX: the environment, names, and the account of the process.

pub mod ansi;
pub mod heap;
mod thread;

use std::ffi::{CStr, CString, OsString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;

use widestring::U16String;

use crate::store::os::Os;

pub use thread::Thread;

unsafe extern "C" {
    /// glibc and musl; the libc crate does not declare it.
    fn secure_getenv(name: *const c_char) -> *mut c_char;
}

/// The longest record of an account that is waited for, bytes.
const LARGEST_RECORD: usize = 1 << 20;

/// Asks the system for the record of an account, with as much room as it takes; `read` gets its name and it.
fn account<R>(
    mut ask: impl FnMut(*mut libc::passwd, *mut c_char, usize, *mut *mut libc::passwd) -> c_int,
    read: impl FnOnce(&CStr, &libc::passwd) -> R,
) -> Option<R> {
    let mut room = vec![0; 1024];
    loop {
        // SAFETY: passwd is plain data, for which zeroes are valid.
        let mut record: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        let answer = ask(&raw mut record, room.as_mut_ptr(), room.len(), &raw mut found);
        if answer == libc::ERANGE && room.len() < LARGEST_RECORD {
            room.resize(room.len() * 2, 0);
            continue;
        }
        if answer != 0 || found.is_null() || record.pw_name.is_null() {
            return None;
        }
        // SAFETY: pw_name is a NUL-terminated string inside `room`.
        let name = unsafe { CStr::from_ptr(record.pw_name) };
        return Some(read(name, &record));
    }
}

/// The operating system that the library runs on.
pub struct System;

impl Os for System {
    fn variable(&self, name: &str) -> Option<OsString> {
        let name = CString::new(name).ok()?;
        // SAFETY: a NUL-terminated name; the answer is NULL or a string of the environment, which
        // is copied at once.
        let value = unsafe { secure_getenv(name.as_ptr()) };
        // SAFETY: checked for NULL first.
        let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })?;
        Some(OsString::from_vec(value.to_bytes().to_vec()))
    }

    fn user_name(&self) -> Option<U16String> {
        let id = self.effective_uid();
        // SAFETY: `account` gives live memory of that size.
        let ask = |record, room, size, found| unsafe { libc::getpwuid_r(id, record, room, size, found) };
        account(ask, |name, _| U16String::from_str(&name.to_string_lossy()))
    }

    fn host_name(&self) -> U16String {
        // POSIX names are at most 255 bytes; the last byte stays NUL whatever the kernel writes.
        let mut room = [0_u8; 257];
        // SAFETY: one byte less than the buffer may be written.
        let answer = unsafe { libc::gethostname(room.as_mut_ptr().cast(), room.len() - 1) };
        let name = CStr::from_bytes_until_nul(&room).unwrap_or(c"");
        match name.to_string_lossy() {
            name if answer == 0 && !name.is_empty() => U16String::from_str(&name),
            _ => U16String::from_str("localhost"),
        }
    }

    fn effective_uid(&self) -> u32 {
        // SAFETY: takes nothing and cannot fail.
        unsafe { libc::geteuid() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_answers() {
        assert!(System.variable("PATH").is_some());
        assert!(System.variable("LIBSSPI_NO_SUCH_VARIABLE").is_none());
        assert!(System.variable("NUL\0INSIDE").is_none());
        assert!(!System.host_name().is_empty());
        let root = System.user_name().map(|name| name.to_string_lossy()).as_deref() == Some("root");
        assert_eq!(root, System.effective_uid() == 0);
    }
}
