//! One POST over TLS: HTTP/1.0, so that the answer comes in one piece.

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

use super::Request;
use super::message;
use crate::store::kdc::Service;
use crate::store::kdc::address::authority;
use crate::store::kdc::deadline::Deadline;
use crate::store::kdc::reply;
use crate::store::kdc::settings::Settings;
use crate::store::kdc::stream::{Stream, bad};

/// The most bytes of status line and header fields.
const LONGEST_HEAD: usize = 0x1_0000;

pub fn exchange(
    request: &Request<'_>,
    address: SocketAddr,
    anchors: &[String],
    settings: &Settings,
    deadline: Deadline,
) -> io::Result<Vec<u8>> {
    let name = ServerName::try_from(request.server.host.clone()).map_err(io::Error::other)?;
    let body = message::encode(request.realm, request.message)?;
    let head = format!(
        "POST /{} HTTP/1.0\r\nHost: {}:{}\r\nContent-Type: application/kerberos\r\n\
         Content-Length: {}\r\nUser-Agent: kerberos/1.0\r\nCache-Control: no-cache\r\n\
         Pragma: no-cache\r\nConnection: close\r\n\r\n",
        request.path,
        authority(&request.server.host),
        request.server.port_for(Service::Kdc),
        body.len(),
    );
    let stream = Stream::connect(address, settings, deadline)?;
    let client = ClientConnection::new(config(anchors)?, name).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(client, stream);
    tls.write_all(&[head.as_bytes(), &body].concat())?;
    tls.flush()?;
    let answer = read(&mut tls)?;
    tls.conn.send_close_notify();
    let _ = tls.flush();
    message::decode(&answer)
}

fn config(anchors: &[String]) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let loaded = if anchors.is_empty() {
        rustls_native_certs::load_native_certs()
    } else {
        let mut all = rustls_native_certs::CertificateResult::default();
        for anchor in anchors {
            let found = if let Some(folder) = anchor.strip_prefix("DIR:") {
                rustls_native_certs::load_certs_from_paths(None, Some(Path::new(folder)))
            } else {
                let file = anchor.strip_prefix("FILE:").unwrap_or(anchor);
                rustls_native_certs::load_certs_from_paths(Some(Path::new(file)), None)
            };
            all.certs.extend(found.certs);
        }
        all
    };
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        return Err(io::Error::other("there are no certificates to verify the proxy with"));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The body of an answer with status 200.
fn read(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 0x4000];
    loop {
        let expected = head(&bytes)?;
        if let Some((start, Some(length))) = expected {
            let body = bytes.get(start..).unwrap_or_default();
            if body.len() >= length {
                return Ok(body.get(..length).unwrap_or_default().to_vec());
            }
        }
        let count = match source.read(&mut piece) {
            Ok(0) => 0,
            Ok(count) => count,
            // Many servers end without saying so; the message tells whether it is whole.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => 0,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if count == 0 {
            return match expected {
                Some((start, None)) => Ok(bytes.get(start..).unwrap_or_default().to_vec()),
                _ => Err(bad("the connection ended within the reply")),
            };
        }
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
        if bytes.len() > reply::LONGEST.saturating_add(LONGEST_HEAD) {
            return Err(bad("a reply of a refused length"));
        }
    }
}

/// Where the body starts and its Content-Length; `None` while the head is not all there.
fn head(bytes: &[u8]) -> io::Result<Option<(usize, Option<usize>)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        if bytes.len() > LONGEST_HEAD {
            return Err(bad("the head of the answer is too long"));
        }
        return Ok(None);
    };
    let head = bytes.get(..end).unwrap_or_default();
    let head = str::from_utf8(head).map_err(|_| bad("the head of the answer is no text"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().filter(|line| line.starts_with("HTTP/1.")).unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(io::Error::other(format!("the proxy answered {:?}", status.get(..40).unwrap_or(status))));
    }
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name.eq_ignore_ascii_case("transfer-encoding") && !value.trim().eq_ignore_ascii_case("identity") {
            return Err(bad("the answer comes in an encoding that was not asked for"));
        }
        if name.eq_ignore_ascii_case("content-length") {
            let value = value.trim().parse().ok().filter(|length| *length <= reply::LONGEST);
            length = Some(value.ok_or_else(|| bad("a reply of a refused length"))?);
        }
    }
    Ok(Some((end.saturating_add(4), length)))
}
