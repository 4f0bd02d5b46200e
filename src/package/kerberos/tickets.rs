//! Where an initiator's tickets are: a credential cache, or what a client delegated.

#![forbid(unsafe_code)]

use super::client::{Clock, ServiceTicket, TicketStore};
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::secret::Secret;
use crate::store::krb5::ccache::{Ccache, Contents, Credential};
use crate::store::krb5::principal::Principal;

/// A credential cache as `client/` uses it.
pub struct Cached {
    pub cache: Ccache,
    pub principal: Principal,
    /// The enctypes whose session keys may be used, by number.
    pub permitted: Vec<i32>,
}

impl TicketStore for Cached {
    fn principal(&self) -> Principal {
        self.principal.clone()
    }

    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>> {
        let found = self.cache.look(|contents| {
            // Its owner may have logged on as somebody else meanwhile.
            let own = contents.principal == self.principal;
            let clock = contents.time_offset.map(clock).unwrap_or_default();
            let now = u32::try_from(clock.seconds()).unwrap_or(u32::MAX);
            let found = contents.find(server, &self.permitted, now).filter(|_| own);
            found.map(|credential| ticket(credential, clock))
        })?;
        found.transpose()
    }

    fn keep(&self, asked: &Principal, ticket: &ServiceTicket) {
        let mut credential = credential(ticket);
        credential.server = asked.clone();
        if let Err(error) = self.cache.store(&credential) {
            log::write(Level::Info, format_args!("a ticket is not kept: {}", error.reason));
        }
    }
}

/// The KDC's clock less ours, as a cache's header has it.
fn clock((seconds, microseconds): (i32, i32)) -> Clock {
    Clock { offset: i64::from(seconds).saturating_mul(1_000_000).saturating_add(i64::from(microseconds)) }
}

fn ticket(credential: &Credential, clock: Clock) -> Result<ServiceTicket> {
    let enctype = Enctype::from_number(credential.enctype);
    let unknown = || Error::new(Code::KdcUnknownEtype, "a session key of an unknown enctype");
    let start = if credential.start_time == 0 { credential.auth_time } else { credential.start_time };
    Ok(ServiceTicket {
        ticket: credential.ticket.clone(),
        session_key: Key::new(enctype.ok_or_else(unknown)?, credential.key.as_ref())?,
        client: credential.client.clone(),
        server: credential.server.clone(),
        flags: credential.ticket_flags,
        authtime: credential.auth_time.into(),
        starttime: start.into(),
        endtime: credential.end_time.into(),
        renew_till: (credential.renew_till != 0).then(|| credential.renew_till.into()),
        clock,
    })
}

fn credential(ticket: &ServiceTicket) -> Credential {
    let time = |seconds: i64| u32::try_from(seconds).unwrap_or(if seconds < 0 { 0 } else { u32::MAX });
    Credential {
        client: ticket.client.clone(),
        server: ticket.server.clone(),
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
pub fn write(cache: &str, tgt: &ServiceTicket) -> Result<()> {
    let cache =
        Ccache::resolve(cache).map_err(|error| Error::new(Code::UnsupportedFunction, error.reason))?;
    let seconds = tgt.clock.offset.div_euclid(1_000_000);
    let offset = i32::try_from(seconds).ok().filter(|seconds| *seconds != 0).map(|seconds| (seconds, 0));
    let mut contents = Contents::new(&tgt.client, offset);
    contents.add(credential(tgt));
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
