//! `cargo demo`: a C client and a C server log on to each other over TCP. `cargo demo http ...`: an HTTP server.
//! `cargo demo info ...`: sspi-info.

#![forbid(unsafe_code)]

mod http;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use ffi_tests::compile::{Build, compiler};
use ffi_tests::library::lib_path;
use ffi_tests::packages;
use ffi_tests::scratch::Scratch;

const DOMAIN: &str = "EXAMPLE";
const USER: &str = "alice";
const PASSWORD: &str = "correct horse battery staple";

/// How long a sample may say nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// Exit codes of the samples.
const GOOD: i32 = 0;
const REFUSED: i32 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.split_first() {
        None => demo().map(|()| ExitCode::SUCCESS),
        Some((first, rest)) if first == "http" => http::serve(rest),
        Some((first, rest)) if first == "info" => info(rest),
        Some((first, _)) => Err(format!("there is no {first}; there are http and info")),
    };
    match done {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("\nThe demo failed: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Builds sspi-info and runs it.
fn info(arguments: &[String]) -> Result<ExitCode, String> {
    if compiler().is_none() {
        packages::install(&["gcc", "libc6-dev"])?;
    }
    let scratch = Scratch::new("info").map_err(|error| error.to_string())?;
    let output = scratch.path().join("sspi-info");
    Build { sources: &["c/sspi_info.c"], library: lib_path(), output: &output, flags: &[] }.run()?;
    let status = Command::new(output).args(arguments).status().map_err(|error| error.to_string())?;
    Ok(ExitCode::from(u8::from(!status.success())))
}

fn demo() -> Result<(), String> {
    if compiler().is_none() {
        packages::install(&["gcc", "libc6-dev"])?;
    }
    let scratch = Scratch::new("demo").map_err(|error| error.to_string())?;
    let library = lib_path();
    let samples = Samples::build(library, scratch.path())?;
    let accounts = scratch.path().join("accounts");
    fs::write(&accounts, format!("{DOMAIN}:{USER}:{PASSWORD}\n")).map_err(|e| e.to_string())?;
    println!("library:  {}", library.display());
    println!("accounts: {} (one line, {DOMAIN}:{USER}:<password>)", accounts.display());

    println!("\n1. {DOMAIN}\\{USER} logs on with the right password.\n");
    let right = samples.talk(&accounts, PASSWORD, "NTLM")?;
    right.expect((GOOD, GOOD))?;
    right.server_says(&format!("authenticated: {DOMAIN}\\{USER}"))?;
    right.server_says("confidentiality")?;

    println!("\n2. {DOMAIN}\\{USER} tries a wrong password.\n");
    let wrong = samples.talk(&accounts, "hunter2", "NTLM")?;
    wrong.expect((REFUSED, REFUSED))?;
    wrong.server_says("SEC_E_LOGON_DENIED")?;

    println!("\n3. {DOMAIN}\\{USER} logs on with Negotiate, which agrees on a package first (SPNEGO).\n");
    let agreed = samples.talk(&accounts, PASSWORD, "Negotiate")?;
    agreed.expect((GOOD, GOOD))?;
    agreed.server_says(&format!("authenticated: {DOMAIN}\\{USER}"))?;

    println!(
        "\nAll as it should be: the right password opened a sealed conversation, by NTLM and by Negotiate;"
    );
    println!("the wrong one was refused by the server with SEC_E_LOGON_DENIED.");
    Ok(())
}

/// The two sample programs.
struct Samples {
    server: PathBuf,
    client: PathBuf,
}

/// How one conversation went.
struct Conversation {
    server: Option<i32>,
    client: Option<i32>,
    server_lines: Vec<String>,
}

impl Samples {
    fn build(library: &Path, dir: &Path) -> Result<Self, String> {
        let build = |name: &str| {
            let source = format!("c/{name}.c");
            let output = dir.join(name);
            Build { sources: &[&source], library, output: &output, flags: &[] }.run()
        };
        Ok(Self { server: build("sample_server")?, client: build("sample_client")? })
    }

    /// Starts a server, lets a client talk to it, and prints what both say as they say it.
    fn talk(&self, accounts: &Path, password: &str, package: &str) -> Result<Conversation, String> {
        let mut server = Command::new(&self.server);
        server.arg(package).env("NTLM_USER_FILE", accounts);
        let (mut server, server_lines) = start("server", &mut server)?;
        let first = next_line(&server_lines)?;
        let port = first.strip_prefix("listening on port ").ok_or("the server has no port")?;
        let mut client = Command::new(&self.client);
        client.args([port, DOMAIN, USER, password, package]).env("SSPI_NEGOTIATE_NTLM", "spnego");
        let (mut client, client_lines) = start("client", &mut client)?;
        let (client, _) = finish(&mut client, &client_lines)?;
        let (server, server_lines) = finish(&mut server, &server_lines)?;
        Ok(Conversation { server, client, server_lines })
    }
}

impl Conversation {
    fn expect(&self, (server, client): (i32, i32)) -> Result<(), String> {
        if (self.server, self.client) == (Some(server), Some(client)) {
            return Ok(());
        }
        let (got_server, got_client) = (self.server, self.client);
        Err(format!("server and client ended with {got_server:?} and {got_client:?}"))
    }

    fn server_says(&self, text: &str) -> Result<(), String> {
        if self.server_lines.iter().any(|line| line.contains(text)) {
            return Ok(());
        }
        Err(format!("the server never said \"{text}\""))
    }
}

/// Starts a sample whose lines are printed with its name in front, and handed on.
fn start(name: &'static str, command: &mut Command) -> Result<(Child, Receiver<String>), String> {
    command.env_remove("LD_LIBRARY_PATH");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
    let output = child.stdout.take().ok_or("a sample has no output")?;
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || relay(name, output, &sender));
    Ok((child, lines))
}

fn relay(name: &str, output: impl Read, lines: &Sender<String>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("  {name} | {line}");
        if lines.send(line).is_err() {
            return;
        }
    }
}

/// Reads a sample's lines to their end; one that falls silent for long is ended.
fn finish(child: &mut Child, lines: &Receiver<String>) -> Result<(Option<i32>, Vec<String>), String> {
    let mut said = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => said.push(line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().map_err(|error| error.to_string())?;
                break;
            }
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((status.code(), said))
}

fn next_line(lines: &Receiver<String>) -> Result<String, String> {
    lines.recv_timeout(PATIENCE).map_err(|_| "the server did not start".to_string())
}
