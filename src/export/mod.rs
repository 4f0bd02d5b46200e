//! The extern functions, one file per family. Each body reads its arguments, calls one safe
//! function and writes the results; `entry!` is around every body.

// The names of Windows' parameters, which Microsoft documents.
#![allow(non_snake_case)]

pub mod contexts;
pub mod credentials;
pub mod diagnosis;
pub mod extension;
pub mod flags;
pub mod identity;
mod leg;
pub mod logon;
pub mod messages;
pub mod packages;
#[cfg(all(windows, any(target_arch = "x86_64", target_arch = "x86")))]
mod passed_on;
pub mod query;
pub mod table;
pub mod tables;
pub mod trace;
pub mod transfer;
pub mod winpr;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use crate::abi::SecHandle;
use crate::boundary::os::System;
use crate::error::{Code, Error, Result};
use crate::export::trace::Call;
use crate::log;
use crate::store::os::Os;

/// Wraps the body of an export: a panic becomes SEC_E_INTERNAL_ERROR, the call is traced, and a
/// `Result` becomes what C gets.
///
/// `entry!("Name", { body })`, or with the handle that the trace shows `entry!("Name", pointer, { body })`.
/// The body is a `Result` of one of the types that implement [`Answer`]; `?` and `return` leave the body.
macro_rules! entry {
    ($name:literal, $body:block) => {
        $crate::export::run($name, || None, || $body)
    };
    ($name:literal, $handle:expr, $body:block) => {
        // SAFETY: C promises that the pointer is NULL or leads to a handle.
        $crate::export::run($name, || unsafe { $crate::boundary::places::get($handle) }, || $body)
    };
}
pub(crate) use entry;

/// What an export answers when its body succeeds or fails.
pub trait Answer {
    /// The C type of the function's result.
    type C;
    fn success(self) -> Self::C;
    fn failure(code: Code) -> Self::C;
    /// The status for the trace, if the function has one.
    fn status(&self) -> i32 {
        0
    }
}

/// SECURITY_STATUS: SEC_E_OK.
impl Answer for () {
    type C = i32;
    fn success(self) -> i32 {
        0
    }
    fn failure(code: Code) -> i32 {
        code as u32 as i32
    }
}

/// SECURITY_STATUS: a success of its own, such as SEC_I_CONTINUE_NEEDED.
impl Answer for i32 {
    type C = i32;
    fn success(self) -> i32 {
        self
    }
    fn failure(code: Code) -> i32 {
        code as u32 as i32
    }
    fn status(&self) -> i32 {
        *self
    }
}

/// BOOLEAN.
impl Answer for bool {
    type C = u8;
    fn success(self) -> u8 {
        u8::from(self)
    }
    fn failure(_: Code) -> u8 {
        0
    }
}

/// A pointer, NULL when the call fails.
impl<T> Answer for *mut T {
    type C = *mut T;
    fn success(self) -> *mut T {
        self
    }
    fn failure(_: Code) -> *mut T {
        std::ptr::null_mut()
    }
}

/// A pointer to what nobody writes, NULL when the call fails.
impl<T> Answer for *const T {
    type C = *const T;
    fn success(self) -> *const T {
        self
    }
    fn failure(_: Code) -> *const T {
        std::ptr::null()
    }
}

/// void.
pub struct Nothing;

impl Answer for Nothing {
    type C = ();
    fn success(self) {}
    fn failure(_: Code) {}
}

/// What [`entry!`] expands to.
pub fn run<T: Answer>(
    name: &'static str,
    handle: impl FnOnce() -> Option<SecHandle>,
    body: impl FnOnce() -> Result<T>,
) -> T::C {
    set_up_log();
    // The body may write where the handle was.
    let call = Call::begin(name, handle);
    // Whatever a panic leaves half done belongs to one object, and locks do not stay held.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "test-panic")]
        test_panic::perhaps(name);
        body()
    }));
    let result = outcome.unwrap_or_else(|_| Err(Error::new(Code::InternalError, "a panic was caught")));
    if let Some(call) = call {
        call.end(&result);
    }
    match result {
        Ok(answer) => answer.success(),
        Err(error) => {
            trace::failed(&error);
            T::failure(error.code)
        }
    }
}

/// `SSPI_LOG` is looked at once, by the first call of all. No panic comes out of it.
fn set_up_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = catch_unwind(|| {
            let (level, file) = (System.variable("SSPI_LOG"), System.variable("SSPI_LOG_FILE"));
            let level = level.as_deref().and_then(|value| value.to_str());
            log::configure(level, file.as_deref().map(Path::new));
        });
    });
}

/// The switch that makes a chosen export panic (attacks.md D14); never in a release.
#[cfg(feature = "test-panic")]
mod test_panic {
    use std::ffi::{CStr, c_char};

    use parking_lot::Mutex;

    use super::Nothing;

    static CHOSEN: Mutex<Option<String>> = Mutex::new(None);

    pub fn perhaps(name: &str) {
        let chosen = CHOSEN.lock().as_deref() == Some(name);
        assert!(!chosen, "a panic was asked for in {name}");
    }

    /// Makes the export of that name panic from now on; NULL ends it. Only in test builds.
    ///
    /// # Safety
    /// `name` is NULL or a NUL-terminated string.
    #[unsafe(no_mangle)]
    pub unsafe extern "system" fn libsspi_test_panic(name: *const c_char) {
        entry!("libsspi_test_panic", {
            // SAFETY: checked for NULL first; the caller promises a NUL-terminated string.
            let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) });
            *CHOSEN.lock() = name.map(|name| name.to_string_lossy().into_owned());
            Ok(Nothing)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_return_fail_or_panic() {
        let answer = |divisor: i32| {
            entry!("Test", {
                if divisor == 1 {
                    return Err(Code::TargetUnknown.into());
                }
                Ok(10 / divisor)
            })
        };
        assert_eq!(answer(2), 5);
        assert_eq!(answer(1), Code::TargetUnknown as u32 as i32);
        assert_eq!(answer(0), Code::InternalError as u32 as i32);
    }

    #[test]
    fn every_kind_of_answer_has_a_failure() {
        assert_eq!(run("Test", || None, || Ok(())), 0);
        assert_eq!(run("Test", || None, || Ok(true)), 1);
        assert_eq!(run::<bool>("Test", || None, || Err(Code::InvalidHandle.into())), 0);
        assert!(run::<*mut u8>("Test", || None, || Err(Code::InvalidHandle.into())).is_null());
        assert!(run::<*const u8>("Test", || None, || Err(Code::InvalidHandle.into())).is_null());
        run("Test", || None, || Ok(Nothing));
    }
}
