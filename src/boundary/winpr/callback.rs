//! WinPR's function that computes an account's key (psSspiNtlmHashCallback).

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use widestring::U16Str;
use zeroize::Zeroize;

use crate::abi::{SEC_E_OK, SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_W, SecBuffer};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::accounts::{Account, AccountKey, AccountSource, Evidence};

/// Argument, who asks, what the proof covers, EncryptedRandomSessionKey, MIC, what the MIC covers; writes
/// NTOWFv2.
pub type HashFunction = unsafe extern "C" fn(
    *mut c_void,
    *const SEC_WINNT_AUTH_IDENTITY_W,
    *const SecBuffer,
    *const u8,
    *const u8,
    *const SecBuffer,
    *mut u8,
) -> i32;

/// How the function says that the account is there. WinPR changed its mind in 3.24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Something above zero, as a count or TRUE.
    Count,
    /// SEC_E_OK.
    Status,
    /// Either: the structure was the same before and after.
    StatusOrCount,
}

impl Manner {
    fn accepts(self, answer: i32) -> bool {
        match self {
            Manner::Count => answer > 0,
            Manner::Status => answer == SEC_E_OK,
            Manner::StatusOrCount => answer >= SEC_E_OK,
        }
    }
}

/// The function with its argument, which may be set later.
pub struct HashCallback {
    function: HashFunction,
    argument: AtomicPtr<c_void>,
    manner: Manner,
}

impl HashCallback {
    pub fn new(function: HashFunction, argument: *mut c_void, manner: Manner) -> Arc<HashCallback> {
        Arc::new(HashCallback { function, argument: AtomicPtr::new(argument), manner })
    }

    pub fn set_argument(&self, argument: *mut c_void) {
        self.argument.store(argument, Ordering::Release);
    }
}

/// The accounts that the function knows.
pub fn accounts(function: HashFunction, argument: *mut c_void, manner: Manner) -> Arc<dyn AccountSource> {
    HashCallback::new(function, argument, manner)
}

/// NTOWFv2; zeroed when it goes.
struct Answer([u8; 16]);

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl AccountSource for HashCallback {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        self.lookup_with(user, domain, &Evidence::default)
    }

    /// `None` also where the function answers that all is well and has written no key.
    fn lookup_with(
        &self,
        user: &U16Str,
        domain: &U16Str,
        evidence: &dyn Fn() -> Evidence,
    ) -> Result<Option<Account>> {
        let Evidence { mut proven, session_key, mic, mut messages } = evidence();
        let (mut user_units, mut domain_units) = (terminated(user), terminated(domain));
        let identity = SEC_WINNT_AUTH_IDENTITY_W {
            User: user_units.as_mut_ptr(),
            UserLength: length(user.len())?,
            Domain: domain_units.as_mut_ptr(),
            DomainLength: length(domain.len())?,
            Password: std::ptr::null_mut(),
            PasswordLength: 0,
            Flags: SEC_WINNT_AUTH_IDENTITY_UNICODE,
        };
        let (proven, messages) = (buffer(&mut proven)?, buffer(&mut messages)?);
        let mut key = Answer([0; 16]);
        // SAFETY: everything is live for the call; whoever set the function promises that it may be
        // called with its argument.
        let answer = unsafe {
            (self.function)(
                self.argument.load(Ordering::Acquire),
                &raw const identity,
                &raw const proven,
                session_key.as_ptr(),
                mic.as_ptr(),
                &raw const messages,
                key.0.as_mut_ptr(),
            )
        };
        if !self.manner.accepts(answer) || key.0 == [0; 16] {
            return Ok(None);
        }
        let key = AccountKey::NtowfV2(Secret::new(key.0));
        Ok(Some(Account { user: user.to_ustring(), domain: domain.to_ustring(), key }))
    }
}

fn terminated(name: &U16Str) -> Vec<u16> {
    name.as_slice().iter().copied().chain([0]).collect()
}

fn length(units: usize) -> Result<u32> {
    u32::try_from(units).map_err(|_| Error::new(Code::LogonDenied, "a name too long for the callback"))
}

fn buffer(bytes: &mut [u8]) -> Result<SecBuffer> {
    Ok(SecBuffer { cbBuffer: length(bytes.len())?, BufferType: 0, pvBuffer: bytes.as_mut_ptr().cast() })
}

#[cfg(test)]
mod tests {
    use widestring::U16String;

    use super::*;

    struct Script {
        answer: i32,
        byte: u8,
        asked: Vec<u16>,
    }

    unsafe extern "C" fn scripted(
        argument: *mut c_void,
        identity: *const SEC_WINNT_AUTH_IDENTITY_W,
        proven: *const SecBuffer,
        _session_key: *const u8,
        mic: *const u8,
        messages: *const SecBuffer,
        key: *mut u8,
    ) -> i32 {
        // SAFETY: the library passes live places, and the test a script.
        unsafe {
            let script = &mut *argument.cast::<Script>();
            let identity = &*identity;
            script.asked = std::slice::from_raw_parts(identity.User, identity.UserLength as usize).to_vec();
            assert_eq!(((*proven).cbBuffer, (*messages).cbBuffer, mic.read()), (3, 4, 7));
            assert_eq!((identity.Flags, identity.Password.is_null()), (2, true));
            key.write_bytes(script.byte, 16);
            script.answer
        }
    }

    fn ask(manner: Manner, answer: i32, byte: u8) -> bool {
        let mut script = Script { answer, byte, asked: Vec::new() };
        let callback = HashCallback::new(scripted, std::ptr::null_mut(), manner);
        callback.set_argument((&raw mut script).cast());
        let name = U16String::from_str("kim");
        let evidence =
            || Evidence { proven: vec![1; 3], messages: vec![2; 4], mic: [7; 16], ..Evidence::default() };
        let found = callback.lookup_with(&name, U16Str::from_slice(&[]), &evidence).unwrap();
        assert_eq!(script.asked, name.as_slice());
        found.is_some_and(|account| account.user == name && matches!(account.key, AccountKey::NtowfV2(_)))
    }

    #[test]
    fn the_function_says_yes_in_the_manner_of_its_version() {
        for (manner, zero, one) in
            [(Manner::Count, false, true), (Manner::Status, true, false), (Manner::StatusOrCount, true, true)]
        {
            assert_eq!(ask(manner, 0, 9), zero, "{manner:?}");
            assert_eq!(ask(manner, 1, 9), one, "{manner:?}");
            assert!(!ask(manner, -1, 9) && !ask(manner, 0x8009_030C_u32.cast_signed(), 9));
            assert!(!ask(manner, 0, 0) && !ask(manner, 1, 0), "no key was written");
        }
    }
}
