//! Identities as C hands them over: packed blocks, structures with pointers, channel bindings.

use std::ffi::c_void;
use std::ptr::null_mut;

use sspi::abi::{SEC_WINNT_AUTH_IDENTITY_EXW, SecHandle, SecPkgContext_Bindings};

use crate::calls::*;

/// The first byte chooses the form.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    // SAFETY: every pointer that the calls give is to memory of the size that it says.
    unsafe {
        match input.byte() % 4 {
            0 => unmarshal(input.0),
            1 => packed(input.0),
            2 => pointers(&mut input),
            _ => bindings(&mut input),
        }
    }
}

/// A byte array of anybody's.
unsafe fn unmarshal(bytes: &[u8]) {
    let (mut identity, mut bytes) = (null_mut(), bytes.to_vec());
    unsafe {
        let start = bytes.as_mut_ptr().cast();
        if SspiUnmarshalAuthIdentity(bytes.len() as u32, start, &raw mut identity) == 0 {
            assert_eq!(SspiValidateAuthIdentity(identity), 0, "what was unmarshalled is no identity");
            all(identity);
            SspiFreeAuthIdentity(identity);
        }
    }
}

/// A SEC_WINNT_AUTH_IDENTITY_EX2 in the caller's own memory, as long as it says.
unsafe fn packed(bytes: &[u8]) {
    let length =
        bytes.get(8..12).and_then(|field| field.first_chunk()).map(|field| u32::from_ne_bytes(*field));
    let is_ex2 = bytes.starts_with(&[1, 2, 0, 0, 48, 0]);
    if !is_ex2 || length.is_none_or(|length| length as usize > bytes.len()) {
        return;
    }
    let mut bytes = bytes.to_vec();
    unsafe {
        all(bytes.as_mut_ptr().cast());
        acquire(bytes.as_mut_ptr().cast());
    }
}

/// A SEC_WINNT_AUTH_IDENTITY_EXW, or the same without its list of packages.
unsafe fn pointers(input: &mut Input<'_>) {
    let flags = input.byte();
    let mut texts: [Vec<u16>; 4] = std::array::from_fn(|_| {
        input.counted().chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect()
    });
    let absent = input.byte();
    let mut place = |index: usize| {
        let text = &mut texts[index];
        let start = if absent & (1 << index) == 0 { text.as_mut_ptr() } else { null_mut() };
        // Of bytes there are as many as of units, at least.
        (start, text.len() as u32)
    };
    let (user, domain, password, list) = (place(0), place(1), place(2), place(3));
    let mut identity = SEC_WINNT_AUTH_IDENTITY_EXW {
        Version: 0x200,
        Length: size_of::<SEC_WINNT_AUTH_IDENTITY_EXW>() as u32,
        User: user.0,
        UserLength: user.1,
        Domain: domain.0,
        DomainLength: domain.1,
        Password: password.0,
        PasswordLength: password.1,
        Flags: u32::from(flags & 0x0F),
        PackageList: list.0,
        PackageListLength: list.1,
    };
    let start: *mut c_void = match flags & 0x80 {
        0 => (&raw mut identity).cast(),
        _ => (&raw mut identity.User).cast(),
    };
    unsafe {
        all(start);
        acquire(start);
    }
}

