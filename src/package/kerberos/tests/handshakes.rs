//! Both sides against each other, with tickets that a test makes instead of a KDC.

#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::error::{Code, Error, Result};
use crate::package::facts::BindingsVerdict;
use crate::package::kerberos::Kerberos;
use crate::package::kerberos::client::{Clock, Identity, ServiceTicket, Supplier, TicketStore};
use crate::package::kerberos::delegation;
use crate::package::kerberos::initiator::Initiator;
use crate::package::kerberos::wire::KrbError;
use crate::package::kerberos::wire::gss::{Framed, TokenId};
use crate::package::ntlm::tests::{TestOs, bindings, wide};
use crate::package::{
    Acquire, Credential, Established, Flags, Handshake, In, Package, Qop, Step, Usage, time,
};
use crate::part::Part;
use crate::store::Sources;
use crate::store::identity;
use crate::store::kdc::{Exchange, Service};
use crate::store::krb5::conf::Config;

struct NoKdc;

impl Exchange for NoKdc {
    fn exchange(&self, _: &str, _: Service, _: &[u8], _: &dyn Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
        Err(Error::new(Code::NoAuthenticatingAuthority, "there is no KDC"))
    }
}

/// Has a ticket for the service, and for nothing else; counts how often it is asked.
struct OneTicket(ServiceTicket, AtomicU32);

impl TicketStore for OneTicket {
    fn principal(&self) -> Principal {
        alice()
    }
    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok((server.components == self.0.server.components).then(|| self.0.clone()))
    }
    fn keep(&self, _: &Principal, _: &ServiceTicket) {}
}

fn ticket(enctype: Enctype, shift: i64) -> ServiceTicket {
    let now = time::unix().0;
    let mut making = Making::new(enctype);
    (making.ticket.authtime, making.ticket.endtime) = (now - 60, now + 36_000);
    let session_key = Key::random(enctype).unwrap();
    making.ticket.key = carried(&session_key);
    let cipher = making.service_key.encrypt(usage::TICKET, making.ticket.build().as_ref()).unwrap();
    let sealed = EncryptedData { etype: enctype.number(), kvno: Some(3), cipher };
    ServiceTicket {
        ticket: Ticket::new(service(), sealed).der,
        session_key,
        client: alice(),
        server: service(),
        flags: making.ticket.flags,
        authtime: now - 60,
        starttime: now - 60,
        endtime: now + 36_000,
        renew_till: None,
        clock: Clock { offset: shift * 1_000_000 },
    }
}

const TARGET: &str = "HTTP/server.example.test";

fn client_of(ticket: ServiceTicket) -> Box<dyn Handshake> {
    let store = Arc::new(OneTicket(ticket, AtomicU32::new(0)));
    begun(&supplier(&store))
}

fn supplier(store: &Arc<OneTicket>) -> Arc<Supplier> {
    let identity = Identity::Tickets(store.clone());
    Arc::new(Supplier::new(Arc::new(Config::default()), Arc::new(NoKdc), identity))
}

fn begun(supplier: &Arc<Supplier>) -> Box<dyn Handshake> {
    Box::new(Initiator::new(supplier.clone(), &wide(TARGET)).unwrap())
}

/// A keytab (0x0502) with one key of the service of each enctype.
fn keytab() -> Vec<u8> {
    let mut file = vec![5, 2];
    for number in [17, 18, 19, 20, 23] {
        let key = key(Enctype::from_number(number).unwrap(), 0x11);
        let mut entry = vec![0, 2];
        for text in ["EXAMPLE.TEST", "HTTP", "server.example.test"] {
            entry.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            entry.extend(text.bytes());
        }
        entry.extend([0, 0, 0, 2, 0, 0, 0, 0, 3]);
        entry.extend(u16::try_from(number).unwrap().to_be_bytes());
        entry.extend(u16::try_from(key.bytes().len()).unwrap().to_be_bytes());
        entry.extend(key.bytes());
        file.extend(i32::try_from(entry.len()).unwrap().to_be_bytes());
        file.extend(entry);
    }
    file
}

