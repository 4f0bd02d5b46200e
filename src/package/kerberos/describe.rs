//! The configuration that Kerberos would use, for people.

#![forbid(unsafe_code)]

use super::client::tickets::CachedTickets;
use super::client::{Clock, TicketStore};
use crate::crypto::enctype::Enctype;
use crate::error::{Error, Result};
use crate::package::Line;
use crate::store::kdc::{self, Service};
use crate::store::krb5::ccache::Ccache;
use crate::store::krb5::conf::{Config, configuration_files};
use crate::store::krb5::keytab::{Keytab, KeytabFile};
use crate::store::krb5::principal::Principal;
use crate::store::os::Os;

/// krb5.conf, the realm and its KDCs, whose tickets there are, and whose keys.
pub fn describe(os: &dyn Os) -> Vec<Line> {
    let mut lines = Vec::new();
    for path in configuration_files(os) {
        let there = if path.exists() { "" } else { ": not there" };
        lines.push(Line::new("krb5.conf", format!("{}{there}", path.display())));
    }
    let config = match Config::load(os) {
        Ok(config) => config,
        Err(error) => {
            lines.push(Line::new("krb5.conf", error.reason));
            return lines;
        }
    };
    let realm = config.default_realm();
    lines.push(Line::new("default realm", realm.unwrap_or("none").to_owned()));
    if let Some(realm) = realm {
        lines.push(Line::new("KDCs", kdcs(os, &config, realm)));
    }
    let enctypes = config.permitted_enctypes();
    let enctypes: Vec<String> = enctypes.into_iter().filter_map(Enctype::from_number).map(named).collect();
    lines.push(Line::new("permitted enctypes", enctypes.join(", ")));
    lines.push(Line::new("credential cache", said(cache(os, &config))));
    lines
        .push(Line::new("client keytab", said(config.client_keytab_name(os).and_then(|name| keytab(&name)))));
    lines.push(Line::new("keytab", said(config.keytab_name(os).and_then(|name| keytab(&name)))));
    let off = os.variable("KRB5RCACHENAME").is_some_and(|name| name == "none:");
    lines.push(Line::new("replay cache", if off { "none" } else { "of this process" }));
    lines
}

fn said(text: Result<String>) -> String {
    text.unwrap_or_else(|error: Error| error.reason.into_owned())
}

fn kdcs(os: &dyn Os, config: &Config, realm: &str) -> String {
    match kdc::configured(os, realm, Service::Kdc) {
        Err(error) => return error.reason.into_owned(),
        Ok(Some(servers)) => return format!("{servers} (SSPI_KDC_URL)"),
        Ok(None) => {}
    }
    let servers = config.kdcs(realm);
    let servers: Vec<String> =
        servers.iter().map(|server| format!("{} port {}", server.host, server.port)).collect();
    let registered: Vec<String> =
        kdc::registered(os, realm, Service::Kdc).iter().map(ToString::to_string).collect();
    match (servers.is_empty(), config.dns_lookup_kdc()) {
        (false, _) => servers.join(", "),
        (true, _) if !registered.is_empty() => format!("{} (registered)", registered.join(", ")),
        (true, true) => format!("those of DNS (_kerberos._udp.{realm})"),
        (true, false) => "none: krb5.conf names none and DNS is not asked".to_owned(),
    }
}

fn cache(os: &dyn Os, config: &Config) -> Result<String> {
    let name = config.ccache_name(os)?;
    let tickets = CachedTickets::new(Ccache::standard(os, config)?, config.permitted_enctypes());
    let tickets =
        tickets.map_err(|error| Error { reason: format!("{name}: {}", error.reason).into(), ..error })?;
    let client = tickets.principal();
    let tgt = tickets.find(&Principal::krbtgt(&client.realm, &client.realm))?;
    let now = Clock::default().seconds();
    Ok(match tgt.map(|tgt| tgt.endtime.saturating_sub(now)) {
        None => format!("{name}: {client}, no ticket-granting ticket"),
        Some(left) if left <= 0 => format!("{name}: {client}, its ticket-granting ticket is over"),
        Some(left) => format!("{name}: {client}, for {} minutes more", left.saturating_add(59) / 60),
    })
}

/// The keytab's principals, each with the number and the enctypes of its keys.
fn keytab(name: &str) -> Result<String> {
    let file = KeytabFile::resolve(name)?;
    let described = |keytab: &Keytab| {
        let one = |principal: &&Principal| {
            let keys = keytab.entries.iter().filter(|entry| entry.principal == **principal);
            let keys = keys.map(|entry| match Enctype::from_number(entry.enctype) {
                Some(enctype) => format!("{} kvno {}", named(enctype), entry.kvno),
                None => format!("enctype {} kvno {}", entry.enctype, entry.kvno),
            });
            format!("{principal} ({})", keys.collect::<Vec<_>>().join(", "))
        };
        keytab.principals().iter().map(one).collect::<Vec<_>>().join("; ")
    };
    Ok(format!("{}: {}", file.path().display(), file.look(described)?))
}

/// The enctype as krb5.conf writes it.
fn named(enctype: Enctype) -> String {
    let name = match enctype {
        Enctype::Aes128CtsHmacSha1 => "aes128-cts-hmac-sha1-96",
        Enctype::Aes256CtsHmacSha1 => "aes256-cts-hmac-sha1-96",
        Enctype::Aes128CtsHmacSha256 => "aes128-cts-hmac-sha256-128",
        Enctype::Aes256CtsHmacSha384 => "aes256-cts-hmac-sha384-192",
        Enctype::Rc4Hmac => "arcfour-hmac",
    };
    name.to_owned()
}
