//! TGS exchanges within a realm, and what a credential keeps.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use super::super::*;
use super::kdc::World;
use super::*;
use crate::crypto::enctype::Enctype;
use crate::package::kerberos::wire::error::code::*;
use crate::package::kerberos::wire::{
    EncKdcRepPart, EncTicketPart, KdcRep, KdcReq, Ticket, message_type, usage,
};

fn asked(world: World) -> (Result<Arc<ServiceTicket>>, Arc<World>) {
    let world = Arc::new(world);
    (supplier(&world, alice()).service_ticket(&http("A.TEST")), world)
}

#[test]
fn a_ticket_is_asked_for_once() {
    let world = Arc::new(World::new());
    let supplier = supplier(&world, alice());
    assert_eq!((supplier.principal(), supplier.expiry()), (alice().principal(), None));
    let ticket = supplier.service_ticket(&http("A.TEST")).unwrap();
    assert_eq!((&ticket.server, &ticket.client), (&http("A.TEST"), &alice().principal()));
    assert_eq!(world.count(), 3);
    let again = supplier.service_ticket(&http("A.TEST")).unwrap();
    assert!(Arc::ptr_eq(&ticket, &again) && world.count() == 3);
    assert!(supplier.expiry().unwrap() > Clock::default().seconds());
    // The ticket is for the service: it opens it, and finds the same key.
    let parsed = Ticket::parse(&ticket.ticket).unwrap();
    let key = World::key("HTTP/www.a.test@A.TEST");
    let inner = key.decrypt(usage::TICKET, &parsed.enc_part.cipher).unwrap();
    let inner = EncTicketPart::parse(inner.as_ref()).unwrap();
    assert_eq!(inner.key.keyvalue.as_ref(), ticket.session_key.bytes());

    supplier.forget(&ticket);
    let other = supplier.service_ticket(&http("A.TEST")).unwrap();
    assert!(other.ticket != ticket.ticket && world.count() == 4);
}

#[test]
fn a_ticket_that_is_over_is_asked_for_again() {
    let mut world = World::new();
    world.lifetime = 30;
    let world = Arc::new(world);
    let supplier = supplier(&world, alice());
    supplier.service_ticket(&http("A.TEST")).unwrap();
    supplier.service_ticket(&http("A.TEST")).unwrap();
    assert_eq!(world.count(), 6);
}

#[test]
fn an_unknown_service_is_an_unknown_target() {
    let world = Arc::new(World::new());
    let unknown = Principal::new(2, &["HTTP", "nowhere.a.test"], "");
    assert_eq!(code(supplier(&world, alice()).service_ticket(&unknown)), Code::TargetUnknown);
}

/// A service's ticket with a lie in the KDC's reply.
fn lied(lie: impl Fn(&mut KdcRep, &mut EncKdcRepPart) + Send + Sync + 'static) -> Result<Arc<ServiceTicket>> {
    let mut world = World::new();
    world.lie = Some(Box::new(move |reply, part| {
        if reply.msg_type == message_type::TGS_REP {
            lie(reply, part);
        }
    }));
    asked(world).0
}

#[test]
fn a_reply_to_another_request_is_refused() {
    let denied = Code::LogonDenied;
    assert_eq!(code(lied(|_, part| part.nonce ^= 1)), denied);
    assert_eq!(code(lied(|_, part| part.server = Principal::new(2, &["HTTP", "evil"], "A.TEST"))), denied);
    assert_eq!(code(lied(|reply, _| reply.ticket.server.realm = "B.TEST".into())), denied);
    assert_eq!(code(lied(|reply, _| reply.client.components = vec!["bob".into()])), denied);
    assert_eq!(code(lied(|_, part| part.key.keytype = 23)), Code::KdcUnknownEtype);
    assert_eq!(code(lied(|reply, _| reply.enc_part.etype = 17)), denied);
    assert_eq!(code(lied(|_, part| part.endtime = 5)), Code::TimeSkew);
    let renamed = |class: &'static str, realm: &'static str| {
        lied(move |reply, part| {
            part.server = Principal::new(2, &[class, "other.a.test"], realm);
            reply.ticket.server = part.server.clone();
        })
    };
    assert_eq!(renamed("http", "A.TEST").unwrap().server.components[1], "other.a.test");
    assert_eq!(code(renamed("ldap", "A.TEST")), denied);
    assert_eq!(code(renamed("HTTP", "B.TEST")), denied);
}

