//! The tickets that a credential got, by the service that they were asked for.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::ServiceTicket;
use crate::store::krb5::principal::Principal;

/// A credential that talks to more services at a time asks again.
const MOST: usize = 128;

/// Least recently used first.
#[derive(Default)]
pub struct Cache {
    entries: Vec<(Principal, Arc<ServiceTicket>)>,
}

impl Cache {
    /// A ticket that can still be used; the others go.
    pub fn find(&mut self, asked: &Principal) -> Option<Arc<ServiceTicket>> {
        self.entries.retain(|(_, ticket)| ticket.is_current());
        let at = self.entries.iter().position(|(name, _)| name == asked)?;
        let entry = self.entries.remove(at);
        let ticket = entry.1.clone();
        self.entries.push(entry);
        Some(ticket)
    }

    pub fn keep(&mut self, asked: Principal, ticket: Arc<ServiceTicket>) {
        self.entries.retain(|(name, _)| *name != asked);
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.entries.push((asked, ticket));
    }

    /// Lets go of a ticket under every name that it was asked for.
    pub fn forget(&mut self, gone: &ServiceTicket) {
        self.entries.retain(|(_, ticket)| ticket.ticket != gone.ticket);
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}
