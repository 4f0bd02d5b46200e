//! DNS.

#![forbid(unsafe_code)]

use std::collections::HashMap;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, SRV};
use hickory_proto::rr::{Name, RData, Record};

use super::*;
use crate::store::kdc::deadline::Deadline;
use crate::store::kdc::dns::{self, ordered, parse_resolv_conf};

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn srv(priority: u16, weight: u16, port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(priority, weight, port, name(target)))
}

type Zone = Vec<(&'static str, RData)>;

/// A response to the question with the zone's records of that name.
fn response(zone: &Zone, question: &[u8]) -> Message {
    let question = Message::from_vec(question).unwrap();
    let asked = question.queries[0].name().clone();
    let mut answer = Message::new(question.metadata.id, MessageType::Response, question.metadata.op_code);
    answer.add_query(question.queries[0].clone());
    let mut wanted = asked;
    for (owner, data) in zone {
        if name(owner) == wanted {
            answer.add_answer(Record::from_rdata(wanted.clone(), 60, data.clone()));
            if let RData::CNAME(alias) = data {
                wanted = alias.0.clone();
            }
        }
    }
    if answer.answers.is_empty() {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer
}

fn nameserver(zone: Zone) -> SocketAddr {
    udp(move |_, question| vec![response(&zone, question).to_vec().unwrap()])
}

fn settings(nameservers: &[SocketAddr]) -> Settings {
    Settings { nameservers: Some(nameservers.to_vec()), ..Settings::with_total(PATIENT) }
}

fn servers(nameservers: &[SocketAddr], service: Service) -> std::result::Result<Vec<String>, String> {
    let found = dns::servers(REALM, service, &settings(nameservers), Deadline::after(PATIENT))?;
    Ok(found.iter().map(|server| server.to_string()).collect())
}

const UDP: &str = "_kerberos._udp.example.test.";
const TCP: &str = "_kerberos._tcp.example.test.";

#[test]
fn both_protocols_are_asked_for() {
    let zone = || {
        vec![
            (UDP, srv(10, 0, 88, "b.example.test.")),
            (UDP, srv(0, 0, 750, "a.example.test.")),
            (TCP, srv(0, 0, 88, "c.example.test.")),
            ("_kpasswd._udp.example.test.", srv(0, 0, 464, "d.example.test.")),
            ("_kpasswd._tcp.example.test.", srv(0, 0, 465, "e.example.test.")),
        ]
    };
    let kdcs = servers(&[nameserver(zone())], Service::Kdc).unwrap();
    let expected = ["udp://a.example.test:750", "udp://b.example.test:88", "tcp://c.example.test:88"];
    assert_eq!(kdcs, expected);
    let kpasswds = servers(&[nameserver(zone())], Service::Kpasswd).unwrap();
    assert_eq!(kpasswds, ["udp://d.example.test:464", "tcp://e.example.test:465"]);
}

#[test]
fn a_realm_is_reached_by_its_records() {
    let kdc = udp(|_, _| vec![REPLY.to_vec()]);
    let zone = vec![(UDP, srv(0, 0, kdc.port(), "localhost."))];
    let with = |dns_lookup_kdc, zone: Zone| {
        let servers = Servers { dns_lookup_kdc, ..Servers::default() };
        Network::new(os(&[]), Arc::new(File(servers)), None).with_settings(settings(&[nameserver(zone)]))
    };
    assert_eq!(send(&with(true, zone.clone()), REQUEST).unwrap(), REPLY);
    let reason = unreachable(send(&with(false, zone.clone()), REQUEST));
    assert!(reason.contains("krb5.conf names none"), "{reason}");
    let reason = unreachable(send(&with(true, vec![]), REQUEST));
    assert!(reason.contains("neither krb5.conf nor DNS names one"), "{reason}");
    // What krb5.conf or the environment names is not looked for elsewhere.
    let named = Servers { servers: file(&[kdc.to_string()]).servers, ..Servers::default() };
    let settings = settings(&[udp(|_, _| panic!("DNS was asked"))]);
    let network = Network::new(os(&[]), Arc::new(File(named)), None).with_settings(settings);
    assert_eq!(send(&network, REQUEST).unwrap(), REPLY);
}

#[test]
fn a_realm_without_a_dot_is_not_looked_up() {
    let settings = settings(&[udp(|_, _| panic!("DNS was asked"))]);
    let network = Network::new(os(&[]), Arc::new(File(Servers::default())), None).with_settings(settings);
    unreachable(network.exchange("NODOT", Service::Kdc, REQUEST, &is_big));
}

#[test]
fn a_realm_that_is_no_name_is_not_asked_for() {
    let nobody = settings(&[]);
    for realm in ["a..b", &format!("{}.b", "a".repeat(64)), &"a.".repeat(200), "\u{e9}.test"] {
        assert!(dns::servers(realm, Service::Kdc, &nobody, Deadline::after(PATIENT)).is_err(), "{realm}");
    }
}

#[test]
fn a_target_of_a_dot_says_that_there_is_none() {
    let none = vec![(UDP, srv(0, 0, 0, ".")), (TCP, srv(0, 0, 0, "."))];
    let reason = servers(&[nameserver(none)], Service::Kdc).unwrap_err();
    assert_eq!(reason, "DNS says that the realm offers none");
    let no_udp = vec![(UDP, srv(0, 0, 0, ".")), (TCP, srv(0, 0, 88, "a."))];
    assert_eq!(servers(&[nameserver(no_udp)], Service::Kdc).unwrap(), ["tcp://a:88"]);
}

#[test]
fn an_alias_is_followed_within_the_answer() {
    let alias = RData::CNAME(CNAME(name("other.test.")));
    let zone = vec![(UDP, alias), ("other.test.", srv(0, 0, 88, "a."))];
    assert_eq!(servers(&[nameserver(zone)], Service::Kdc).unwrap(), ["udp://a:88"]);
    // One that leads in a circle ends.
    let (here, there) = (name("here.test."), name("there.test."));
    let server = udp(move |_, question| {
        let mut answer = response(&vec![], question);
        let asked = answer.queries[0].name().clone();
        for (owner, target) in [(&asked, &here), (&here, &there), (&there, &here)] {
            let alias = RData::CNAME(CNAME(target.clone()));
            answer.add_answer(Record::from_rdata(owner.clone(), 60, alias));
        }
        vec![answer.to_vec().unwrap()]
    });
    assert!(servers(&[server], Service::Kdc).is_err());
}

#[test]
fn only_the_answer_to_the_question_counts() {
    let good: Zone = vec![(UDP, srv(0, 0, 88, "a."))];
    let server = udp(move |_, question| {
        let answer = response(&good, question);
        let mut foreign = answer.clone();
        foreign.answers[0].data = srv(0, 0, 1, "evil.");
        let mut other_id = foreign.clone();
        other_id.metadata.id = answer.metadata.id.wrapping_add(1);
        let mut other_name = foreign.clone();
        other_name.queries[0].set_name(name("_kerberos._udp.other.test."));
        let mut question = foreign.clone();
        question.metadata.message_type = MessageType::Query;
        let mut all: Vec<Vec<u8>> =
            [other_id, other_name, question].iter().map(|message| message.to_vec().unwrap()).collect();
        all.extend([vec![], b"garbage".to_vec(), vec![0xFF; 600], answer.to_vec().unwrap()]);
        all
    });
    let question = settings(&[server]);
    let found = dns::servers(REALM, Service::Kdc, &question, Deadline::after(Duration::from_millis(500)));
    assert_eq!(found.unwrap()[0].to_string(), "udp://a:88");
}

#[test]
fn records_of_other_names_are_not_taken() {
    let server = udp(|_, question| {
        let mut answer = response(&vec![(UDP, srv(0, 0, 88, "a."))], question);
        answer.add_answer(Record::from_rdata(name("other.test."), 60, srv(0, 0, 1, "evil.")));
        vec![answer.to_vec().unwrap()]
    });
    let found = servers(&[server], Service::Kdc).unwrap();
    assert_eq!(found, ["udp://a:88"]);
}

#[test]
fn the_next_nameserver_is_asked_when_one_is_silent_or_does_not_know() {
    let good = || nameserver(vec![(UDP, srv(0, 0, 88, "a."))]);
    let failing = udp(|_, question| {
        let mut answer = response(&vec![], question);
        answer.metadata.response_code = ResponseCode::ServFail;
        vec![answer.to_vec().unwrap()]
    });
    for first in [failing, closed()] {
        assert_eq!(servers(&[first, good()], Service::Kdc).unwrap(), ["udp://a:88"]);
    }
    let silent = udp(|_, _| vec![]);
    let short = Settings { nameservers: Some(vec![silent, good()]), ..Settings::with_total(PATIENT / 20) };
    let found = dns::servers(REALM, Service::Kdc, &short, Deadline::after(PATIENT)).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn dns_that_does_not_answer_ends_in_time() {
    let silent = udp(|_, _| vec![]);
    let total = Duration::from_secs(1);
    let settings = Settings { nameservers: Some(vec![silent; 3]), ..Settings::with_total(total) };
    let network = Network::new(os(&[]), Arc::new(File(Servers::default())), None).with_settings(settings);
    let start = Instant::now();
    let reason = unreachable(send(&network, REQUEST));
    let time = start.elapsed();
    assert!(reason.contains("DNS") && reason.contains("no answer"), "{reason}");
    assert!(time >= Duration::from_millis(230) && time < Duration::from_millis(600), "{time:?}");
}

#[test]
fn a_truncated_answer_is_asked_for_over_tcp() {
    let zone: Zone = vec![(UDP, srv(0, 0, 88, "a.")), (TCP, srv(0, 0, 88, "a."))];
    let (socket, listener, address) = both();
    serve_udp(socket, |_, question| {
        let mut answer = response(&vec![], question);
        answer.metadata.response_code = ResponseCode::NoError;
        answer.metadata.truncation = true;
        vec![answer.to_vec().unwrap()]
    });
    serve_tcp(listener, move |_, mut stream| {
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut question).unwrap();
        let answer = response(&zone, &question).to_vec().unwrap();
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &answer].concat()).unwrap();
    });
    assert_eq!(servers(&[address], Service::Kdc).unwrap(), ["udp://a:88", "tcp://a:88"]);
}