#[test]
fn an_old_kdc_may_answer_under_the_session_key() {
    let mut world = World::new();
    world.no_subkeys = true;
    asked(world).0.unwrap();
}

#[test]
fn a_ticket_granting_ticket_that_is_over_is_replaced_once() {
    let mut world = World::new();
    let error = world.error(KRB_AP_ERR_TKT_EXPIRED).build();
    let first = Mutex::new(true);
    world.say = Some(Box::new(move |request: &KdcReq| {
        let tgs = request.msg_type == message_type::TGS_REQ;
        (tgs && std::mem::take(&mut *first.lock().unwrap())).then(|| error.clone())
    }));
    let (ticket, world) = asked(world);
    ticket.unwrap();
    assert_eq!(world.count(), 6);

    let mut world = World::new();
    let error = world.error(KRB_AP_ERR_TKT_EXPIRED).build();
    world.say = Some(Box::new(move |request: &KdcReq| {
        (request.msg_type == message_type::TGS_REQ).then(|| error.clone())
    }));
    let (ticket, world) = asked(world);
    assert_eq!((code(ticket), world.count()), (Code::ContextExpired, 6));
}

#[test]
fn a_clock_that_moved_since_the_logon_is_found_out() {
    let world = Arc::new(World::new());
    let tgt = supplier(&world, alice()).tgt().unwrap();
    let mut later = World::new();
    later.offset = 3_600;
    let later = Arc::new(later);
    let store = Arc::new(Store { tickets: Mutex::new(vec![(tgt.server.clone(), (*tgt).clone())]) });
    let ticket = supplier(&later, Identity::Tickets(store)).service_ticket(&http("A.TEST")).unwrap();
    assert!(ticket.clock.offset.abs_diff(3_600_000_000) < 5_000_000);
    assert_eq!(later.count(), 2);
}

#[test]
fn a_forwarded_ticket_is_another_one() {
    let world = Arc::new(World::new());
    let supplier = supplier(&world, alice());
    let forwarded = supplier.forwarded_tgt().unwrap();
    assert!(forwarded.has(ticket_flags::FORWARDED) && forwarded.has(ticket_flags::FORWARDABLE));
    assert_eq!(forwarded.server, Principal::krbtgt("A.TEST", "A.TEST"));
    assert!(forwarded.ticket != supplier.tgt().unwrap().ticket);

    let mut world = World::new();
    world.lie = Some(Box::new(|_, part| part.flags &= !ticket_flags::FORWARDABLE));
    let world = Arc::new(world);
    assert_eq!(code(super::supplier(&world, alice()).forwarded_tgt()), Code::NoCredentials);
    assert_eq!(world.count(), 2);
}

#[test]
fn a_ticket_for_a_user_is_under_its_session_key() {
    let mut world = World::new();
    world.serve("alice@A.TEST");
    let world = Arc::new(world);
    let theirs = supplier(&world, alice()).tgt().unwrap();
    let ours = supplier(&world, alice());
    let server = Principal::new(1, &["alice"], "");
    let ticket = ours.user_to_user_ticket(&server, &theirs.ticket).unwrap();
    let parsed = Ticket::parse(&ticket.ticket).unwrap();
    assert!(theirs.session_key.decrypt(usage::TICKET, &parsed.enc_part.cipher).is_ok());
}

/// A credential cache in memory.
#[derive(Default)]
struct Store {
    tickets: Mutex<Vec<(Principal, ServiceTicket)>>,
}

impl TicketStore for Store {
    fn principal(&self) -> Principal {
        alice().principal()
    }

    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>> {
        let tickets = self.tickets.lock().unwrap();
        let fits = |name: &Principal| {
            name.components == server.components && (server.realm.is_empty() || name.realm == server.realm)
        };
        Ok(tickets.iter().find(|(name, _)| fits(name)).map(|(_, ticket)| ticket.clone()))
    }

    fn keep(&self, asked: &Principal, ticket: &ServiceTicket) {
        self.tickets.lock().unwrap().push((asked.clone(), ticket.clone()));
    }
}

#[test]
fn tickets_of_a_credential_cache_are_used_and_new_ones_kept_there() {
    let world = Arc::new(World::new());
    let tgt = supplier(&world, alice()).tgt().unwrap();
    let store = Arc::new(Store { tickets: Mutex::new(vec![(tgt.server.clone(), (*tgt).clone())]) });
    let realmless = http("");
    supplier(&world, Identity::Tickets(store.clone())).service_ticket(&realmless).unwrap();
    assert_eq!((world.count(), store.tickets.lock().unwrap().len()), (3, 2));
    let second = supplier(&world, Identity::Tickets(store.clone()));
    second.service_ticket(&realmless).unwrap();
    assert_eq!(world.count(), 3);
    assert_eq!(second.principal(), alice().principal());
}

