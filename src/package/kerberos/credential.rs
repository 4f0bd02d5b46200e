//! Credentials: whose tickets an initiator has, and whose keys an acceptor has.
//!
//! An initiator's identity is a password or NT hash; without one, the credential cache (KRB5CCNAME), else
//! the client keytab (KRB5_CLIENT_KTNAME). An acceptor's keys are those of its keytab (KRB5_KTNAME), or,
//! with an identity, those that its password makes.

#![forbid(unsafe_code)]

use std::sync::Arc;

use arc_swap::ArcSwap;
use once_cell::sync::OnceCell;
use widestring::{U16Str, U16String};

use super::acceptor::Acceptor;
use super::account;
use super::client::tickets::{self, CachedTickets, Handed};
use super::client::{Clock, Identity, ServiceTicket, Supplier, TicketStore, password};
use super::decision::{Delegated, ServiceKey};
use super::initiator::Initiator;
use super::route::Route;
use super::wire::Ticket;
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::{Acquire, Credential, Handshake, PasswordChange, Setting, time};
use crate::secret::Secret;
use crate::store::identity::{self, Password};
use crate::store::krb5::ccache::Ccache;
use crate::store::krb5::conf::Config;
use crate::store::krb5::keytab::{Entry, Keytab, KeytabFile};
use crate::store::krb5::principal::Principal;
use crate::store::names::{down_level, same};
use crate::store::os::Os;

/// A ticket is tried with no more keys than this.
const MOST_KEYS: usize = 128;

/// A credential of the package Kerberos.
pub struct KerberosCredential {
    name: Option<U16String>,
    route: Arc<Route>,
    tickets: Result<Arc<Supplier>>,
    inbound: Result<Arc<Inbound>>,
}

/// What an acceptor has.
pub struct Inbound {
    keys: Keys,
    /// The service that the application wants to be; `None`: any of its keytab.
    principal: Option<Principal>,
    services: ArcSwap<Vec<U16String>>,
    pub permitted: Vec<i32>,
    /// Seconds.
    pub clockskew: i64,
    pub keeps_replays: bool,
    /// Of a user who is a server.
    pub tickets: Option<Arc<Supplier>>,
    config: Arc<Config>,
    route: Arc<Route>,
}

enum Keys {
    Keytab(KeytabFile),
    /// The caller's own, in the place of a password.
    Given(Keytab),
    Password {
        principal: Principal,
        password: Secret<Vec<u16>>,
        made: OnceCell<Vec<Key>>,
    },
    /// An account's, which are those of all its services.
    Account(Principal, Vec<Key>),
}

fn none(reason: &'static str) -> Error {
    Error::new(Code::NoCredentials, reason)
}

/// The caller's identity in Kerberos' terms, and how it is called.
fn identity_of(request: &Acquire<'_>, config: &Config) -> Result<(Identity, U16String)> {
    let given = request.identity.as_ref().filter(|identity| !identity.is_default());
    let Some(given) = given else {
        let wanted = request.principal.map(|name| named(name, config)).transpose()?;
        return default_identity(wanted.as_ref(), config, &request.sources.os);
    };
    let (user, domain) = given.account();
    let principal = account_of(user, domain, config)?;
    if let Some(bytes) = &given.keytab {
        let keytab = Keytab::parse(bytes.as_ref()).map_err(none)?;
        return Ok((Identity::of_keytab(&keytab, &principal)?, down_level(domain, user)));
    }
    let password = match &given.password {
        Some(Password::Clear(password)) => password.clone(),
        Some(Password::NtHash(hash)) => {
            return Ok((Identity::NtHash { principal, hash: hash.clone() }, down_level(domain, user)));
        }
        // Whoever gives a name alone means the tickets that this one has.
        None => return default_identity(Some(&principal), config, &request.sources.os),
    };
    Ok((Identity::Password { principal, password }, down_level(domain, user)))
}

fn account_of(user: &U16Str, domain: &U16Str, config: &Config) -> Result<Principal> {
    let text = |name: &U16Str| {
        let broken = |_| Error::new(Code::LogonDenied, "a name that is no Unicode");
        name.to_string().map_err(broken)
    };
    account::principal(&text(user)?, &text(domain)?, config)
}

/// pszPrincipal of an initiator.
fn named(name: &U16Str, config: &Config) -> Result<Principal> {
    let mut principal = account_of(name, U16Str::from_slice(&[]), config)?;
    // A cache or keytab holds alice@REALM as a name in a realm.
    if let Some((user, realm)) = principal.components.first().and_then(|name| name.rsplit_once('@')) {
        let realm = account::realm(realm, config);
        principal = Principal::parse(user, &realm).map_err(|_| none("no such principal"))?;
    }
    Ok(principal)
}

