//! What the tests of this room share: fixtures written by MIT's tools, an environment, damage.

#![forbid(unsafe_code)]

mod ccache;
mod conf;
mod keytab;
mod principal;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use widestring::U16String;

use crate::store::os::Os;

/// The bytes of a fixture: hex digits and blanks.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// An environment of the test's own.
#[derive(Default)]
pub struct TestOs(pub Vec<(&'static str, OsString)>);

impl Os for TestOs {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone())
    }
    fn user_name(&self) -> Option<U16String> {
        Some(U16String::from_str("alice"))
    }
    fn host_name(&self) -> U16String {
        U16String::from_str("host.example.test")
    }
    fn effective_uid(&self) -> u32 {
        1234
    }
}

/// A folder of the test's own, gone with the guard.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("libsspi-krb5-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Numbers that look random and are the same every time (xorshift).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Calls `read` with a sound file damaged in many ways, and with noise: it may refuse, never panic.
pub fn damage(sound: &[u8], read: impl Fn(&[u8])) {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for end in 0..sound.len() {
        read(&sound[..end]);
    }
    for index in 0..sound.len() {
        for value in [0, 0x7F, 0x80, 0xFF] {
            let mut bytes = sound.to_vec();
            bytes[index] = value;
            read(&bytes);
        }
    }
    for _ in 0..20_000 {
        let mut bytes = sound.to_vec();
        for _ in 0..=numbers.next() % 4 {
            let index = (numbers.next() as usize) % bytes.len();
            bytes[index] = numbers.next() as u8;
        }
        read(&bytes);
        let keep = (numbers.next() as usize) % 8;
        let noise: Vec<u8> = (0..numbers.next() % 96).map(|_| numbers.next() as u8).collect();
        read(&[&sound[..keep.min(sound.len())], &noise[..]].concat());
    }
}
