//! What a credential holds: an identity, and every ticket that it got.
//!
//! The lock is held to look at the tickets, never while a KDC is waited for: two contexts that need
//! the same ticket at once both ask for it.

#![forbid(unsafe_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::cache::Cache;
use super::grant::{Wish, grant};
use super::identity::Identity;
use super::logon::{Goal, logon};
use super::{Ask, ServiceTicket, path};
use crate::error::{Code, Error, Result};
use crate::package::kerberos::wire::{kdc_options, ticket_flags};
use crate::store::kdc::Exchange;
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::Principal;

/// Gives an initiator its tickets.
pub struct Supplier {
    config: Arc<Config>,
    exchange: Arc<dyn Exchange>,
    identity: Identity,
    tickets: Mutex<Tickets>,
}

#[derive(Default)]
struct Tickets {
    tgt: Option<Arc<ServiceTicket>>,
    services: Cache,
    /// No KDC has answered: the next contexts are told so at once, for as long as it took to find out.
    silence: Option<Silence>,
    failed: Option<Silence>,
    /// Tickets that their services refused, the newest last: a cache may still have them.
    refused: Vec<Vec<u8>>,
}

/// An error that stands for a while.
struct Silence {
    until: Instant,
    error: Error,
}

impl Silence {
    fn of(error: Error, lasts: Duration) -> Self {
        let now = Instant::now();
        Self { until: now.checked_add(lasts).unwrap_or(now), error }
    }

    fn lasting(&self) -> Option<Error> {
        (Instant::now() < self.until).then(|| self.error.clone())
    }
}

const STRANGERS_WAIT: Duration = Duration::from_secs(60);

/// Of tickets that services refused.
const MOST_REFUSED: usize = 8;

/// What nobody had to wait for is found out again soon.
const SHORTEST_SILENCE: Duration = Duration::from_millis(100);

impl Supplier {
    pub fn new(config: Arc<Config>, exchange: Arc<dyn Exchange>, identity: Identity) -> Self {
        Self { config, exchange, identity, tickets: Mutex::default() }
    }

