//! Names as Windows compares them: by UTF-16 unit, upcased one to one.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

/// The simple uppercase of one UTF-16 unit, where lowering it gives the unit back.
///
/// Windows' table holds no mapping that is not its own inverse, so ı, ſ, µ and ς stay, and never a
/// full mapping: ß, ŉ and ﬁ stay. So does half of a surrogate pair.
pub fn upcase(unit: u16) -> u16 {
    if unit < 0x80 {
        return match unit {
            0x61..=0x7A => unit - 0x20,
            _ => unit,
        };
    }
    simple_uppercase(unit).filter(|upper| simple_lowercase(*upper) == Some(unit)).unwrap_or(unit)
}

fn simple_uppercase(unit: u16) -> Option<u16> {
    // Greek with iota subscript: its full uppercase is two letters, its simple one is one.
    match unit {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => Some(unit + 8),
        0x1FB3 | 0x1FC3 | 0x1FF3 => Some(unit + 9),
        _ => only(char::from_u32(u32::from(unit))?.to_uppercase()),
    }
}

fn simple_lowercase(unit: u16) -> Option<u16> {
    only(char::from_u32(u32::from(unit))?.to_lowercase())
}

/// The mapping if it is one letter of the basic plane.
fn only(mut letters: impl Iterator<Item = char>) -> Option<u16> {
    let letter = letters.next()?;
    letters.next().is_none().then(|| u16::try_from(u32::from(letter)).ok()).flatten()
}

/// Every unit upcased.
pub fn upcased(name: &U16Str) -> U16String {
    U16String::from_vec(name.as_slice().iter().map(|unit| upcase(*unit)).collect::<Vec<_>>())
}

/// Whether two names are the same but for case.
pub fn same(a: &U16Str, b: &U16Str) -> bool {
    a.len() == b.len() && a.as_slice().iter().zip(b.as_slice()).all(|(a, b)| upcase(*a) == upcase(*b))
}

/// `DOMAIN\user`, or the user alone where there is no domain.
pub fn down_level(domain: &U16Str, user: &U16Str) -> U16String {
    let mut name = U16String::with_capacity(domain.len() + user.len() + 1);
    if !domain.is_empty() {
        name.push(domain);
        name.push_slice([u16::from(b'\\')]);
    }
    name.push(user);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(text: &str) -> String {
        upcased(&U16String::from_str(text)).to_string_lossy()
    }

    #[test]
    fn upcasing_is_one_to_one() {
        assert_eq!(up("müller"), "MÜLLER");
        assert_eq!(up("straße"), "STRAßE");
        assert_eq!(up("ŉﬁıſµς"), "ŉﬁıſµς");
        assert_eq!(up("ᾀῳ"), "ᾈῼ");
        assert_eq!(up("привет𐐨"), "ПРИВЕТ𐐨");
        assert_eq!(upcase(0xD800), 0xD800);
    }

    #[test]
    fn names_compare_without_case() {
        assert!(same(&U16String::from_str("Älice"), &U16String::from_str("äLICE")));
        assert!(!same(&U16String::from_str("alice"), &U16String::from_str("alice ")));
    }
}
