//! Blocks of every shape, whole, truncated, mutated and lying.

#![forbid(unsafe_code)]

use super::layout::TRAILER;
use super::*;

/// No environment: the key that a user's processes share cannot be had.
struct NoKey;

impl Os for NoKey {
    fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
        None
    }
    fn user_name(&self) -> Option<U16String> {
        None
    }
    fn host_name(&self) -> U16String {
        wide("host")
    }
    fn effective_uid(&self) -> u32 {
        0
    }
}

/// A user whose processes share a key.
struct Shared(&'static str);

impl Os for Shared {
    fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
        (name == "SSPI_EXPORT_KEY").then(|| self.0.into())
    }
    fn user_name(&self) -> Option<U16String> {
        None
    }
    fn host_name(&self) -> U16String {
        wide("host")
    }
    fn effective_uid(&self) -> u32 {
        0
    }
}

fn wide(text: &str) -> U16String {
    U16String::from_str(text)
}

fn clear(text: &str) -> Option<Password> {
    Some(Password::Clear(Secret::new(wide(text).into_vec())))
}

fn alice() -> Identity {
    Identity {
        user: Some(wide("alice")),
        domain: Some(wide("EXAMPLE")),
        password: clear("pässwörd"),
        package_list: Some(wide("!NTLM")),
        only: true,
        given: None,
        keytab: None,
    }
}

fn password_of(identity: &Identity) -> Option<String> {
    match identity.password.as_ref()? {
        Password::Clear(units) => Some(U16Str::from_slice(units.as_ref()).to_string_lossy()),
        Password::NtHash(_) => None,
    }
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code)
}

/// An EX2 of another program: parts behind the header, no trailer, LP64 packed credentials or not.
fn foreign(lp64: bool, kind: [u8; 16], data: &[u8]) -> Vec<u8> {
    let header = if lp64 { 48_u16 } else { 28 };
    let mut packed = vec![0_u8; usize::from(header)];
    packed[0..2].copy_from_slice(&header.to_ne_bytes());
    packed[2..4].copy_from_slice(&(header + data.len() as u16).to_ne_bytes());
    let (guid, vector, length) = if lp64 { (8, 32, 40) } else { (4, 20, 24) };
    let rest = if lp64 { 16 } else { 8 };
    packed[guid..guid + 4].copy_from_slice(&kind[..4]);
    packed[rest..rest + 12].copy_from_slice(&kind[4..]);
    packed[vector..vector + 2].copy_from_slice(&header.to_ne_bytes());
    packed[length..length + 2].copy_from_slice(&(data.len() as u16).to_ne_bytes());
    packed.extend_from_slice(data);
    let user = text_bytes(&wide("bob"));
    let mut block = vec![0_u8; 48];
    let total = 48 + user.len() + packed.len();
    for (at, value) in
        [(0, 0x201), (4, 48), (8, total), (12, 48), (16, user.len()), (28, 54), (32, packed.len())]
    {
        block[at..at + 4].copy_from_slice(&(value as u32).to_ne_bytes());
    }
    // What a compiler leaves in the padding behind 16-bit fields.
    for padding in [6, 18, 26, 34, 46] {
        block[padding..padding + 2].fill(0xEE);
    }
    block.extend_from_slice(&user);
    block.extend_from_slice(&packed);
    block
}

const PASSWORD: [u8; 16] =
    [0x2f, 0xc3, 0xbf, 0x28, 0xf6, 0x10, 0x38, 0x47, 0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a];
const KEYTAB: [u8; 16] =
    [0xe8, 0xaa, 0x87, 0xd5, 0x8f, 0xf7, 0x55, 0x44, 0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1];

#[test]
fn an_identity_survives_its_block() {
    let block = Opaque::from_identity(&alice()).unwrap();
    assert_eq!(block.bytes().len() % 16, 0);
    let again = Opaque::from_bytes(block.bytes()).unwrap();
    let identity = again.identity(&NoKey).unwrap();
    assert_eq!(password_of(&identity).as_deref(), Some("pässwörd"));
    assert_eq!((identity.user, identity.domain), (alice().user, alice().domain));
    assert_eq!((identity.package_list, identity.only), (alice().package_list, true));
    assert_eq!(again.bytes(), block.bytes());
}