    fn ask(&self) -> Ask<'_> {
        Ask { exchange: &*self.exchange, config: &self.config }
    }

    /// The client: as its KDC names it after a logon, as the caller named it before.
    pub fn principal(&self) -> Principal {
        let named = self.tickets.lock().tgt.as_ref().map(|tgt| tgt.client.clone());
        named.unwrap_or_else(|| self.identity.principal())
    }

    /// When the ticket-granting ticket ends, seconds since 1970 by this machine's clock; `None` before a
    /// logon.
    pub fn expiry(&self) -> Option<i64> {
        let tgt = self.tickets.lock().tgt.clone()?;
        Some(tgt.endtime.saturating_sub(tgt.clock.offset.div_euclid(1_000_000)))
    }

    /// The ticket-granting ticket of the client's realm; logs on if there is none. Waits for KDCs.
    pub fn tgt(&self) -> Result<Arc<ServiceTicket>> {
        let held = self.tickets.lock().tgt.clone().filter(|tgt| tgt.is_current());
        if let Some(tgt) = held {
            return Ok(tgt);
        }
        let tgt = match &self.identity {
            Identity::Tickets(store) => {
                let realm = store.principal().realm;
                let found = store.find(&Principal::krbtgt(&realm, &realm))?;
                let none = "no ticket-granting ticket that is still good";
                found
                    .filter(ServiceTicket::is_current)
                    .ok_or_else(|| Error::new(Code::NoCredentials, none))?
            }
            _ => self.unless_silent(|| logon(self.ask(), &self.identity, Goal::Tgt))?,
        };
        let tgt = Arc::new(tgt);
        self.tickets.lock().tgt = Some(tgt.clone());
        Ok(tgt)
    }

    /// The same for a stranger who asks: what failed is not tried again for a minute, or anybody could
    /// have an account locked.
    pub fn tgt_for_a_stranger(&self) -> Result<Arc<ServiceTicket>> {
        if let Some(error) = self.tickets.lock().failed.as_ref().and_then(Silence::lasting) {
            return Err(error);
        }
        self.tgt().inspect_err(|error| {
            self.tickets.lock().failed = Some(Silence::of(error.clone(), STRANGERS_WAIT));
        })
    }

    /// Why there can be no ticket now, where that is known without looking further: none is held, and no
    /// KDC has answered just now.
    pub fn hopeless(&self) -> Option<Error> {
        if let Identity::Tickets(_) = self.identity {
            return None;
        }
        let tickets = self.tickets.lock();
        let silence =
            tickets.silence.as_ref().filter(|_| tickets.tgt.is_none() && tickets.services.is_empty());
        silence.and_then(Silence::lasting)
    }

    /// A logon, unless the KDCs of the client's realm were silent just now.
    fn unless_silent(&self, logon: impl FnOnce() -> Result<ServiceTicket>) -> Result<ServiceTicket> {
        if let Some(error) = self.tickets.lock().silence.as_ref().and_then(Silence::lasting) {
            return Err(error);
        }
        let began = Instant::now();
        let answer = logon();
        let silent = answer.as_ref().err().filter(|error| error.code == Code::NoAuthenticatingAuthority);
        let lasts = began.elapsed().max(SHORTEST_SILENCE);
        self.tickets.lock().silence = silent.map(|error| Silence::of(error.clone(), lasts));
        answer
    }

    /// Whether keys of that enctype may be used.
    pub fn permits(&self, enctype: i32) -> bool {
        self.config.permitted_enctypes().contains(&enctype)
    }

    /// A ticket for a service. Where its name has no realm, it is the one that krb5.conf says for the
    /// host, else the client's, whose KDC may refer to another. Waits for KDCs.
    pub fn service_ticket(&self, server: &Principal) -> Result<Arc<ServiceTicket>> {
        let held = self.tickets.lock().services.find(server);
        if let Some(ticket) = held {
            return Ok(ticket);
        }
        if let Identity::Tickets(store) = &self.identity
            && let Some(ticket) = store.find(server)?.filter(|ticket| self.is_good(ticket))
        {
            return Ok(self.keep(server, ticket));
        }
        let ticket =
            self.fresh(|tgt| path::ticket(self.ask(), tgt, &self.placed(server, tgt), Wish::default()))?;
        if let Identity::Tickets(store) = &self.identity {
            store.keep(&Principal { realm: ticket.server.realm.clone(), ..server.clone() }, &ticket);
        }
        Ok(self.keep(server, ticket))
    }

    /// A ticket for a user who is a server, under the session key of that user's ticket-granting
    /// ticket. Not kept: the other ticket is not ours. Waits for KDCs.
    pub fn user_to_user_ticket(&self, server: &Principal, their_tgt: &[u8]) -> Result<Arc<ServiceTicket>> {
        let wish = Wish { user_to_user: Some(their_tgt), ..Wish::default() };
        let ticket = self.fresh(|tgt| path::ticket(self.ask(), tgt, &self.placed(server, tgt), wish))?;
        Ok(Arc::new(ticket))
    }

    /// A ticket-granting ticket for a service to use in the client's name: the first must be
    /// forwardable. Waits for KDCs.
    pub fn forwarded_tgt(&self) -> Result<Arc<ServiceTicket>> {
        let ticket = self.fresh(|tgt| {
            if !tgt.has(ticket_flags::FORWARDABLE) {
                return Err(Error::new(Code::NoCredentials, "the ticket-granting ticket is not forwardable"));
            }
            let wish = Wish { options: kdc_options::FORWARDED | kdc_options::FORWARDABLE, ..Wish::default() };
            let realm = tgt.grants_for().unwrap_or_default();
            let forwarded = grant(self.ask(), tgt, &Principal::krbtgt(realm, realm), wish)?;
            match forwarded.has(ticket_flags::FORWARDED) && forwarded.server == tgt.server {
                true => Ok(forwarded),
                false => Err(Error::new(Code::NoCredentials, "the KDC forwards no ticket-granting ticket")),
            }
        })?;
        Ok(Arc::new(ticket))
    }

    /// Lets go of a ticket that its service refused.
    pub fn forget(&self, ticket: &ServiceTicket) {
        let mut tickets = self.tickets.lock();
        tickets.services.forget(ticket);
        if tickets.refused.len() == MOST_REFUSED {
            tickets.refused.remove(0);
        }
        tickets.refused.push(ticket.ticket.clone());
    }

    /// Whether a cache's ticket can be used.
    fn is_good(&self, ticket: &ServiceTicket) -> bool {
        ticket.is_current() && !self.tickets.lock().refused.contains(&ticket.ticket)
    }

    /// Asks with the ticket-granting ticket; once more with a new one where the KDC says that it is over.
    fn fresh(&self, ask: impl Fn(&ServiceTicket) -> Result<ServiceTicket>) -> Result<ServiceTicket> {
        let tgt = self.tgt()?;
        match ask(&tgt) {
            Err(error)
                if error.code == Code::ContextExpired && !matches!(self.identity, Identity::Tickets(_)) =>
            {
                let mut tickets = self.tickets.lock();
                tickets.tgt = None;
                tickets.services.clear();
                drop(tickets);
                ask(&*self.tgt()?)
            }
            answer => answer,
        }
    }

    fn keep(&self, asked: &Principal, ticket: ServiceTicket) -> Arc<ServiceTicket> {
        let ticket = Arc::new(ticket);
        self.tickets.lock().services.keep(asked.clone(), ticket.clone());
        ticket
    }

    /// A service's name with the realm to ask for it first.
    fn placed(&self, server: &Principal, tgt: &ServiceTicket) -> Principal {
        if !server.realm.is_empty() {
            return server.clone();
        }
        let host = server.components.get(1).map(|host| host.split(':').next().unwrap_or(host));
        let realm = host.and_then(|host| self.config.realm_of_host(host)).filter(|realm| !realm.is_empty());
        let realm = realm.unwrap_or(&tgt.client.realm).to_owned();
        Principal { realm, ..server.clone() }
    }
}
