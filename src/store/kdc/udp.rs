//! Datagrams: one connected socket for each address, all of them listened to until the end.

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use super::deadline::Deadline;

/// How long one socket is waited on before the others are looked at.
const SLICE: Duration = Duration::from_millis(20);
/// The longest datagram there is.
const LONGEST: usize = 0xFFFF;

/// One server's socket. Connected, so that the kernel hands over that peer's datagrams only, and
/// its host's refusals.
pub struct Peer {
    socket: UdpSocket,
    pub address: SocketAddr,
    /// For what is said about it.
    pub name: String,
    /// Its host refuses datagrams, or they cannot be sent.
    pub gone: bool,
}

impl Peer {
    pub fn open(address: SocketAddr, name: String) -> io::Result<Peer> {
        Ok(Peer { socket: connected(address)?, address, name, gone: false })
    }

    pub fn send(&self, request: &[u8]) -> io::Result<()> {
        retried(|| self.socket.send(request)).map(|_| ())
    }
}

/// A socket of an unused port that speaks with that address only.
pub fn connected(address: SocketAddr) -> io::Result<UdpSocket> {
    let any = match address {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    Ok(socket)
}

/// Calls again when a signal of the host process came in between.
fn retried(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The next datagram for which `wanted` holds; `None` when there is none within the time.
/// The buffer grows to the longest datagram on first use.
pub fn receive(
    socket: &UdpSocket,
    buffer: &mut Vec<u8>,
    deadline: Deadline,
    mut wanted: impl FnMut(&[u8]) -> bool,
) -> io::Result<Option<Vec<u8>>> {
    buffer.resize(LONGEST, 0);
    while let Some(left) = deadline.left() {
        socket.set_read_timeout(Some(left))?;
        match socket.recv(buffer) {
            Ok(length) => {
                if let Some(datagram) = buffer.get(..length).filter(|datagram| wanted(datagram)) {
                    return Ok(Some(datagram.to_vec()));
                }
            }
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Waits for the peer at `turn`, and for any other that answers late.
///
/// Answers the reply and whose it is; `None` when the time is over or this peer's host refuses.
pub fn listen(
    peers: &mut [Peer],
    turn: usize,
    buffer: &mut Vec<u8>,
    deadline: Deadline,
    wanted: &dyn Fn(&[u8]) -> bool,
    refused: &mut dyn FnMut(&Peer, io::Error),
) -> Option<(Vec<u8>, usize)> {
    let others = peers.iter().filter(|peer| !peer.gone).count() > 1;
    while deadline.left().is_some() {
        for (index, peer) in peers.iter_mut().enumerate().filter(|(_, peer)| !peer.gone) {
            let heard = match index == turn {
                true if others => receive(&peer.socket, buffer, deadline.within(SLICE), wanted),
                true => receive(&peer.socket, buffer, deadline, wanted),
                false => glance(&peer.socket, buffer, wanted),
            };
            match heard {
                Ok(Some(reply)) => return Some((reply, index)),
                Ok(None) => {}
                Err(error) => {
                    peer.gone = true;
                    refused(peer, error);
                }
            }
        }
        if peers.get(turn).is_none_or(|peer| peer.gone) {
            return None;
        }
    }
    None
}

/// What has already come.
fn glance(
    socket: &UdpSocket,
    buffer: &mut Vec<u8>,
    wanted: &dyn Fn(&[u8]) -> bool,
) -> io::Result<Option<Vec<u8>>> {
    socket.set_nonblocking(true)?;
    let heard = receive_now(socket, buffer, wanted);
    socket.set_nonblocking(false)?;
    heard
}

fn receive_now(
    socket: &UdpSocket,
    buffer: &mut Vec<u8>,
    wanted: &dyn Fn(&[u8]) -> bool,
) -> io::Result<Option<Vec<u8>>> {
    buffer.resize(LONGEST, 0);
    // A peer that floods the socket is heard no more than this at a time.
    for _ in 0..16 {
        match socket.recv(buffer) {
            Ok(length) => {
                if let Some(datagram) = buffer.get(..length).filter(|datagram| wanted(datagram)) {
                    return Ok(Some(datagram.to_vec()));
                }
            }
            Err(error) if is_nothing(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