/// Tickets that are there, else a key to get some with.
fn default_identity(
    wanted: Option<&Principal>,
    config: &Config,
    os: &dyn Os,
) -> Result<(Identity, U16String)> {
    let cached = cached(wanted, config, os);
    let current = cached.as_ref().is_ok_and(has_tgt);
    let keys = match current {
        true => Err(none("not needed")),
        false => client_keys(wanted, config, os),
    };
    let (identity, principal) = match (cached, keys) {
        (_, Ok((principal, identity))) => (identity, principal),
        (Ok(cached), Err(_)) => {
            let principal = cached.principal();
            (Identity::Tickets(Arc::new(cached)), principal)
        }
        (Err(error), Err(_)) => return Err(error),
    };
    Ok((identity, U16String::from_str(&principal.to_string())))
}

fn cached(wanted: Option<&Principal>, config: &Config, os: &dyn Os) -> Result<CachedTickets> {
    let mut cache = Ccache::standard(os, config)?;
    let principal = cache.principal()?;
    if let Some(wanted) = wanted.filter(|wanted| **wanted != principal) {
        let other = cache.of_principal(wanted)?;
        cache = other.ok_or_else(|| none("the credential cache is somebody else's"))?;
    }
    CachedTickets::new(cache, config.permitted_enctypes())
}

fn has_tgt(cached: &CachedTickets) -> bool {
    let realm = cached.principal().realm;
    let found = cached.find(&Principal::krbtgt(&realm, &realm));
    found.is_ok_and(|tgt| tgt.is_some_and(|tgt| tgt.is_current()))
}

/// Of the client keytab: the wanted principal's keys, else those of its first.
fn client_keys(wanted: Option<&Principal>, config: &Config, os: &dyn Os) -> Result<(Principal, Identity)> {
    let file = KeytabFile::resolve(&config.client_keytab_name(os)?)?;
    file.look(|keytab| {
        let principal = wanted.or_else(|| keytab.principals().first().copied());
        let principal = principal.ok_or_else(|| none("the client keytab is empty"))?;
        Ok((principal.clone(), Identity::of_keytab(keytab, principal)?))
    })?
}

fn key_of(entry: &Entry) -> Option<Key> {
    Key::new(Enctype::from_number(entry.enctype)?, entry.key.as_ref()).ok()
}

impl KerberosCredential {
    /// Succeeds where something can be done with it: get tickets, or take them.
    pub fn acquire(request: Acquire<'_>) -> Result<Self> {
        let os = &request.sources.os.clone();
        let config = Arc::new(Config::load(os)?);
        let route = Arc::new(Route::new(os.clone(), config.clone()));
        let (usage, service) = (request.usage, request.principal);
        // A service's principal is no initiator's.
        let client = Acquire { principal: request.principal.filter(|_| usage.outbound), ..request };
        let identity = identity_of(&client, &config);
        let name = identity.as_ref().ok().map(|(_, name)| name.clone());
        let tickets = identity
            .as_ref()
            .map_err(Clone::clone)
            .map(|(identity, _)| Arc::new(Supplier::new(config.clone(), route.clone(), identity.clone())));
        let inbound = match usage.inbound {
            true => Keys::of(&client, identity, &config).and_then(|keys| {
                Inbound::new(keys, service, tickets.clone().ok(), (os, &config, &route)).map(Arc::new)
            }),
            false => Err(none("the credential is not inbound")),
        };
        let outbound = match usage.outbound {
            true => tickets,
            false => Err(none("the credential is not outbound")),
        };
        match (&outbound, &inbound) {
            (Err(error), Err(_)) if usage.outbound => Err(error.clone()),
            (Err(_), Err(error)) => Err(error.clone()),
            _ => Ok(Self { name, route, tickets: outbound, inbound }),
        }
    }

