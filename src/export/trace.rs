//! What the log tells of calls (`SSPI_LOG=trace`): arguments and results by their names, never what is
//! in a buffer; and each thread's last failure, for `libsspi_last_error`.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::fmt::Write;
use std::time::Instant;

use widestring::U16Str;

use crate::abi::{SecHandle, names};
use crate::error::{Error, Result};
use crate::export::Answer;
use crate::log::{self, Level};
use crate::object::context::Role;

thread_local! {
    static NOTES: RefCell<String> = const { RefCell::new(String::new()) };
    static LAST: RefCell<Failure> = const { RefCell::new(Failure { code: 0, length: 0, reason: [0; 400] }) };
}

/// A failure in a place of its own: what needs a destructor needs memory, and that may be what failed.
struct Failure {
    /// 0: none yet.
    code: i32,
    /// Bytes of `reason`.
    length: usize,
    /// UTF-8.
    reason: [u8; 400],
}

/// A call that is traced.
pub struct Call {
    name: &'static str,
    handle: Option<SecHandle>,
    began: Instant,
    /// Of the call that this one is made inside of, by a callback.
    outer: String,
}

impl Call {
    /// `None` unless somebody wants to know.
    pub fn begin(name: &'static str, handle: impl FnOnce() -> Option<SecHandle>) -> Option<Call> {
        if !log::enabled(Level::Debug) {
            return None;
        }
        let outer = NOTES.try_with(|notes| std::mem::take(&mut *notes.borrow_mut())).unwrap_or_default();
        Some(Call { name, handle: handle(), began: Instant::now(), outer })
    }

    #[cold]
    pub fn end<T: Answer>(self, result: &Result<T>) {
        let notes = NOTES.try_with(|notes| notes.replace(self.outer)).unwrap_or_default();
        let handle = self.handle.map(shown).unwrap_or_default();
        let gap = if handle.is_empty() || notes.is_empty() { "" } else { " " };
        let (name, took) = (self.name, self.began.elapsed().as_micros());
        match result {
            Ok(answer) => {
                let status = names::name(names::STATUSES, answer.status());
                log::write(Level::Trace, format_args!("{name}({handle}{gap}{notes}) = {status}, {took} us"));
            }
            Err(error) => {
                let status = names::name(names::STATUSES, code(error));
                let reason = &error.reason;
                let text = format_args!("{name}({handle}{gap}{notes}) = {status}: {reason}, {took} us");
                log::write(Level::Debug, text);
            }
        }
    }
}

fn code(error: &Error) -> i32 {
    (error.code as u32).cast_signed()
}

/// A handle as the log shows it; the empty one as what it most often is: none yet.
fn shown(handle: SecHandle) -> String {
    format!("{:x}:{:x}", handle.dwLower, handle.dwUpper)
}

/// Adds to the line of the call that this thread is in: `name=value`. Values are made only when they are
/// written.
pub fn note(name: &str, value: impl FnOnce() -> String) {
    if log::enabled(Level::Trace) {
        let value = value();
        let _ = NOTES.try_with(|notes| {
            let mut notes = notes.borrow_mut();
            let gap = if notes.is_empty() { "" } else { " " };
            let _ = write!(notes, "{gap}{name}={value}");
        });
    }
}

pub fn note_handle(name: &str, handle: Option<SecHandle>) {
    note(name, || handle.map_or_else(|| "none".to_owned(), shown));
}

pub fn note_text(name: &str, text: Option<&U16Str>) {
    note(name, || text.map_or_else(|| "none".to_owned(), |text| format!("{:?}", text.to_string_lossy())));
}

/// fContextReq.
pub fn note_request(role: Role, bits: u32) {
    note("req", || match role {
        Role::Initiator => names::flags(names::ISC_REQ, "ISC_REQ_", bits),
        Role::Acceptor => names::flags(names::ASC_REQ, "ASC_REQ_", bits),
    });
}

/// *pfContextAttr.
pub fn note_grants(role: Role, bits: u32) {
    note("ret", || match role {
        Role::Initiator => names::flags(names::ISC_RET, "ISC_RET_", bits),
        Role::Acceptor => names::flags(names::ASC_RET, "ASC_RET_", bits),
    });
}

/// Keeps why the call failed.
pub fn failed(error: &Error) {
    let _ = LAST.try_with(|last| {
        let mut last = last.borrow_mut();
        last.code = code(error);
        let reason = &error.reason;
        let most = last.reason.len().min(reason.len());
        last.length = (0..=most).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
        last.reason.iter_mut().zip(reason.as_bytes()).for_each(|(place, byte)| *place = *byte);
    });
}

/// The thread's last failure in a line of text; `None`: none yet.
pub fn last_failure() -> Option<String> {
    LAST.try_with(|last| {
        let last = last.borrow();
        let reason = String::from_utf8_lossy(last.reason.get(..last.length).unwrap_or_default());
        (last.code != 0).then(|| format!("{}: {reason}", names::name(names::STATUSES, last.code)))
    })
    .ok()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn each_thread_has_its_own_last_failure() {
        failed(&Error::new(Code::LogonDenied, "no such account"));
        let other = std::thread::spawn(last_failure).join().unwrap();
        assert_eq!(other, None);
        assert_eq!(last_failure().as_deref(), Some("SEC_E_LOGON_DENIED: no such account"));
        failed(&Error::new(Code::LogonDenied, "aü".repeat(200)));
        assert_eq!(last_failure().unwrap().chars().filter(|one| *one == 'ü').count(), 133);
    }
}
