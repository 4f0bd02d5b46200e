//! Every form of an identity, read from memory as a C caller lays it out.

use std::ptr::null_mut;

use super::*;
use crate::abi::{SEC_WINNT_AUTH_IDENTITY_A, SEC_WINNT_AUTH_IDENTITY_EXA};

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn password_of(identity: &Identity) -> Option<String> {
    match identity.password.as_ref()? {
        Password::Clear(units) => Some(String::from_utf16_lossy(units.as_ref())),
        Password::NtHash(_) => Some("hash".into()),
    }
}

fn names(identity: &Identity) -> (Option<String>, Option<String>) {
    let text = |name: &Option<U16String>| name.as_ref().map(|name| name.to_string_lossy());
    (text(&identity.user), text(&identity.domain))
}

fn named(user: &str, domain: &str) -> (Option<String>, Option<String>) {
    (Some(user.into()), Some(domain.into()))
}

fn read_any<T>(structure: &T, wide: bool) -> Result<Option<Identity>> {
    // SAFETY: every test hands over a whole structure with true pointers.
    unsafe { read_auth_data((&raw const *structure).cast(), wide) }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code)
}

fn ex_of(user: &mut [u16], password: &mut [u16], list: &mut [u16]) -> SEC_WINNT_AUTH_IDENTITY_EXW {
    SEC_WINNT_AUTH_IDENTITY_EXW {
        Version: 0x200,
        Length: 72,
        User: user.as_mut_ptr(),
        UserLength: user.len() as u32,
        Domain: null_mut(),
        DomainLength: 0,
        Password: password.as_mut_ptr(),
        PasswordLength: password.len() as u32,
        Flags: SEC_WINNT_AUTH_IDENTITY_UNICODE,
        PackageList: list.as_mut_ptr(),
        PackageListLength: list.len() as u32,
    }
}

fn plain_of(
    user: &mut [u16],
    domain: &mut [u16],
    password: &mut [u16],
    flags: u32,
) -> SEC_WINNT_AUTH_IDENTITY_W {
    SEC_WINNT_AUTH_IDENTITY_W {
        User: user.as_mut_ptr(),
        UserLength: user.len() as u32,
        Domain: domain.as_mut_ptr(),
        DomainLength: domain.len() as u32,
        Password: password.as_mut_ptr(),
        PasswordLength: password.len() as u32,
        Flags: flags,
    }
}

fn nothing<const N: usize>() -> [u64; N] {
    [0; N]
}

#[test]
fn the_flags_decide_the_character_set() {
    let (mut user, mut domain, mut password) = (wide("zoë"), wide("DOM"), wide("pä\u{1d11e}"));
    // MARSHALLED and WinPR's two marks change nothing.
    for flags in [2, 2 | 4, 2 | 0x100, 2 | 0x200] {
        let plain = plain_of(&mut user, &mut domain, &mut password, flags);
        for entry_point in [true, false] {
            let identity = read_any(&plain, entry_point).unwrap().unwrap();
            assert_eq!(names(&identity), named("zoë", "DOM"));
            assert_eq!(password_of(&identity).unwrap(), "pä\u{1d11e}");
        }
    }
    let (mut user, mut domain, mut password) = (*b"zo\xc3\xab", *b"DOM", *b"p\xc3\xa4");
    for flags in [1, 3, 1 | 0x100] {
        let plain = SEC_WINNT_AUTH_IDENTITY_A {
            User: user.as_mut_ptr(),
            UserLength: 4,
            Domain: domain.as_mut_ptr(),
            DomainLength: 3,
            Password: password.as_mut_ptr(),
            PasswordLength: 3,
            Flags: flags,
        };
        for entry_point in [true, false] {
            let identity = read_any(&plain, entry_point).unwrap().unwrap();
            assert_eq!(names(&identity), named("zoë", "DOM"));
            assert_eq!(password_of(&identity).unwrap(), "pä");
        }
    }
}