#[test]
fn absent_and_empty_names_differ() {
    let identity = Identity { user: Some(U16String::new()), ..Identity::default() };
    let identity = Opaque::from_identity(&identity).unwrap().identity(&NoKey).unwrap();
    assert_eq!((identity.user, identity.domain), (Some(U16String::new()), None));
    assert!(Opaque::from_identity(&Identity::default()).unwrap().identity(&NoKey).unwrap().is_default());
}

#[test]
fn an_nt_hash_survives_its_block() {
    let identity = Identity { password: Some(Password::NtHash(Secret::new([7; 16]))), ..Identity::default() };
    let identity = Opaque::from_identity(&identity).unwrap().identity(&NoKey).unwrap();
    assert!(matches!(identity.password, Some(Password::NtHash(hash)) if hash.as_ref() == &[7; 16]));
}

#[test]
fn other_programs_blocks_are_read_with_either_packed_header() {
    let bare = text_bytes(&wide("secret"));
    let narrow = [&[8, 0, 0, 0, 12, 0, 0, 0][..], &bare].concat();
    let long = [&[16, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0][..], &bare].concat();
    for lp64 in [false, true] {
        for data in [&bare, &narrow, &long] {
            let block = Opaque::from_bytes(&foreign(lp64, PASSWORD, data)).unwrap();
            let identity = block.identity(&NoKey).unwrap();
            assert_eq!(password_of(&identity).as_deref(), Some("secret"));
            assert_eq!(identity.user, Some(wide("bob")));
            assert!(identity.domain.is_none() && !block.is_encrypted());
        }
        let keytab = Opaque::from_bytes(&foreign(lp64, KEYTAB, b"\x05\x02")).unwrap();
        let identity = keytab.identity(&NoKey).unwrap();
        assert_eq!(identity.keytab.as_ref().unwrap().as_ref(), b"\x05\x02");
        let again = Opaque::from_identity(&identity).unwrap().identity(&NoKey).unwrap();
        assert!(again.password.is_none() && compare(&identity, &again).same_identity);
        let other = Identity { keytab: None, ..identity.clone() };
        assert!(!compare(&identity, &other).same_identity && !identity.is_default());
    }
}

#[test]
fn every_truncation_is_refused() {
    for whole in [
        foreign(false, PASSWORD, &text_bytes(&wide("secret"))),
        foreign(true, PASSWORD, &text_bytes(&wide("secret"))),
        Opaque::from_identity(&alice()).unwrap().bytes().to_vec(),
    ] {
        for length in 0..whole.len() {
            assert_eq!(code(Opaque::from_bytes(&whole[..length])), Some(Code::InvalidParameter), "{length}");
        }
    }
}

#[test]
fn parts_outside_of_the_block_are_refused() {
    let whole = foreign(false, PASSWORD, &text_bytes(&wide("secret")));
    for at in [12, 20, 28, 40] {
        for offset in [1_u32, 47, whole.len() as u32 - 1, whole.len() as u32, i32::MAX as u32, u32::MAX] {
            let mut block = whole.clone();
            block[at..at + 4].copy_from_slice(&offset.to_ne_bytes());
            block[at + 4..at + 6].copy_from_slice(&6_u16.to_ne_bytes());
            assert_eq!(code(Opaque::from_bytes(&block)), Some(Code::InvalidParameter), "{at} {offset}");
        }
    }
    for length in [0_u32, 47, whole.len() as u32 + 1, u32::MAX] {
        let mut block = whole.clone();
        block[8..12].copy_from_slice(&length.to_ne_bytes());
        assert_eq!(code(Opaque::from_bytes(&block)), Some(Code::InvalidParameter), "{length}");
    }
    let mut odd = whole.clone();
    odd[16..18].copy_from_slice(&5_u16.to_ne_bytes());
    assert_eq!(code(Opaque::from_bytes(&odd)), Some(Code::InvalidParameter));
}

