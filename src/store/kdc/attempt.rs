//! One request: who is asked in which order, by which transport, and for how long.
//!
//! Datagrams to each server in turn, then TCP (and HTTPS) to each, then datagrams twice more with
//! longer waits. TCP comes first for what is long and for changes of passwords, which a server
//! may refuse to hear twice.

#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::address::{Server, Transport, authority};
use super::deadline::Deadline;
use super::locate::Plan;
use super::stream::{self, Stream};
use super::udp::{self, Peer};
use super::{Service, Settings, proxy, reply};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};

/// What no datagram carries, with room for headers (MIT's limit too).
const LONGEST_DATAGRAM: usize = 32_700;
/// How many failures an error's reason tells.
const MOST_TOLD: usize = 8;

enum Stage {
    Datagrams(Duration),
    Streams,
    DatagramsAgain(Duration),
}

/// A server and, once it was its turn, its addresses.
struct Target<'a> {
    server: &'a Server,
    addresses: Option<Vec<SocketAddr>>,
}

/// See the file's head.
pub struct Attempt<'a> {
    realm: &'a str,
    service: Service,
    request: &'a [u8],
    too_big: &'a dyn Fn(&[u8]) -> bool,
    settings: &'a Settings,
    deadline: Deadline,
    /// False once a server said that the reply does not fit a datagram.
    datagrams: bool,
    /// The addresses that TCP was tried with.
    streamed: Vec<SocketAddr>,
    failures: Vec<String>,
    buffer: Vec<u8>,
}

