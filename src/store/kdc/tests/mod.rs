//! The transport against servers on loopback, with times that are short but for what must not end.

#![forbid(unsafe_code)]

mod addresses;
mod datagrams;
mod names;
#[cfg(feature = "kdc-proxy")]
mod proxies;
mod streams;
mod times;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use widestring::U16String;

use super::{Exchange, Locate, Network, Proxy, Server, Servers, Service, Settings};
use crate::error::{Code, Error, Result};
use crate::store::os::{Os, Registered};

const REALM: &str = "EXAMPLE.TEST";
const REQUEST: &[u8] = b"\x6A\x03ask";
/// An AS-REP by its head.
const REPLY: &[u8] = b"\x6B\x02ok";
const OTHER_REPLY: &[u8] = b"\x6D\x04also";
/// What `is_big` takes for KRB_ERR_RESPONSE_TOO_BIG.
const TOO_BIG: &[u8] = b"\x7E\x03big";
/// Longer than any test takes.
const PATIENT: Duration = Duration::from_secs(20);

fn is_big(reply: &[u8]) -> bool {
    reply == TOO_BIG
}

/// An environment.
#[derive(Default)]
struct TestOs(HashMap<String, String>);

impl Os for TestOs {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(OsString::from)
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
    fn registered_servers(&self, realm: &str, kind: Registered) -> Vec<String> {
        let names = self.0.get(&format!("{kind:?} of {realm}")).map(|names| names.split(' '));
        names.into_iter().flatten().map(str::to_owned).collect()
    }
}

fn os(variables: &[(&str, &str)]) -> &'static TestOs {
    let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Box::leak(Box::new(TestOs(variables.collect())))
}

/// A krb5.conf that says the same of every realm.
struct File(Servers);

impl Locate for File {
    fn servers(&self, _realm: &str, _service: Service) -> Result<Servers> {
        Ok(self.0.clone())
    }
}

fn file(servers: &[String]) -> Servers {
    let servers = servers.iter().map(|server| Server::parse(server).unwrap()).collect();
    Servers { servers, dns_lookup_kdc: false, ..Servers::default() }
}

fn network(servers: Servers, total: Duration) -> Network {
    Network::new(os(&[]), Arc::new(File(servers)), None).with_settings(Settings::with_total(total))
}

fn send(network: &Network, request: &[u8]) -> Result<Vec<u8>> {
    network.exchange(REALM, Service::Kdc, request, &is_big)
}

/// The exchange with these servers, and how long it took.
fn timed(servers: &[String], total: Duration) -> (Result<Vec<u8>>, Duration) {
    let network = network(file(servers), total);
    let start = Instant::now();
    (send(&network, REQUEST), start.elapsed())
}

fn ask(servers: &[String]) -> Result<Vec<u8>> {
    timed(servers, PATIENT).0
}

#[track_caller]
fn unreachable(answer: Result<Vec<u8>>) -> String {
    let error: Error = answer.unwrap_err();
    assert_eq!(error.code, Code::NoAuthenticatingAuthority);
    error.reason.into_owned()
}

/// Answers each datagram with those of the script, which counts them from 0.
fn serve_udp(socket: UdpSocket, mut script: impl FnMut(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) {
    thread::spawn(move || {
        let mut buffer = [0; 0xFFFF];
        for count in 0.. {
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
            for reply in script(count, &buffer[..length]) {
                socket.send_to(&reply, from).unwrap();
            }
        }
    });
}

fn udp(script: impl FnMut(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    serve_udp(socket, script);
    address
}

/// Hands each connection to the script, which counts them from 0.
fn serve_tcp(listener: TcpListener, mut script: impl FnMut(usize, TcpStream) + Send + 'static) {
    thread::spawn(move || {
        for count in 0.. {
            let Ok((stream, _)) = listener.accept() else { continue };
            script(count, stream);
        }
    });
}

fn tcp(script: impl FnMut(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    serve_tcp(listener, script);
    address
}

/// One port for both.
fn both() -> (UdpSocket, TcpListener, SocketAddr) {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        if let Ok(socket) = UdpSocket::bind(address) {
            return (socket, listener, address);
        }
    }
}

/// A port that nobody listens on.
fn closed() -> SocketAddr {
    let (_socket, _listener, address) = both();
    address
}

fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut request = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut request).unwrap();
    request
}

fn framed(reply: &[u8]) -> Vec<u8> {
    [&u32::try_from(reply.len()).unwrap().to_be_bytes(), reply].concat()
}

/// Reads the request and writes these bytes as they are.
fn answers(bytes: Vec<u8>) -> impl FnMut(usize, TcpStream) + Send + 'static {
    move |_, mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(&bytes);
    }
}

fn proxy(server: &str, force: bool) -> Option<Proxy> {
    Some(Proxy { server: server.to_owned(), force })
}
