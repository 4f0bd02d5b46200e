//! TCP with a deadline, and RFC 4120's framing on it (section 7.2.2).

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::deadline::Deadline;
use super::reply;
use super::settings::Settings;

/// A connection whose every read and write ends at the deadline.
///
/// Writes go through `write` alone, never `write_vectored`, which would raise SIGPIPE in the host
/// process when the peer is gone.
pub struct Stream {
    socket: TcpStream,
    deadline: Deadline,
}

impl Stream {
    /// Connects within `settings.connect`, then allows `settings.answer` for all that follows;
    /// both end at `deadline`.
    pub fn connect(address: SocketAddr, settings: &Settings, deadline: Deadline) -> io::Result<Stream> {
        let left = deadline.within(settings.connect).left().ok_or_else(too_late)?;
        let socket = TcpStream::connect_timeout(&address, left)?;
        socket.set_nodelay(true)?;
        Ok(Stream { socket, deadline: deadline.within(settings.answer) })
    }
}

fn too_late() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "no answer in time")
}

/// What a socket's timeout looks like on every system.
fn readable(error: io::Error) -> io::Error {
    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) { too_late() } else { error }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.deadline.left().ok_or_else(too_late)?))?;
        self.socket.read(buffer).map_err(readable)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.deadline.left().ok_or_else(too_late)?))?;
        self.socket.write(bytes).map_err(readable)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// The request and the reply, each after its length in four bytes.
pub fn exchange(stream: &mut Stream, request: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(&framed(request)?)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = reply_length(length).ok_or_else(|| bad("a reply of a refused length"))?;
    read_all(stream, length)
}

/// A message after its length.
pub fn framed(message: &[u8]) -> io::Result<Vec<u8>> {
    let length = i32::try_from(message.len()).map_err(|_| bad("a request of a refused length"))?;
    Ok([&length.to_be_bytes(), message].concat())
}

/// The length of a reply; `None` for the reserved high bit, for nothing and for too much.
pub fn reply_length(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(i32::from_be_bytes(bytes)).ok().filter(|length| (1..=reply::LONGEST).contains(length))
}

/// Exactly `length` bytes; memory grows with what has come, not with what was promised.
pub fn read_all(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(u64::try_from(length).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(bad("the connection ended within the reply")) }
}

pub fn bad(reason: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}