/// Everything that is done with an identity.
unsafe fn all(identity: Identity) {
    unsafe {
        let (mut user, mut domain, mut password) =
            (null_mut::<u16>().cast_const(), null_mut::<u16>().cast_const(), null_mut::<u16>().cast_const());
        SspiEncodeAuthIdentityAsStrings(identity, &raw mut user, &raw mut domain, &raw mut password);
        for text in [user, domain, password] {
            table().FreeContextBuffer.unwrap()(text.cast_mut().cast());
        }
        let (mut length, mut bytes) = (0, null_mut());
        if SspiMarshalAuthIdentity(identity, &raw mut length, &raw mut bytes) == 0 {
            let mut again = null_mut();
            let status = SspiUnmarshalAuthIdentity(length, bytes, &raw mut again);
            assert_eq!(status, 0, "what was marshalled cannot be unmarshalled");
            let (mut same_user, mut same) = (0, 0);
            if SspiCompareAuthIdentities(identity, again, &raw mut same_user, &raw mut same) == 0 {
                assert!(same_user != 0 && same != 0, "an identity changed on its way");
            }
            SspiFreeAuthIdentity(again);
            table().FreeContextBuffer.unwrap()(bytes.cast());
        }
        let mut copy = null_mut();
        if SspiCopyAuthIdentity(identity, &raw mut copy) == 0 {
            for options in [1, 2, 4] {
                // One that says that it is encrypted stays as it is.
                let claims = SspiIsAuthIdentityEncrypted(copy) != 0;
                if SspiEncryptAuthIdentityEx(options, copy) == 0 && !claims {
                    assert_eq!(SspiDecryptAuthIdentityEx(options, copy), 0, "what was encrypted is lost");
                }
            }
            let mut other = null_mut();
            if SspiExcludePackage(copy, wide("NTLM").as_ptr(), &raw mut other) == 0 {
                SspiFreeAuthIdentity(other);
            }
            SspiZeroAuthIdentity(copy);
            SspiFreeAuthIdentity(copy);
        }
    }
}

/// Acquires a credential with it.
unsafe fn acquire(identity: *mut c_void) {
    let mut handle = SecHandle { dwLower: 0, dwUpper: 0 };
    for package in ["NTLM", "Negotiate"] {
        let package = wide(package);
        unsafe {
            let (none, table) = (null_mut(), table());
            let acquire = table.AcquireCredentialsHandleW.unwrap();
            let place = &raw mut handle;
            if acquire(std::ptr::null(), package.as_ptr(), 2, none, identity, None, none, place, null_mut())
                == 0
            {
                table.FreeCredentialsHandle.unwrap()(place);
            }
        }
    }
}

/// Channel bindings that are made into their extended form.
unsafe fn bindings(input: &mut Input<'_>) {
    let flags = u32::from(input.byte() % 4);
    let mut bytes = input.0.to_vec();
    let start = bytes.as_mut_ptr();
    let mut place = SecPkgContext_Bindings { BindingsLength: bytes.len() as u32, Bindings: start.cast() };
    unsafe {
        for _ in 0..2 {
            SspiSetChannelBindingFlags(&raw mut place, flags);
        }
        if place.Bindings.cast() != start {
            table().FreeContextBuffer.unwrap()(place.Bindings.cast());
        }
    }
}

/// What the other targets of identities and bindings begin with, and pointers.
pub fn seeds() -> Vec<Vec<u8>> {
    let seeds_of = |name: &str| {
        let target = sspi::fuzzing::TARGETS.iter().find(|target| target.name == name);
        target.map(|target| (target.seeds)()).unwrap_or_default()
    };
    let mut seeds =
        vec![vec![2, 2, 4, b'a', 0, b'b', 0, 2, b'D', 0, 4, b'p', 0, b'w', 0, 4, b'!', 0, b'n', 0, 0]];
    seeds.push(vec![2, 0x82, 4, b'a', 0, b'b', 0, 2, b'D', 0, 4, b'p', 0, b'w', 0, 0, 8]);
    seeds.push(vec![2, 1, 4, b'a', b'b', b'c', b'd', 0, 4, b'p', b'w', b'd', b'x', 0, 2]);
    for identity in seeds_of("identity").into_iter().step_by(4) {
        seeds.push([&[0], identity.get(1..).unwrap_or_default()].concat());
        seeds.push([&[1], identity.get(1..).unwrap_or_default()].concat());
    }
    seeds.extend(seeds_of("channel_bindings").into_iter().map(|bytes| [&[3, 1], bytes.as_slice()].concat()));
    seeds
}
