//! What an initiator asks of KDCs: tickets, referrals, password changes (RFC 4120 3.1 to 3.3, RFC 6806).
//!
//! | file | holds |
//! |---|---|
//! | `supplier.rs` | what a credential holds: an identity, and the tickets that it got |
//! | `logon.rs` | the AS exchange: pre-authentication, clock skew, names that the KDC corrects |
//! | `grant.rs` | one TGS exchange |
//! | `path.rs` | the way to a service through the realms |
//! | `password.rs` | RFC 3244 |
//! | `identity.rs` | whose tickets are wanted, and the keys that prove it |
//! | `reply.rs` | what must be true of a KDC's reply |
//! | `refusal.rs` | a KRB-ERROR, and the status that it becomes |
//! | `tickets.rs` | krb5's credential caches as identities |
//! | `clock.rs` | this machine's time and the KDC's |

#![forbid(unsafe_code)]

mod cache;
pub mod clock;
mod grant;
pub mod identity;
mod logon;
pub mod password;
mod path;
pub mod refusal;
mod reply;
pub mod supplier;
#[cfg(test)]
mod tests;
pub mod tickets;

pub use clock::Clock;
pub use identity::{Identity, TicketStore};
pub use supplier::Supplier;

use crate::crypto::enctype::Key;
use crate::crypto::random;
use crate::error::Result;
use crate::package::kerberos::wire::ticket_flags;
use crate::store::kdc::{Exchange, Service};
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::Principal;

use refusal::{Refusal, Refused};

/// A ticket and what its owner knows of it.
#[derive(Clone)]
pub struct ServiceTicket {
    /// Its DER.
    pub ticket: Vec<u8>,
    pub session_key: Key,
    pub client: Principal,
    /// The name that the KDC gave it, out of the protected part.
    pub server: Principal,
    /// TicketFlags.
    pub flags: u32,
    /// Seconds since 1970 by the KDC's clock.
    pub authtime: i64,
    pub starttime: i64,
    pub endtime: i64,
    pub renew_till: Option<i64>,
    /// The clock by which those times, and authenticators, are made.
    pub clock: Clock,
}

impl ServiceTicket {
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether it can be used for the next minute at least.
    pub fn is_current(&self) -> bool {
        self.endtime > self.clock.seconds().saturating_add(60)
    }

    /// Whether a service that gets it delegated may use it for its client (MS-KILE 3.4.5.4.1.1).
    pub fn ok_as_delegate(&self) -> bool {
        self.has(ticket_flags::OK_AS_DELEGATE)
    }

    /// The realm whose tickets it gets; `None` unless it is a krbtgt.
    pub fn grants_for(&self) -> Option<&str> {
        granted_realm(&self.server)
    }
}

/// The realm in krbtgt/REALM.
fn granted_realm(server: &Principal) -> Option<&str> {
    match server.components.as_slice() {
        [krbtgt, realm] if krbtgt == "krbtgt" => Some(realm),
        _ => None,
    }
}

/// What every exchange needs.
#[derive(Clone, Copy)]
struct Ask<'a> {
    exchange: &'a dyn Exchange,
    config: &'a Config,
}

impl Ask<'_> {
    /// Sends a request to a KDC of the realm; the reply is a KDC-REP or a KRB-ERROR by its tag.
    fn kdc(&self, realm: &str, request: &[u8]) -> Refused<Vec<u8>> {
        let reply = self.exchange.exchange(realm, Service::Kdc, request, &refusal::is_too_big)?;
        Refusal::unless_error(reply)
    }
}

/// A nonce that stays positive in peers' signed variables.
fn nonce() -> Result<u32> {
    let mut bytes = [0; 4];
    random::fill(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes) & 0x7FFF_FFFF)
}
