//! NTLM and SPNEGO under attack: the rows A1 to A21 and B1 to B8, with messages that are made by hand.

mod der;
mod der_attacks;
mod logons;
mod malformed;
mod peer;
mod spnego;
mod wire;

use std::fs;

use peer::{
    Answer, BAD_BINDINGS, CONTINUE_NEEDED, Context, Credential, INVALID_TOKEN, LOGON_DENIED, MESSAGE_ALTERED,
    NO_CREDENTIALS, OK, OUT_OF_SEQUENCE, PROTECTED, TARGET_UNKNOWN, UNSUPPORTED_FUNCTION, use_accounts,
};
use wire::*;

const ACCOUNTS: &str = "DOMAIN:user:SecREt01\nDOMAIN:other:OtherPass\nDOMAIN:guest:\n";

fn client() -> Client {
    Client::new("DOMAIN", "user", "SecREt01")
}

/// An acceptor that has sent its CHALLENGE.
struct Server {
    credential: Credential,
    context: Context,
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
}

impl Server {
    fn new() -> Self {
        Self::begun(negotiate(USUAL | NTLM))
    }

    fn begun(negotiate: Vec<u8>) -> Self {
        use_accounts(ACCOUNTS);
        let credential = Credential::inbound();
        let mut context = Context::new();
        let answer = context.accept(&credential, 0, &negotiate, None);
        assert_eq!(answer.status, CONTINUE_NEEDED, "NEGOTIATE");
        Self { credential, context, negotiate, challenge: answer.token }
    }

    fn finish(&mut self, authenticate: &[u8]) -> Answer {
        self.context.accept(&self.credential, 0, authenticate, None)
    }

    fn try_client(client: &Client) -> u32 {
        let mut server = Self::new();
        let authenticate = client.authenticate(&server.negotiate, &server.challenge);
        server.finish(&authenticate).status
    }
}

/// A client of the library that has sent its NEGOTIATE, and what it says to a CHALLENGE.
fn client_meets(challenge: &[u8], flags: u32) -> Answer {
    let credential = Credential::outbound("DOMAIN", "user", "SecREt01");
    let mut context = Context::new();
    assert_eq!(context.initiate(&credential, flags, "HTTP/server", None).status, CONTINUE_NEEDED);
    context.initiate(&credential, flags, "HTTP/server", Some(challenge))
}

fn usual_challenge() -> Vec<u8> {
    challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &av_bytes(&usual_info()))
}

/// Whether it is one of the answers to a logon that is no good: MESSAGE_ALTERED is a wrong MIC.
fn is_refused(status: u32) -> bool {
    [LOGON_DENIED, INVALID_TOKEN, MESSAGE_ALTERED, UNSUPPORTED_FUNCTION].contains(&status)
}

/// A small generator, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }
}

#[test]
fn the_hand_made_client_is_let_in() {
    let mut server = Server::new();
    let authenticate = client().authenticate(&server.negotiate, &server.challenge);
    assert_eq!(server.finish(&authenticate).status, OK);
    assert_eq!(server.context.name().as_deref(), Some("DOMAIN\\user"));
}

#[test]
fn the_hand_made_server_is_answered() {
    let answer = client_meets(&usual_challenge(), PROTECTED);
    assert_eq!(answer.status, OK);
    assert_eq!(field(&answer.token, 36), utf16("user"));
}