    /// What a client has handed over to an acceptor.
    pub fn delegated(inbound: &Inbound, delegated: Delegated, client: &Principal) -> Result<Self> {
        let Delegated { ticket, info } = delegated;
        let incomplete = || none("a delegated ticket without all that one must know of it");
        let permitted = |number: &i32| inbound.permitted.contains(number);
        let enctype = Some(info.key.keytype).filter(permitted).and_then(Enctype::from_number);
        let enctype = enctype.ok_or_else(incomplete)?;
        let server = info.server.unwrap_or(ticket.server);
        if info.client.as_ref().is_some_and(|named| named != client)
            || server != Principal::krbtgt(&client.realm, &client.realm)
        {
            return Err(none("a delegated ticket that is not its client's own"));
        }
        let authtime = info.authtime.or(info.starttime).unwrap_or_default();
        let ticket = ServiceTicket {
            session_key: Key::new(enctype, info.key.keyvalue.as_ref())?,
            client: client.clone(),
            server,
            ticket: ticket.der,
            flags: info.flags.unwrap_or_default(),
            authtime,
            starttime: info.starttime.unwrap_or(authtime),
            endtime: info.endtime.ok_or_else(incomplete)?,
            renew_till: info.renew_till,
            clock: Clock::default(),
        };
        let name = U16String::from_str(&ticket.client.to_string());
        let identity = Identity::Tickets(Arc::new(Handed(ticket)));
        let tickets = Supplier::new(inbound.config.clone(), inbound.route.clone(), identity);
        let inbound_none = Err(none("the credential is not inbound"));
        let route = inbound.route.clone();
        Ok(Self { name: Some(name), route, tickets: Ok(Arc::new(tickets)), inbound: inbound_none })
    }
}

impl Keys {
    /// Of the caller's identity, if it gave one, else of the keytab that the environment names.
    fn of(request: &Acquire<'_>, identity: Result<(Identity, U16String)>, config: &Config) -> Result<Keys> {
        let Some(given) = request.identity.as_ref().filter(|given| !given.is_default()) else {
            return Ok(Keys::Keytab(KeytabFile::resolve(&config.keytab_name(&request.sources.os)?)?));
        };
        if let Some(bytes) = &given.keytab {
            return Ok(Keys::Given(Keytab::parse(bytes.as_ref()).map_err(none)?));
        }
        let (identity, _) = identity?;
        let principal = identity.principal();
        Ok(match identity {
            Identity::Password { principal, password } => {
                Keys::Password { principal, password, made: OnceCell::new() }
            }
            Identity::NtHash { hash, .. } => Keys::Account(principal, vec![Key::from_nt_hash(hash.as_ref())]),
            Identity::Keys { keys, .. } => Keys::Account(principal, keys),
            // A user who is a server has tickets and no key.
            Identity::Tickets(_) => Keys::Account(principal, Vec::new()),
        })
    }
}

impl Inbound {
    fn new(
        keys: Keys,
        principal: Option<&U16Str>,
        tickets: Option<Arc<Supplier>>,
        (os, config, route): (&dyn Os, &Arc<Config>, &Arc<Route>),
    ) -> Result<Inbound> {
        let readable = match &keys {
            Keys::Keytab(file) => file.look(|_| ()),
            Keys::Given(_) | Keys::Password { .. } | Keys::Account(..) => Ok(()),
        };
        // A user who is a server has no keytab, but tickets.
        if let (Err(error), None) = (readable, &tickets) {
            return Err(error);
        }
        let principal = principal.and_then(|name| name.to_string().ok()).filter(|name| !name.is_empty());
        let off = os.variable("KRB5RCACHENAME").is_some_and(|name| name == "none:");
        Ok(Inbound {
            keys,
            principal: principal.map(|name| Principal::service(&name)).transpose()?,
            services: ArcSwap::default(),
            permitted: config.permitted_enctypes(),
            clockskew: config.clockskew().into(),
            keeps_replays: !off,
            tickets,
            config: config.clone(),
            route: route.clone(),
        })
    }

    /// The keys that may open a ticket, the likeliest first.
    pub fn keys_for(&self, ticket: &Ticket) -> Result<Vec<ServiceKey>> {
        match &self.keys {
            Keys::Keytab(file) => file.look(|keytab| self.of_keytab(keytab, ticket)),
            Keys::Given(keytab) => Ok(self.of_keytab(keytab, ticket)),
            Keys::Password { principal, password, made } => {
                let made = made.get_or_try_init(|| self.of_password(principal, password))?;
                Ok(self.of_account(principal, made, ticket))
            }
            Keys::Account(principal, keys) => Ok(self.of_account(principal, keys, ticket)),
        }
    }

    /// The account's keys for whichever of its services the ticket names; the realm is its own, whatever
    /// the ticket says.
    fn of_account(&self, account: &Principal, keys: &[Key], ticket: &Ticket) -> Vec<ServiceKey> {
        let service = Principal { realm: account.realm.clone(), ..ticket.server.clone() };
        let own = |key: &Key| ServiceKey { principal: service.clone(), key: key.clone() };
        keys.iter().filter(|_| self.may_be(&service)).map(own).collect()
    }

