//! What `ksetup /addkdc` and `/addkpasswd` wrote down: a realm's servers.

use std::ffi::c_void;

use crate::store::os::Registered;

/// HKEY_LOCAL_MACHINE, whose number is sign-extended.
const LOCAL_MACHINE: usize = 0x8000_0002_u32.cast_signed() as usize;
const RRF_RT_REG_MULTI_SZ: u32 = 0x20;
const REALMS: &str = r"SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\Domains";
/// A longer list is not looked at, units.
const LONGEST_LIST: usize = 8192;

#[link(name = "advapi32")]
unsafe extern "system" {
    fn RegGetValueW(
        key: usize,
        subkey: *const u16,
        name: *const u16,
        flags: u32,
        kind: *mut u32,
        data: *mut c_void,
        size: *mut u32,
    ) -> i32;
}

/// The realm's servers as they were registered; none if it was not.
pub fn servers(realm: &str, kind: Registered) -> Vec<String> {
    if realm.is_empty() || realm.contains(['\\', '\0']) {
        return Vec::new();
    }
    let value = match kind {
        Registered::Kdcs => "KdcNames",
        Registered::PasswordServers => "KpasswdNames",
    };
    let list = strings(&format!(r"{REALMS}\{realm}"), value).unwrap_or_default();
    let names = list.split(|unit| *unit == 0).map(String::from_utf16_lossy);
    names.filter(|name| !name.is_empty()).collect()
}

/// A value of several strings, each with its NUL.
fn strings(key: &str, name: &str) -> Option<Vec<u16>> {
    let terminated = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, name) = (terminated(key), terminated(name));
    let mut room = vec![0_u16; LONGEST_LIST];
    let mut size = u32::try_from(size_of_val(room.as_slice())).ok()?;
    // SAFETY: NUL-terminated names, and room for as many bytes as are said.
    let answer = unsafe {
        RegGetValueW(
            LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_MULTI_SZ,
            std::ptr::null_mut(),
            room.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    room.truncate(usize::try_from(size).ok()? / size_of::<u16>());
    (answer == 0).then_some(room)
}
