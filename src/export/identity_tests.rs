//! The Sspi* functions as C calls them.

use std::ptr::{null, null_mut};

use super::*;
use crate::abi::{SEC_WINNT_AUTH_IDENTITY_EXW, SEC_WINNT_AUTH_IDENTITY_W};
use crate::boundary::identity::read_auth_data;
use widestring::U16String;

const OK: i32 = 0;

fn status(code: Code) -> i32 {
    code as u32 as i32
}

/// A NUL-terminated string.
fn z(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// An identity of the library's, freed in the end.
struct Owned(PSEC_WINNT_AUTH_IDENTITY_OPAQUE);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: made by the library, and used no more.
        unsafe { SspiFreeAuthIdentity(self.0) };
        assert_eq!(blocks::length(self.0), None);
    }
}

fn encoded(user: Option<&str>, domain: Option<&str>, password: Option<&str>) -> Owned {
    let texts = [user, domain, password].map(|text| text.map(z));
    let [user, domain, password] = texts.each_ref().map(|text| text.as_ref().map_or(null(), Vec::as_ptr));
    let mut identity = null_mut();
    // SAFETY: strings that end, and a place.
    assert_eq!(unsafe { SspiEncodeStringsAsAuthIdentity(user, domain, password, &mut identity) }, OK);
    Owned(identity)
}

fn alice() -> Owned {
    encoded(Some("alice"), Some("EXAMPLE"), Some("pässwörd"))
}

/// A string of the library's, which is freed.
fn taken(text: *const u16) -> Option<String> {
    // SAFETY: a string that the library made, or NULL.
    let read = unsafe { Wide::read(text) }.unwrap();
    // SAFETY: nobody uses it any more.
    unsafe { SspiLocalFree(text.cast_mut().cast()) };
    assert_eq!(blocks::length(text.cast()), None);
    read.map(|text| text.to_string().unwrap())
}

fn strings(identity: &Owned) -> [Option<String>; 3] {
    let mut texts = [null(); 3];
    let [user, domain, password] = texts.each_mut();
    // SAFETY: an identity and three places.
    assert_eq!(unsafe { SspiEncodeAuthIdentityAsStrings(identity.0, user, domain, password) }, OK);
    texts.map(taken)
}

