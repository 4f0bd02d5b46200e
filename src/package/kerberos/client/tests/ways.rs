//! Services of other realms.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::super::*;
use super::kdc::World;
use super::*;
use crate::package::kerberos::wire::message_type;

/// Which realms were asked for tickets, in order.
fn way(world: &World) -> Vec<String> {
    let seen = world.seen.lock().unwrap();
    let tgs = seen.iter().filter(|(_, request)| request.msg_type == message_type::TGS_REQ);
    tgs.map(|(realm, _)| realm.clone()).collect()
}

fn asked(world: World, server: &Principal, text: &str) -> (Result<Arc<ServiceTicket>>, Arc<World>) {
    let world = Arc::new(world);
    (with_config(&world, alice(), text).service_ticket(server), world)
}

fn host(realm: &str) -> Principal {
    Principal::new(2, &["HTTP", "www.far.test"], realm)
}

fn trusting(ways: &[&str], at: &str) -> World {
    let mut world = World::new();
    ways.iter().for_each(|service| world.serve(service));
    world.serve(&format!("HTTP/www.far.test@{at}"));
    world
}

#[test]
fn a_realm_that_is_trusted_is_asked_directly() {
    let world = trusting(&["krbtgt/B.TEST@A.TEST"], "B.TEST");
    let (ticket, world) = asked(world, &host("B.TEST"), "");
    assert_eq!(ticket.unwrap().server, host("B.TEST"));
    assert_eq!(way(&world), ["A.TEST", "B.TEST"]);
}

#[test]
fn the_configuration_knows_the_realm_of_a_host() {
    let world = trusting(&["krbtgt/B.TEST@A.TEST"], "B.TEST");
    let (ticket, world) = asked(world, &host(""), "[domain_realm]\n.far.test = B.TEST\n");
    assert_eq!(ticket.unwrap().server, host("B.TEST"));
    assert_eq!(way(&world), ["A.TEST", "B.TEST"]);
}

#[test]
fn referrals_are_followed() {
    let mut world = trusting(&["krbtgt/B.TEST@A.TEST", "krbtgt/C.TEST@B.TEST"], "C.TEST");
    world.referrals.insert("HTTP/www.far.test@A.TEST".into(), "B.TEST");
    world.referrals.insert("HTTP/www.far.test@B.TEST".into(), "C.TEST");
    let (ticket, world) = asked(world, &host(""), "");
    assert_eq!(ticket.unwrap().server, host("C.TEST"));
    assert_eq!(way(&world), ["A.TEST", "B.TEST", "C.TEST"]);
}

#[test]
fn a_kdc_may_know_a_better_way_to_a_realm() {
    let mut world = trusting(&["krbtgt/B.TEST@A.TEST", "krbtgt/C.TEST@B.TEST"], "C.TEST");
    world.referrals.insert("krbtgt/C.TEST@A.TEST".into(), "B.TEST");
    let (ticket, world) = asked(world, &host("C.TEST"), "");
    assert_eq!(ticket.unwrap().server, host("C.TEST"));
    assert_eq!(way(&world), ["A.TEST", "B.TEST", "C.TEST"]);
}

#[test]
fn the_tree_of_names_is_a_way() {
    let trusts = ["krbtgt/TEST@A.TEST", "krbtgt/B.TEST@TEST"];
    let (ticket, world) = asked(trusting(&trusts, "B.TEST"), &host("B.TEST"), "");
    assert_eq!(ticket.unwrap().server, host("B.TEST"));
    assert_eq!(way(&world), ["A.TEST", "A.TEST", "TEST", "B.TEST"]);
}

#[test]
fn capaths_is_followed_to_the_letter() {
    let trusts =
        ["krbtgt/X@A.TEST", "krbtgt/Y@X", "krbtgt/B.TEST@Y", "krbtgt/B.TEST@A.TEST", "krbtgt/Y@A.TEST"];
    let text = "[capaths]\nA.TEST = {\n B.TEST = X\n B.TEST = Y\n}\n";
    let (ticket, world) = asked(trusting(&trusts, "B.TEST"), &host("B.TEST"), text);
    assert_eq!(ticket.unwrap().server, host("B.TEST"));
    assert_eq!(way(&world), ["A.TEST", "X", "Y", "B.TEST"]);
    let direct = "[capaths]\nA.TEST = {\n B.TEST = .\n}\n";
    let (ticket, world) = asked(trusting(&trusts, "B.TEST"), &host("B.TEST"), direct);
    ticket.unwrap();
    assert_eq!(way(&world), ["A.TEST", "B.TEST"]);
}

#[test]
fn a_realm_that_nobody_trusts_is_an_unknown_target() {
    let (denied, _) = asked(World::new(), &host("B.OTHER"), "");
    assert_eq!(code(denied), Code::TargetUnknown);
}

#[test]
fn referrals_in_a_circle_end() {
    let mut world = trusting(&["krbtgt/B.TEST@A.TEST", "krbtgt/A.TEST@B.TEST"], "C.TEST");
    world.referrals.insert("HTTP/www.far.test@A.TEST".into(), "B.TEST");
    world.referrals.insert("HTTP/www.far.test@B.TEST".into(), "A.TEST");
    let (denied, world) = asked(world, &host(""), "");
    assert_eq!(code(denied), Code::MaxReferralsExceeded);
    assert_eq!(way(&world), ["A.TEST", "B.TEST"]);
    // To itself.
    let mut world = World::new();
    world.referrals.insert("HTTP/www.far.test@A.TEST".into(), "A.TEST");
    assert_eq!(code(asked(world, &host(""), "").0), Code::MaxReferralsExceeded);
}

#[test]
fn referrals_without_end_end() {
    const REALMS: [&str; 14] = ["A.TEST", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N"];
    let mut world = World::new();
    for pair in REALMS.windows(2) {
        world.serve(&format!("krbtgt/{}@{}", pair[1], pair[0]));
        world.referrals.insert(format!("HTTP/www.far.test@{}", pair[0]), pair[1]);
    }
    let (denied, world) = asked(world, &host(""), "");
    assert_eq!(code(denied), Code::MaxReferralsExceeded);
    assert_eq!(way(&world).len(), 11);
}

/// Another realm does not say whom this realm's tickets may be handed to, unless this realm said so of it.
#[test]
fn only_the_own_realm_trusts_a_service_with_delegation() {
    let trusted = |by: &'static [&'static str], server: &Principal| {
        let mut world = trusting(&["krbtgt/B.TEST@A.TEST"], "B.TEST");
        world.lie = Some(Box::new(move |_, part| {
            let named = format!("{}@{}", part.server.components.join("/"), part.server.realm);
            if by.contains(&named.as_str()) {
                part.flags |= ticket_flags::OK_AS_DELEGATE;
            }
        }));
        asked(world, server, "").0.unwrap().ok_as_delegate()
    };
    assert!(trusted(&["HTTP/www.a.test@A.TEST"], &http("A.TEST")));
    assert!(!trusted(&["HTTP/www.far.test@B.TEST"], &host("B.TEST")));
    assert!(trusted(&["HTTP/www.far.test@B.TEST", "krbtgt/B.TEST@A.TEST"], &host("B.TEST")));
    assert!(!trusted(&["krbtgt/B.TEST@A.TEST"], &host("B.TEST")));
}