    fn of_keytab(&self, keytab: &Keytab, ticket: &Ticket) -> Vec<ServiceKey> {
        let fits = |entry: &&Entry| entry.enctype == ticket.enc_part.etype && self.may_be(&entry.principal);
        let mut entries: Vec<&Entry> = keytab.entries.iter().filter(fits).collect();
        let unlikely = |entry: &&Entry| {
            let named = entry.principal == ticket.server;
            let numbered = ticket.enc_part.kvno.is_none_or(|kvno| entry.has_kvno(kvno));
            (!named, !numbered, u32::MAX - entry.kvno)
        };
        entries.sort_by_key(unlikely);
        let keys = entries
            .into_iter()
            .take(MOST_KEYS)
            .filter_map(|entry| Some(ServiceKey { principal: entry.principal.clone(), key: key_of(entry)? }));
        keys.collect()
    }

    /// The keys of an account whose name is its salt, as every KDC has it that was not told otherwise.
    fn of_password(&self, principal: &Principal, password: &Secret<Vec<u16>>) -> Result<Vec<Key>> {
        let salt = [&principal.realm[..], &principal.components.concat()].concat();
        let enctypes = self.permitted.iter().filter_map(|number| Enctype::from_number(*number));
        let key = |enctype| Key::from_password(enctype, password.as_ref(), salt.as_bytes(), None);
        enctypes.map(key).collect()
    }

    /// Whether the application wants to be that service.
    pub fn may_be(&self, service: &Principal) -> bool {
        let wanted = self.principal.as_ref().is_none_or(|wanted| {
            let realm = wanted.realm.is_empty() || wanted.realm == service.realm;
            realm && wanted.components == service.components
        });
        let services = self.services.load();
        let name = U16String::from_str(&service.components.join("/"));
        wanted && (services.is_empty() || services.iter().any(|service| same(service, &name)))
    }
}

/// ChangeAccountPassword.
pub fn change_password(change: PasswordChange<'_>) -> Result<()> {
    let os = change.sources.os;
    let config = Arc::new(Config::load(&os)?);
    let route = Route::new(os, config.clone());
    let mut account = identity::Identity::default();
    account.user = Some(change.account.to_ustring());
    account.domain = Some(change.domain.to_ustring());
    let (user, domain) = account.account();
    let identity = Identity::Password { principal: account_of(user, domain, &config)?, password: change.old };
    let new = U16Str::from_slice(change.new.as_ref()).to_string();
    let new = new.map_err(|_| Error::new(Code::InvalidParameter, "a password that is no Unicode"))?;
    password::change(&route, &config, &identity, None, &Secret::new(new.into_bytes()))
}

impl Credential for KerberosCredential {
    fn initiate(&self, target: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        let tickets = self.tickets.as_ref().map_err(Clone::clone)?;
        let target = target.filter(|target| !target.is_empty());
        let target = target.ok_or_else(|| Error::new(Code::TargetUnknown, "Kerberos needs a target"))?;
        if let Some(error) = tickets.hopeless() {
            return Err(error);
        }
        Ok(Box::new(Initiator::new(Arc::clone(tickets), target)?))
    }

    fn accept(&self) -> Result<Box<dyn Handshake>> {
        let inbound = self.inbound.as_ref().map_err(Clone::clone)?;
        Ok(Box::new(Acceptor::new(Arc::clone(inbound))))
    }

    fn name(&self) -> Result<U16String> {
        self.name.clone().ok_or_else(|| none("the credential has no name"))
    }

    fn set(&self, setting: Setting<'_>) -> Result<()> {
        match (setting, &self.inbound) {
            (Setting::KdcProxy { force, server }, _) => {
                self.route.set_proxy(force, server.map(U16Str::to_string_lossy));
                Ok(())
            }
            (Setting::Services(names), Ok(inbound)) => {
                inbound.services.store(Arc::new(names.to_vec()));
                Ok(())
            }
            _ => Err(Error::new(Code::UnsupportedFunction, "the credential has no such setting")),
        }
    }

    fn expiry(&self) -> u64 {
        let end = self.tickets.as_ref().ok().and_then(|tickets| tickets.expiry());
        end.map_or(time::NEVER, time::from_unix)
    }

    fn export_tickets(&self, cache: &str) -> Result<()> {
        let tickets = self.tickets.as_ref().map_err(Clone::clone)?;
        tickets::export(cache, &*tickets.tgt()?)
    }
}
