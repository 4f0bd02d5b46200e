//! SRV records (RFC 2782, RFC 4120 7.2.3.2), asked for with sockets of our own.
//!
//! Who is asked stands in /etc/resolv.conf. Names are absolute: no search list applies.

#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};

use super::address::{Server, Transport};
use super::deadline::Deadline;
use super::settings::Settings;
use super::stream::{self, Stream};
use super::{Service, udp};
use crate::crypto::random;
use crate::log::{self, Level};

const PORT: u16 = 53;
/// As resolv.conf(5).
const MOST_NAMESERVERS: usize = 3;
const MOST_SERVERS: usize = 32;
const LONGEST_ALIAS_CHAIN: usize = 8;

/// A realm's servers in the order to try them, those of UDP first; the reason if there are none.
pub fn servers(
    realm: &str,
    service: Service,
    settings: &Settings,
    deadline: Deadline,
) -> Result<Vec<Server>, String> {
    let label = match service {
        Service::Kdc => "_kerberos",
        Service::Kpasswd => "_kpasswd",
    };
    let nameservers = settings.nameservers.clone().unwrap_or_else(nameservers);
    let mut found = Vec::new();
    let mut denied = false;
    for (protocol, transport) in [("_udp", Transport::Udp), ("_tcp", Transport::Tcp)] {
        let text = format!("{label}.{protocol}.{}.", realm.trim_end_matches('.'));
        let name = Name::from_ascii(&text).map_err(|_| "the realm is no DNS name".to_owned())?;
        let records = match ask(&name, &nameservers, settings, deadline) {
            Ok(records) => records,
            Err(reason) if found.is_empty() => return Err(format!("DNS: {text}: {reason}")),
            Err(_) => break,
        };
        // A target of `.` says: decidedly not here.
        denied |= records.iter().any(|record| record.target.is_root());
        for record in ordered(records, &mut below) {
            if !record.target.is_root() && record.port != 0 {
                let host = record.target.to_ascii().trim_end_matches('.').to_owned();
                found.push(Server { host, port: Some(record.port), transport: transport.clone() });
            }
        }
    }
    match (found.is_empty(), denied) {
        (false, _) => Ok(found),
        (true, true) => Err("DNS says that the realm offers none".to_owned()),
        (true, false) => Err("neither krb5.conf nor DNS names one".to_owned()),
    }
}

/// By priority; among equals at random, as often first as the weight says (RFC 2782).
/// `below` answers a random number of 0 up to what it is given.
pub fn ordered(mut records: Vec<SRV>, below: &mut dyn FnMut(u32) -> u32) -> Vec<SRV> {
    // Taken from the end; those of weight 0 come first in each draw.
    records.sort_by_key(|record| Reverse((record.priority, record.weight)));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(priority) = records.last().map(|record| record.priority) {
        let equals = || records.iter().enumerate().rev().filter(|(_, record)| record.priority == priority);
        let total: u32 = equals().map(|(_, record)| u32::from(record.weight)).sum();
        let drawn = below(total);
        let mut sum = 0_u32;
        let chosen = equals().find(|(_, record)| {
            sum = sum.saturating_add(u32::from(record.weight));
            sum >= drawn
        });
        let chosen = chosen.map_or(records.len().saturating_sub(1), |(index, _)| index);
        ordered.push(records.remove(chosen));
    }
    ordered.truncate(MOST_SERVERS);
    ordered
}

/// 0 to `most`; without random bytes 0, which is as good an order as any.
fn below(most: u32) -> u32 {
    let mut bytes = [0; 8];
    let _ = random::fill(&mut bytes);
    let range = u64::from(most).saturating_add(1);
    let drawn = u64::from_le_bytes(bytes).checked_rem(range).unwrap_or_default();
    u32::try_from(drawn).unwrap_or_default()
}

/// The records, perhaps none, from the first nameserver that knows; the last reason if none does.
fn ask(
    name: &Name,
    nameservers: &[SocketAddr],
    settings: &Settings,
    deadline: Deadline,
) -> Result<Vec<SRV>, String> {
    let mut reason = "there is no nameserver".to_owned();
    let [first, second, _] = settings.datagram_waits();
    for wait in [first, second] {
        for nameserver in nameservers {
            match ask_one(name, *nameserver, settings, deadline, wait) {
                Ok(records) => return Ok(records),
                Err(error) => reason = format!("{nameserver}: {error}"),
            }
            log::write(Level::Debug, format_args!("DNS: {name}: {reason}"));
        }
    }
    Err(reason)
}

