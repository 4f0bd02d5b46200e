//! How long it takes until nobody has answered. The default's times are twenty times these.

#![forbid(unsafe_code)]

use super::*;

const TOTAL: Duration = Duration::from_secs(1);

#[track_caller]
fn fails_between(servers: &[String], least: u64, most: u64) -> String {
    let (reply, time) = timed(servers, TOTAL);
    let reason = unreachable(reply);
    let range = Duration::from_millis(least)..Duration::from_millis(most);
    assert!(range.contains(&time), "{time:?}: {reason}");
    reason
}

#[test]
fn the_defaults_are_as_documented() {
    let settings = Settings::from_environment(os(&[]));
    assert_eq!(settings.total, Duration::from_secs(20));
    assert_eq!(settings.datagram_waits().map(|wait| wait.as_secs()), [1, 2, 4]);
    assert_eq!(settings.connect, Duration::from_secs(4));
    assert_eq!(settings.answer, Duration::from_secs(10));
    assert_eq!(settings.dns, Duration::from_secs(5));
}

#[test]
fn the_environment_sets_the_total() {
    let total = |value| Settings::from_environment(os(&[("SSPI_KDC_TIMEOUT", value)])).total.as_secs();
    assert_eq!([total("1"), total(" 40 "), total("600")], [1, 40, 600]);
    for refused in ["", "0", "601", "-1", "1.5", "x", "99999999999999999999999"] {
        assert_eq!(total(refused), 20, "{refused}");
    }
}

#[test]
fn refused_is_at_once() {
    let reason = fails_between(&[closed().to_string(), closed().to_string()], 0, 200);
    assert!(reason.contains("EXAMPLE.TEST") && reason.matches("tcp 127.0.0.1:").count() == 2, "{reason}");
}

#[test]
fn unheard_datagrams_take_seven_twentieths() {
    let silent = udp(|_, _| vec![]);
    fails_between(&[silent.to_string()], 350, 700);
}

#[test]
fn a_silent_connection_takes_seventeen_twentieths() {
    let (_socket, _listener, kdc) = both();
    fails_between(&[kdc.to_string()], 850, 1300);
}

#[test]
fn a_dribbling_reply_ends_in_time() {
    let kdc = tcp(|_, mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(&[0, 0, 1, 0]);
        while stream.write_all(&[0x6B]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    fails_between(&[format!("tcp://{kdc}")], 450, 900);
}

#[test]
fn many_servers_share_the_time() {
    let silent: Vec<String> = (0..12).map(|_| udp(|_, _| vec![]).to_string()).collect();
    fails_between(&silent, 900, 1400);
    let listeners: Vec<TcpListener> = (0..12).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let silent: Vec<String> =
        listeners.iter().map(|listener| format!("tcp://{}", listener.local_addr().unwrap())).collect();
    fails_between(&silent, 900, 1400);
    // The last of them is still asked.
    let good = tcp(answers(framed(REPLY)));
    let servers = [silent, vec![format!("tcp://{good}")]].concat();
    assert_eq!(timed(&servers, TOTAL).0.unwrap(), REPLY);
}

#[test]
fn a_flood_of_other_datagrams_does_not_keep_the_wait_going() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let kdc = socket.local_addr().unwrap();
    thread::spawn(move || {
        let (_, from) = socket.recv_from(&mut [0; 100]).unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(2) {
            let _ = socket.send_to(b"no reply", from);
            thread::sleep(Duration::from_millis(1));
        }
    });
    fails_between(&[format!("udp://{kdc}")], 350, 700);
}
