//! The way to a service through the realms (RFC 4120 1.2, RFC 6806 8, `[capaths]`).

#![forbid(unsafe_code)]

use super::grant::{Wish, grant};
use super::refusal::{Refusal, Refused};
use super::{Ask, ServiceTicket};
use crate::error::{Code, Error, Result};
use crate::package::kerberos::wire::error::code::{KDC_ERR_POLICY, KDC_ERR_S_PRINCIPAL_UNKNOWN};
use crate::store::krb5::principal::Principal;

/// Realms that one way may touch.
const MOST_HOPS: usize = 10;

/// A walk from realm to realm: never in circles, never too long.
struct Walk<'a> {
    ask: Ask<'a>,
    at: ServiceTicket,
    visited: Vec<String>,
}

/// A ticket for `server`, which names its realm: that of its host, or the client's when nobody knows.
/// `tgt` is of the client's realm. Waits for KDCs.
pub fn ticket(
    ask: Ask<'_>,
    tgt: &ServiceTicket,
    server: &Principal,
    wish: Wish<'_>,
) -> Result<ServiceTicket> {
    let mut walk = Walk::start(ask, tgt)?;
    if server.realm != walk.realm() {
        walk.go(&server.realm)?;
    }
    loop {
        let here = Principal { realm: walk.realm().to_owned(), ..server.clone() };
        let ticket = grant(ask, &walk.at, &here, wish)?;
        match ticket.grants_for() {
            Some(_) if ticket.server.components == here.components => return Ok(ticket),
            Some(_) => walk.step(ticket)?,
            None => return Ok(ticket),
        }
    }
}

impl<'a> Walk<'a> {
    fn start(ask: Ask<'a>, tgt: &ServiceTicket) -> Result<Self> {
        let realm = tgt.grants_for().ok_or_else(|| Error::new(Code::NoCredentials, "no krbtgt"))?;
        let visited = vec![realm.to_owned()];
        Ok(Self { ask, at: tgt.clone(), visited })
    }

    fn realm(&self) -> &str {
        self.visited.last().map_or("", String::as_str)
    }

    /// Goes on to the realm of a referral.
    fn step(&mut self, referral: ServiceTicket) -> Result<()> {
        let realm = referral.grants_for().unwrap_or_default().to_owned();
        let circle = self.visited.contains(&realm);
        if circle || self.visited.len() > MOST_HOPS {
            let reason = if circle { "realms refer to each other" } else { "too many referrals" };
            return Err(Error::new(Code::MaxReferralsExceeded, reason));
        }
        self.visited.push(realm);
        self.at = referral;
        Ok(())
    }

    /// Goes to a realm: the way that `[capaths]` says, else directly, else the way up and down the
    /// tree of names. A KDC on it may know a better one.
    fn go(&mut self, realm: &str) -> Result<()> {
        let named = self.ask.config.capaths(self.realm(), realm);
        let explicit = named.is_some();
        let mut way = named.unwrap_or_else(|| tree(self.realm(), realm));
        way.push(realm.to_owned());
        while self.realm() != realm {
            // With a way of ours every realm of it; otherwise the farthest that this one knows.
            let ahead = self.ahead(&way);
            let referral = match explicit {
                true => self.first(ahead.get(..1).unwrap_or_default())?,
                false => self.first(&ahead.into_iter().rev().collect::<Vec<_>>())?,
            };
            self.step(referral)?;
        }
        Ok(())
    }

    /// The realms of the way that lie ahead.
    fn ahead(&self, way: &[String]) -> Vec<String> {
        let here = way.iter().position(|realm| realm == self.realm());
        let from = here.map_or(0, |here| here.saturating_add(1));
        let ahead = way.get(from..).unwrap_or_default().iter();
        ahead.filter(|realm| !self.visited.contains(realm)).cloned().collect()
    }

    /// krbtgt of the first of the realms that this one has a key of.
    fn first(&self, realms: &[String]) -> Result<ServiceTicket> {
        let mut refusal = Refusal::Failed(Error::new(Code::TargetUnknown, "no way to the service's realm"));
        for realm in realms {
            match self.krbtgt(realm) {
                Err(said) if unknown(&said) => refusal = said,
                answer => return Ok(answer?),
            }
        }
        Err(refusal.into())
    }

    fn krbtgt(&self, realm: &str) -> Refused<ServiceTicket> {
        let server = Principal::krbtgt(realm, self.realm());
        let ticket = grant(self.ask, &self.at, &server, Wish::default())?;
        match ticket.grants_for() {
            Some(_) => Ok(ticket),
            None => Err(Error::new(Code::TargetUnknown, "no krbtgt where one was asked for").into()),
        }
    }
}

fn unknown(refusal: &Refusal) -> bool {
    matches!(refusal.error_code(), Some(KDC_ERR_S_PRINCIPAL_UNKNOWN | KDC_ERR_POLICY))
}

/// The realms between two of one tree: from `a.b.test` to `c.test` over `b.test` and `test`.
fn tree(from: &str, to: &str) -> Vec<String> {
    let above = |realm: &str| -> Vec<String> {
        realm
            .match_indices('.')
            .filter_map(|(dot, _)| realm.get(dot.saturating_add(1)..))
            .map(str::to_owned)
            .collect()
    };
    let (mut up, mut down) = (above(from), above(to));
    up.insert(0, from.to_owned());
    down.insert(0, to.to_owned());
    let Some(top) = up.iter().position(|realm| down.contains(realm)) else { return Vec::new() };
    let end = down.iter().position(|realm| Some(realm) == up.get(top)).unwrap_or(0);
    let descent = down.get(..end).unwrap_or_default().iter().rev();
    let ascent = up.get(..=top).unwrap_or_default().iter();
    ascent.chain(descent).filter(|realm| *realm != from && *realm != to).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn realms_of_one_tree_have_a_way() {
        assert_eq!(tree("A.B.TEST", "C.TEST"), ["B.TEST", "TEST"]);
        assert_eq!(tree("C.TEST", "A.B.TEST"), ["TEST", "B.TEST"]);
        assert_eq!(tree("B.TEST", "A.B.TEST"), [""; 0]);
        assert_eq!(tree("X.A.B.TEST", "B.TEST"), ["A.B.TEST"]);
        assert_eq!(tree("A.TEST", "B.OTHER"), [""; 0]);
        assert_eq!(tree("A", "A"), [""; 0]);
    }
}
