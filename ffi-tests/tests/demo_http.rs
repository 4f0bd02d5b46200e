//! `cargo demo http` starts a server that a newcomer's first request reaches.

#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use ffi_tests::compile::compiler;
use ffi_tests::library::lib_path;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_demo_asks_who_one_is() {
    if compiler().is_none() {
        eprintln!("skipped: install gcc");
        return;
    }
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    demo.args(["http", "--port", "0"]).env("LIBSSPI", lib_path()).env_remove("NTLM_USER_FILE");
    let mut server = Server(demo.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let lines: Vec<String> = lines.inspect(|line| println!("{line}")).take(8).collect();
    let address = lines.last().unwrap().strip_prefix("listening on http://").unwrap();
    let mut connection = TcpStream::connect(address.trim_end_matches('/')).unwrap();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n"), "{answer}");
}
