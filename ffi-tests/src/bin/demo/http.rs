//! `cargo demo http`: the HTTP server of examples/http, built and started.

#![forbid(unsafe_code)]

use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

use ffi_tests::compile::{Build, compiler};
use ffi_tests::library::{ffi_tests, lib_path, target_dir};
use ffi_tests::packages;

use crate::{DOMAIN, PASSWORD, USER};

const FOLDER: &str = "examples/http";

/// Becomes the server, with these options; comes back only when that fails.
pub fn serve(options: &[String]) -> Result<ExitCode, String> {
    let folder = target_dir().join("demo");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let tls = options.iter().any(|option| ["--tls", "--certificate"].contains(&option.as_str()));
    let program = build(&folder.join("http_server"), tls)?;
    let mut server = Command::new(program);
    server.args(options).env_remove("LD_LIBRARY_PATH");
    if env::var_os("NTLM_USER_FILE").is_none() {
        let accounts = folder.join("accounts");
        write_accounts(&accounts).map_err(|error| format!("{}: {error}", accounts.display()))?;
        server.env("NTLM_USER_FILE", &accounts);
    }
    introduce(options, tls);
    Err(server.exec().to_string())
}

/// Compiles the server; what it needs is installed, or asked for.
fn build(output: &Path, tls: bool) -> Result<PathBuf, String> {
    if compiler().is_none() {
        packages::install(&["gcc", "libc6-dev"])?;
    }
    if tls && !has_openssl() {
        packages::install(&["libssl-dev"])?;
    }
    let sources = sources(tls).map_err(|error| format!("{FOLDER}: {error}"))?;
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let flags: &[&str] =
        if tls { &["-O2", "-DHTTP_TLS", "-Wl,--no-as-needed", "-lssl", "-lcrypto"] } else { &["-O2"] };
    Build { sources: &sources, library: lib_path(), output, flags }.run()
}

/// The C files of the server, relative to ffi-tests.
fn sources(tls: bool) -> io::Result<Vec<String>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(ffi_tests().join(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".c") && (tls || name != "tls.c") {
            sources.push(format!("{FOLDER}/{name}"));
        }
    }
    Ok(sources)
}

/// Whether the compiler finds OpenSSL's headers.
fn has_openssl() -> bool {
    let Some(compiler) = compiler() else { return false };
    let mut command = Command::new(compiler);
    command.args(["-E", "-x", "c", "-include", "openssl/ssl.h", "/dev/null"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn write_accounts(path: &Path) -> io::Result<()> {
    use io::Write;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    writeln!(file, "{DOMAIN}:{USER}:{PASSWORD}")
}

/// What to try in another terminal.
fn introduce(options: &[String], tls: bool) {
    let port = options.iter().position(|option| option == "--port").and_then(|at| options.get(at + 1));
    let port = port.map_or("8080", String::as_str);
    let (scheme, insecure) = if tls { ("https", "--insecure ") } else { ("http", "") };
    let url = format!("{scheme}://localhost:{port}/");
    println!("Open {url} in a browser, or try in another terminal:\n");
    if env::var_os("NTLM_USER_FILE").is_none() {
        println!("    curl {insecure}--ntlm -u '{DOMAIN}\\{USER}:{PASSWORD}' {url}");
    }
    println!(
        "    curl {insecure}--negotiate -u : {url}    # after kinit, where KRB5_KTNAME has HTTP/localhost"
    );
    println!("\nCtrl-C ends the server.\n");
}
