//! Which servers a realm has, from the first source that names any.

#![forbid(unsafe_code)]

use super::address::{Server, Transport};
use super::attempt::unreachable;
use super::deadline::Deadline;
use super::{Network, Service, Settings, dns};
use crate::error::{Code, Error, Result};
use crate::store::os::{Os, Registered};

/// Whom to ask, in which order.
#[derive(Debug)]
pub struct Plan {
    pub servers: Vec<Server>,
    pub udp_preference_limit: usize,
    pub http_anchors: Vec<String>,
}

/// SEC_E_NO_AUTHENTICATING_AUTHORITY when no source names a server.
pub fn plan(
    network: &Network,
    settings: &Settings,
    realm: &str,
    service: Service,
    deadline: Deadline,
) -> Result<Plan> {
    let file = network.locate.servers(realm, service)?;
    let proxies = network.proxy.as_ref().map(|proxy| proxy.servers()).transpose()?.unwrap_or_default();
    let finish = |servers| Plan {
        servers,
        udp_preference_limit: file.udp_preference_limit,
        http_anchors: file.http_anchors.clone(),
    };
    if network.proxy.as_ref().is_some_and(|proxy| proxy.force) && !proxies.is_empty() {
        return Ok(finish(proxies));
    }
    let mut reason = "krb5.conf names none";
    let mut found = match from_environment(&network.os, realm, service)? {
        Some(servers) => servers,
        None => file.servers.clone(),
    };
    if found.is_empty() {
        found = registered(&network.os, realm, service);
    }
    let mut failure = None;
    if found.is_empty() && file.dns_lookup_kdc && realm.contains('.') {
        reason = "neither krb5.conf nor DNS names one";
        found = dns::servers(realm, service, settings, deadline.within(settings.dns)).unwrap_or_else(|why| {
            failure = Some(why);
            Vec::new()
        });
    }
    // A proxy that is not forced is for when no KDC can be had: after all the others.
    found.extend(proxies);
    if found.is_empty() {
        return Err(unreachable(service, realm, failure.as_deref().unwrap_or(reason)));
    }
    Ok(finish(found))
}

/// The servers that the environment names for a realm, in its words; `None`: it names none.
pub fn configured(os: &dyn Os, realm: &str, service: Service) -> Result<Option<String>> {
    let servers = from_environment(os, realm, service)?;
    let words = |servers: Vec<Server>| servers.iter().map(Server::to_string).collect::<Vec<_>>().join(", ");
    Ok(servers.map(words))
}

/// What the system was told of: for passwords the servers of their own, else the KDCs' hosts.
pub fn registered(os: &dyn Os, realm: &str, service: Service) -> Vec<Server> {
    let servers = |kind| -> Vec<Server> {
        os.registered_servers(realm, kind).iter().filter_map(|name| Server::parse(name)).collect()
    };
    if service == Service::Kpasswd {
        let own = servers(Registered::PasswordServers);
        if !own.is_empty() {
            return own;
        }
    }
    let mut kdcs = servers(Registered::Kdcs);
    at_service_port(&mut kdcs, service);
    kdcs
}

/// `SSPI_KDC_URL_<REALM>`, or else `SSPI_KDC_URL`. For password services `SSPI_KPASSWD_URL` and
/// its like come first; without them it is the KDC's hosts at the service's own port.
fn from_environment(os: &dyn Os, realm: &str, service: Service) -> Result<Option<Vec<Server>>> {
    if service == Service::Kpasswd {
        let own = setting(os, "SSPI_KPASSWD_URL", realm)?;
        if own.is_some() {
            return Ok(own);
        }
    }
    let mut servers = setting(os, "SSPI_KDC_URL", realm)?;
    at_service_port(servers.as_deref_mut().unwrap_or_default(), service);
    Ok(servers)
}

/// The password service of hosts that were named as KDCs is at its own port.
fn at_service_port(servers: &mut [Server], service: Service) {
    for server in servers.iter_mut().filter(|_| service == Service::Kpasswd) {
        let proxy = matches!(server.transport, Transport::Https { .. });
        server.port = server.port.filter(|_| proxy);
    }
}

fn setting(os: &dyn Os, name: &str, realm: &str) -> Result<Option<Vec<Server>>> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let realm: String = realm.chars().map(plain).collect();
    let upper = realm.to_ascii_uppercase();
    let names = [format!("{name}_{realm}"), format!("{name}_{upper}"), name.to_owned()];
    let Some((name, value)) = names.into_iter().find_map(|name| {
        let value = os.variable(&name).filter(|value| !value.is_empty())?;
        Some((name, value))
    }) else {
        return Ok(None);
    };
    let servers = value.to_str().and_then(Server::parse_list).filter(|servers| !servers.is_empty());
    let reason = || format!("{name} is not understood");
    servers.map(Some).ok_or_else(|| Error::new(Code::NoAuthenticatingAuthority, reason()))
}