fn server_with(variables: &[(&'static str, &str)], principal: Option<&str>) -> Result<Arc<dyn Credential>> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir();
    let path = folder.join(format!("libsspi-kerberos-{}-{number}", std::process::id()));
    let conf = path.with_extension("conf");
    std::fs::write(&path, keytab()).unwrap();
    std::fs::write(&conf, "[libdefaults]\npermitted_enctypes = aes aes-sha2 rc4\n").unwrap();
    let (path, conf) = (path.to_str().unwrap(), conf.to_str().unwrap());
    let mut all = vec![("KRB5_KTNAME", path), ("KRB5_CONFIG", conf), ("KRB5CCNAME", "MEMORY:none")];
    all.extend_from_slice(variables);
    let usage = Usage { inbound: true, outbound: false };
    let principal = principal.map(wide);
    let sources = Sources { os: TestOs::new(&all).into(), accounts: None };
    Kerberos.acquire(Acquire { usage, principal: principal.as_deref(), identity: None, sources })
}

fn server() -> Arc<dyn Credential> {
    server_with(&[], None).unwrap()
}

fn asks(requirements: Flags) -> In<'static> {
    In { token: None, bindings: None, requirements }
}

/// The leg that was refused, with which code and which token.
type Refused = (usize, Code, Option<Vec<u8>>);

/// Runs both sides; each token passes `on_the_way` with the number of its leg.
fn shake(
    mut client: Box<dyn Handshake>,
    mut server: Box<dyn Handshake>,
    requirements: Flags,
    mut on_the_way: impl FnMut(usize, Vec<u8>) -> Vec<u8>,
) -> std::result::Result<[Box<Established>; 2], Refused> {
    let mut done = [None, None];
    let mut token: Option<Vec<u8>> = None;
    for leg in 0..6 {
        let (side, ours) = (leg % 2, if leg % 2 == 0 { &mut client } else { &mut server });
        let requirements = if side == 0 { requirements } else { Flags::NONE };
        let sent = match ours.step(In { token: token.as_deref(), bindings: None, requirements }) {
            Step::Continue(sent) => Some(sent),
            Step::Done(sent, established) => {
                done[side] = Some(established);
                sent
            }
            Step::Failed(error, sent) => return Err((leg, error.code, sent)),
            Step::NeedAccount => panic!("no account is needed"),
        };
        match sent {
            Some(sent) => token = Some(on_the_way(leg, sent)),
            None => break,
        }
        if done.iter().all(Option::is_some) {
            break;
        }
    }
    match done {
        [Some(client), Some(server)] => Ok([client, server]),
        _ => panic!("the handshake did not end"),
    }
}

fn established(enctype: Enctype, requirements: Flags) -> [Box<Established>; 2] {
    let pair =
        shake(client_of(ticket(enctype, 0)), server().accept().unwrap(), requirements, |_, token| token);
    pair.unwrap_or_else(|(leg, code, _)| panic!("leg {leg}: {code:?}"))
}

fn speak(from: &mut Established, to: &mut Established) {
    let mut data = b"words of a certain length".to_vec();
    let mut token = vec![0; from.facts.sizes.security_trailer as usize];
    let used = from.sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], Qop::Encrypt).unwrap();
    assert_ne!(data, b"words of a certain length");
    to.receiver.unwrap(&mut [Part::Sealed(&mut data)], &token[..used.token], &[]).unwrap();
    assert_eq!(data, b"words of a certain length");
}

const ALL: [Enctype; 5] = [
    Enctype::Aes128CtsHmacSha1,
    Enctype::Aes256CtsHmacSha1,
    Enctype::Aes128CtsHmacSha256,
    Enctype::Aes256CtsHmacSha384,
    Enctype::Rc4Hmac,
];

fn usual() -> Flags {
    Flags::CONFIDENTIALITY | Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT
}

