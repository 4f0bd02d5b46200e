//! sspi-info, the tool: what it prints and how it ends.

#![forbid(unsafe_code)]

use std::fs;
use std::process::{Command, Stdio};

use ffi_tests::compile::{Build, compiler};
use ffi_tests::library::lib_path;
use ffi_tests::scratch::Scratch;

struct Info {
    scratch: Scratch,
}

impl Info {
    fn new() -> Option<Self> {
        if compiler().is_none() {
            eprintln!("skipped: no C compiler is installed");
            return None;
        }
        let scratch = Scratch::new("sspi-info").unwrap();
        let output = scratch.path().join("sspi-info");
        Build { sources: &["c/sspi_info.c"], library: lib_path(), output: &output, flags: &[] }
            .run()
            .unwrap();
        fs::write(scratch.path().join("accounts"), "EXAMPLE:alice:Password123!\n").unwrap();
        fs::write(scratch.path().join("password"), "Password123!\n").unwrap();
        Some(Self { scratch })
    }

    /// What it prints, and whether all is well.
    fn run(&self, arguments: &[&str], accounts: &str) -> (String, bool) {
        let path = |name: &str| self.scratch.path().join(name);
        let mut command = Command::new(path("sspi-info"));
        command.args(arguments).env("NTLM_USER_FILE", path(accounts)).env("KRB5_CONFIG", path("none"));
        command.env("KRB5_KTNAME", path("no.keytab")).env("KRB5CCNAME", path("no.cache"));
        command.env_remove("LD_LIBRARY_PATH").env_remove("SSPI_LOG");
        let ran = command.stdin(fs::File::open(path("password")).unwrap()).stderr(Stdio::inherit()).output();
        let ran = ran.unwrap();
        (String::from_utf8(ran.stdout).unwrap(), ran.status.success())
    }
}

#[test]
fn it_tells_the_configuration_and_tries_a_logon() {
    let Some(info) = Info::new() else { return };
    let (said, good) = info.run(&[], "accounts");
    assert!(good && said.contains("accounts: 1 accounts, 1 of them may log on"), "{said}");
    let (said, good) = info.run(&["host/server"], "accounts");
    assert!(good && said.contains("\nNTLM: a token of "), "{said}");
    assert!(said.starts_with("Kerberos: SEC_E_NO_"), "{said}");
    let (said, good) = info.run(&["host/server", "EXAMPLE\\bob"], "missing");
    assert!(good && said.contains("for host/server, by NTLM"), "{said}");
    let (said, good) = info.run(&["--accept"], "accounts");
    assert!(good && said.contains("NTLM: logons can be accepted"), "{said}");
    let (said, good) = info.run(&["host/server"], "missing");
    assert!(!good && said.contains("NTLM: SEC_E_NO_CREDENTIALS: account file "), "{said}");
    let (_, good) = info.run(&["--what"], "accounts");
    assert!(!good);
}
