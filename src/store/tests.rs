#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::Path;

use widestring::U16String;

use super::accounts::{AccountKey, AccountSource, FileAccounts};
use super::identity::Password;
use super::os::Os;
use crate::error::Code;

struct TestOs(OsString);

impl Os for TestOs {
    fn variable(&self, name: &str) -> Option<OsString> {
        (name == "NTLM_USER_FILE").then(|| self.0.clone())
    }
    fn user_name(&self) -> Option<U16String> {
        None
    }
    fn host_name(&self) -> U16String {
        U16String::from_str("host")
    }
    fn effective_uid(&self) -> u32 {
        0
    }
}

fn wide(text: &str) -> U16String {
    U16String::from_str(text)
}

fn open(path: &Path) -> std::sync::Arc<FileAccounts> {
    let os: &'static TestOs = Box::leak(Box::new(TestOs(path.into())));
    FileAccounts::from_environment(os).unwrap()
}

/// A file of its own for each test, gone with the guard.
struct TempFile(std::path::PathBuf);

impl TempFile {
    fn new(name: &str, text: &[u8]) -> TempFile {
        let path = std::env::temp_dir().join(format!("libsspi-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        TempFile(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn hash(source: &FileAccounts, user: &str, domain: &str) -> Option<[u8; 16]> {
    match source.lookup(&wide(user), &wide(domain)).unwrap()?.key {
        AccountKey::NtHash(hash) => Some(*hash.as_ref()),
        AccountKey::NtowfV2(_) => None,
    }
}

#[test]
fn lines_are_found_by_user_and_domain() {
    let text = "\u{FEFF}# users\n\nDOM:alice:pa:ss: #1\n:bob:any\nDOM:bob:dom\nDOM:bob:second\n\
        carol:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:a4f49c406510bdcab6824ee7c30fd852:[U]:LCT-0:\n\
        dave:CORP::a4f49c406510bdcab6824ee7c30fd852\n";
    let file = TempFile::new("found", text.as_bytes());
    let source = open(&file.0);
    let password = |text: &str| *super::accounts::nt_hash(wide(text).as_slice()).as_ref();
    assert_eq!(hash(&source, "ALICE", "dom"), Some(password("pa:ss: #1")));
    assert_eq!(hash(&source, "alice", "OTHER"), None);
    assert_eq!(hash(&source, "alice", ""), None);
    assert_eq!(hash(&source, "bob", "DOM"), Some(password("dom")));
    assert_eq!(hash(&source, "bob", "ELSE"), Some(password("any")));
    assert_eq!(hash(&source, "alice@Dom", ""), Some(password("pa:ss: #1")));
    assert_eq!(hash(&source, "carol", "ANY"), Some(0xa4f49c406510bdcab6824ee7c30fd852u128.to_be_bytes()));
    assert_eq!(hash(&source, "dave", "corp"), hash(&source, "carol", ""));
    assert_eq!(hash(&source, "dave", "x"), None);
}

#[test]
fn the_default_identity_is_the_own_line_or_the_first_with_a_password() {
    let file =
        TempFile::new("default", b"eve:::a4f49c406510bdcab6824ee7c30fd852:\nDOM:alice:pw\nDOM:bob:pw2\n");
    let source = open(&file.0);
    let first = source.default_identity(None).unwrap().unwrap();
    assert_eq!(first.user, Some(wide("alice")));
    let own = source.default_identity(Some(&wide("BOB"))).unwrap().unwrap();
    assert_eq!(own.user, Some(wide("bob")));
    let hash_line = source.default_identity(Some(&wide("eve"))).unwrap().unwrap();
    assert!(matches!(hash_line.password, Some(Password::NtHash(_))));
}

#[test]
fn a_file_that_cannot_be_used_denies() {
    for (name, text) in [
        ("empty", &b""[..]),
        ("comments", b"# nothing\n\n"),
        ("malformed", b"DOM:alice:pw\nnonsense\n"),
        ("no-user", b"DOM::pw\n"),
        ("latin1", b"DOM:m\xFCller:pw\n"),
    ] {
        let file = TempFile::new(name, text);
        let failed = open(&file.0).lookup(&wide("alice"), &wide("DOM"));
        assert_eq!(failed.err().map(|error| error.code), Some(Code::NoCredentials), "{name}");
    }
    let missing = open(Path::new("/nonexistent/users")).lookup(&wide("alice"), &wide("DOM"));
    assert!(missing.is_err());
    assert!(open(&std::env::temp_dir()).lookup(&wide("alice"), &wide("DOM")).is_err());
}

#[test]
fn a_changed_file_is_read_again() {
    let file = TempFile::new("changed", b"DOM:alice:one\n");
    let source = open(&file.0);
    let before = hash(&source, "alice", "DOM");
    std::fs::write(&file.0, b"DOM:alice:another\n").unwrap();
    assert_ne!(hash(&source, "alice", "DOM"), before);
    std::fs::remove_file(&file.0).unwrap();
    assert!(source.lookup(&wide("alice"), &wide("DOM")).is_err());
}