#[test]
fn priority_orders_and_weight_draws() {
    let records = || {
        let record = |priority, weight, port| SRV::new(priority, weight, port, name("a."));
        vec![record(2, 0, 3), record(1, 60, 2), record(1, 0, 0), record(1, 40, 1), record(3, 9, 4)]
    };
    let ports = |below: &mut dyn FnMut(u32) -> u32| -> Vec<u16> {
        ordered(records(), below).iter().map(|record| record.port).collect()
    };
    assert_eq!(ports(&mut |_| 0), [0, 1, 2, 3, 4]);
    assert_eq!(ports(&mut |most| most), [2, 1, 0, 3, 4]);
    let mut drawn = vec![0, 0, 0, 41, 0];
    assert_eq!(ports(&mut |_| drawn.pop().unwrap()), [0, 2, 1, 3, 4]);

    // Of many draws, the first is as often each one as its weight says.
    let mut first: HashMap<u16, u32> = HashMap::new();
    for next in 0..101 {
        let order = ports(&mut |most| if most == 100 { next } else { 0 });
        *first.entry(order[0]).or_default() += 1;
    }
    assert_eq!((first[&0], first[&1], first[&2]), (1, 40, 60));

    let many = (0..200).map(|port| SRV::new(port, 0, port, name("a."))).collect();
    assert_eq!(ordered(many, &mut |_| 0).len(), 32);
}

#[test]
fn nameservers_are_read_as_resolv_conf_says() {
    let text = "# comment\nsearch a b\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 # x\nnameserver\n\
                nameserver name\noptions ndots:2\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
    let found: Vec<String> = parse_resolv_conf(text).iter().map(|address| address.to_string()).collect();
    assert_eq!(found, ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"]);
    assert_eq!(parse_resolv_conf("")[0].to_string(), "127.0.0.1:53");
}
