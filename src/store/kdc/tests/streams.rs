//! TCP.

#![forbid(unsafe_code)]

use std::sync::mpsc;

use super::*;

#[test]
fn a_request_goes_and_a_reply_comes_after_its_length_and_the_connection_ends() {
    let (sent, asked) = mpsc::channel();
    let kdc = tcp(move |_, mut stream| {
        let request = read_request(&mut stream);
        // In pieces, as a network may bring them.
        for byte in framed(REPLY) {
            stream.write_all(&[byte]).unwrap();
        }
        sent.send((request, stream.read(&mut [0; 1]).unwrap())).unwrap();
    });
    assert_eq!(ask(&[format!("tcp://{kdc}")]).unwrap(), REPLY);
    assert_eq!(asked.recv().unwrap(), (REQUEST.to_vec(), 0));
}

#[test]
fn a_long_request_goes_over_tcp_first_and_over_udp_when_that_is_refused() {
    let (socket, listener, kdc) = both();
    serve_udp(socket, |_, _| vec![OTHER_REPLY.to_vec()]);
    serve_tcp(listener, answers(framed(REPLY)));
    let limit = super::super::UDP_PREFERENCE_LIMIT;
    let servers = file(&[kdc.to_string()]);
    let with = |limit| network(Servers { udp_preference_limit: limit, ..servers.clone() }, PATIENT);
    assert_eq!(send(&with(limit), &vec![0; limit]).unwrap(), OTHER_REPLY);
    assert_eq!(send(&with(limit), &vec![0; limit + 1]).unwrap(), REPLY);
    assert_eq!(send(&with(2), b"abc").unwrap(), REPLY);
    assert_eq!(send(&with(3), b"abc").unwrap(), OTHER_REPLY);

    let only_udp = udp(|_, _| vec![OTHER_REPLY.to_vec()]);
    let network = network(file(&[only_udp.to_string()]), PATIENT);
    assert_eq!(send(&network, &[0; 2000]).unwrap(), OTHER_REPLY);
    let reason = unreachable(send(&network, &[0; 40_000]));
    assert!(!reason.contains("udp"), "{reason}");
}

#[test]
fn a_scheme_says_what_is_spoken() {
    let (socket, listener, kdc) = both();
    serve_udp(socket, |_, _| vec![OTHER_REPLY.to_vec()]);
    serve_tcp(listener, answers(framed(REPLY)));
    assert_eq!(ask(&[format!("tcp/{kdc}")]).unwrap(), REPLY);
    assert_eq!(ask(&[format!("udp/{kdc}")]).unwrap(), OTHER_REPLY);
}

#[test]
fn lengths_are_limited_and_the_next_server_is_asked() {
    let good = tcp(answers(framed(REPLY)));
    let big = 4 * 1024 * 1024_u32;
    for length in [0, big + 1, 0x7FFF_FFFF, 0x8000_0004, 0xFFFF_FFFF] {
        let bytes = [&length.to_be_bytes(), REPLY].concat();
        let bad = tcp(answers(bytes));
        let reason = unreachable(ask(&[format!("tcp://{bad}")]));
        assert!(reason.contains("refused length"), "{reason}");
        assert_eq!(ask(&[format!("tcp://{bad}"), format!("tcp://{good}")]).unwrap(), REPLY);
    }
    let mut longest = vec![0x6B, 0x83, 0x3F, 0xFF, 0xFB];
    longest.resize(big as usize, 0);
    let kdc = tcp(answers(framed(&longest)));
    assert_eq!(ask(&[format!("tcp://{kdc}")]).unwrap(), longest);
}

#[test]
fn a_connection_that_ends_early_or_brings_something_else_is_a_failed_server() {
    let good = format!("tcp://{}", tcp(answers(framed(REPLY))));
    let whole = framed(REPLY);
    let mut cases: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    cases.push(framed(b"\x6A\x02ok"));
    cases.push(framed(b"HTTP/1.0 400 Bad Request"));
    for case in cases {
        let bad = tcp(answers(case));
        let (reply, time) = timed(&[format!("tcp://{bad}"), good.clone()], PATIENT);
        assert_eq!(reply.unwrap(), REPLY);
        assert!(time < Duration::from_secs(1), "{time:?}");
        unreachable(ask(&[format!("tcp://{bad}")]));
    }
    // One that closes before it has read.
    let rude = tcp(|_, stream| drop(stream));
    assert_eq!(ask(&[format!("tcp://{rude}"), good]).unwrap(), REPLY);
}

#[test]
fn a_silent_connection_leaves_time_for_the_next_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    let good = tcp(answers(framed(REPLY)));
    let (reply, time) = timed(&[format!("tcp://{silent}"), format!("tcp://{good}")], Duration::from_secs(2));
    assert_eq!(reply.unwrap(), REPLY);
    assert!(time < Duration::from_millis(1500), "{time:?}");
}