#[test]
fn both_sides_agree_with_every_enctype_and_style() {
    for enctype in ALL {
        for style in
            [Flags::NONE, Flags::MUTUAL_AUTH, Flags::DCE_STYLE, Flags::MUTUAL_AUTH | Flags::DCE_STYLE]
        {
            let [mut client, mut server] = established(enctype, usual() | style);
            assert_eq!(client.facts.session_key.as_ref(), server.facts.session_key.as_ref());
            assert_eq!(client.facts.grants, server.facts.grants);
            assert_eq!(client.facts.grants.has(Flags::MUTUAL_AUTH), style != Flags::NONE);
            assert_eq!(server.facts.client.as_ref().unwrap(), &wide("alice@EXAMPLE.TEST"));
            assert_eq!(server.facts.server.as_ref().unwrap(), &wide("HTTP/server.example.test@EXAMPLE.TEST"));
            assert_eq!(server.facts.target.as_ref().unwrap(), &wide(TARGET));
            assert_eq!(server.facts.authority.as_ref().unwrap(), &wide("EXAMPLE.TEST"));
            assert_eq!(server.facts.expiry, client.facts.expiry);
            assert!(server.facts.expiry < time::NEVER && server.facts.start < server.facts.expiry);
            assert_eq!(client.facts.key_info.encrypt_algorithm, u32::try_from(enctype.number()).unwrap());
            for _ in 0..3 {
                speak(&mut client, &mut server);
                speak(&mut server, &mut client);
            }
        }
    }
}

#[test]
fn an_exported_context_goes_on_where_it_was() {
    for enctype in ALL {
        let [mut client, mut server] = established(enctype, usual() | Flags::MUTUAL_AUTH);
        speak(&mut client, &mut server);
        let (sender, receiver) = (server.sender.export().unwrap(), server.receiver.export().unwrap());
        let sizes = server.facts.sizes;
        let mut again = Kerberos.import(server.facts, sender.as_ref(), receiver.as_ref()).unwrap();
        assert_eq!(
            (again.facts.key_info.encrypt_algorithm, again.facts.sizes),
            (u32::try_from(enctype.number()).unwrap(), sizes)
        );
        speak(&mut client, &mut again);
        speak(&mut again, &mut client);
    }
}

#[test]
fn a_repeated_request_is_refused_with_an_error_token() {
    let (credential, mut request) = (server(), Vec::new());
    let client = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0));
    let honest = shake(client, credential.accept().unwrap(), usual() | Flags::MUTUAL_AUTH, |leg, token| {
        if leg == 0 {
            request = token.clone();
        }
        token
    });
    assert!(honest.is_ok());
    let repeat = |credential: &dyn Credential| {
        let mut acceptor = credential.accept().unwrap();
        acceptor.step(In { token: Some(&request), bindings: None, requirements: Flags::NONE })
    };
    let Step::Failed(error, Some(token)) = repeat(&*credential) else { panic!("a replay got in") };
    assert_eq!(error.code, Code::LogonDenied);
    let framed = Framed::parse(&token).unwrap();
    assert_eq!(framed.token_id, TokenId::KrbError);
    assert_eq!(KrbError::parse(framed.inner).unwrap().error_code, 34);
    // Another credential of the process shares the cache; one without a cache does not look.
    assert!(matches!(repeat(&*server()), Step::Failed(..)));
    let off = server_with(&[("KRB5RCACHENAME", "none:")], None).unwrap();
    assert!(matches!(repeat(&*off), Step::Done(..)));
}

#[test]
fn an_error_of_the_acceptor_ends_the_initiators_side_with_its_code() {
    let refused = shake(
        client_of(ticket(Enctype::Aes256CtsHmacSha1, -400)),
        server().accept().unwrap(),
        Flags::MUTUAL_AUTH,
        |_, token| token,
    );
    let (leg, code, token) = refused.err().unwrap();
    assert_eq!((leg, code), (1, Code::TimeSkew));
    let mut client = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0));
    assert!(matches!(client.step(asks(Flags::MUTUAL_AUTH)), Step::Continue(_)));
    let step = client.step(In { token: token.as_deref(), ..asks(Flags::NONE) });
    let Step::Failed(error, None) = step else { panic!("an error is no answer") };
    assert_eq!(error.code, Code::TimeSkew);
    assert!(matches!(client.step(In { token: token.as_deref(), ..asks(Flags::NONE) }), Step::Failed(..)));
}

