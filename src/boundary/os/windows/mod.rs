//! Windows: names, the account of the process, what the system knows of KDCs and name servers.

pub mod ansi;
pub mod heap;
mod registry;
pub mod system_dll;
mod thread;

use std::ffi::{OsString, c_void};
use std::net::{IpAddr, Ipv4Addr};

use widestring::U16String;

use crate::store::os::{Os, Registered};

pub use thread::Thread;

/// ComputerNameDnsFullyQualified and ComputerNameDnsHostname.
const FULL_NAME: i32 = 3;
const FIRST_LABEL: i32 = 1;
/// DnsConfigDnsServerList.
const NAME_SERVERS: i32 = 6;
const MOST_NAME_SERVERS: usize = 16;
/// No name of an account or of a host is longer, in units.
const LONGEST_NAME: usize = 1024;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetComputerNameExW(kind: i32, buffer: *mut u16, size: *mut u32) -> i32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    fn GetUserNameW(buffer: *mut u16, size: *mut u32) -> i32;
}

#[link(name = "dnsapi")]
unsafe extern "system" {
    fn DnsQueryConfig(
        config: i32,
        flag: u32,
        adapter: *const u16,
        reserved: *mut c_void,
        buffer: *mut c_void,
        size: *mut u32,
    ) -> i32;
}

/// The operating system that the library runs on.
pub struct System;

impl Os for System {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn user_name(&self) -> Option<U16String> {
        let mut room = [0; LONGEST_NAME];
        let mut size = LONGEST_NAME as u32;
        // SAFETY: room for as many units as are said.
        let answer = unsafe { GetUserNameW(room.as_mut_ptr(), &raw mut size) };
        (answer != 0).then(|| up_to_nul(&room)).filter(|name| !name.is_empty())
    }

    fn host_name(&self) -> U16String {
        let known = [FULL_NAME, FIRST_LABEL].into_iter().find_map(computer_name);
        known.unwrap_or_else(|| U16String::from_str("localhost"))
    }

    fn effective_uid(&self) -> u32 {
        0
    }

    fn nameservers(&self) -> Option<Vec<IpAddr>> {
        // An IP4_ARRAY: their number, then the addresses in the order of the network.
        let mut room = [0_u32; 1 + MOST_NAME_SERVERS];
        let mut size = size_of_val(&room) as u32;
        let (none, nothing) = (std::ptr::null(), std::ptr::null_mut());
        // SAFETY: room for as many bytes as are said.
        let answer = unsafe {
            DnsQueryConfig(NAME_SERVERS, 0, none, nothing, room.as_mut_ptr().cast(), &raw mut size)
        };
        let [count, addresses @ ..] = room;
        let count = if answer == 0 { usize::try_from(count).unwrap_or_default() } else { 0 };
        let address = |bits: u32| IpAddr::from(Ipv4Addr::from(bits.to_ne_bytes()));
        Some(addresses.into_iter().take(count).map(address).collect())
    }

    fn registered_servers(&self, realm: &str, kind: Registered) -> Vec<String> {
        registry::servers(realm, kind)
    }
}

fn computer_name(kind: i32) -> Option<U16String> {
    let mut room = [0; LONGEST_NAME];
    let mut size = LONGEST_NAME as u32;
    // SAFETY: room for as many units as are said.
    let answer = unsafe { GetComputerNameExW(kind, room.as_mut_ptr(), &raw mut size) };
    (answer != 0).then(|| up_to_nul(&room)).filter(|name| !name.is_empty())
}

fn up_to_nul(units: &[u16]) -> U16String {
    U16String::from_vec(units.split(|unit| *unit == 0).next().unwrap_or_default())
}
