//! The way to the KDCs: krb5.conf's servers over the network, with a proxy where the application set one.

#![forbid(unsafe_code)]

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::error::Result;
use crate::log::{self, Level};
use crate::store::kdc::{Exchange, Locate, Network, Proxy, Server, Servers, Service};
use crate::store::krb5::conf::Config;
use crate::store::os::Os;

/// One credential's way.
pub struct Route {
    os: &'static dyn Os,
    located: Arc<Located>,
    proxy: ArcSwapOption<Proxy>,
}

struct Located(Arc<Config>);

impl Route {
    pub fn new(os: &'static dyn Os, config: Arc<Config>) -> Self {
        Self { os, located: Arc::new(Located(config)), proxy: ArcSwapOption::empty() }
    }

    /// SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS; without a server none is asked any more.
    pub fn set_proxy(&self, force: bool, server: Option<String>) {
        self.proxy.store(server.map(|server| Arc::new(Proxy { server, force })));
    }
}

impl Exchange for Route {
    fn exchange(
        &self,
        realm: &str,
        service: Service,
        request: &[u8],
        too_big: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>> {
        let proxy = self.proxy.load_full().map(|proxy| Proxy::clone(&proxy));
        Network::new(self.os, self.located.clone(), proxy).exchange(realm, service, request, too_big)
    }
}

impl Located {
    fn values(&self, realm: &str, name: &str) -> Vec<Server> {
        let texts = self.0.values(&["realms", realm, name]);
        let parsed = texts.into_iter().map(|text| (text, Server::parse(text)));
        let known = parsed.filter_map(|(text, server)| {
            if server.is_none() {
                log::write(Level::Warn, format_args!("krb5.conf: {name} = {text} is no server"));
            }
            server
        });
        known.collect()
    }

    /// kpasswd_server, else the host of admin_server, whose port is another service's.
    fn kpasswd(&self, realm: &str) -> Vec<Server> {
        let servers = self.values(realm, "kpasswd_server");
        if !servers.is_empty() {
            return servers;
        }
        let admin = self.values(realm, "admin_server").into_iter();
        admin.map(|server| Server { port: None, ..server }).collect()
    }
}

impl Locate for Located {
    fn servers(&self, realm: &str, service: Service) -> Result<Servers> {
        let servers = match service {
            Service::Kdc => self.values(realm, "kdc"),
            Service::Kpasswd => self.kpasswd(realm),
        };
        let anchors = self.0.values(&["realms", realm, "http_anchors"]);
        Ok(Servers {
            servers,
            dns_lookup_kdc: self.0.dns_lookup_kdc(),
            udp_preference_limit: self.0.udp_preference_limit(),
            http_anchors: anchors.into_iter().map(str::to_owned).collect(),
        })
    }
}