#[test]
fn no_mutation_breaks_anything() {
    let seeds = [
        foreign(false, PASSWORD, &text_bytes(&wide("secret"))),
        foreign(true, KEYTAB, b"\x05\x02rest"),
        Opaque::from_identity(&alice()).unwrap().bytes().to_vec(),
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for round in 0..60_000 {
        let mut block = seeds[round % seeds.len()].clone();
        for _ in 0..1 + next() % 4 {
            let at = next() % block.len();
            block[at] = [0, 1, 0xFF, 0x7F, next() as u8][next() % 5];
        }
        if let Ok(opaque) = Opaque::from_bytes(&block) {
            let _ = opaque.identity(&NoKey);
            let _ = opaque.excluding(&wide("NTLM"), &NoKey);
        }
        let _ = zero(&mut block);
        let _ = encrypt(&mut block, Scope::Process, &NoKey);
        let _ = decrypt(&mut block, Scope::Process, &NoKey);
    }
}

#[test]
fn encryption_hides_the_password_and_undoes_itself() {
    let clear = Opaque::from_identity(&alice()).unwrap();
    let mut block = clear.bytes().to_vec();
    encrypt(&mut block, Scope::Process, &NoKey).unwrap();
    let sealed = Opaque::from_bytes(&block).unwrap();
    assert!(sealed.is_encrypted());
    let needle = text_bytes(&wide("wörd"));
    assert!(clear.bytes().windows(needle.len()).any(|window| window == needle));
    assert!(!block.windows(needle.len()).any(|window| window == needle));
    assert_eq!(password_of(&sealed.identity(&NoKey).unwrap()).as_deref(), Some("pässwörd"));
    let once = block.clone();
    encrypt(&mut block, Scope::Process, &NoKey).unwrap();
    assert_eq!(block, once, "encrypting twice is encrypting once");
    decrypt(&mut block, Scope::Process, &NoKey).unwrap();
    assert_eq!(block, clear.bytes());
    decrypt(&mut block, Scope::Process, &NoKey).unwrap();
    assert_eq!(block, clear.bytes());
}

#[test]
fn an_identity_without_credentials_is_encrypted_and_decrypted() {
    for identity in [Identity::default(), Identity { password: None, ..alice() }] {
        let clear = Opaque::from_identity(&identity).unwrap();
        let mut block = clear.bytes().to_vec();
        encrypt(&mut block, Scope::Process, &NoKey).unwrap();
        assert!(Opaque::from_bytes(&block).unwrap().is_encrypted());
        decrypt(&mut block, Scope::Process, &NoKey).unwrap();
        assert_eq!(block, clear.bytes());
    }
}

#[test]
fn two_encryptions_of_one_identity_differ() {
    let mut one = Opaque::from_identity(&alice()).unwrap().bytes().to_vec();
    let mut other = one.clone();
    encrypt(&mut one, Scope::Process, &NoKey).unwrap();
    encrypt(&mut other, Scope::Process, &NoKey).unwrap();
    assert_ne!(one, other);
}

#[test]
fn a_changed_encrypted_block_is_refused_and_left_alone() {
    let mut sealed = Opaque::from_identity(&alice()).unwrap().bytes().to_vec();
    encrypt(&mut sealed, Scope::Process, &NoKey).unwrap();
    for at in 48..sealed.len() - 8 {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        let before = changed.clone();
        assert_eq!(code(decrypt(&mut changed, Scope::Process, &NoKey)), Some(Code::DecryptFailure), "{at}");
        assert_eq!(changed, before);
    }
}

#[test]
fn a_users_processes_share_a_key() {
    let clear = Opaque::from_identity(&alice()).unwrap();
    let mut block = clear.bytes().to_vec();
    assert_eq!(code(encrypt(&mut block, Scope::Logon, &NoKey)), Some(Code::UnsupportedFunction));
    assert_eq!(block, clear.bytes());
    encrypt(&mut block, Scope::Logon, &Shared("sixteen bytes at least")).unwrap();
    assert_eq!(
        code(decrypt(&mut block, Scope::Logon, &Shared("another user's secret"))),
        Some(Code::DecryptFailure)
    );
    assert_eq!(code(decrypt(&mut block, Scope::Process, &NoKey)), Some(Code::InvalidParameter));
    let sealed = Opaque::from_bytes(&block).unwrap();
    let identity = sealed.identity(&Shared("sixteen bytes at least")).unwrap();
    assert_eq!(password_of(&identity).as_deref(), Some("pässwörd"));
    decrypt(&mut block, Scope::Logon, &Shared("sixteen bytes at least")).unwrap();
    assert_eq!(block, clear.bytes());
}

#[test]
fn only_a_block_with_room_is_encrypted() {
    let mut block = foreign(false, PASSWORD, &text_bytes(&wide("secret")));
    assert_eq!(code(encrypt(&mut block, Scope::Process, &NoKey)), Some(Code::InvalidParameter));
    let mut copy = Opaque::from_bytes(&block).unwrap().bytes().to_vec();
    encrypt(&mut copy, Scope::Process, &NoKey).unwrap();
    assert_eq!(code(encrypt(&mut copy, Scope::Logon, &NoKey)), Some(Code::InvalidParameter));
    assert!(copy[copy.len() - TRAILER..].iter().any(|byte| *byte != 0));
}

#[test]
fn options_and_flags_name_one_scope() {
    assert_eq!(Scope::of_options(2).unwrap(), Scope::Process);
    assert_eq!(Scope::of_options(1).unwrap(), Scope::Logon);
    assert_eq!(code(Scope::of_options(4)), Some(Code::UnsupportedFunction));
    for wrong in [0, 3, 5, 6, 7, 8] {
        assert_eq!(code(Scope::of_options(wrong)), Some(Code::InvalidParameter));
    }
    assert_eq!(code(Scope::of_flags(0x20)), Some(Code::UnsupportedFunction));
    assert_eq!(code(Scope::of_flags(0x50)), Some(Code::InvalidParameter));
}

#[test]
fn packages_are_ruled_out() {
    let excluded = |list: &str| without_package(&wide(list), &wide("ntlm")).unwrap().to_string_lossy();
    assert_eq!(excluded(""), "!ntlm");
    assert_eq!(excluded("Kerberos,NTLM"), "Kerberos");
    assert_eq!(excluded("NTLM:Kerberos"), "Kerberos");
    assert_eq!(excluded("NTLM"), "!ntlm");
    assert_eq!(excluded("!NTLM"), "!ntlm");
    assert_eq!(excluded("!pku2u"), "!pku2u,!ntlm");
    for wrong in ["", "a,b", "!a", "a:b"] {
        assert_eq!(code(without_package(&wide(""), &wide(wrong))), Some(Code::SecpkgNotFound));
    }
}

#[test]
fn excluding_keeps_encryption() {
    let mut block = Opaque::from_identity(&alice()).unwrap().bytes().to_vec();
    encrypt(&mut block, Scope::Process, &NoKey).unwrap();
    let excluded = Opaque::from_bytes(&block).unwrap().excluding(&wide("Kerberos"), &NoKey).unwrap();
    assert!(excluded.is_encrypted());
    let identity = excluded.identity(&NoKey).unwrap();
    assert_eq!(identity.package_list, Some(wide("!NTLM,!Kerberos")));
    assert_eq!(password_of(&identity).as_deref(), Some("pässwörd"));
}

#[test]
fn comparison_knows_users_and_credentials() {
    let same = compare(&alice(), &alice());
    assert!(same.same_user && same.same_identity);
    let spelled =
        Identity { user: Some(wide("example\\ALICE")), password: clear("pässwörd"), ..Identity::default() };
    assert!(compare(&alice(), &spelled).same_identity);
    let other = Identity { password: clear("other"), ..alice() };
    assert_eq!(compare(&alice(), &other), Comparison { same_user: true, same_identity: false });
    let bob = Identity { user: Some(wide("bob")), ..alice() };
    assert_eq!(compare(&alice(), &bob), Comparison { same_user: false, same_identity: false });
}

#[test]
fn what_does_not_fit_a_block_is_refused() {
    let long = Identity { user: Some(wide(&"u".repeat(32_768))), ..Identity::default() };
    assert_eq!(code(Opaque::from_identity(&long)), Some(Code::InvalidParameter));
    let long = Identity { password: clear(&"p".repeat(32_768)), ..Identity::default() };
    assert_eq!(code(Opaque::from_identity(&long)), Some(Code::InvalidParameter));
}