fn some(texts: [&str; 3]) -> [Option<String>; 3] {
    texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

#[test]
fn an_identity_of_nothing_is_refused_and_nothing_is_written() {
    let mut identity = null_mut::<c_void>().wrapping_byte_add(16);
    // SAFETY: NULLs, which are refused.
    unsafe {
        let refused = SspiEncodeStringsAsAuthIdentity(null(), null(), null(), &mut identity);
        assert_eq!((refused, identity as usize), (status(Code::InvalidToken), 16));
        let refused = SspiEncodeStringsAsAuthIdentity(null(), null(), null(), null_mut());
        assert_eq!(refused, status(Code::InvalidToken));
        let user = z("user");
        let refused = SspiEncodeStringsAsAuthIdentity(user.as_ptr(), null(), null(), null_mut());
        assert_eq!(refused, status(Code::InvalidParameter));
    }
}

#[test]
fn strings_come_back_and_absent_ones_are_null() {
    for parts in [
        ["u", "", ""],
        ["u", "d", ""],
        ["u", "", "p"],
        ["", "d", "p"],
        ["", "", "p"],
        ["ü", "d", "p\u{1d11e}"],
    ] {
        let [user, domain, password] = parts.map(|part| Some(part).filter(|part| !part.is_empty()));
        assert_eq!(strings(&encoded(user, domain, password)), some(parts));
    }
    let (identity, mut user, mut domain) = (alice(), null(), null());
    // SAFETY: an identity and places; the third may be NULL, the others not.
    unsafe {
        assert_eq!(SspiEncodeAuthIdentityAsStrings(identity.0, &mut user, &mut domain, null_mut()), OK);
        let refused = SspiEncodeAuthIdentityAsStrings(identity.0, null_mut(), &mut domain, null_mut());
        assert_eq!(refused, status(Code::InvalidParameter));
    }
    assert_eq!([user, domain].map(taken), [Some("alice".into()), Some("EXAMPLE".into())]);
}

#[test]
fn acquire_credentials_handle_takes_the_identity_encrypted_or_not() {
    let identity = alice();
    for _ in 0..2 {
        // SAFETY: an identity.
        let read = unsafe { read_auth_data(identity.0, false) }.unwrap().unwrap();
        assert_eq!(read.user, Some(U16String::from_str("alice")));
        assert!(matches!(read.password, Some(Password::Clear(units)) if units.as_ref().len() == 8));
        // SAFETY: an identity that only this test uses.
        assert_eq!(unsafe { SspiEncryptAuthIdentity(identity.0) }, OK);
    }
}

#[test]
fn encryption_is_seen_and_undone() {
    let identity = alice();
    // SAFETY: identities, or what is refused.
    unsafe {
        assert_eq!(SspiIsAuthIdentityEncrypted(identity.0), 0);
        assert_eq!(SspiEncryptAuthIdentityEx(2, identity.0), OK);
        assert_eq!(SspiIsAuthIdentityEncrypted(identity.0), 1);
        assert_eq!(SspiValidateAuthIdentity(identity.0), OK);
        let mut copy = null_mut();
        assert_eq!(SspiCopyAuthIdentity(identity.0, &mut copy), OK);
        let copy = Owned(copy);
        assert_eq!(SspiIsAuthIdentityEncrypted(copy.0), 1);
        assert_eq!(strings(&copy), some(["alice", "EXAMPLE", "pässwörd"]));
        assert_eq!(SspiDecryptAuthIdentity(identity.0), OK);
        assert_eq!(SspiIsAuthIdentityEncrypted(identity.0), 0);
        assert_eq!(SspiDecryptAuthIdentityEx(2, identity.0), OK);
        for options in [0, 3, 8] {
            assert_eq!(SspiEncryptAuthIdentityEx(options, identity.0), status(Code::InvalidParameter));
        }
        assert_eq!(SspiEncryptAuthIdentityEx(4, identity.0), status(Code::UnsupportedFunction));
    }
    assert_eq!(strings(&identity), some(["alice", "EXAMPLE", "pässwörd"]));
}

#[test]
fn identities_travel_as_byte_arrays() {
    let identity = alice();
    let (mut length, mut array) = (0, null_mut());
    // SAFETY: an identity and places.
    unsafe {
        assert_eq!(SspiMarshalAuthIdentity(identity.0, &mut length, &mut array), OK);
        let (mut again, mut block) = (null_mut(), 0);
        assert_eq!(SspiUnmarshalAuthIdentity(length, array, &mut again), OK);
        assert_eq!(strings(&Owned(again)), some(["alice", "EXAMPLE", "pässwörd"]));
        assert_eq!(SspiUnmarshalAuthIdentityInternal(length, array, &mut again, &mut block), OK);
        assert_eq!(Some(block as usize), blocks::length(again));
        drop(Owned(again));
        let mut untouched = null_mut();
        for short in 0..length {
            let refused = SspiUnmarshalAuthIdentity(short, array, &mut untouched);
            assert_eq!((refused, untouched), (status(Code::InvalidParameter), null_mut()));
        }
        assert_eq!(SspiUnmarshalAuthIdentity(5, null_mut(), &mut untouched), status(Code::InvalidParameter));
        SspiLocalFree(array.cast());
    }
}

#[test]
fn identities_are_compared() {
    let (mut same_user, mut same_identity) = (9, 9);
    let mut compare = |one: &Owned, other: &Owned| {
        // SAFETY: identities and places.
        let answer = unsafe { SspiCompareAuthIdentities(one.0, other.0, &mut same_user, &mut same_identity) };
        assert_eq!(answer, OK);
        (same_user, same_identity)
    };
    assert_eq!(compare(&alice(), &alice()), (1, 1));
    assert_eq!(compare(&alice(), &encoded(Some("Example\\ALICE"), None, Some("x"))), (1, 0));
    assert_eq!(compare(&alice(), &encoded(Some("bob"), Some("EXAMPLE"), Some("pässwörd"))), (0, 0));
    // SAFETY: neither place is wanted.
    let answer = unsafe { SspiCompareAuthIdentities(alice().0, alice().0, null_mut(), null_mut()) };
    assert_eq!(answer, OK);
}

#[test]
fn credential_manager_gets_what_it_needs() {
    let (identity, target) = (alice(), z("TERMSRV/server"));
    let (mut kind, mut size) = (0, 0);
    let (mut name, mut user, mut blob) = (null(), null(), null_mut());
    // SAFETY: an identity, a string and places.
    unsafe {
        let answer = SspiPrepareForCredWrite(
            identity.0,
            target.as_ptr(),
            &mut kind,
            &mut name,
            &mut user,
            &mut blob,
            &mut size,
        );
        assert_eq!((answer, kind, size), (OK, 2, 16));
        assert_eq!(blocks::length(blob.cast()), Some(16));
        SspiLocalFree(blob.cast());
        assert_eq!([name, user].map(taken), [Some("TERMSRV/server".into()), Some("EXAMPLE\\alice".into())]);
        assert_eq!(SspiPrepareForCredRead(identity.0, target.as_ptr(), &mut kind, &mut name), OK);
        assert_eq!((kind, taken(name)), (2, Some("TERMSRV/server".into())));
        let answer = SspiPrepareForCredWrite(
            identity.0,
            null(),
            &mut kind,
            &mut name,
            &mut user,
            &mut blob,
            &mut size,
        );
        assert_eq!((answer, size), (OK, 16));
        SspiLocalFree(blob.cast());
        assert_eq!([name, user].map(taken), [(); 2].map(|()| Some("EXAMPLE\\alice".into())));
        let nobody = encoded(None, None, Some("p"));
        let refused = SspiPrepareForCredRead(nobody.0, null(), &mut kind, &mut name);
        assert_eq!(refused, status(Code::InvalidParameter));
    }
}

#[test]
fn a_package_is_excluded() {
    let package = z("NTLM");
    let identity = alice();
    for old in [identity.0, null_mut()] {
        let mut new = null_mut();
        // SAFETY: an identity or NULL, a string and a place.
        unsafe {
            assert_eq!(SspiExcludePackage(old, package.as_ptr(), &mut new), OK);
            let new = Owned(new);
            let read = read_auth_data(new.0, true).unwrap().unwrap();
            assert_eq!(read.package_list, Some(U16String::from_str("!NTLM")));
            assert_eq!(read.is_default(), old.is_null());
        }
    }
    let mut new = null_mut();
    // SAFETY: NULL is refused.
    let refused = unsafe { SspiExcludePackage(alice().0, null(), &mut new) };
    assert_eq!((refused, new), (status(Code::SecpkgNotFound), null_mut()));
}

#[test]
fn hosts_are_found() {
    for find in [SspiGetTargetHostName, SspiGetComputerNameForSPN] {
        let (spn, nothing, mut host) = (z("HTTP/server.example.test:80"), z("HTTP/"), null_mut());
        // SAFETY: strings and a place, or what is refused.
        unsafe {
            assert_eq!(find(spn.as_ptr(), &mut host), OK);
            assert_eq!(taken(host).as_deref(), Some("server.example.test"));
            assert_eq!(find(nothing.as_ptr(), &mut host), status(Code::TargetUnknown));
            assert_eq!(find(null(), &mut host), status(Code::InvalidParameter));
            assert_eq!(find(spn.as_ptr(), null_mut()), status(Code::InvalidParameter));
        }
    }
}

#[test]
fn identities_of_the_caller_are_taken_too() {
    let (mut user, mut password, mut list) = (z("alice"), z("secret"), z("!Kerberos"));
    let mut ex = SEC_WINNT_AUTH_IDENTITY_EXW {
        Version: 0x200,
        Length: 72,
        User: user.as_mut_ptr(),
        UserLength: 5,
        Domain: null_mut(),
        DomainLength: 0,
        Password: password.as_mut_ptr(),
        PasswordLength: 6,
        Flags: 2,
        PackageList: list.as_mut_ptr(),
        PackageListLength: 9,
    };
    let mut plain = SEC_WINNT_AUTH_IDENTITY_W {
        User: ex.User,
        UserLength: 5,
        Domain: null_mut(),
        DomainLength: 0,
        Password: ex.Password,
        PasswordLength: 6,
        Flags: 2,
    };
    for identity in [(&raw mut ex).cast::<c_void>(), (&raw mut plain).cast()] {
        let mut copy = null_mut();
        // SAFETY: a whole structure that only this test uses.
        unsafe {
            assert_eq!(SspiValidateAuthIdentity(identity), OK);
            assert_eq!(SspiEncryptAuthIdentity(identity), status(Code::UnsupportedFunction));
            assert_eq!(SspiCopyAuthIdentity(identity, &mut copy), OK);
            assert_eq!(SspiEncryptAuthIdentity(copy), OK);
            // Not a block of the library: nothing happens.
            SspiFreeAuthIdentity(identity);
        }
        assert_eq!(strings(&Owned(copy)), some(["alice", "", "secret"]));
    }
    // SAFETY: a whole structure that only this test uses.
    unsafe { SspiZeroAuthIdentity((&raw mut plain).cast()) };
    assert_eq!((user, password), (z("alice"), vec![0; 7]));
}

#[test]
fn a_zeroed_identity_keeps_its_names() {
    let identity = alice();
    // SAFETY: an identity that only this test uses.
    unsafe { SspiZeroAuthIdentity(identity.0) };
    assert_eq!(strings(&identity), [Some("alice".into()), Some("EXAMPLE".into()), Some(String::new())]);
}

#[test]
fn null_is_refused_everywhere() {
    let invalid = status(Code::InvalidParameter);
    let mut place = null_mut();
    // SAFETY: NULL is refused.
    unsafe {
        assert_eq!(SspiValidateAuthIdentity(null_mut()), invalid);
        assert_eq!(SspiCopyAuthIdentity(null_mut(), &mut place), invalid);
        assert_eq!(SspiCopyAuthIdentity(alice().0, null_mut()), invalid);
        assert_eq!(SspiEncodeAuthIdentityAsStrings(null_mut(), null_mut(), null_mut(), null_mut()), invalid);
        assert_eq!(SspiCompareAuthIdentities(null_mut(), null_mut(), null_mut(), null_mut()), invalid);
        assert_eq!(SspiMarshalAuthIdentity(null_mut(), null_mut(), null_mut()), invalid);
        assert_eq!(SspiUnmarshalAuthIdentity(0, null_mut(), null_mut()), invalid);
        assert_eq!(SspiUnmarshalAuthIdentity(0, null_mut(), &mut place), invalid);
        assert_eq!(SspiUnmarshalAuthIdentityInternal(0, null_mut(), null_mut(), null_mut()), invalid);
        assert_eq!(SspiEncryptAuthIdentity(null_mut()), invalid);
        assert_eq!(SspiEncryptAuthIdentityEx(2, null_mut()), invalid);
        assert_eq!(SspiDecryptAuthIdentity(null_mut()), invalid);
        assert_eq!(SspiDecryptAuthIdentityEx(2, null_mut()), invalid);
        assert_eq!(SspiIsAuthIdentityEncrypted(null_mut()), 0);
        assert_eq!(SspiPrepareForCredRead(null_mut(), null(), null_mut(), null_mut()), invalid);
        let nothing = null_mut();
        let write = SspiPrepareForCredWrite(
            nothing,
            null(),
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
        );
        assert_eq!(write, invalid);
        assert_eq!(SspiExcludePackage(null_mut(), null(), null_mut()), invalid);
        assert_eq!(SspiSetChannelBindingFlags(null_mut(), 0), invalid);
        SspiZeroAuthIdentity(null_mut());
        SspiFreeAuthIdentity(null_mut());
        SspiLocalFree(null_mut());
    }
    assert!(place.is_null());
}
