//! How a request reaches a realm's KDC or its password service, and how the reply comes back.
//!
//! Where the servers are, first source that names any: `SSPI_KDC_URL_<REALM>` or `SSPI_KDC_URL`;
//! krb5.conf; Windows' registry; DNS SRV records, for realms with a dot. UDP, TCP and, with the cargo feature
//! `kdc-proxy`, HTTPS (MS-KKDCP).
//!
//! All of it happens on the calling thread with its own sockets: no runtime, no thread and no
//! lock, and nothing stays open after the call. Everything ends at one deadline (`Settings`), but
//! for one step: host names are looked up with the system's resolver (getaddrinfo), whose time is
//! bounded by resolv.conf's `timeout` and `attempts` and not by ours.

#![forbid(unsafe_code)]

mod address;
mod attempt;
mod deadline;
mod dns;
mod file;
mod locate;
mod proxy;
mod reply;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
mod udp;

use std::sync::Arc;

pub use address::Server;
pub use locate::{configured, registered};
pub use proxy::Proxy;
pub use settings::Settings;

use crate::error::Result;
use crate::store::os::Environment;

/// Which of a realm's services a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// AS and TGS exchanges (RFC 4120): port 88.
    Kdc,
    /// Changes of passwords (RFC 3244): port 464.
    Kpasswd,
}

impl Service {
    fn port(self) -> u16 {
        match self {
            Service::Kdc => 88,
            Service::Kpasswd => 464,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Service::Kdc => "KDC",
            Service::Kpasswd => "password service",
        }
    }
}

/// Carries one request to a realm and its reply back.
pub trait Exchange: Send + Sync {
    /// The reply to `request`, both without TCP's length. `too_big` tells whether a reply says
    /// that the real one does not fit a datagram (KRB_ERR_RESPONSE_TOO_BIG).
    ///
    /// A reply is no more than plausible: of the right kind by its head, and unauthenticated.
    /// SEC_E_NO_AUTHENTICATING_AUTHORITY when no server is known or none answered in time.
    fn exchange(
        &self,
        realm: &str,
        service: Service,
        request: &[u8],
        too_big: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>>;
}

/// What krb5.conf says about one service of one realm.
#[derive(Clone, Debug)]
pub struct Servers {
    /// In the file's order; see `Server::parse` for the forms.
    pub servers: Vec<Server>,
    /// Whether DNS is asked when `servers` is empty (`dns_lookup_kdc`).
    pub dns_lookup_kdc: bool,
    /// Requests of more bytes go over TCP first (`udp_preference_limit`).
    pub udp_preference_limit: usize,
    /// `http_anchors`, e.g. `FILE:/etc/ca.pem`: what HTTPS proxies are verified with in place of
    /// the system's certificates, if any is given.
    pub http_anchors: Vec<String>,
}

/// MIT's default: what fits one Ethernet frame.
pub const UDP_PREFERENCE_LIMIT: usize = 1465;

impl Default for Servers {
    /// What an empty krb5.conf says.
    fn default() -> Servers {
        Servers {
            servers: Vec::new(),
            dns_lookup_kdc: true,
            udp_preference_limit: UDP_PREFERENCE_LIMIT,
            http_anchors: Vec::new(),
        }
    }
}

/// Whoever has read krb5.conf.
pub trait Locate: Send + Sync {
    fn servers(&self, realm: &str, service: Service) -> Result<Servers>;
}

/// The real network.
pub struct Network {
    os: Environment,
    locate: Arc<dyn Locate>,
    proxy: Option<Proxy>,
    settings: Option<Settings>,
}

impl Network {
    /// `proxy` is the credential's own (SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS), if it has one.
    pub fn new(os: impl Into<Environment>, locate: Arc<dyn Locate>, proxy: Option<Proxy>) -> Network {
        Network { os: os.into(), locate, proxy, settings: None }
    }

    /// The same with other settings than the environment's.
    pub fn with_settings(self, settings: Settings) -> Network {
        Network { settings: Some(settings), ..self }
    }
}

impl Exchange for Network {
    fn exchange(
        &self,
        realm: &str,
        service: Service,
        request: &[u8],
        too_big: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>> {
        let settings = self.settings.clone().unwrap_or_else(|| Settings::from_environment(&self.os));
        let deadline = deadline::Deadline::after(settings.total);
        let plan = locate::plan(self, &settings, realm, service, deadline)?;
        attempt::Attempt::new(realm, service, request, too_big, &settings, deadline).run(&plan)
    }
}
