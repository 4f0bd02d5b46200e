//! KDCs behind HTTPS. `data/` holds a test authority's certificate (its key is gone) and the
//! certificate and key of a proxy on loopback.

#![forbid(unsafe_code)]

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};

use super::*;
use crate::store::kdc::proxy::message;

const CERTIFICATE: &[u8] = include_bytes!("data/proxy.pem");
const KEY: &[u8] = include_bytes!("data/proxy-key.pem");

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A proxy; the script gets the request's head and body and writes the answer.
fn https(mut script: impl FnMut(&str, &[u8], &mut Tls) + Send + 'static) -> SocketAddr {
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    tcp(move |_, stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let mut head = Vec::new();
        let mut byte = [0; 1];
        while !head.ends_with(b"\r\n\r\n") {
            match tls.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        tls.read_exact(&mut body).unwrap();
        script(&head, &body, &mut tls);
        let _ = tls.flush();
    })
}

/// Answers these bytes after the head; ends without TLS's close.
fn answering(head: &str, body: Vec<u8>) -> SocketAddr {
    let head = head.to_owned();
    https(move |_, _, tls| {
        let _ = tls.write_all(&[head.as_bytes(), &body].concat());
    })
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/kerberos\r\n\r\n";

fn reply(message: &[u8]) -> Vec<u8> {
    message::encode("", message).unwrap()
}

fn anchors() -> Vec<String> {
    vec![format!("FILE:{}/src/store/kdc/tests/data/ca.pem", env!("CARGO_MANIFEST_DIR"))]
}

fn through(servers: &[String], anchors: Vec<String>) -> Result<Vec<u8>> {
    let servers = Servers { http_anchors: anchors, ..file(servers) };
    send(&network(servers, PATIENT), REQUEST)
}

#[test]
fn messages_are_as_ms_kkdcp_writes_them() {
    let encoded = message::encode("EX.T", b"\x6A\x01z").unwrap();
    assert_eq!(encoded, b"\x30\x13\xA0\x09\x04\x07\0\0\0\x03\x6A\x01z\xA1\x06\x1B\x04EX.T");
    assert_eq!(message::decode(&encoded).unwrap(), b"\x6A\x01z");
    // A proxy answers with the message alone, or with more that is not for us.
    assert_eq!(message::decode(b"\x30\x0B\xA0\x09\x04\x07\0\0\0\x03\x6A\x01z").unwrap(), b"\x6A\x01z");
    for length in [0x7A, 0x7B, 0x7C, 0xFF, 0x100, 0x1_0000] {
        let encoded = message::encode("R", &vec![7; length]).unwrap();
        assert_eq!(message::decode(&encoded).unwrap(), vec![7; length]);
    }
    for length in 0..13 {
        assert!(message::decode(&b"\x30\x0B\xA0\x09\x04\x07\0\0\0\x03\x6A\x01z"[..length]).is_err());
    }
    let bad: [&[u8]; 4] = [
        b"\x30\x0B\xA0\x09\x04\x07\0\0\0\x04\x6A\x01z",
        b"\x30\x0B\xA0\x09\x04\x07\x80\0\0\x03\x6A\x01z",
        b"\x30\x0B\xA1\x09\x04\x07\0\0\0\x03\x6A\x01z",
        b"\x30\x85\0\0\0\0\x0B\xA0\x09\x04\x07\0\0\0\x03\x6A\x01z",
    ];
    assert!(bad.iter().all(|bad| message::decode(bad).is_err()));
}

#[test]
fn a_proxy_carries_request_and_reply() {
    let proxy = https(|head, body, tls| {
        assert!(head.starts_with("POST /some/path HTTP/1.0\r\n"), "{head}");
        assert!(head.contains("\r\nContent-Type: application/kerberos\r\n"), "{head}");
        assert!(head.contains("\r\nHost: localhost:"), "{head}");
        assert_eq!(message::decode(body).unwrap(), REQUEST);
        assert!(body.ends_with(REALM.as_bytes()));
        let body = reply(REPLY);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length:{}\r\n\r\n", body.len());
        tls.write_all(&[head.as_bytes(), &body, b"more"].concat()).unwrap();
    });
    let url = format!("https://localhost:{}/some/path", proxy.port());
    assert_eq!(through(&[url], anchors()).unwrap(), REPLY);
    let by_address = answering(OK, reply(OTHER_REPLY));
    assert_eq!(through(&[format!("https://{by_address}")], anchors()).unwrap(), OTHER_REPLY);
}

#[test]
fn the_credentials_proxy_serves_when_no_kdc_answers() {
    let with = |servers: &[String], gateway: SocketAddr, force| {
        let servers = Servers { http_anchors: anchors(), ..file(servers) };
        let proxy = proxy(&format!("localhost:{}:KdcProxy", gateway.port()), force);
        let network = Network::new(os(&[]), Arc::new(File(servers)), proxy);
        send(&network.with_settings(Settings::with_total(PATIENT)), REQUEST).unwrap()
    };
    let good = udp(|_, _| vec![OTHER_REPLY.to_vec()]).to_string();
    let gateway = || answering(OK, reply(REPLY));
    assert_eq!(with(&[], gateway(), false), REPLY);
    assert_eq!(with(&[closed().to_string()], gateway(), false), REPLY);
    assert_eq!(with(std::slice::from_ref(&good), gateway(), false), OTHER_REPLY);
    assert_eq!(with(&[good], gateway(), true), REPLY);
}

#[test]
fn a_proxy_that_cannot_be_verified_hears_nothing() {
    let proxy = || https(|_, _, _| panic!("the request was sent"));
    let system = through(&[format!("https://localhost:{}", proxy().port())], vec![]);
    assert!(unreachable(system).contains("certificate"));
    let other_name = through(&[format!("https://[::ffff:127.0.0.1]:{}", proxy().port())], anchors());
    assert!(unreachable(other_name).contains("certificate"));
    let nothing = through(&[format!("https://{}", proxy())], vec!["FILE:/nowhere".into()]);
    assert!(unreachable(nothing).contains("certificates to verify"));
    // What speaks no TLS.
    let plain = tcp(|_, mut stream| {
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n");
        let _ = stream.read(&mut [0; 1000]);
    });
    unreachable(through(&[format!("https://{plain}")], anchors()));
}

#[test]
fn an_answer_that_is_none_is_a_failed_server() {
    let good = format!("https://{}", answering(OK, reply(REPLY)));
    let big = "HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n";
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n";
    let cases = [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", reply(REPLY), "403"),
        ("HTTP/1.1 302 Found\r\nLocation: https://x/\r\n\r\n", vec![], "302"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", reply(REPLY), "encoding"),
        ("SSH-2.0-x\r\n\r\n", vec![], "answered"),
        (OK, vec![], "KDC-PROXY-MESSAGE"),
        (OK, REPLY.to_vec(), "KDC-PROXY-MESSAGE"),
        (OK, reply(b"\x6A\x02no"), "no reply"),
        ("HTTP/1.1 200 OK\r\nX: \u{0}", vec![], "ended within"),
        (big, reply(REPLY), "refused length"),
        (short, reply(REPLY), "ended within"),
        ("", vec![b'x'; 0x1_0100], "too long"),
    ];
    for (head, body, expected) in cases {
        let bad = format!("https://{}", answering(head, body));
        let reason = unreachable(through(std::slice::from_ref(&bad), anchors()));
        assert!(reason.contains(expected), "{expected}: {reason}");
        assert_eq!(through(&[bad, good.clone()], anchors()).unwrap(), REPLY);
    }
}

#[test]
fn a_silent_proxy_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("https://{}", listener.local_addr().unwrap());
    let servers = Servers { http_anchors: anchors(), ..file(&[silent]) };
    let start = Instant::now();
    unreachable(send(&network(servers, Duration::from_secs(1)), REQUEST));
    let time = start.elapsed();
    assert!(time >= Duration::from_millis(450) && time < Duration::from_millis(900), "{time:?}");
}