impl<'a> Attempt<'a> {
    pub fn new(
        realm: &'a str,
        service: Service,
        request: &'a [u8],
        too_big: &'a dyn Fn(&[u8]) -> bool,
        settings: &'a Settings,
        deadline: Deadline,
    ) -> Attempt<'a> {
        Attempt {
            realm,
            service,
            request,
            too_big,
            settings,
            deadline,
            datagrams: true,
            streamed: Vec::new(),
            failures: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// The first plausible reply; SEC_E_NO_AUTHENTICATING_AUTHORITY says what was tried.
    pub fn run(mut self, plan: &Plan) -> Result<Vec<u8>> {
        let mut targets: Vec<Target> =
            plan.servers.iter().map(|server| Target { server, addresses: None }).collect();
        let mut peers = Vec::new();
        for stage in self.stages(plan.udp_preference_limit) {
            let reply = match stage {
                Stage::Datagrams(wait) => self.datagrams(&mut targets, &mut peers, wait),
                Stage::Streams => self.streams(&mut targets, plan),
                Stage::DatagramsAgain(wait) => self.datagrams_again(&mut peers, wait),
            };
            if let Some(reply) = reply {
                return Ok(reply);
            }
        }
        Err(self.error())
    }

    fn stages(&self, udp_preference_limit: usize) -> Vec<Stage> {
        let [first, second, third] = self.settings.datagram_waits();
        let (first, second, third) =
            (Stage::Datagrams(first), Stage::DatagramsAgain(second), Stage::DatagramsAgain(third));
        match self.request.len() {
            length if length > LONGEST_DATAGRAM => vec![Stage::Streams],
            length if length > udp_preference_limit => vec![Stage::Streams, first, second, third],
            _ if self.service == Service::Kpasswd => vec![Stage::Streams, first, second, third],
            _ => vec![first, Stage::Streams, second, third],
        }
    }

    fn datagrams(
        &mut self,
        targets: &mut [Target],
        peers: &mut Vec<Peer>,
        wait: Duration,
    ) -> Option<Vec<u8>> {
        let mut left = targets.iter().filter(|target| target.server.speaks_udp()).count();
        for target in targets.iter_mut().filter(|target| target.server.speaks_udp()) {
            let wait = wait.min(self.deadline.share(left));
            left = left.saturating_sub(1);
            for address in self.addresses(target) {
                if !self.datagrams || self.deadline.left().is_none() {
                    return None;
                }
                let name = place(&target.server.host, address);
                match Peer::open(address, name) {
                    Ok(peer) => peers.push(peer),
                    Err(error) => {
                        self.failed("udp", &place(&target.server.host, address), &error);
                        continue;
                    }
                }
                let turn = peers.len().saturating_sub(1);
                let reply = self.ask(peers, turn, wait);
                if reply.is_some() {
                    return reply;
                }
            }
        }
        None
    }

    fn datagrams_again(&mut self, peers: &mut [Peer], wait: Duration) -> Option<Vec<u8>> {
        for turn in 0..peers.len() {
            if !self.datagrams {
                return None;
            }
            let wait = wait.min(self.deadline.share(peers.len().saturating_sub(turn)));
            let reply = self.ask(peers, turn, wait);
            if reply.is_some() {
                return reply;
            }
        }
        None
    }

    /// Sends the request to one of the peers and listens to all.
    fn ask(&mut self, peers: &mut [Peer], turn: usize, wait: Duration) -> Option<Vec<u8>> {
        let peer = peers.get_mut(turn).filter(|peer| !peer.gone)?;
        if let Err(error) = peer.send(self.request) {
            peer.gone = true;
            let name = peer.name.clone();
            self.failed("udp", &name, &error);
            return None;
        }
        let service = self.service;
        let wanted = |datagram: &[u8]| reply::is_plausible(service, datagram);
        let mut gone = Vec::new();
        let mut refused = |peer: &Peer, error| gone.push((peer.name.clone(), error));
        let deadline = self.deadline.within(wait);
        let mut buffer = std::mem::take(&mut self.buffer);
        let heard = udp::listen(peers, turn, &mut buffer, deadline, &wanted, &mut refused);
        self.buffer = buffer;
        for (name, error) in gone {
            self.failed("udp", &name, &error);
        }
        let Some((reply, index)) = heard else {
            if let Some(peer) = peers.get(turn).filter(|peer| !peer.gone) {
                self.failed("udp", &peer.name, &io::Error::other("no answer"));
            }
            return None;
        };
        if !(self.too_big)(&reply) {
            return Some(reply);
        }
        self.datagrams = false;
        let peer = peers.get(index)?;
        log::write(Level::Debug, format_args!("{}: the reply is too big for UDP", peer.name));
        let name = peer.name.clone();
        self.tcp(peer.address, &name, self.deadline)
    }

    fn streams(&mut self, targets: &mut [Target], plan: &Plan) -> Option<Vec<u8>> {
        let streams = |target: &&mut Target| target.server.transport != Transport::Udp;
        let mut left = targets.iter_mut().filter(streams).count();
        for target in targets.iter_mut().filter(streams) {
            let deadline = self.deadline.within(self.deadline.share(left));
            left = left.saturating_sub(1);
            let addresses = self.addresses(target);
            let mut more = addresses.len();
            for address in addresses {
                let deadline = deadline.within(deadline.share(more));
                more = more.saturating_sub(1);
                let reply = match &target.server.transport {
                    Transport::Https { path } => {
                        self.https(address, target.server, path, &plan.http_anchors, deadline)
                    }
                    _ => self.tcp(address, &place(&target.server.host, address), deadline),
                };
                if reply.is_some() {
                    return reply;
                }
            }
        }
        None
    }

    /// TCP to one address, once.
    fn tcp(&mut self, address: SocketAddr, name: &str, deadline: Deadline) -> Option<Vec<u8>> {
        if self.streamed.contains(&address) || deadline.left().is_none() {
            return None;
        }
        self.streamed.push(address);
        let reply = Stream::connect(address, self.settings, deadline)
            .and_then(|mut stream| stream::exchange(&mut stream, self.request));
        self.plausible("tcp", name, reply)
    }

    fn https(
        &mut self,
        address: SocketAddr,
        server: &Server,
        path: &str,
        anchors: &[String],
        deadline: Deadline,
    ) -> Option<Vec<u8>> {
        deadline.left()?;
        let message = proxy::Request { server, path, realm: self.realm, message: self.request };
        let reply = proxy::exchange(&message, address, anchors, self.settings, deadline);
        self.plausible("https", &place(&server.host, address), reply)
    }

    /// A stream's reply, if it is one.
    fn plausible(&mut self, how: &str, name: &str, reply: io::Result<Vec<u8>>) -> Option<Vec<u8>> {
        match reply {
            Ok(reply) if reply::is_plausible(self.service, &reply) => return Some(reply),
            Ok(_) => self.failed(how, name, &stream::bad("what came is no reply")),
            Err(error) => self.failed(how, name, &error),
        }
        None
    }

    fn addresses(&mut self, target: &mut Target) -> Vec<SocketAddr> {
        if target.addresses.is_none() && self.deadline.left().is_some() {
            let found = target.server.addresses(self.service).unwrap_or_else(|reason| {
                self.failed("name", &target.server.host, &io::Error::other(reason));
                Vec::new()
            });
            target.addresses = Some(found);
        }
        target.addresses.clone().unwrap_or_default()
    }

    fn failed(&mut self, how: &str, name: &str, error: &io::Error) {
        let failure = format!("{how} {name}: {error}");
        if !self.failures.contains(&failure) {
            log::write(Level::Debug, format_args!("{}: {failure}", self.service.name()));
            self.failures.push(failure);
        }
    }

    fn error(&self) -> Error {
        let told: Vec<&str> = self.failures.iter().take(MOST_TOLD).map(String::as_str).collect();
        let more = self.failures.len().saturating_sub(MOST_TOLD);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        unreachable(self.service, self.realm, &format!("{}{more}", told.join("; ")))
    }
}

/// The one answer when no server can be asked.
pub fn unreachable(service: Service, realm: &str, reason: &str) -> Error {
    let (service, realm) = (service.name(), realm.escape_debug());
    Error::new(Code::NoAuthenticatingAuthority, format!("no {service} of {realm} answered: {reason}"))
}

/// `host [address]:port`, or the address alone when that is what the host is.
fn place(host: &str, address: SocketAddr) -> String {
    let ip = address.ip().to_string();
    if host == ip {
        return format!("{}:{}", authority(host), address.port());
    }
    format!("{} [{ip}]:{}", host.escape_debug(), address.port())
}
