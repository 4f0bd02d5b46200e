//! Names as Windows compares them: by UTF-16 unit, upcased one to one.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

/// The simple uppercase of one UTF-16 unit.
///
/// Never a full mapping: a unit whose uppercase is several characters (ß, ŉ, ﬁ) or lies outside the
/// basic plane stays, and so does half of a surrogate pair. Dotless i and long s stay too, as in
/// Windows' table, which maps no letter onto ASCII from outside it.
pub fn upcase(unit: u16) -> u16 {
    if unit < 0x80 {
        return match unit {
            0x61..=0x7A => unit - 0x20,
            _ => unit,
        };
    }
    let Some(letter) = char::from_u32(u32::from(unit)) else { return unit };
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => u16::try_from(u32::from(single)).ok().filter(|u| *u >= 0x80).unwrap_or(unit),
        _ => unit,
    }
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
        assert_eq!(up("ŉﬁı"), "ŉﬁı");
        assert_eq!(up("привет𐐨"), "ПРИВЕТ𐐨");
        assert_eq!(upcase(0xD800), 0xD800);
    }

    #[test]
    fn names_compare_without_case() {
        assert!(same(&U16String::from_str("Älice"), &U16String::from_str("äLICE")));
        assert!(!same(&U16String::from_str("alice"), &U16String::from_str("alice ")));
    }
}