#[test]
fn without_a_flag_the_entry_point_decides() {
    let (mut user, mut domain, mut password) = (wide("ab"), wide("c"), wide("d"));
    let plain = plain_of(&mut user, &mut domain, &mut password, 0);
    assert_eq!(names(&read_any(&plain, true).unwrap().unwrap()), named("ab", "c"));
    // As bytes "a\0": what follows the NUL is not meant.
    assert_eq!(names(&read_any(&plain, false).unwrap().unwrap()), named("a", "c"));
}

#[test]
fn the_default_identity_is_none() {
    // SAFETY: NULL is allowed.
    assert!(unsafe { read_auth_data(std::ptr::null(), true) }.unwrap().is_none());
    assert!(read_any(&nothing::<6>(), true).unwrap().is_none());
    let mut ex = ex_of(&mut [], &mut [], &mut []);
    (ex.User, ex.Password, ex.PackageList) = (null_mut(), null_mut(), null_mut());
    assert!(read_any(&ex, true).unwrap().is_none());
    let mut list = wide("!ntlm");
    (ex.PackageList, ex.PackageListLength) = (list.as_mut_ptr(), 5);
    let identity = read_any(&ex, true).unwrap().unwrap();
    assert!(identity.is_default() && identity.package_list == Some(U16String::from_str("!ntlm")));
    (ex.PackageList, ex.PackageListLength, ex.Flags) = (null_mut(), 0, 2 | 8);
    let identity = read_any(&ex, true).unwrap().unwrap();
    assert!(identity.is_default() && identity.only);
}

#[test]
fn extended_identities_carry_a_package_list() {
    let (mut user, mut password, mut list) = (wide("u"), wide("p"), wide("Kerberos,NTLM"));
    let identity = read_any(&ex_of(&mut user, &mut password, &mut list), false).unwrap().unwrap();
    assert_eq!(names(&identity), (Some("u".into()), None));
    assert_eq!(identity.package_list, Some(U16String::from_str("Kerberos,NTLM")));
    let (mut user, mut list) = (*b"u", *b"!ntlm");
    let exa = SEC_WINNT_AUTH_IDENTITY_EXA {
        Version: 0x200,
        Length: 72,
        User: user.as_mut_ptr(),
        UserLength: 1,
        Domain: null_mut(),
        DomainLength: 0,
        Password: null_mut(),
        PasswordLength: 0,
        Flags: SEC_WINNT_AUTH_IDENTITY_ANSI,
        PackageList: list.as_mut_ptr(),
        PackageListLength: 5,
    };
    assert_eq!(read_any(&exa, true).unwrap().unwrap().package_list, Some(U16String::from_str("!ntlm")));
}

#[test]
fn null_strings_with_lengths_and_long_ones_are_refused() {
    for field in [1, 3, 5] {
        let mut words = nothing::<6>();
        words[field] = 1;
        assert_eq!(code(read_any(&words, true)), Some(Code::InvalidParameter), "{field}");
    }
    let (mut user, mut domain, mut password) = (wide("a"), wide("b"), wide("c"));
    for length in [32_768, u32::MAX] {
        let mut plain = plain_of(&mut user, &mut domain, &mut password, 2);
        plain.PasswordLength = length;
        assert_eq!(code(read_any(&plain, true)), Some(Code::InvalidParameter));
        plain.PasswordLength = 1;
        plain.UserLength = length;
        assert_eq!(code(read_any(&plain, true)), Some(Code::InvalidParameter));
    }
}

#[test]
fn wrong_sizes_of_extended_identities_are_refused() {
    for version in [0x200_u32, 0x201] {
        for length in [0_u32, 1, 47, 49, 71, 73, 0xFFF, 0x8000, 0x7FFF_FFFF, 0x8000_0000, u32::MAX] {
            let mut bytes = nothing::<9>();
            bytes[0] = u64::from(length) << 32 | u64::from(version);
            assert_eq!(code(read_any(&bytes, true)), Some(Code::InvalidParameter), "{version:x} {length:x}");
        }
    }
}

