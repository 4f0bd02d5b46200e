#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use widestring::U16String;

use super::accounts::{AccountKey, AccountSource, FileAccounts};
use super::identity::Password;
use super::os::{Environment, Os, Settings};
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

fn open(path: &Path) -> Arc<FileAccounts> {
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

fn hash_of(source: &FileAccounts, user: &str, domain: &str) -> Option<[u8; 16]> {
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
    assert_eq!(hash_of(&source, "ALICE", "dom"), Some(password("pa:ss: #1")));
    assert_eq!(hash_of(&source, "alice", "OTHER"), None);
    assert_eq!(hash_of(&source, "alice", ""), None);
    assert_eq!(hash_of(&source, "bob", "DOM"), Some(password("dom")));
    assert_eq!(hash_of(&source, "bob", "ELSE"), Some(password("any")));
    assert_eq!(hash_of(&source, "alice@Dom", ""), Some(password("pa:ss: #1")));
    assert_eq!(hash_of(&source, "carol", "ANY"), Some(0xa4f49c406510bdcab6824ee7c30fd852u128.to_be_bytes()));
    assert_eq!(hash_of(&source, "dave", "corp"), hash_of(&source, "carol", ""));
    assert_eq!(hash_of(&source, "dave", "x"), None);
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
    let before = hash_of(&source, "alice", "DOM");
    std::fs::write(&file.0, b"DOM:alice:another\n").unwrap();
    assert_ne!(hash_of(&source, "alice", "DOM"), before);
    std::fs::remove_file(&file.0).unwrap();
    assert!(source.lookup(&wide("alice"), &wide("DOM")).is_err());
}

/// Lines of hash files whose account has no hash or is disabled: nobody is let in, least of all with
/// the rest of the line for a password.
#[test]
fn accounts_without_a_hash_may_not_log_on() {
    let cross = "X".repeat(32);
    let hash = "a4f49c406510bdcab6824ee7c30fd852";
    let text = format!(
        "carol:1000:{cross}:{cross}:[U          ]:LCT-0:\ndave:CORP:::\nerin:CORP:{hash}:::\n\
         frank:1001:{cross}:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:[NU         ]:LCT-0:\n\
         grace:1002:{cross}:{hash}:[DU         ]:LCT-0:\n:grace:pw\nheidi:1003:{cross}:{hash}:[U          ]:\n"
    );
    let file = TempFile::new("no-hash", text.as_bytes());
    let source = open(&file.0);
    for (user, domain) in [("carol", ""), ("dave", "CORP"), ("erin", "CORP"), ("frank", ""), ("grace", "")] {
        assert_eq!(hash_of(&source, user, domain), None, "{user}");
    }
    for (user, domain) in [("1000", "carol"), ("CORP", "dave"), ("CORP", "erin"), ("1001", "frank")] {
        assert_eq!(hash_of(&source, user, domain), None, "{domain}");
    }
    assert!(hash_of(&source, "heidi", "").is_some());
    let own = source.default_identity(Some(&wide("carol"))).unwrap().unwrap();
    assert_eq!(own.password.is_some(), own.user == Some(wide("grace")));
}

#[test]
fn an_indented_comment_is_no_account() {
    let file = TempFile::new("indented", b"  # see: http://example.test\nDOM:alice:pw\n");
    assert_eq!(hash_of(&open(&file.0), " http", "  # see"), None);
}

/// A file that is written twice within one tick of its file system's clock looks the same.
#[cfg(unix)]
#[test]
fn a_change_that_leaves_no_trace_is_seen() {
    let file = TempFile::new("tick", b"DOM:alice:one\n");
    let source = open(&file.0);
    for password in ["two", "six", "ten", "one", "two"].repeat(40) {
        std::fs::write(&file.0, format!("DOM:alice:{password}\n")).unwrap();
        let expected = *super::accounts::nt_hash(wide(password).as_slice()).as_ref();
        assert_eq!(hash_of(&source, "alice", "DOM"), Some(expected), "{password}");
    }
}

/// Opening a pipe that nobody writes to would wait for ever.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let file = TempFile::new("pipe", b"");
    std::fs::remove_file(&file.0).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&file.0).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(open(&file.0).lookup(&wide("alice"), &wide("DOM")).is_err());
    }
}

#[test]
fn what_came_with_an_identity_wins_over_the_environment() {
    let os: &'static TestOs = Box::leak(Box::new(TestOs("outer".into())));
    let given = |name, value: &str| (name, OsString::from(value));
    let settings = Settings {
        variables: vec![given("A", "first"), given("A", "last"), given("NTLM_USER_FILE", "inner")],
        host_name: Some(wide("own.example.test")),
    };
    let outer = Environment::from(os);
    let own = Environment::new(os, Some(Arc::new(settings)));
    assert_eq!((own.variable("A"), own.variable("B")), (Some("last".into()), None));
    assert_eq!(own.variable("NTLM_USER_FILE"), Some("inner".into()));
    assert_eq!((outer.variable("A"), outer.variable("NTLM_USER_FILE")), (None, Some("outer".into())));
    assert_eq!((own.host_name(), outer.host_name()), (wide("own.example.test"), wide("host")));
    assert_eq!((own.user_name(), own.effective_uid()), (None, 0));
}
