//! An application's own accounts: a C function behind the safe trait.

use std::ffi::c_void;
use std::sync::Arc;

use widestring::{U16Str, U16String};
use zeroize::Zeroize;

use crate::abi::{
    LIBSSPI_ACCOUNT, LIBSSPI_ACCOUNT_CALLBACK, LIBSSPI_KEY_NT_HASH, LIBSSPI_KEY_NTOWF_V2,
    LIBSSPI_NAME_LENGTH, SEC_E_NO_CREDENTIALS, SEC_E_OK,
};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::accounts::{Account, AccountKey, AccountSource};

/// A LIBSSPI_ACCOUNT_CALLBACK with its argument.
struct Callback {
    function:
        unsafe extern "system" fn(*mut c_void, *const u16, u32, *const u16, u32, *mut LIBSSPI_ACCOUNT) -> i32,
    argument: *mut c_void,
}

// SAFETY: whoever sets a callback promises that it may be called, with its argument, from any thread.
unsafe impl Send for Callback {}
// SAFETY: as above, and from several threads at once.
unsafe impl Sync for Callback {}

/// The accounts behind a callback; `None` for a callback of NULL.
///
/// # Safety
/// `callback` may be called with `argument`, from any thread, for as long as the source lives.
pub unsafe fn accounts(
    callback: LIBSSPI_ACCOUNT_CALLBACK,
    argument: *mut c_void,
) -> Option<Arc<dyn AccountSource>> {
    callback.map(|function| Arc::new(Callback { function, argument }) as Arc<dyn AccountSource>)
}

/// Zeroed when it goes.
struct Answer(LIBSSPI_ACCOUNT);

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.Key.zeroize();
    }
}

impl AccountSource for Callback {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        let too_long = |_| Error::new(Code::LogonDenied, "a name too long for the callback");
        let user_length = u32::try_from(user.len()).map_err(too_long)?;
        let domain_length = u32::try_from(domain.len()).map_err(too_long)?;
        let mut answer = Answer(LIBSSPI_ACCOUNT {
            cbSize: size_of::<LIBSSPI_ACCOUNT>() as u32,
            Kind: 0,
            Key: [0; 16],
            User: [0; LIBSSPI_NAME_LENGTH],
            Domain: [0; LIBSSPI_NAME_LENGTH],
        });
        // SAFETY: both names and the answer are live for the call; the callback is as it was promised.
        let status = unsafe {
            (self.function)(
                self.argument,
                user.as_ptr(),
                user_length,
                domain.as_ptr(),
                domain_length,
                &raw mut answer.0,
            )
        };
        match status {
            SEC_E_OK => account(&answer.0, user).map(Some),
            SEC_E_NO_CREDENTIALS => Ok(None),
            _ => Err(Error::new(Code::LogonDenied, format!("the account callback answered {status:#010x}"))),
        }
    }
}

fn account(answer: &LIBSSPI_ACCOUNT, user: &U16Str) -> Result<Account> {
    let key = match answer.Kind {
        LIBSSPI_KEY_NT_HASH => AccountKey::NtHash(Secret::new(answer.Key)),
        LIBSSPI_KEY_NTOWF_V2 => AccountKey::NtowfV2(Secret::new(answer.Key)),
        _ => return Err(Error::new(Code::LogonDenied, "the account callback gave no known kind of key")),
    };
    // The user stands under the proof; a domain that the callback did not look at says nothing.
    let user = Some(spelled(&answer.User)).filter(|own| !own.is_empty()).unwrap_or_else(|| user.to_owned());
    Ok(Account { user, domain: spelled(&answer.Domain), key })
}

/// The name up to its NUL.
fn spelled(name: &[u16; LIBSSPI_NAME_LENGTH]) -> U16String {
    U16String::from_vec(name.split(|unit| *unit == 0).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "system" fn find(
        argument: *mut c_void,
        user: *const u16,
        user_length: u32,
        _domain: *const u16,
        _domain_length: u32,
        account: *mut LIBSSPI_ACCOUNT,
    ) -> i32 {
        // SAFETY: the library passes a live name.
        let user = unsafe { std::slice::from_raw_parts(user, user_length as usize) };
        if user != [u16::from(b'u')] {
            return if user.is_empty() { -1 } else { SEC_E_NO_CREDENTIALS };
        }
        // SAFETY: the library passes an account, and the test a kind.
        unsafe {
            (*account).Kind = argument.cast::<u32>().read();
            (*account).Key = [7; 16];
            (*account).User[0] = u16::from(b'U');
        }
        SEC_E_OK
    }

    #[test]
    fn a_callback_answers_for_its_accounts() {
        let mut kind = LIBSSPI_KEY_NT_HASH;
        // SAFETY: the callback and its argument outlive the source.
        let source = unsafe { accounts(Some(find), (&raw mut kind).cast()) }.unwrap();
        let name = U16String::from_str;
        let found = source.lookup(&name("u"), &name("dom")).unwrap().unwrap();
        assert_eq!((found.user, found.domain), (name("U"), name("")));
        assert!(matches!(found.key, AccountKey::NtHash(_)));
        assert!(source.lookup(&name("v"), &name("")).unwrap().is_none());
        assert!(source.lookup(&name(""), &name("")).is_err());
        kind = 9;
        assert_eq!(kind, 9);
        assert!(source.lookup(&name("u"), &name("")).is_err());
        // SAFETY: NULL is no callback.
        assert!(unsafe { accounts(None, std::ptr::null_mut()) }.is_none());
    }
}
