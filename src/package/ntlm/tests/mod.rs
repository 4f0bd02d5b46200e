//! NTLM against its specification, against itself, and against whoever is on the way.

#![forbid(unsafe_code)]

mod attacks;
mod credentials;
mod decisions;
mod handshakes;
mod protection;
mod vectors;

use std::ffi::OsString;
use std::sync::Arc;

use widestring::{U16Str, U16String};

use super::Ntlm;
use crate::error::{Code, Error, Result};
use crate::package::{Acquire, Credential, Established, Flags, Handshake, In, Package, Step, Usage};
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::{Account, AccountKey, AccountSource, nt_hash};
use crate::store::bindings::ChannelBindings;
use crate::store::identity::{Identity, Password};
use crate::store::names::same;
use crate::store::os::Os;

pub fn wide(text: &str) -> U16String {
    U16String::from_str(text)
}

pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// An operating system of constant answers.
pub struct TestOs {
    variables: Vec<(&'static str, String)>,
}

impl TestOs {
    pub fn new(variables: &[(&'static str, &str)]) -> &'static TestOs {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Box::leak(Box::new(TestOs { variables }))
    }
}

impl Os for TestOs {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    }
    fn user_name(&self) -> Option<U16String> {
        Some(wide("me"))
    }
    fn host_name(&self) -> U16String {
        wide("server-with-a-long-name.example.test")
    }
    fn effective_uid(&self) -> u32 {
        1000
    }
}

/// Accounts in memory: domain, user, password. An empty domain matches any.
#[derive(Clone)]
pub struct Users(pub Vec<(&'static str, &'static str, &'static str)>);

impl AccountSource for Users {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        let found = self.0.iter().find(|(their_domain, their_user, _)| {
            same(&wide(their_user), user) && (their_domain.is_empty() || same(&wide(their_domain), domain))
        });
        Ok(found.map(|(domain, user, password)| Account {
            user: wide(user),
            domain: wide(domain),
            key: AccountKey::NtHash(nt_hash(wide(password).as_slice())),
        }))
    }
}

/// A source that cannot be asked.
pub struct Broken;

impl AccountSource for Broken {
    fn lookup(&self, _user: &U16Str, _domain: &U16Str) -> Result<Option<Account>> {
        Err(Error::new(Code::InternalError, "out of order"))
    }
}

pub fn identity(domain: &str, user: &str, password: &str) -> Identity {
    Identity {
        user: Some(wide(user)),
        domain: Some(wide(domain)),
        password: Some(Password::Clear(Secret::new(wide(password).into_vec()))),
        ..Identity::default()
    }
}

pub fn acquire(
    outbound: bool,
    identity: Option<Identity>,
    accounts: Option<Arc<dyn AccountSource>>,
    os: &'static TestOs,
) -> Result<Arc<dyn Credential>> {
    let usage = Usage { inbound: !outbound, outbound };
    Ntlm.acquire(Acquire { usage, principal: None, identity, sources: Sources { os: os.into(), accounts } })
}

pub fn client(domain: &str, user: &str, password: &str) -> Arc<dyn Credential> {
    acquire(true, Some(identity(domain, user, password)), None, TestOs::new(&[])).unwrap()
}

pub fn server() -> Arc<dyn Credential> {
    server_of(Arc::new(Users(vec![("EXAMPLE", "Alice", "secret"), ("", "bob", "geheim"), ("", "blank", "")])))
}

pub fn server_of(accounts: Arc<dyn AccountSource>) -> Arc<dyn Credential> {
    acquire(false, None, Some(accounts), TestOs::new(&[])).unwrap()
}

/// What both callers ask for, and who is on the way.
pub struct Run<'a> {
    pub target: Option<&'a str>,
    pub client_asks: Flags,
    pub server_asks: Flags,
    pub client_binds: Option<&'a [u8]>,
    pub server_binds: Option<&'a [u8]>,
    /// Gets NEGOTIATE, CHALLENGE, AUTHENTICATE and the number of the leg.
    pub on_the_way: &'a mut dyn FnMut(usize, Vec<u8>) -> Vec<u8>,
}

pub struct Pair {
    pub client: Established,
    pub server: Established,
}

/// Which side refused, and why.
#[derive(Debug)]
pub enum Refused {
    ByClient(Code),
    ByServer(Code),
}

pub fn bindings(data: Option<&[u8]>) -> Option<ChannelBindings<'_>> {
    data.map(|application_data| ChannelBindings { application_data, ..ChannelBindings::default() })
}

pub fn run(
    client: &dyn Credential,
    server: &dyn Credential,
    run: Run<'_>,
) -> std::result::Result<Pair, Refused> {
    let target = run.target.map(wide);
    let mut initiator = client.initiate(target.as_deref()).map_err(|error| Refused::ByClient(error.code))?;
    let mut acceptor = server.accept().map_err(|error| Refused::ByServer(error.code))?;
    let (asks, answers) = (run.client_asks, run.server_asks);
    let on_the_way = run.on_the_way;
    let by_client = |token: Option<&[u8]>, initiator: &mut Box<dyn Handshake>| {
        initiator.step(In { token, bindings: bindings(run.client_binds), requirements: asks })
    };
    let by_server = |token: &[u8], acceptor: &mut Box<dyn Handshake>| {
        acceptor.step(In { token: Some(token), bindings: bindings(run.server_binds), requirements: answers })
    };
    let negotiate = match by_client(None, &mut initiator) {
        Step::Continue(token) => on_the_way(0, token),
        step => return Err(Refused::ByClient(failed(step))),
    };
    let challenge = match by_server(&negotiate, &mut acceptor) {
        Step::Continue(token) => on_the_way(1, token),
        step => return Err(Refused::ByServer(failed(step))),
    };
    let (authenticate, client) = match by_client(Some(&challenge), &mut initiator) {
        Step::Done(Some(token), established) => (on_the_way(2, token), *established),
        step => return Err(Refused::ByClient(failed(step))),
    };
    match by_server(&authenticate, &mut acceptor) {
        Step::Done(None, server) => Ok(Pair { client, server: *server }),
        step => Err(Refused::ByServer(failed(step))),
    }
}

/// The code of a step that must have failed.
pub fn failed(step: Step) -> Code {
    match step {
        Step::Failed(error, None) => error.code,
        Step::Failed(..) => panic!("NTLM has no error tokens"),
        Step::Continue(_) => panic!("continues"),
        Step::NeedAccount => panic!("needs accounts"),
        Step::Done(..) => panic!("done"),
    }
}

/// A handshake that asks for everything, with nobody on the way.
pub fn everything<'a>(on_the_way: &'a mut dyn FnMut(usize, Vec<u8>) -> Vec<u8>) -> Run<'a> {
    Run {
        target: Some("host/server"),
        client_asks: protected(),
        server_asks: Flags::NONE,
        client_binds: None,
        server_binds: None,
        on_the_way,
    }
}

pub fn protected() -> Flags {
    Flags::INTEGRITY | Flags::CONFIDENTIALITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT
}

pub fn untouched(_leg: usize, token: Vec<u8>) -> Vec<u8> {
    token
}

/// What the server's refusal was; anything else is a failed test.
pub fn refused_by_server(result: std::result::Result<Pair, Refused>) -> Code {
    match result {
        Err(Refused::ByServer(code)) => code,
        Err(refused) => panic!("{refused:?}"),
        Ok(_) => panic!("let in"),
    }
}

pub fn refused_by_client(result: std::result::Result<Pair, Refused>) -> Code {
    match result {
        Err(Refused::ByClient(code)) => code,
        Err(refused) => panic!("{refused:?}"),
        Ok(_) => panic!("let in"),
    }
}