#[test]
fn a_pointer_that_looks_like_a_version_is_a_pointer() {
    for low in [0x200_u64, 0x201] {
        let mut words = nothing::<6>();
        words[0] = 0x7F12 << 32 | low;
        // A length of 0: the pointer is never followed.
        assert_eq!(names(&read_any(&words, true).unwrap().unwrap()).0, Some(String::new()));
    }
}

#[test]
fn an_ansi_name_ends_at_its_nul_and_must_be_utf8() {
    let mut user = *b"User\0\xff\xff\xff";
    let mut plain = plain_of(&mut [], &mut [], &mut [], 1);
    (plain.User, plain.UserLength) = (user.as_mut_ptr().cast(), 8);
    (plain.Domain, plain.Password) = (null_mut(), null_mut());
    assert_eq!(names(&read_any(&plain, true).unwrap().unwrap()).0.as_deref(), Some("User"));
    (plain.User, plain.UserLength) = (user.as_mut_ptr().wrapping_add(5).cast(), 3);
    assert_eq!(code(read_any(&plain, true)), Some(Code::InvalidParameter));
}

#[test]
fn lone_surrogates_are_kept() {
    let (mut user, mut password) = ([0xD800, 0x61], [0xDC00]);
    let plain = plain_of(&mut user, &mut [], &mut password, 2);
    let identity = read_any(&plain, true).unwrap().unwrap();
    assert_eq!(identity.user.unwrap().as_slice(), [0xD800, 0x61]);
    assert!(matches!(identity.password, Some(Password::Clear(units)) if units.as_ref() == &[0xDC00]));
}

#[test]
fn winpr_hashes_are_hashes() {
    let digits = "d5922a65c4d5c082ca444af1be0001db\0";
    let mut password = wide(digits);
    let mut plain = plain_of(&mut [], &mut [], &mut password, 2 | 0x0080_0000);
    plain.PasswordLength = 32;
    assert_eq!(password_of(&read_any(&plain, true).unwrap().unwrap()).unwrap(), "hash");
    (plain.PasswordLength, plain.Flags) = (544, 2);
    assert_eq!(password_of(&read_any(&plain, true).unwrap().unwrap()).unwrap(), "hash");
    let mut bytes = digits.as_bytes().to_vec();
    (plain.Password, plain.Flags) = (bytes.as_mut_ptr().cast(), 1);
    assert_eq!(password_of(&read_any(&plain, true).unwrap().unwrap()).unwrap(), "hash");
    (plain.PasswordLength, plain.Flags) = (31, 1 | 0x0080_0000);
    assert_eq!(code(read_any(&plain, true)), Some(Code::InvalidParameter));
    let mut long = wide(&"p".repeat(1024));
    let plain = plain_of(&mut [], &mut [], &mut long, 2);
    assert_eq!(password_of(&read_any(&plain, true).unwrap().unwrap()).unwrap().len(), 1024);
}

