//! The settings that WinPR 3 puts behind a SEC_WINNT_AUTH_IDENTITY_EXW.
//!
//! | Flags | behind the 72 bytes of the identity |
//! |---|---|
//! | 0x100 | pointers to NTLM's settings and to Kerberos' |
//! | 0x200 | a version, then pointers to settings that begin with their size |
//!
//! Length says 72 in either case, so nothing is read unless the flags promise it. All of a setting's
//! structures are pointers in a row; those that are not named here mean nothing to this library.

use std::ffi::{CStr, OsString, c_char, c_void};
use std::sync::Arc;

use widestring::U16String;

use super::callback::{self, HashFunction, Manner};
use crate::abi::SEC_WINNT_AUTH_IDENTITY_EXW;
use crate::boundary::os::System;
use crate::error::{Code, Error, Result};
use crate::store::accounts::{AccountSource, FileAccounts};
use crate::store::identity::Given;
use crate::store::os::{Os, Settings};

/// SEC_WINNT_AUTH_IDENTITY_EXTENDED: SEC_WINNT_AUTH_IDENTITY_WINPR.
const EXTENDED: u32 = 0x100;
/// SEC_WINNT_AUTH_IDENTITY_WINPR_V2.
const EXTENDED_V2: u32 = 0x200;

/// Where WinPR looks for accounts that nothing else names.
pub const SAM_FILE: &str = "/etc/winpr/SAM";

/// Pointers in a row, as far as they go.
struct Row {
    start: *const *const c_void,
    count: usize,
    /// What stands in front of those that both layouts have.
    skipped: usize,
}

/// What NTLM's settings and Kerberos' have at most.
const LONGEST: usize = 9;
/// samFile, hashCallback, hashCallbackArg; kdcUrl, keytab, cache.
const SHORT: usize = 3;

impl Row {
    /// # Safety
    /// `place` leads to the pointer behind an identity, which is NULL or leads to its settings.
    unsafe fn read(place: *const c_void, sized: bool) -> Option<Row> {
        // SAFETY: promised by the caller.
        let start = unsafe { place.cast::<*const *const c_void>().read_unaligned() };
        if start.is_null() {
            return None;
        }
        if !sized {
            return Some(Row { start, count: SHORT, skipped: 0 });
        }
        // SAFETY: the settings begin with their size in bytes.
        let size = unsafe { start.cast::<u32>().read_unaligned() } as usize;
        Some(Row { start, count: (size / size_of::<*const c_void>()).min(LONGEST), skipped: 1 })
    }

    fn pointer(&self, index: usize) -> *const c_void {
        let index = index + self.skipped;
        if index >= self.count {
            return std::ptr::null();
        }
        // SAFETY: `read`'s promise: the settings are as long as they say.
        unsafe { self.start.add(index).read_unaligned() }
    }

    /// # Safety
    /// The pointer is NULL or leads to a NUL-terminated string.
    unsafe fn text(&self, index: usize) -> Result<Option<String>> {
        let text = self.pointer(index).cast::<c_char>();
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: promised by the caller.
        let text = unsafe { CStr::from_ptr(text) }.to_str();
        let text = text.map_err(|_| Error::new(Code::InvalidParameter, "a setting that is not UTF-8"))?;
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }
}

/// What an identity's flags say is given with it.
///
/// # Safety
/// `identity` points at a SEC_WINNT_AUTH_IDENTITY_EXW and at what `flags` promise behind it.
pub unsafe fn given(identity: *const c_void, flags: u32) -> Result<Option<Arc<Given>>> {
    const POINTER: usize = size_of::<*const c_void>();
    let behind = identity.wrapping_byte_add(size_of::<SEC_WINNT_AUTH_IDENTITY_EXW>());
    let (place, sized) = match flags & (EXTENDED | EXTENDED_V2) {
        0 => return Ok(None),
        EXTENDED => (behind, false),
        _ => (behind.wrapping_byte_add(POINTER), true),
    };
    let mut settings = Settings::default();
    let mut accounts = None;
    // SAFETY: promised by the caller.
    unsafe {
        if let Some(ntlm) = Row::read(place, sized) {
            accounts = ntlm_accounts(&ntlm)?;
            names(&ntlm, &mut settings)?;
        }
        if let Some(kerberos) = Row::read(place.wrapping_byte_add(POINTER), sized) {
            files(&kerberos, &mut settings)?;
        }
    }
    Ok(Some(Arc::new(Given { settings: Arc::new(settings), accounts })))
}

/// WinPR's order: the function, then the file.
///
/// # Safety
/// The row holds NTLM's settings.
unsafe fn ntlm_accounts(ntlm: &Row) -> Result<Option<Arc<dyn AccountSource>>> {
    let manner = if ntlm.skipped == 0 { Manner::StatusOrCount } else { Manner::Status };
    // SAFETY: a function pointer stands there, or NULL.
    let function = unsafe { std::mem::transmute::<*const c_void, Option<HashFunction>>(ntlm.pointer(1)) };
    if let Some(function) = function {
        return Ok(Some(callback::accounts(function, ntlm.pointer(2).cast_mut(), manner)));
    }
    // SAFETY: promised by the caller.
    let file = unsafe { ntlm.text(0) }?;
    Ok(file.map(|file| FileAccounts::at(file) as Arc<dyn AccountSource>))
}

