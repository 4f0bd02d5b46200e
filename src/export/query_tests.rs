//! Every attribute of both sides of an NTLM authentication, asked as C asks.

use std::mem::{MaybeUninit, zeroed};
use std::ptr::null_mut;
use std::sync::Arc;

use super::*;
use crate::boundary::blocks;
use crate::export::packages::FreeContextBuffer;
use crate::package::{self, Acquire, Flags, In, Usage};
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::{Account, AccountKey, AccountSource, nt_hash};
use crate::store::identity::{Identity, Password};
use crate::store::os::Os;

const OK: i32 = 0;
const INVALID_HANDLE: i32 = Code::InvalidHandle as u32 as i32;
const UNSUPPORTED: i32 = Code::UnsupportedFunction as u32 as i32;
const INVALID_PARAMETER: i32 = Code::InvalidParameter as u32 as i32;
const TOO_SMALL: i32 = Code::BufferTooSmall as u32 as i32;
const TARGET_UNKNOWN: i32 = Code::TargetUnknown as u32 as i32;

/// No environment.
struct Bare;

impl Os for Bare {
    fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
        None
    }
    fn user_name(&self) -> Option<U16String> {
        None
    }
    fn host_name(&self) -> U16String {
        U16String::from_str("server.example.test")
    }
    fn effective_uid(&self) -> u32 {
        0
    }
}

/// Everybody's password is the same.
struct Everybody;

