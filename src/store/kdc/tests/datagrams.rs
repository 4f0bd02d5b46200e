//! UDP.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

#[test]
fn a_datagram_is_answered() {
    let (sent, asked) = mpsc::channel();
    let kdc = udp(move |_, request| {
        sent.send(request.to_vec()).unwrap();
        vec![REPLY.to_vec()]
    });
    assert_eq!(ask(&[kdc.to_string()]).unwrap(), REPLY);
    assert_eq!(asked.recv().unwrap(), REQUEST);
    let localhost = format!("udp://localhost:{}", kdc.port());
    assert_eq!(ask(&[localhost]).unwrap(), REPLY);
}

#[test]
fn an_ipv6_address_serves() {
    let Ok(socket) = UdpSocket::bind("[::1]:0") else { return };
    let address = socket.local_addr().unwrap();
    serve_udp(socket, |_, _| vec![REPLY.to_vec()]);
    assert_eq!(ask(&[address.to_string()]).unwrap(), REPLY);
}

#[test]
fn what_is_no_reply_is_not_heard() {
    let kdc = udp(|_, _| {
        let others: [&[u8]; 8] = [
            b"",
            b"k",
            b"\x6B",
            b"\x6A\x02ok",
            b"\x6B\x03ok",
            b"\x6B\x01ok",
            b"\x6B\x81\x02k",
            b"\x6B\x80ok",
        ];
        others.iter().chain(&[REPLY]).map(|datagram| datagram.to_vec()).collect()
    });
    let (reply, time) = timed(&[format!("udp://{kdc}")], PATIENT);
    assert_eq!(reply.unwrap(), REPLY);
    assert!(time < Duration::from_secs(1), "the first datagram's wait: {time:?}");
}

#[test]
fn only_the_server_that_was_asked_is_heard() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let kdc = socket.local_addr().unwrap();
    thread::spawn(move || {
        let (_, from) = socket.recv_from(&mut [0; 100]).unwrap();
        let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Without an error: the kernel drops it for want of a socket that listens to the stranger.
        stranger.send_to(OTHER_REPLY, from).unwrap();
        thread::sleep(Duration::from_millis(50));
        socket.send_to(REPLY, from).unwrap();
    });
    assert_eq!(ask(&[format!("udp://{kdc}")]).unwrap(), REPLY);
}

#[test]
fn lost_datagrams_are_sent_again() {
    let kdc = udp(|count, _| if count < 2 { vec![] } else { vec![REPLY.to_vec()] });
    let total = Duration::from_secs(4);
    let (reply, time) = timed(&[kdc.to_string()], total);
    assert_eq!(reply.unwrap(), REPLY);
    // After 0.2 s and 0.4 s; TCP was refused in between.
    assert!(time >= Duration::from_millis(600) && time < Duration::from_secs(2), "{time:?}");
}

#[test]
fn the_next_server_is_asked_when_one_is_silent_or_refuses() {
    let silent = udp(|_, _| vec![]);
    let good = udp(|_, _| vec![REPLY.to_vec()]);
    let (reply, time) = timed(&[closed().to_string(), silent.to_string(), good.to_string()], PATIENT);
    assert_eq!(reply.unwrap(), REPLY);
    assert!(time < Duration::from_millis(1800), "one wait of 1 s: {time:?}");
}

#[test]
fn a_server_that_answers_late_is_still_heard() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let late = socket.local_addr().unwrap();
    thread::spawn(move || {
        let (_, from) = socket.recv_from(&mut [0; 100]).unwrap();
        thread::sleep(Duration::from_millis(1300));
        socket.send_to(REPLY, from).unwrap();
    });
    let silent = udp(|_, _| vec![]);
    let (reply, time) = timed(&[format!("udp://{late}"), format!("udp://{silent}")], PATIENT);
    assert_eq!(reply.unwrap(), REPLY);
    assert!(time < Duration::from_millis(1900), "within the second server's wait: {time:?}");
}

#[test]
fn a_reply_that_is_too_big_comes_over_tcp_from_the_same_server() {
    let (socket, listener, kdc) = both();
    serve_udp(socket, |_, _| vec![TOO_BIG.to_vec()]);
    serve_tcp(listener, answers(framed(REPLY)));
    let other = udp(|_, _| panic!("the other server was asked"));
    assert_eq!(ask(&[kdc.to_string(), other.to_string()]).unwrap(), REPLY);
    // Also when UDP is all that was said of it, as in SRV records.
    assert_eq!(ask(&[format!("udp://{kdc}")]).unwrap(), REPLY);
}

#[test]
fn no_datagram_is_sent_any_more_when_the_reply_is_too_big() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let kdc = udp(|_, _| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        vec![TOO_BIG.to_vec()]
    });
    let reason = unreachable(ask(&[kdc.to_string()]));
    assert!(reason.contains(&format!("tcp {kdc}")), "{reason}");
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
    let other = tcp(answers(framed(REPLY)));
    assert_eq!(ask(&[kdc.to_string(), other.to_string()]).unwrap(), REPLY);
}

#[test]
fn a_password_service_is_heard_in_its_own_framing() {
    let reply = b"\x00\x0A\x00\x01\x00\x02aabb";
    let kpasswd = udp(move |_, _| {
        let others: [&[u8]; 4] =
            [REPLY, b"\x00\x0A\x00\x02\x00\x02aabb", b"\x00\x0B\x00\x01\x00\x02aabb", b"\0"];
        others.iter().chain(&[&reply[..]]).map(|datagram| datagram.to_vec()).collect()
    });
    let network = network(file(&[kpasswd.to_string()]), PATIENT);
    assert_eq!(network.exchange(REALM, Service::Kpasswd, REQUEST, &is_big).unwrap(), reply);
}

#[test]
fn a_password_is_changed_over_tcp_first() {
    let (socket, listener, kpasswd) = both();
    serve_udp(socket, |_, _| panic!("UDP was asked first"));
    serve_tcp(listener, answers(framed(b"\x7E\x02no")));
    let network = network(file(&[kpasswd.to_string()]), PATIENT);
    assert_eq!(network.exchange(REALM, Service::Kpasswd, REQUEST, &is_big).unwrap(), b"\x7E\x02no");
}