#[test]
fn a_credential_cache_without_a_good_ticket_is_no_credential() {
    let world = Arc::new(World::new());
    let empty = Arc::new(Store::default());
    let denied = supplier(&world, Identity::Tickets(empty)).service_ticket(&http("A.TEST"));
    assert_eq!(code(denied), Code::NoCredentials);
    let mut tgt = (*supplier(&world, alice()).tgt().unwrap()).clone();
    tgt.endtime = tgt.authtime;
    let old = Arc::new(Store { tickets: Mutex::new(vec![(tgt.server.clone(), tgt)]) });
    assert_eq!(code(supplier(&world, Identity::Tickets(old)).tgt()), Code::NoCredentials);
}

#[test]
fn nothing_is_locked_while_a_kdc_is_waited_for() {
    let place: Arc<OnceLock<Weak<Supplier>>> = Arc::default();
    let inside = place.clone();
    let mut world = World::new();
    world.say = Some(Box::new(move |_| {
        let supplier = inside.get().unwrap().upgrade().unwrap();
        _ = (supplier.principal(), supplier.expiry());
        None
    }));
    let supplier = Arc::new(supplier(&Arc::new(world), alice()));
    place.set(Arc::downgrade(&supplier)).unwrap();
    supplier.service_ticket(&http("A.TEST")).unwrap();
    supplier.forwarded_tgt().unwrap();
}

#[test]
fn a_credential_keeps_a_bounded_number_of_tickets() {
    let ticket = Arc::new(ServiceTicket {
        ticket: Vec::new(),
        session_key: Key::random(Enctype::Aes128CtsHmacSha1).unwrap(),
        client: http("A"),
        server: http("A"),
        flags: 0,
        authtime: 0,
        starttime: 0,
        endtime: i64::MAX,
        renew_till: None,
        clock: Clock::default(),
    });
    let mut cache = cache::Cache::default();
    let name = |number: usize| Principal::new(2, &["HTTP", &number.to_string()], "A");
    for number in 0..1_000 {
        cache.keep(name(number), ticket.clone());
        assert!(cache.find(&name(0)).is_some(), "what is used stays");
    }
    assert_eq!(cache.len(), 128);
    assert!(cache.find(&name(999)).is_some() && cache.find(&name(800)).is_none());
}

/// Nobody answers, or somebody answers nonsense.
struct Nobody(AtomicUsize, Code);

impl Exchange for Nobody {
    fn exchange(&self, _: &str, _: Service, _: &[u8], _: &dyn Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(self.1, "out of order"))
    }
}

#[test]
fn a_silence_is_waited_for_once() {
    let asked = |code, pause: Duration| {
        let nobody = Arc::new(Nobody(AtomicUsize::new(0), code));
        let supplier = Supplier::new(config(""), nobody.clone(), alice());
        assert!(supplier.hopeless().is_none(), "nobody was asked yet");
        for _ in 0..2 {
            assert_eq!(super::code(supplier.service_ticket(&http("A.TEST"))), code);
            let silent = code == Code::NoAuthenticatingAuthority;
            assert_eq!(supplier.hopeless().map(|error| error.code), silent.then_some(code));
            std::thread::sleep(pause);
        }
        nobody.0.load(Ordering::SeqCst)
    };
    assert_eq!(asked(Code::NoAuthenticatingAuthority, Duration::ZERO), 1);
    assert_eq!(asked(Code::NoAuthenticatingAuthority, Duration::from_millis(120)), 2);
    assert_eq!(asked(Code::InvalidToken, Duration::ZERO), 2);
}

/// A stranger may ask a user who is a server for its ticket as often as he likes.
#[test]
fn a_stranger_makes_nobody_log_on_again_and_again() {
    let nobody = Arc::new(Nobody(AtomicUsize::new(0), Code::LogonDenied));
    let supplier = Supplier::new(config(""), nobody.clone(), alice());
    for _ in 0..5 {
        assert_eq!(code(supplier.tgt_for_a_stranger()), Code::LogonDenied);
    }
    assert_eq!(nobody.0.load(Ordering::SeqCst), 1);
    assert_eq!(code(supplier.tgt()), Code::LogonDenied);
    assert_eq!(nobody.0.load(Ordering::SeqCst), 2);
}