#[test]
fn an_ex2_is_read_where_it_lies() {
    let identity = Identity {
        user: Some(U16String::from_str("alice")),
        password: Some(Password::Clear(Secret::new(wide("secret")))),
        ..Identity::default()
    };
    let opaque = Opaque::from_identity(&identity).unwrap();
    let mut shifted = vec![0_u8];
    shifted.extend_from_slice(opaque.bytes());
    // An odd address must do.
    let data: *mut c_void = shifted.as_mut_ptr().wrapping_add(1).cast();
    // SAFETY: a whole EX2.
    let read = unsafe { read_auth_data(data, false) }.unwrap().unwrap();
    assert_eq!(names(&read), (Some("alice".into()), None));
    assert_eq!(password_of(&read).unwrap(), "secret");
    // SAFETY: a whole EX2 that only this test uses.
    let again = unsafe { read_opaque(data) }.unwrap();
    assert_eq!(again.bytes(), opaque.bytes());
    // SAFETY: a whole EX2 that only this test uses.
    opaque::encrypt(unsafe { block_of(data) }.unwrap(), opaque::Scope::Process, &System).unwrap();
    // SAFETY: a whole EX2, which AcquireCredentialsHandle takes encrypted as well.
    let read = unsafe { read_auth_data(data, false) }.unwrap().unwrap();
    assert_eq!(password_of(&read).unwrap(), "secret");
    // SAFETY: a whole EX2 that only this test uses.
    opaque::decrypt(unsafe { block_of(data) }.unwrap(), opaque::Scope::Process, &System).unwrap();
    // SAFETY: a whole EX2 that only this test uses.
    unsafe { zero(data) }.unwrap();
    // SAFETY: a whole EX2.
    let read = unsafe { read_auth_data(data, false) }.unwrap().unwrap();
    assert_eq!(names(&read), (Some("alice".into()), None));
    assert_eq!(password_of(&read).unwrap(), "\0".repeat(6));
}

#[test]
fn zeroing_spares_names_and_clears_passwords() {
    let (mut user, mut password) = (wide("user"), wide("secret"));
    let mut ex = ex_of(&mut user, &mut password, &mut []);
    // SAFETY: a whole structure that only this test uses.
    unsafe { zero((&raw mut ex).cast()) }.unwrap();
    assert_eq!((user, password), (wide("user"), vec![0; 6]));
    // SAFETY: NULL is refused.
    assert_eq!(code(unsafe { zero(null_mut()) }), Some(Code::InvalidParameter));
}

#[test]
fn zeroing_stops_where_winprs_length_mark_stands() {
    let digits = "d5922a65c4d5c082ca444af1be0001db\0";
    let mut memory = wide(digits);
    memory.resize(544, 0xAAAA);
    let mut plain = plain_of(&mut [], &mut [], &mut memory, 2);
    // SAFETY: a whole structure that only this test uses.
    unsafe { zero((&raw mut plain).cast()) }.unwrap();
    assert!(memory[..32].iter().all(|unit| *unit == 0) && memory[33..].iter().all(|unit| *unit == 0xAAAA));
    let mut memory = digits.as_bytes().to_vec();
    memory.resize(544, 0xAA);
    (plain.Password, plain.Flags) = (memory.as_mut_ptr().cast(), 1);
    // SAFETY: a whole structure that only this test uses.
    unsafe { zero((&raw mut plain).cast()) }.unwrap();
    assert!(memory[..32].iter().all(|byte| *byte == 0) && memory[33..].iter().all(|byte| *byte == 0xAA));
}

#[test]
fn a_block_that_is_too_short_is_no_identity() {
    let short = blocks::Block::of(&[1; 47]).unwrap();
    // SAFETY: a live block of ours, whose length is known.
    assert_eq!(code(unsafe { read_auth_data(short.start(), true) }), Some(Code::InvalidParameter));
    // As large as an identity, and no identity: its words are not followed as pointers.
    let token = blocks::Block::of(&[0x41; 96]).unwrap();
    // SAFETY: a live block of ours, whose length is known.
    unsafe {
        assert_eq!(code(read_auth_data(token.start(), true)), Some(Code::InvalidParameter));
        assert_eq!(code(zero(token.start())), Some(Code::InvalidParameter));
    }
    let mut lying = blocks::Block::of(Opaque::from_identity(&Identity::default()).unwrap().bytes()).unwrap();
    lying.bytes()[8..12].copy_from_slice(&4096_u32.to_ne_bytes());
    // SAFETY: a live block of ours, whose length is known.
    assert_eq!(code(unsafe { read_auth_data(lying.start(), true) }), Some(Code::InvalidParameter));
}