/// # Safety
/// The row holds NTLM's settings.
unsafe fn names(ntlm: &Row, settings: &mut Settings) -> Result<()> {
    for (index, variable) in [(4, "NETBIOS_COMPUTER_NAME"), (5, "NETBIOS_DOMAIN_NAME")] {
        // SAFETY: promised by the caller.
        let name = unsafe { ntlm.text(index) }?;
        settings.variables.extend(name.map(|name| (variable, OsString::from(name))));
    }
    // SAFETY: promised by the caller.
    let (computer, domain) = unsafe { (ntlm.text(6)?, ntlm.text(7)?) };
    settings.host_name = match (computer, domain) {
        (Some(computer), Some(domain)) if !computer.contains('.') => Some(format!("{computer}.{domain}")),
        (Some(computer), _) => Some(computer),
        (None, Some(domain)) => {
            let host = System.host_name().to_string_lossy();
            Some(format!("{}.{domain}", host.split('.').next().unwrap_or_default()))
        }
        (None, None) => None,
    }
    .map(|name| U16String::from_str(&name));
    Ok(())
}

/// # Safety
/// The row holds Kerberos' settings.
unsafe fn files(kerberos: &Row, settings: &mut Settings) -> Result<()> {
    // SAFETY: promised by the caller.
    let (url, keytab, cache) = unsafe { (kerberos.text(0)?, kerberos.text(1)?, kerberos.text(2)?) };
    // A bare name is what krb5.conf would have: a KDC's.
    let url = url.map(|url| if url.contains("://") { url } else { format!("tcp://{url}") });
    let mut set = |variable, value: &Option<String>| {
        settings.variables.extend(value.as_ref().map(|value| (variable, OsString::from(value))));
    };
    set("SSPI_KDC_URL", &url);
    set("KRB5_KTNAME", &keytab);
    set("KRB5_CLIENT_KTNAME", &keytab);
    set("KRB5CCNAME", &cache);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ptr::null;

    use super::*;

    #[repr(C)]
    struct Extended {
        identity: [u64; 9],
        behind: [*const c_void; 3],
    }

    fn read(behind: [*const c_void; 3], flags: u32) -> Option<Arc<Given>> {
        let extended = Extended { identity: [0; 9], behind };
        // SAFETY: the tests give what their flags promise.
        unsafe { given((&raw const extended).cast(), flags) }.unwrap()
    }

    fn variables(given: &Given) -> Vec<(&'static str, String)> {
        let text = |(name, value): &(&'static str, OsString)| (*name, value.to_string_lossy().into_owned());
        given.settings.variables.iter().map(text).collect()
    }

    const NOWHERE: *const c_void = std::ptr::without_provenance(0xDEAD_0000);

    #[test]
    fn nothing_is_read_that_the_flags_do_not_promise() {
        for flags in [0, 1, 2, 0x10, 0x80, 0x400, 0x0080_0000, 0xFFFF_FCFF] {
            assert!(read([NOWHERE; 3], flags).is_none());
        }
    }

    #[test]
    fn both_layouts_are_read() {
        let (sam, url, keytab, cache) = (c"/tmp/sam", c"kdc.example.test", c"FILE:/k", c"FILE:/c");
        let ntlm = [sam.as_ptr().cast(), null(), null::<c_void>()];
        let kerberos = [url.as_ptr().cast::<c_void>(), keytab.as_ptr().cast(), cache.as_ptr().cast()];
        let files = [
            ("SSPI_KDC_URL", "tcp://kdc.example.test".to_owned()),
            ("KRB5_KTNAME", "FILE:/k".to_owned()),
            ("KRB5_CLIENT_KTNAME", "FILE:/k".to_owned()),
            ("KRB5CCNAME", "FILE:/c".to_owned()),
        ];
        let first = read([ntlm.as_ptr().cast(), kerberos.as_ptr().cast(), NOWHERE], 0x102).unwrap();
        assert!(first.accounts.is_some());
        assert_eq!(variables(&first), files);

        let size = |bytes: usize| std::ptr::without_provenance::<c_void>(bytes);
        let names = [c"NB", c"DOM", c"host", c"example.test"].map(|name| name.as_ptr().cast::<c_void>());
        let ntlm = [size(72), null(), null(), null(), NOWHERE, names[0], names[1], names[2], names[3]];
        let kerberos = [size(112), url.as_ptr().cast(), keytab.as_ptr().cast(), cache.as_ptr().cast()];
        let second = read([size(1), ntlm.as_ptr().cast(), kerberos.as_ptr().cast()], 0x202).unwrap();
        assert!(second.accounts.is_none());
        let own = [("NETBIOS_COMPUTER_NAME", "NB".to_owned()), ("NETBIOS_DOMAIN_NAME", "DOM".to_owned())];
        assert_eq!(variables(&second), [&own[..], &files[..]].concat());
        assert_eq!(second.settings.host_name.as_ref().unwrap().to_string_lossy(), "host.example.test");
    }

    #[test]
    fn settings_end_where_their_size_says() {
        let size = std::ptr::without_provenance::<c_void>(16);
        let ntlm = [size, c"/tmp/sam".as_ptr().cast()];
        let kerberos = [std::ptr::without_provenance::<c_void>(8)];
        let read = read([null(), ntlm.as_ptr().cast(), kerberos.as_ptr().cast()], 0x300).unwrap();
        assert!(read.accounts.is_some() && read.settings.variables.is_empty());
        assert!(super::tests::read([null(); 3], 0x100).unwrap().accounts.is_none());
    }
}
