//! One server as krb5.conf, an environment variable or DNS names it.

#![forbid(unsafe_code)]

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::Service;

/// The most addresses of one name that are tried.
const MOST_ADDRESSES: usize = 16;
/// What MS-KKDCP 2.1 calls the proxy's virtual folder.
pub const PROXY_PATH: &str = "KdcProxy";

/// How a server is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// UDP and TCP.
    Any,
    Udp,
    Tcp,
    /// MS-KKDCP; the URL's path without its first slash.
    Https {
        path: String,
    },
}

/// See the file's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// A DNS name or an IP address, an IPv6 one without brackets.
    pub host: String,
    /// `None` is the service's own port.
    pub port: Option<u16>,
    pub transport: Transport,
}

impl Server {
    /// `host`, `host:port`, an IPv6 address with or without brackets (a port needs them), each
    /// after `tcp://`, `udp://`, `tcp/` or `udp/` if only that is spoken; or
    /// `https://host[:port][/path]`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Server> {
        let text = text.trim();
        if let Some(rest) = without_prefix(text, "https://") {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            return Server::https(authority, path);
        }
        let prefixes = [
            ("tcp://", Transport::Tcp),
            ("udp://", Transport::Udp),
            ("tcp/", Transport::Tcp),
            ("udp/", Transport::Udp),
        ];
        let mut found = (text, Transport::Any);
        for (prefix, transport) in prefixes {
            if let Some(rest) = without_prefix(text, prefix) {
                found = (rest.strip_suffix('/').unwrap_or(rest), transport);
                break;
            }
        }
        let (host, port) = host_and_port(found.0)?;
        Some(Server { host, port, transport: found.1 })
    }

    /// A proxy; an empty `path` is the usual one.
    pub fn https(authority: &str, path: &str) -> Option<Server> {
        let (host, port) = host_and_port(authority)?;
        let path = path.trim_start_matches('/');
        let path = if path.is_empty() { PROXY_PATH } else { path };
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let transport = Transport::Https { path: path.to_owned() };
        (plain(&host) && plain(path)).then_some(Server { host, port, transport })
    }

    /// Several of them, separated by commas or white space; `None` if one is not understood.
    pub fn parse_list(text: &str) -> Option<Vec<Server>> {
        words(text).map(Server::parse).collect()
    }

    pub fn port_for(&self, service: Service) -> u16 {
        self.port.unwrap_or(match self.transport {
            Transport::Https { .. } => 443,
            _ => service.port(),
        })
    }

    pub fn speaks_udp(&self) -> bool {
        matches!(self.transport, Transport::Any | Transport::Udp)
    }

    /// The addresses to try, in the resolver's order; the reason if there are none.
    pub fn addresses(&self, service: Service) -> Result<Vec<SocketAddr>, String> {
        let port = self.port_for(service);
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let found = (self.host.as_str(), port).to_socket_addrs().map_err(|error| error.to_string())?;
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for address in found.take(MOST_ADDRESSES) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() { Err("the name has no address".to_owned()) } else { Ok(addresses) }
    }
}

impl Display for Server {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let scheme = match self.transport {
            Transport::Any => "",
            Transport::Udp => "udp://",
            Transport::Tcp => "tcp://",
            Transport::Https { .. } => "https://",
        };
        write!(f, "{scheme}{}", authority(&self.host))?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

/// A host as it stands before `:port`.
pub fn authority(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// What commas or white space separate.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Splits `host[:port]`.
pub fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text.to_owned(), None));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').map_or(rest.is_empty().then_some(None), |port| Some(Some(port)))?)
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let is_name = |c: char| !c.is_control() && !c.is_whitespace() && !"/:@[]".contains(c);
    if host.is_empty() || (!host.chars().all(is_name) && host.parse::<Ipv6Addr>().is_err()) {
        return None;
    }
    let port = match port {
        None => None,
        Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port != 0)?),
    };
    Some((host.to_owned(), port))
}