/// C7 and Orpheus' Lyre: whoever is not the service cannot answer, and nothing of the answer can change.
#[test]
fn no_bit_of_the_answer_can_be_changed() {
    for style in [Flags::MUTUAL_AUTH, Flags::DCE_STYLE] {
        let mut lengths = [0; 3];
        let honest = shake(
            client_of(ticket(Enctype::Aes256CtsHmacSha1, 0)),
            server().accept().unwrap(),
            style,
            |leg, token| {
                lengths[leg] = token.len();
                token
            },
        );
        assert!(honest.is_ok());
        for (changed_leg, length) in lengths.into_iter().enumerate().skip(1) {
            for byte in 0..length {
                let bit = byte % 8;
                let pair = shake(
                    client_of(ticket(Enctype::Aes256CtsHmacSha1, 0)),
                    server().accept().unwrap(),
                    style,
                    |leg, mut token| {
                        // Numbers in it make it a byte longer or shorter each time.
                        if leg == changed_leg {
                            let last = token.len() - 1;
                            token[byte.min(last)] ^= 1 << bit;
                        }
                        token
                    },
                );
                assert!(pair.is_err(), "leg {changed_leg} byte {byte}");
            }
        }
    }
}

#[test]
fn styles_do_not_mix() {
    // A frame around DCE style, and none around anything else.
    let reframed = |style: Flags| {
        shake(
            client_of(ticket(Enctype::Aes256CtsHmacSha1, 0)),
            server().accept().unwrap(),
            style,
            |leg, token| match (leg, Framed::parse(&token)) {
                (0, Ok(framed)) => framed.inner.to_vec(),
                (0, Err(_)) => {
                    let oid = crate::package::kerberos::wire::gss::KERBEROS_OID;
                    Framed { oid, token_id: TokenId::ApReq, inner: &token }.build()
                }
                _ => token,
            },
        )
        .err()
        .map(|(leg, code, _)| (leg, code))
    };
    assert_eq!(reframed(Flags::MUTUAL_AUTH), Some((1, Code::InvalidToken)));
    assert_eq!(reframed(Flags::DCE_STYLE), Some((1, Code::InvalidToken)));
}

#[test]
fn an_acceptor_is_whom_its_application_says() {
    let get_in = |principal: Option<&str>| {
        let credential = server_with(&[], principal).unwrap();
        let client = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0));
        shake(client, credential.accept().unwrap(), Flags::NONE, |_, token| token)
            .map(|_| ())
            .map_err(|e| e.1)
    };
    assert_eq!(get_in(None), Ok(()));
    assert_eq!(get_in(Some(TARGET)), Ok(()));
    assert_eq!(get_in(Some("HTTP/server.example.test@EXAMPLE.TEST")), Ok(()));
    assert_eq!(get_in(Some("HTTP/other.example.test")), Err(Code::WrongPrincipal));
    assert_eq!(get_in(Some("HTTP/server.example.test@OTHER.TEST")), Err(Code::WrongPrincipal));
}

#[test]
fn channel_bindings_go_from_one_side_to_the_other() {
    let bound = |own: Option<&[u8]>, sent: Option<&[u8]>| {
        let mut client = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0));
        let mut acceptor = server().accept().unwrap();
        let first = client.step(In { bindings: bindings(sent), ..asks(Flags::MUTUAL_AUTH) });
        let Step::Continue(token) = first else { panic!("no token") };
        match acceptor.step(In { token: Some(&token), bindings: bindings(own), requirements: Flags::NONE }) {
            Step::Done(_, established) => Ok(established.facts.bindings),
            Step::Failed(error, _) => Err(error.code),
            _ => panic!("neither in nor out"),
        }
    };
    assert_eq!(bound(None, Some(b"here")), Ok(BindingsVerdict::Unchecked));
    assert_eq!(bound(Some(b"here"), Some(b"here")), Ok(BindingsVerdict::Matched));
    assert_eq!(bound(Some(b"here"), Some(b"there")), Err(Code::BadBindings));
    assert_eq!(bound(Some(b"here"), None), Err(Code::BadBindings));
}

#[test]
fn what_is_no_token_is_refused() {
    let mut client = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0));
    let step = client.step(In { token: Some(b"token"), ..asks(Flags::NONE) });
    assert!(matches!(step, Step::Failed(error, None) if error.code == Code::InvalidToken));
    for token in [&b""[..], b"\x60", b"NTLMSSP\0", b"\x6e\x00", b"\x60\x02\x06\x00"] {
        let mut acceptor = server().accept().unwrap();
        let step = acceptor.step(In { token: Some(token), ..asks(Flags::NONE) });
        assert!(matches!(step, Step::Failed(error, None) if error.code == Code::InvalidToken));
    }
    let datagram = client_of(ticket(Enctype::Aes256CtsHmacSha1, 0)).step(asks(Flags::DATAGRAM));
    assert!(matches!(datagram, Step::Failed(error, None) if error.code == Code::UnsupportedFunction));
}

