//! A Kerberos realm for a moment: MIT's KDC on loopback, asked for the tickets that the bench uses.
//!
//! All of it lies in one folder, made anew for each run; the KDC ends as soon as the tickets are there.

use std::ffi::OsString;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::peers;

/// The service whose ticket is in the cache, and whose key is in the keytab.
pub const SERVICE: &str = "host/server.t";
const REALM: &str = "BENCH.TEST";
const USER: &str = "alice";
const PASSWORD: &str = "Password123!";
/// Until nobody takes the files for new any more.
const SETTLING: Duration = Duration::from_millis(2500);
const ENCTYPE: &str = "aes256-cts-hmac-sha1-96";

pub fn folder() -> PathBuf {
    peers::target().join("bench-kerberos")
}

/// The name of the cache that holds the tickets.
pub fn cache() -> String {
    format!("FILE:{}", folder().join("alice.cc").display())
}

/// The variables that name the realm's files to every library.
pub fn variables() -> [(&'static str, OsString); 5] {
    [
        ("KRB5_CONFIG", folder().join("krb5.conf").into()),
        ("KRB5_KTNAME", folder().join("host.keytab").into()),
        ("KRB5_CLIENT_KTNAME", folder().join("none.keytab").into()),
        ("KRB5CCNAME", cache().into()),
        ("KRB5RCACHENAME", "none:".into()),
    ]
}

/// Makes the realm's files: a keytab, and a cache with a ticket for `SERVICE`.
pub fn make() -> Result<(), String> {
    let folder = folder();
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(told)?;
    }
    std::fs::create_dir_all(&folder).map_err(told)?;
    let port = free_port().map_err(told)?;
    std::fs::write(folder.join("krb5.conf"), client_configuration(port)).map_err(told)?;
    std::fs::write(folder.join("kdc.conf"), kdc_configuration(&folder, port)).map_err(told)?;
    run("kdb5_util", &["create", "-r", REALM, "-s", "-P", "master"], "")?;
    let keytab = folder.join("host.keytab");
    let commands = format!(
        "addprinc -pw {PASSWORD} {USER}\n\
         addprinc -randkey {SERVICE}\n\
         ktadd -k {} -norandkey {SERVICE}\n",
        keytab.display(),
    );
    run("kadmin.local", &["-r", REALM], &commands)?;
    let _kdc = Kdc::start(port)?;
    run("kinit", &[USER], &format!("{PASSWORD}\n"))?;
    run("kvno", &[SERVICE], "")?;
    // What was written within the last tick may still change, and who reads it reads it again.
    std::thread::sleep(SETTLING);
    Ok(())
}

fn client_configuration(port: u16) -> String {
    format!(
        "[libdefaults]\n\
         default_realm = {REALM}\n\
         dns_lookup_kdc = false\n\
         dns_lookup_realm = false\n\
         dns_canonicalize_hostname = false\n\
         rdns = false\n\
         udp_preference_limit = 1\n\
         permitted_enctypes = {ENCTYPE}\n\
         [realms]\n\
         {REALM} = {{\n kdc = 127.0.0.1:{port}\n}}\n\
         [domain_realm]\n\
         server.t = {REALM}\n"
    )
}

fn kdc_configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "[kdcdefaults]\n\
         kdc_listen = 127.0.0.1:{port}\n\
         kdc_tcp_listen = 127.0.0.1:{port}\n\
         [realms]\n\
         {REALM} = {{\n\
         database_name = {folder}/principals\n\
         key_stash_file = {folder}/stash\n\
         acl_file = {folder}/none\n\
         dict_file = {folder}/none\n\
         max_life = 1d\n\
         supported_enctypes = {ENCTYPE}:normal\n\
         }}\n\
         [logging]\n\
         kdc = FILE:{folder}/kdc.log\n"
    )
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A program of MIT's with the realm's files.
fn program(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(name);
    command
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .env("KRB5_KDC_PROFILE", folder().join("kdc.conf"))
        .env("LC_ALL", "C.UTF-8")
        .stdout(Stdio::null());
    command
}

fn run(name: &str, arguments: &[&str], input: &str) -> Result<(), String> {
    let missing = |error| format!("{name}: {error}; install krb5-kdc krb5-admin-server krb5-user");
    let mut command = program(name);
    let started = command.args(arguments).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = started.map_err(missing)?;
    if let Some(mut pipe) = running.stdin.take() {
        // A program that ends early tells why.
        let _ = pipe.write_all(input.as_bytes());
    }
    let ended = running.wait_with_output().map_err(|error| format!("{name}: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {} {}", ended.status, String::from_utf8_lossy(&ended.stderr).trim()))
}

/// A KDC that ends with this value.
struct Kdc(Child);

impl Kdc {
    fn start(port: u16) -> Result<Self, String> {
        let mut command = program("krb5kdc");
        command.args(["-n", "-r", REALM]).stdin(Stdio::null()).stderr(Stdio::null());
        let kdc = Self(command.spawn().map_err(|error| format!("krb5kdc: {error}"))?);
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                return Err(format!("krb5kdc does not listen on port {port}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(kdc)
    }
}

impl Drop for Kdc {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
