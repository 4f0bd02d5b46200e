//! What krb5.conf says of a realm's servers, in the transport's terms.

#![forbid(unsafe_code)]

use super::{Locate, Server, Servers, Service, address};
use crate::error::Result;
use crate::store::krb5::conf::{self, Config};

impl Locate for Config {
    fn servers(&self, realm: &str, service: Service) -> Result<Servers> {
        let named = match service {
            Service::Kdc => self.kdcs(realm),
            Service::Kpasswd => self.kpasswd_servers(realm),
        };
        let anchors = self.values(&["realms", realm, "http_anchors"]);
        Ok(Servers {
            servers: named.into_iter().filter_map(server).collect(),
            dns_lookup_kdc: self.dns_lookup_kdc(),
            udp_preference_limit: self.udp_preference_limit(),
            http_anchors: anchors.into_iter().map(str::to_owned).collect(),
        })
    }
}

fn server(named: conf::Server) -> Option<Server> {
    let transport = match named.transport {
        conf::Transport::Any => address::Transport::Any,
        conf::Transport::Tcp => address::Transport::Tcp,
        conf::Transport::Udp => address::Transport::Udp,
        conf::Transport::Https(url) => return Server::parse(&url),
    };
    Some(Server { host: named.host, port: Some(named.port), transport })
}