#[test]
fn a_ticket_that_its_service_refuses_is_not_used_again() {
    let store = Arc::new(OneTicket(ticket(Enctype::Aes256CtsHmacSha1, 0), AtomicU32::new(0)));
    let supplier = supplier(&store);
    let answered = |error_code| {
        let mut client = begun(&supplier);
        assert!(matches!(client.step(asks(Flags::MUTUAL_AUTH)), Step::Continue(_)));
        let error = KrbError::new(error_code, service(), time::unix()).build();
        let oid = crate::package::kerberos::wire::gss::KERBEROS_OID;
        let token = Framed { oid, token_id: TokenId::KrbError, inner: &error }.build();
        let step = client.step(In { token: Some(&token), ..asks(Flags::NONE) });
        let Step::Failed(error, None) = step else { panic!("an error is no answer") };
        (error.code, store.1.load(Ordering::Relaxed))
    };
    for (error_code, code) in [(37, Code::TimeSkew), (60, Code::LogonDenied), (41, Code::WrongPrincipal)] {
        assert_eq!(answered(error_code), (code, 1));
    }
    // The cache still has it, and nothing to get another one with.
    let Step::Failed(error, None) = begun(&supplier).step(asks(Flags::NONE)) else { panic!("used again") };
    assert_eq!(error.code, Code::NoCredentials);
}

/// In DCE style the acceptor's own answer, sent back to it, says what the initiator's would say.
#[test]
fn an_echo_is_no_third_leg() {
    for enctype in ALL {
        let mut second = Vec::new();
        let echoed = shake(
            client_of(ticket(enctype, 0)),
            server().accept().unwrap(),
            usual() | Flags::DCE_STYLE,
            |leg, token| match leg {
                1 => {
                    second = token.clone();
                    token
                }
                2 => second.clone(),
                _ => token,
            },
        );
        assert_eq!(echoed.err().map(|(leg, code, _)| (leg, code)), Some((3, Code::MessageAltered)));
    }
}

fn server_of(identity: identity::Identity) -> Result<Arc<dyn Credential>> {
    let none =
        [("KRB5_KTNAME", "/nowhere/keytab"), ("KRB5_CONFIG", "/dev/null"), ("KRB5CCNAME", "MEMORY:none")];
    let usage = Usage { inbound: true, outbound: false };
    let sources = Sources { os: TestOs::new(&none).into(), accounts: None };
    Kerberos.acquire(Acquire { usage, principal: None, identity: Some(identity), sources })
}

#[test]
fn an_acceptor_with_an_identity_is_that_account_and_no_other() {
    let account = |name: &str| identity::Identity {
        user: Some(wide(name)),
        domain: Some(wide("EXAMPLE.TEST")),
        ..identity::Identity::default()
    };
    let salted =
        Key::from_password(Enctype::Aes256CtsHmacSha1, wide("secret").as_slice(), b"EXAMPLE.TESTweb", None)
            .unwrap();
    let get_in = |credential: &dyn Credential| {
        let mut ticket = ticket(Enctype::Aes256CtsHmacSha1, 0);
        let mut making = Making::new(Enctype::Aes256CtsHmacSha1);
        (making.ticket.authtime, making.ticket.endtime) = (ticket.authtime, ticket.endtime);
        making.ticket.key = carried(&ticket.session_key);
        let cipher = salted.encrypt(usage::TICKET, making.ticket.build().as_ref()).unwrap();
        let sealed = EncryptedData { etype: 18, kvno: None, cipher };
        // The outside may say what it likes.
        let outside = Principal::new(2, &["HTTP", "server.example.test"], "PARTNER.TEST");
        ticket.ticket = Ticket::new(outside, sealed).der;
        shake(client_of(ticket), credential.accept().unwrap(), Flags::NONE, |_, token| token)
            .map(|[_, server]| server.facts.server.unwrap().to_string_lossy())
            .map_err(|(_, code, _)| code)
    };
    let password = Some(identity::Password::Clear(Secret::new(wide("secret").into_vec())));
    let own = server_of(identity::Identity { password, ..account("web") }).unwrap();
    assert_eq!(get_in(&*own).unwrap(), "HTTP/server.example.test@EXAMPLE.TEST");
    let wrong = Some(identity::Password::Clear(Secret::new(wide("Secret").into_vec())));
    let other = server_of(identity::Identity { password: wrong, ..account("web") }).unwrap();
    assert_eq!(get_in(&*other), Err(Code::LogonDenied));
    // What is no password, and no key, does not become the machine's keytab.
    assert!(server_of(account("web")).is_err());
    let keytab = Some(Secret::new(keytab()));
    let given = identity::Identity { keytab, ..account("web") };
    assert!(server_of(given.clone()).is_err() || get_in(&*server_of(given).unwrap()).is_err());
    let hash = Some(identity::Password::NtHash(Secret::new([7; 16])));
    let hashed = server_of(identity::Identity { password: hash, ..account("web") }).unwrap();
    assert_eq!(get_in(&*hashed), Err(Code::WrongPrincipal));
}

