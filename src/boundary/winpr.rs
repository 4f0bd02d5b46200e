//! What WinPR (FreeRDP) adds to SSPI.
//!
//! | file | holds |
//! |---|---|
//! | here | an NT hash in the place of an identity's password |
//! | `settings.rs` | settings behind an identity (Flags 0x100 and 0x200) |
//! | `callback.rs` | the function that computes an account's key |
//! | `attributes.rs` | the context attributes 1001 to 1118 |

pub mod attributes;
pub mod callback;
pub mod settings;

use widestring::U16Str;

use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::identity::Password;

/// SEC_WINPR_AUTH_IDENTITY_PASSWORD_HASH: the password is 32 hex digits of an NT hash.
const PASSWORD_HASH: u32 = 0x0080_0000;
/// WinPR 2 added this (LB_PASSWORD_MAX_LENGTH) to PasswordLength to say the same.
const LENGTH_MARK: usize = 512;
/// Hex digits of an NT hash.
const DIGITS: usize = 32;

/// How many units of the password are really there.
///
/// `unit` reads one unit of the password. 544 units are WinPR 2's mark only where 32 hex digits and a
/// NUL stand: no password holds a NUL. No unit behind the first that says otherwise is read.
pub fn password_length(length: usize, unit: impl Fn(usize) -> u16) -> (usize, bool) {
    let marked = length == DIGITS + LENGTH_MARK
        && (0..DIGITS).all(|index| hex(unit(index)).is_some())
        && unit(DIGITS) == 0;
    if marked { (DIGITS, true) } else { (length, false) }
}

/// The password, or the hash that stands for it.
pub fn password(units: Secret<Vec<u16>>, flags: u32, marked: bool) -> Result<Password> {
    if !marked && flags & PASSWORD_HASH == 0 {
        return Ok(Password::Clear(units));
    }
    let hash = nt_hash(U16Str::from_slice(units.as_ref()));
    hash.map(|hash| Password::NtHash(Secret::new(hash)))
        .ok_or_else(|| Error::new(Code::InvalidParameter, "a password hash that is not 32 hex digits"))
}

fn nt_hash(digits: &U16Str) -> Option<[u8; 16]> {
    let (pairs, rest) = digits.as_slice().as_chunks();
    if pairs.len() != DIGITS / 2 || !rest.is_empty() {
        return None;
    }
    let mut hash = [0; 16];
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = hex(*high)? << 4 | hex(*low)?;
    }
    Some(hash)
}

fn hex(unit: u16) -> Option<u8> {
    let digit = char::from_u32(unit.into())?.to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "d5922a65c4d5c082ca444af1be0001dB";

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn is_hash(result: Result<Password>) -> bool {
        matches!(result, Ok(Password::NtHash(hash)) if hash.as_ref()[..2] == [0xD5, 0x92])
    }

    #[test]
    fn a_hash_is_read_by_its_flag_only() {
        assert!(is_hash(password(Secret::new(units(HASH)), PASSWORD_HASH, false)));
        let plain = password(Secret::new(units(HASH)), 0x302, false);
        assert!(matches!(plain, Ok(Password::Clear(text)) if text.as_ref() == &units(HASH)));
        for wrong in ["", "d5", "zz922a65c4d5c082ca444af1be0001db", &HASH.repeat(32)] {
            assert!(password(Secret::new(units(wrong)), PASSWORD_HASH, false).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_length_mark_needs_a_hash_and_a_nul() {
        let memory = |text: &str| {
            let units: Vec<u16> = units(text).into_iter().chain([0]).collect();
            move |index: usize| units[index]
        };
        assert_eq!(password_length(544, memory(HASH)), (32, true));
        assert_eq!(password_length(544, memory(&"p".repeat(544))), (544, false));
        assert_eq!(password_length(544, memory(&HASH.repeat(17))), (544, false));
        assert_eq!(password_length(1024, memory(&"p".repeat(1024))), (1024, false));
        assert_eq!(password_length(32, memory(HASH)), (32, false));
    }
}
