//! KDCs behind HTTPS: MS-KKDCP, in builds with the cargo feature `kdc-proxy`.
//!
//! No redirect is followed and no HTTP proxy used; the server's certificate is verified with
//! krb5.conf's `http_anchors`, or else the system's (or `SSL_CERT_FILE`'s).

#![forbid(unsafe_code)]

#[cfg(feature = "kdc-proxy")]
mod https;
#[cfg(feature = "kdc-proxy")]
pub mod message;

use std::io;
use std::net::SocketAddr;

use super::Settings;
use super::address::{Server, host_and_port, words};
use super::deadline::Deadline;
use crate::error::{Code, Error, Result};

/// What SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// `host[:port[:path]]`, `host[:port]/path` or an https URL; several, separated by commas or
    /// white space, also as the Kerberos policy writes them: `<https host host/>`.
    pub server: String,
    /// Only the proxy is asked; without it, it is asked when no KDC answers.
    pub force: bool,
}

impl Proxy {
    /// SEC_E_INVALID_PARAMETER when the text is none of these.
    pub fn servers(&self) -> Result<Vec<Server>> {
        let text = self.server.trim();
        let text = text.strip_prefix("<https").map_or(text, |rest| {
            rest.trim_end().strip_suffix('>').map_or(rest, |rest| rest.strip_suffix('/').unwrap_or(rest))
        });
        let refused = || Error::new(Code::InvalidParameter, "a KDC proxy's name is not understood");
        words(text).map(|word| server(word).ok_or_else(refused)).collect()
    }
}

fn server(word: &str) -> Option<Server> {
    if word.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("https://")) {
        return Server::parse(word);
    }
    if let Some((authority, path)) = word.split_once('/') {
        return Server::https(authority, path);
    }
    if host_and_port(word).is_some() {
        return Server::https(word, "");
    }
    let (authority, path) = word.rsplit_once(':')?;
    Server::https(authority, path).filter(|server| server.port.is_some())
}

/// A message for a realm, to be posted to a proxy.
#[cfg_attr(not(feature = "kdc-proxy"), expect(dead_code, reason = "nothing is posted without it"))]
pub struct Request<'a> {
    pub server: &'a Server,
    /// The URL's path without its first slash.
    pub path: &'a str,
    pub realm: &'a str,
    /// Without TCP's length.
    pub message: &'a [u8],
}

/// The reply that the proxy hands on, without TCP's length.
#[cfg(feature = "kdc-proxy")]
pub fn exchange(
    request: &Request<'_>,
    address: SocketAddr,
    anchors: &[String],
    settings: &Settings,
    deadline: Deadline,
) -> io::Result<Vec<u8>> {
    https::exchange(request, address, anchors, settings, deadline)
}

/// Says what is missing.
#[cfg(not(feature = "kdc-proxy"))]
pub fn exchange(
    _request: &Request<'_>,
    _address: SocketAddr,
    _anchors: &[String],
    _settings: &Settings,
    _deadline: Deadline,
) -> io::Result<Vec<u8>> {
    Err(io::Error::other("this build has no KDC proxies (cargo feature kdc-proxy)"))
}