#[test]
fn another_clients_ticket_is_not_delegated() {
    let own = |change: &dyn Fn(&mut ServiceTicket)| {
        let tgt = Principal::krbtgt("EXAMPLE.TEST", "EXAMPLE.TEST");
        let mut forwarded = ServiceTicket { server: tgt, ..ticket(Enctype::Aes256CtsHmacSha1, 0) };
        change(&mut forwarded);
        let used = ticket(Enctype::Aes256CtsHmacSha1, 0);
        let delegation = delegation::build(&forwarded, &used.session_key).unwrap();
        let checksum =
            GssChecksum { flags: 1, delegation: Some(delegation.into()), ..GssChecksum::default() };
        let authenticator = Authenticator {
            client: alice(),
            cksum: Some(Checksum { cksumtype: GSS_CHECKSUM, checksum: checksum.build().unwrap() }),
            cusec: 1,
            ctime: time::unix().0,
            subkey: None,
            seq_number: Some(1),
            authorization_data: Vec::new(),
        };
        let cipher = used.session_key.encrypt(usage::AP_REQ_AUTHENTICATOR, authenticator.build().as_ref());
        let sealed = EncryptedData { etype: 18, kvno: None, cipher: cipher.unwrap() };
        let oid = crate::package::kerberos::wire::gss::KERBEROS_OID;
        let inner = ApReq::build(0, &used.ticket, &sealed);
        let token = Framed { oid, token_id: TokenId::ApReq, inner: &inner }.build();
        let mut acceptor = server().accept().unwrap();
        let step = acceptor.step(In { token: Some(&token), ..asks(Flags::NONE) });
        let Step::Done(None, established) = step else { panic!("the logon itself is good") };
        let delegated = established.facts.extra.and_then(|extra| extra.delegated);
        assert_eq!(delegated.is_some(), established.facts.grants.has(Flags::DELEGATE));
        delegated.map(|credential| credential.name().unwrap().to_string_lossy())
    };
    assert_eq!(own(&|_| {}).as_deref(), Some("alice@EXAMPLE.TEST"));
    assert_eq!(own(&|ticket| ticket.client = Principal::new(1, &["root"], "EXAMPLE.TEST")), None);
    assert_eq!(own(&|ticket| ticket.server = Principal::krbtgt("EVIL.TEST", "EVIL.TEST")), None);
    assert_eq!(own(&|ticket| ticket.server = service()), None);
}

#[test]
fn an_address_is_no_target() {
    let store = Arc::new(OneTicket(ticket(Enctype::Aes256CtsHmacSha1, 0), AtomicU32::new(0)));
    let begun =
        |target: &str| Initiator::new(supplier(&store), &wide(target)).map(|_| ()).map_err(|e| e.code);
    for address in
        ["HTTP/127.0.0.1", "HTTP/127.0.0.1:80", "HTTP/[fe80::1]:80", "HTTP/[::1]", "HTTP/10.0.0.1@R"]
    {
        assert_eq!(begun(address), Err(Code::TargetUnknown), "{address}");
    }
    for name in ["HTTP/127.0.0.1.example.test", "HTTP/host", "host", "127.0.0.1"] {
        assert_eq!(begun(name), Ok(()), "{name}");
    }
}