impl AccountSource for Everybody {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        let key = AccountKey::NtHash(nt_hash(&wide("secret")));
        Ok(Some(Account { user: user.to_ustring(), domain: domain.to_ustring(), key }))
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Handles of both sides, deleted in the end.
struct Pair {
    initiator: CtxtHandle,
    acceptor: CtxtHandle,
    credential: CredHandle,
    sides: [Arc<Context>; 2],
    requirements: Flags,
}

impl Drop for Pair {
    fn drop(&mut self) {
        tables::remove_context(self.initiator).unwrap();
        tables::remove_context(self.acceptor).unwrap();
        tables::remove_credential(self.credential).unwrap();
    }
}

fn credential_of(identity: Option<Identity>, inbound: bool) -> Credential {
    let request = Acquire {
        usage: Usage { inbound, outbound: !inbound },
        principal: None,
        identity,
        sources: Sources { os: (&Bare).into(), accounts: inbound.then(|| Arc::new(Everybody) as Arc<_>) },
    };
    Credential::acquire(package::find("NTLM").unwrap(), request).unwrap()
}

/// Two contexts, before the first leg.
fn pair(user: &str, target: Option<&U16Str>) -> Pair {
    let named = !user.is_empty();
    let identity = Identity {
        user: Some(U16String::from_str(user)),
        domain: named.then(|| U16String::from_str("EXAMPLE")),
        password: Some(Password::Clear(Secret::new(if named { wide("secret") } else { Vec::new() }))),
        ..Identity::default()
    };
    let outbound = Arc::new(credential_of(Some(identity.clone()), false));
    let inbound = Arc::new(credential_of(None, true));
    let initiator = Arc::new(Context::begin(outbound, Role::Initiator, target).unwrap());
    let acceptor = Arc::new(Context::begin(inbound, Role::Acceptor, None).unwrap());
    Pair {
        initiator: tables::insert_context(Arc::clone(&initiator)).unwrap(),
        acceptor: tables::insert_context(Arc::clone(&acceptor)).unwrap(),
        credential: tables::insert_credential(credential_of(Some(identity), false)).unwrap(),
        sides: [initiator, acceptor],
        requirements: if named { Flags::CONFIDENTIALITY | Flags::INTEGRITY } else { Flags::NULL_SESSION },
    }
}

/// Makes `legs` legs (four are all of them).
fn go(pair: &Pair, legs: usize) {
    let mut token = Vec::new();
    for leg in 0..legs {
        let context = &pair.sides[leg % 2];
        let requirements = pair.requirements;
        let input = In { token: (leg > 0).then_some(token.as_slice()), bindings: None, requirements };
        let mut next = Vec::new();
        context
            .step(context.role(), input, &mut |token| {
                next = token.unwrap_or_default().to_vec();
                Ok(())
            })
            .unwrap();
        token = next;
    }
}

fn ask<T>(handle: &CtxtHandle, attribute: u32, wide: bool) -> (i32, T) {
    let mut handle = *handle;
    let mut answer = MaybeUninit::<T>::zeroed();
    let place = answer.as_mut_ptr().cast();
    let query = if wide { QueryContextAttributesW } else { QueryContextAttributesA };
    // SAFETY: a handle and a structure; all bytes zero are a value of every structure that is asked for.
    unsafe { (query(&mut handle, attribute, place), answer.assume_init()) }
}

/// A string of an answer, which is freed.
fn taken(text: *mut u16, is_wide: bool) -> Option<String> {
    // SAFETY: a string that the library made, or NULL.
    let read = unsafe { if is_wide { Wide::read(text) } else { Ansi::read(text.cast()) } }.unwrap();
    // SAFETY: as above; nobody uses it any more.
    assert_eq!(unsafe { FreeContextBuffer(text.cast()) }, OK);
    read.map(|text| text.to_string().unwrap())
}

fn name_of<T>(handle: &CtxtHandle, attribute: u32, is_wide: bool) -> Option<String> {
    const { assert!(size_of::<T>() == 8) };
    let (status, text) = ask::<*mut u16>(handle, attribute, is_wide);
    assert_eq!(status, OK, "{attribute}");
    taken(text, is_wide)
}

#[test]
fn both_sides_tell_the_same_names_in_both_character_sets() {
    let target = U16String::from_str("HTTP/sërver.example.test");
    let pair = pair("zoë", Some(&target));
    go(&pair, 4);
    for handle in [&pair.initiator, &pair.acceptor] {
        for is_wide in [true, false] {
            let name = |attribute| name_of::<SecPkgContext_NamesW>(handle, attribute, is_wide).unwrap();
            assert_eq!(name(SECPKG_ATTR_NAMES), "EXAMPLE\\zoë");
            assert_eq!(name(SECPKG_ATTR_AUTHORITY), "EXAMPLE");
            assert_eq!(name(SECPKG_ATTR_CLIENT_SPECIFIED_TARGET), "HTTP/sërver.example.test");
            let (status, native) =
                ask::<SecPkgContext_NativeNamesW>(handle, SECPKG_ATTR_NATIVE_NAMES, is_wide);
            assert_eq!(status, OK);
            assert_eq!(taken(native.sClientName, is_wide).unwrap(), "EXAMPLE\\zoë");
            assert_eq!(taken(native.sServerName, is_wide).unwrap(), "HTTP/sërver.example.test");
            let (status, target) = ask::<SecPkgContext_Target>(handle, SECPKG_ATTR_TARGET, is_wide);
            assert_eq!((status, target.TargetLength), (OK, 25));
            assert_eq!(taken(target.Target.cast(), false).unwrap(), "HTTP/sërver.example.test");
        }
    }
    let (status, name) =
        ask::<SecPkgContext_CredentialNameW>(&pair.initiator, SECPKG_ATTR_CREDENTIAL_NAME, true);
    assert_eq!((status, name.CredentialType), (OK, 2));
    assert_eq!(taken(name.sCredentialName, true).unwrap(), "EXAMPLE\\zoë");
}

#[test]
fn both_sides_have_one_session_key() {
    let pair = pair("alice", None);
    go(&pair, 4);
    let keys = [&pair.initiator, &pair.acceptor].map(|handle| {
        let (status, key) = ask::<SecPkgContext_SessionKey>(handle, SECPKG_ATTR_SESSION_KEY, true);
        assert_eq!((status, key.SessionKeyLength), (OK, 16));
        // SAFETY: a block of 16 bytes.
        let bytes = unsafe { key.SessionKey.cast::<[u8; 16]>().read() };
        // SAFETY: nobody uses the block any more.
        assert_eq!(unsafe { FreeContextBuffer(key.SessionKey.cast()) }, OK);
        bytes
    });
    assert_eq!(keys[0], keys[1]);
    let unnamed = ask::<*mut u16>(&pair.acceptor, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, true);
    assert_eq!(unnamed.0, TARGET_UNKNOWN);
}

#[test]
fn an_anonymous_client_is_called_as_windows_calls_it() {
    let pair = pair("", None);
    go(&pair, 4);
    for handle in [&pair.initiator, &pair.acceptor] {
        let name = name_of::<SecPkgContext_NamesW>(handle, SECPKG_ATTR_NAMES, true);
        assert_eq!(name.as_deref(), Some("NT AUTHORITY\\ANONYMOUS LOGON"));
    }
}

#[test]
fn sizes_times_flags_and_packages_are_told() {
    let pair = pair("alice", None);
    go(&pair, 4);
    let (status, sizes) = ask::<SecPkgContext_Sizes>(&pair.acceptor, SECPKG_ATTR_SIZES, true);
    let sizes = (sizes.cbMaxToken, sizes.cbMaxSignature, sizes.cbBlockSize, sizes.cbSecurityTrailer);
    assert_eq!((status, sizes), (OK, (2888, 16, 0, 16)));
    let (status, life) = ask::<SecPkgContext_Lifespan>(&pair.acceptor, SECPKG_ATTR_LIFESPAN, true);
    assert_eq!((status, life.tsExpiry), (OK, TimeStamp::NEVER));
    assert!(life.tsStart.ticks() > 0);
    assert_eq!(ask::<TimeStamp>(&pair.acceptor, SECPKG_ATTR_LOGOFF_TIME, false), (OK, TimeStamp::NEVER));
    assert_eq!(ask::<u32>(&pair.acceptor, SECPKG_ATTR_USER_FLAGS, true), (OK, 0));
    let flags = |handle| ask::<u32>(handle, SECPKG_ATTR_FLAGS, true).1;
    assert_eq!(flags(&pair.initiator) & (ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY), 0x1_0010);
    assert_eq!(flags(&pair.acceptor) & (ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY), 0x2_0010);
    for is_wide in [true, false] {
        let (status, negotiation) =
            ask::<SecPkgContext_NegotiationInfoW>(&pair.initiator, SECPKG_ATTR_NEGOTIATION_INFO, is_wide);
        assert_eq!((status, negotiation.NegotiationState), (OK, SECPKG_NEGOTIATION_COMPLETE));
        // SAFETY: a description that the library made.
        let info = unsafe { negotiation.PackageInfo.read() };
        assert_eq!((info.wVersion, info.wRPCID, info.cbMaxToken), (1, 10, 2888));
        // SAFETY: nobody uses the block any more.
        assert_eq!(unsafe { FreeContextBuffer(negotiation.PackageInfo.cast()) }, OK);
        let (status, key) = ask::<SecPkgContext_KeyInfoW>(&pair.acceptor, SECPKG_ATTR_KEY_INFO, is_wide);
        assert_eq!((status, key.KeySize), (OK, 128));
        assert!(taken(key.sSignatureAlgorithmName, is_wide).is_some_and(|name| !name.is_empty()));
        assert!(taken(key.sEncryptAlgorithmName, is_wide).is_some_and(|name| !name.is_empty()));
    }
}

#[test]
fn before_completion_only_some_attributes_are_told() {
    let pair = pair("alice", None);
    check_unfinished(&pair);
    go(&pair, 2);
    check_unfinished(&pair);
    assert_eq!(ask::<u32>(&pair.acceptor, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, true), (OK, 1));
    assert_eq!(ask::<u32>(&pair.initiator, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, true), (OK, 2));
}

fn check_unfinished(pair: &Pair) {
    for handle in [&pair.initiator, &pair.acceptor] {
        for attribute in
            [SECPKG_ATTR_SIZES, SECPKG_ATTR_FLAGS, SECPKG_ATTR_PACKAGE_INFO, SECPKG_ATTR_NEGOTIATION_INFO]
        {
            let (status, answer) = ask::<[usize; 4]>(handle, attribute, true);
            assert_eq!(status, OK, "{attribute}");
            if matches!(attribute, SECPKG_ATTR_PACKAGE_INFO | SECPKG_ATTR_NEGOTIATION_INFO) {
                blocks::free(answer[0] as *mut c_void).unwrap();
            }
        }
        for attribute in [1, 2, 5, 6, 8, 9, 11, 13, 16, 19, 21, 27] {
            let (status, answer) = ask::<[usize; 4]>(handle, attribute, true);
            assert_eq!((status, answer), (INVALID_HANDLE, [0; 4]), "{attribute}");
        }
    }
}

#[test]
fn unknown_attributes_handles_and_places_are_refused() {
    let pair = pair("alice", None);
    go(&pair, 4);
    for attribute in [3, 4, 7, 15, 17, 18, 20, 22, 24, 25, 26, 28, 29, 31, 32, 33, 37, 128, 1000, u32::MAX] {
        let (status, answer) = ask::<[usize; 4]>(&pair.acceptor, attribute, true);
        assert_eq!((status, answer), (UNSUPPORTED, [0; 4]), "{attribute}");
    }
    for (dwLower, dwUpper) in [(0, 0), (usize::MAX, usize::MAX), (1, 2)] {
        assert_eq!(ask::<u32>(&SecHandle { dwLower, dwUpper }, SECPKG_ATTR_FLAGS, true).0, INVALID_HANDLE);
    }
    let mut handle = pair.acceptor;
    // SAFETY: NULL is refused.
    unsafe {
        assert_eq!(QueryContextAttributesW(null_mut(), 0, null_mut()), INVALID_HANDLE);
        for attribute in [0, 1, 2, 5, 9, 10, 12, 14] {
            assert_eq!(QueryContextAttributesW(&mut handle, attribute, null_mut()), INVALID_PARAMETER);
            assert_eq!(QueryContextAttributesA(&mut handle, attribute, null_mut()), INVALID_PARAMETER);
        }
    }
    // A credential is no context, nor the other way round.
    assert_eq!(ask::<u32>(&pair.credential, SECPKG_ATTR_FLAGS, true).0, INVALID_HANDLE);
}

#[test]
fn the_ex_forms_check_the_size() {
    let pair = pair("alice", Some(&U16String::from_str("HTTP/server")));
    go(&pair, 4);
    let mut handle = pair.acceptor;
    for (attribute, length) in [
        (0, 16),
        (1, 8),
        (2, 16),
        (5, 32),
        (6, 8),
        (9, 16),
        (10, 8),
        (11, 4),
        (12, 16),
        (13, 16),
        (14, 4),
        (19, 16),
        (21, 8),
        (27, 8),
        (30, 4),
    ] {
        for size in 0..length {
            let mut place = [0_usize; 4];
            // SAFETY: 32 bytes are there, more than any size that is given.
            let status =
                unsafe { QueryContextAttributesExW(&mut handle, attribute, place.as_mut_ptr().cast(), size) };
            assert_eq!((status, place), (TOO_SMALL, [0; 4]), "{attribute} {size}");
        }
        for size in [length, length + 1, 4096] {
            let mut place = [0_usize; 4];
            // SAFETY: the structure of the attribute fits into 32 bytes, and no more is written.
            let status =
                unsafe { QueryContextAttributesExA(&mut handle, attribute, place.as_mut_ptr().cast(), size) };
            assert_eq!(status, OK, "{attribute} {size}");
            place.iter().for_each(|word| _ = blocks::free(*word as *mut c_void));
        }
    }
}

#[test]
fn a_credential_tells_its_name() {
    let pair = pair("alice", None);
    let mut handle = pair.credential;
    // SAFETY: a handle and a structure, or what is refused.
    unsafe {
        let mut names: SecPkgCredentials_NamesW = zeroed();
        let place = (&raw mut names).cast();
        assert_eq!(QueryCredentialsAttributesW(&mut handle, SECPKG_CRED_ATTR_NAMES, place), OK);
        assert_eq!(taken(names.sUserName, true).unwrap(), "EXAMPLE\\alice");
        assert_eq!(QueryCredentialsAttributesA(&mut handle, SECPKG_CRED_ATTR_NAMES, place), OK);
        assert_eq!(taken(names.sUserName, false).unwrap(), "EXAMPLE\\alice");
        assert_eq!(QueryCredentialsAttributesExW(&mut handle, SECPKG_CRED_ATTR_NAMES, place, 7), TOO_SMALL);
        assert_eq!(QueryCredentialsAttributesExA(&mut handle, SECPKG_CRED_ATTR_NAMES, place, 8), OK);
        assert_eq!(taken(names.sUserName, false).unwrap(), "EXAMPLE\\alice");
        for attribute in [0, 2, 3, 4, 5, u32::MAX] {
            assert_eq!(QueryCredentialsAttributesW(&mut handle, attribute, place), UNSUPPORTED);
        }
        assert_eq!(QueryCredentialsAttributesW(&mut handle, 1, null_mut()), INVALID_PARAMETER);
        assert_eq!(QueryCredentialsAttributesW(null_mut(), 1, place), INVALID_HANDLE);
        let mut context = pair.acceptor;
        assert_eq!(QueryCredentialsAttributesW(&mut context, 1, place), INVALID_HANDLE);
    }
}
