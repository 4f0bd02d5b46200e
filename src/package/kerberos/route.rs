//! The way to the KDCs: krb5.conf's servers over the network, with a proxy where the application set one.

#![forbid(unsafe_code)]

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::error::Result;
use crate::store::kdc::{Exchange, Network, Proxy, Service, Settings};
use crate::store::krb5::conf::Config;
use crate::store::os::Environment;

/// One credential's way.
pub struct Route {
    os: Environment,
    config: Arc<Config>,
    settings: Settings,
    proxy: ArcSwapOption<Proxy>,
}

impl Route {
    pub fn new(os: Environment, config: Arc<Config>) -> Self {
        let settings = Settings::from_environment(&os);
        Self { os, config, settings, proxy: ArcSwapOption::empty() }
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
        let network =
            Network::new(self.os.clone(), self.config.clone(), proxy).with_settings(self.settings.clone());
        network.exchange(realm, service, request, too_big)
    }
}