fn ask_one(
    name: &Name,
    nameserver: SocketAddr,
    settings: &Settings,
    deadline: Deadline,
    wait: Duration,
) -> io::Result<Vec<SRV>> {
    let mut id = [0; 2];
    random::fill(&mut id).map_err(|error| io::Error::other(error.reason))?;
    let mut message = Message::new(u16::from_le_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name.clone(), RecordType::SRV));
    message.set_edns(Edns::new());
    let request = message.to_vec().map_err(io::Error::other)?;

    let socket = udp::connected(nameserver)?;
    socket.send(&request)?;
    let mut buffer = Vec::new();
    let is_answer = |datagram: &[u8]| answer_to(&message, datagram).is_some();
    let datagram = udp::receive(&socket, &mut buffer, deadline.within(wait), is_answer)?;
    let mut answer = datagram.and_then(|datagram| answer_to(&message, &datagram));
    if answer.as_ref().is_some_and(|answer| answer.metadata.truncation) {
        let whole = over_tcp(&request, nameserver, settings, deadline)?;
        answer = answer_to(&message, &whole);
    }
    let answer = answer.ok_or_else(|| io::Error::other("no answer"))?;
    match answer.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => Ok(records(name, &answer)),
        other => Err(io::Error::other(format!("{other}"))),
    }
}

/// The datagram as a message, if it answers exactly that question.
fn answer_to(question: &Message, datagram: &[u8]) -> Option<Message> {
    let answer = Message::from_vec(datagram).ok()?;
    let head = &answer.metadata;
    let fits = head.message_type == MessageType::Response
        && head.id == question.metadata.id
        && answer.queries == question.queries;
    fits.then_some(answer)
}

/// RFC 1035 4.2.2: a length in two bytes before each message.
fn over_tcp(
    request: &[u8],
    nameserver: SocketAddr,
    settings: &Settings,
    deadline: Deadline,
) -> io::Result<Vec<u8>> {
    let length = u16::try_from(request.len()).map_err(|_| stream::bad("too long a question"))?;
    let mut stream = Stream::connect(nameserver, settings, deadline)?;
    stream.write_all(&[&length.to_be_bytes(), request].concat())?;
    let length = stream::read_all(&mut stream, 2)?;
    let length = length.first_chunk().map_or(0, |length| u16::from_be_bytes(*length));
    stream::read_all(&mut stream, length.into())
}

/// The SRV records of the name, or of what it is an alias of.
fn records(name: &Name, answer: &Message) -> Vec<SRV> {
    let mut name = name;
    for _ in 0..LONGEST_ALIAS_CHAIN {
        let alias = answer.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *name => Some(&target.0),
            _ => None,
        });
        let Some(alias) = alias else { break };
        name = alias;
    }
    let own = answer.answers.iter().filter(|record| record.name == *name);
    own.filter_map(|record| match &record.data {
        RData::SRV(record) => Some(record.clone()),
        _ => None,
    })
    .collect()
}

/// /etc/resolv.conf's; the host itself when it names none, and none without the file.
fn nameservers() -> Vec<SocketAddr> {
    std::fs::read_to_string("/etc/resolv.conf").map(|text| parse_resolv_conf(&text)).unwrap_or_default()
}

/// The addresses of the `nameserver` lines.
pub fn parse_resolv_conf(text: &str) -> Vec<SocketAddr> {
    let mut found: Vec<SocketAddr> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        if fields.next() == Some("nameserver") {
            found.extend(fields.next().and_then(nameserver));
        }
    }
    found.truncate(MOST_NAMESERVERS);
    if found.is_empty() {
        found.push(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
    }
    found
}

/// An address, perhaps with a zone (`fe80::1%eth0`), which the system resolves.
fn nameserver(text: &str) -> Option<SocketAddr> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(SocketAddr::new(address, PORT)),
        Err(_) if text.contains('%') => (text, PORT).to_socket_addrs().ok()?.next(),
        Err(_) => None,
    }
}
