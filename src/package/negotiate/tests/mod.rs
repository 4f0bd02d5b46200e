//! Negotiate against itself, and against whoever is on the way.

#![forbid(unsafe_code)]

/// A list of mechanisms.
macro_rules! these {
    ($($mechanism:ident),+) => {{
        static LIST: Mechanisms = &[$(&$mechanism),+];
        LIST
    }};
}

mod attacks;
mod credentials;
mod handshakes;
mod oracle;
mod scripted;

use std::sync::Arc;

use super::mechanism::{Mechanism, NTLMSSP};
use super::tokens::{NegState, NegTokenResp};
use super::{Negotiate, tokens};
use crate::error::{Code, Result};
use crate::package::ntlm::tests::{TestOs, Users, bindings, identity, protected, wide};
use crate::package::{Acquire, Credential, Established, Flags, Handshake, In, Package, Step, Usage};
use crate::store::Sources;
use crate::store::accounts::AccountSource;
use crate::store::identity::Identity;
use scripted::{FOUR, NO_ACCEPTOR, NO_CREDENTIAL, NO_TOKEN, ONE, THREE, TWO, UNSIGNED};

type Mechanisms = &'static [&'static Mechanism];

static NTLM: Mechanisms = &[&NTLMSSP];

fn users() -> Option<Arc<dyn AccountSource>> {
    Some(Arc::new(Users(vec![("", "bob", "geheim")])))
}

fn acquire(
    mechanisms: Mechanisms,
    outbound: bool,
    identity: Option<Identity>,
    accounts: Option<Arc<dyn AccountSource>>,
    emission: &str,
) -> Result<Arc<dyn Credential>> {
    let os = TestOs::new(&[("SSPI_NEGOTIATE_NTLM", emission)]);
    let usage = Usage { inbound: !outbound, outbound };
    let sources = Sources { os: os.into(), accounts };
    Negotiate { mechanisms }.acquire(Acquire { usage, principal: None, identity, sources })
}

fn client(mechanisms: Mechanisms, emission: &str) -> Arc<dyn Credential> {
    acquire(mechanisms, true, Some(identity("", "bob", "geheim")), None, emission).unwrap()
}

fn server(mechanisms: Mechanisms) -> Arc<dyn Credential> {
    acquire(mechanisms, false, None, users(), "auto").unwrap()
}

struct Pair {
    client: Established,
    server: Established,
    /// Every token, the initiator's first.
    tokens: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Refused {
    by_client: bool,
    code: Code,
    token: Option<Vec<u8>>,
    /// Whether the other side had been satisfied.
    other_done: bool,
}

fn input(token: Option<&[u8]>, requirements: Flags) -> In<'_> {
    In { token, bindings: None, requirements }
}

/// A token, or why there is none and what the other side is told.
type Answer = std::result::Result<Option<Vec<u8>>, (Code, Option<Vec<u8>>)>;

/// Not refused, but left without an answer.
const WAITS: Code = Code::IncompleteMessage;

/// One side: a handshake, what it asks for and what has come of it.
struct Side {
    handshake: Box<dyn Handshake>,
    asks: Flags,
    binds: Option<&'static [u8]>,
    done: Option<Box<Established>>,
}

impl Side {
    fn new(handshake: Box<dyn Handshake>, asks: Flags) -> Side {
        Side { handshake, asks, binds: None, done: None }
    }

    fn step(&mut self, token: Option<&[u8]>) -> Answer {
        let step = In { token, bindings: bindings(self.binds), requirements: self.asks };
        match self.handshake.step(step) {
            Step::Continue(token) => Ok(Some(token)),
            Step::Done(token, established) => {
                self.done = Some(established);
                Ok(token)
            }
            Step::Failed(error, token) => Err((error.code, token)),
            Step::NeedAccount => panic!("needs accounts"),
        }
    }
}

type OnTheWay<'a> = &'a mut dyn FnMut(usize, Vec<u8>) -> Vec<u8>;

/// Lets both talk until both are done.
fn talk(
    client: &mut Side,
    server: &mut Side,
    first: Option<Vec<u8>>,
    on_the_way: OnTheWay<'_>,
) -> std::result::Result<Vec<Vec<u8>>, Refused> {
    let (mut token, mut tokens, mut clients_turn) = (first, Vec::new(), true);
    for leg in 0..12 {
        let (side, other) =
            if clients_turn { (&mut *client, &mut *server) } else { (&mut *server, &mut *client) };
        let made = side.step(token.as_deref());
        let refused = |(code, token)| Refused {
            by_client: clients_turn,
            code,
            token,
            other_done: other.done.is_some(),
        };
        match made.map_err(refused)? {
            Some(made) => {
                let made = on_the_way(leg, made);
                tokens.push(made.clone());
                token = Some(made);
            }
            None => {
                assert!(side.done.is_some());
                let (by_client, code) = (!clients_turn, WAITS);
                let waits = Refused { by_client, code, token: None, other_done: true };
                return if other.done.is_some() { Ok(tokens) } else { Err(waits) };
            }
        }
        if client.done.is_some() && server.done.is_some() {
            return Ok(tokens);
        }
        clients_turn = !clients_turn;
    }
    panic!("no end");
}

fn negotiate_with(
    client: &dyn Credential,
    server: &dyn Credential,
    asks: Flags,
    on_the_way: OnTheWay<'_>,
) -> std::result::Result<Pair, Refused> {
    let mut client = Side::new(client.initiate(Some(&wide("host/server"))).unwrap(), asks);
    let mut server = Side::new(server.accept().unwrap(), Flags::NONE);
    let tokens = talk(&mut client, &mut server, None, on_the_way)?;
    Ok(Pair { client: *client.done.unwrap(), server: *server.done.unwrap(), tokens })
}

fn untouched(_: usize, token: Vec<u8>) -> Vec<u8> {
    token
}

fn negotiate(ours: Mechanisms, theirs: Mechanisms) -> std::result::Result<Pair, Refused> {
    negotiate_with(&*client(ours, "spnego"), &*server(theirs), protected(), &mut untouched)
}

/// Messages go both ways.
fn exchange(pair: &mut Pair) {
    use crate::package::Qop;
    use crate::part::Part;
    let Pair { client, server, .. } = pair;
    for to_server in [true, false] {
        let (from, to) = if to_server { (&mut *client, &mut *server) } else { (&mut *server, &mut *client) };
        for round in 0..3 {
            let (mut data, mut token) = (vec![round; 50], [0; 16]);
            from.sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], Qop::Encrypt).unwrap();
            to.receiver.unwrap(&mut [Part::Sealed(&mut data)], &token, &[]).unwrap();
            assert_eq!(data, vec![round; 50]);
        }
    }
}

/// A response taken apart and put together again with a change.
fn changed<'a>(token: &'a [u8], change: impl FnOnce(&mut NegTokenResp<'a>)) -> Vec<u8> {
    let mut response = NegTokenResp::parse(token).unwrap();
    change(&mut response);
    response.build()
}

fn is_reject(token: Option<&[u8]>) -> bool {
    token.is_some_and(|token| NegTokenResp::parse(token).unwrap().neg_state == Some(NegState::Reject))
}
