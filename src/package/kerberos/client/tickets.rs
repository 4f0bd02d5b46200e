//! Places of tickets: a credential cache of krb5, or what a client delegated.

#![forbid(unsafe_code)]

use super::{Clock, ServiceTicket, TicketStore};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::secret::Secret;
use crate::store::krb5::ccache::{Ccache, Contents, Credential};
use crate::store::krb5::principal::Principal;

/// A cache, and whose it was when the credential was acquired.
pub struct CachedTickets {
    cache: Ccache,
    principal: Principal,
    /// What session keys may be of.
    enctypes: Vec<i32>,
}

impl CachedTickets {
    /// SEC_E_NO_CREDENTIALS when the cache is missing or damaged.
    pub fn new(cache: Ccache, enctypes: Vec<i32>) -> Result<Self> {
        let principal = cache.principal()?;
        Ok(Self { cache, principal, enctypes })
    }
}

impl TicketStore for CachedTickets {
    fn principal(&self) -> Principal {
        self.principal.clone()
    }

    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>> {
        let found = self.cache.look(|contents| {
            if contents.principal != self.principal {
                return Err(Error::new(Code::NoCredentials, "the credential cache is another user's now"));
            }
            let (seconds, microseconds) = contents.time_offset.unwrap_or_default();
            let offset = i64::from(seconds).saturating_mul(1_000_000).saturating_add(i64::from(microseconds));
            let clock = Clock { offset };
            let now = u32::try_from(clock.seconds()).unwrap_or(0);
            Ok(contents.find(server, &self.enctypes, now).cloned().map(|found| (found, clock)))
        })??;
        found.map(|(found, clock)| ticket(found, clock)).transpose()
    }

    fn keep(&self, asked: &Principal, ticket: &ServiceTicket) {
        if let Err(error) = self.cache.store(&credential(asked, ticket)) {
            log::write(Level::Warn, format_args!("a ticket was not kept: {}", error.reason));
        }
    }
}

fn ticket(found: Credential, clock: Clock) -> Result<ServiceTicket> {
    let unknown = || Error::new(Code::NoCredentials, "a ticket of an unknown encryption type");
    let enctype = Enctype::from_number(found.enctype).ok_or_else(unknown)?;
    let starttime = if found.start_time == 0 { found.auth_time } else { found.start_time };
    Ok(ServiceTicket {
        session_key: Key::new(enctype, found.key.as_ref())?,
        ticket: found.ticket,
        client: found.client,
        server: found.server,
        flags: found.ticket_flags,
        authtime: found.auth_time.into(),
        starttime: starttime.into(),
        endtime: found.end_time.into(),
        renew_till: (found.renew_till != 0).then(|| found.renew_till.into()),
        clock,
    })
}

fn credential(asked: &Principal, ticket: &ServiceTicket) -> Credential {
    let time = |seconds: i64| u32::try_from(seconds).unwrap_or(if seconds < 0 { 0 } else { u32::MAX });
    Credential {
        client: ticket.client.clone(),
        server: asked.clone(),
        enctype: ticket.session_key.enctype().number(),
        key: Secret::new(ticket.session_key.bytes().to_vec()),
        auth_time: time(ticket.authtime),
        start_time: time(ticket.starttime),
        end_time: time(ticket.endtime),
        renew_till: ticket.renew_till.map_or(0, time),
        is_skey: false,
        ticket_flags: ticket.flags,
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: ticket.ticket.clone(),
        second_ticket: Vec::new(),
    }
}

/// Makes a cache of that name with this ticket-granting ticket in it.
pub fn export(cache: &str, tgt: &ServiceTicket) -> Result<()> {
    let cache =
        Ccache::resolve(cache).map_err(|error| Error::new(Code::UnsupportedFunction, error.reason))?;
    let seconds = tgt.clock.offset.div_euclid(1_000_000);
    let offset = i32::try_from(seconds).ok().filter(|seconds| *seconds != 0).map(|seconds| (seconds, 0));
    let mut contents = Contents::new(&tgt.client, offset);
    contents.add(credential(&tgt.server, tgt));
    cache.initialize(contents).map_err(|error| Error::new(Code::InternalError, error.reason))
}

/// One ticket-granting ticket that a client handed over.
pub struct Handed(pub ServiceTicket);

impl TicketStore for Handed {
    fn principal(&self) -> Principal {
        self.0.client.clone()
    }

    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>> {
        Ok((*server == self.0.server).then(|| self.0.clone()))
    }

    fn keep(&self, _asked: &Principal, _ticket: &ServiceTicket) {}
}
