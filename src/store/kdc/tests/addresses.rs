//! Which servers are asked, and how they are written.

#![forbid(unsafe_code)]

use super::*;
use crate::store::kdc::address::Transport;
use crate::store::kdc::deadline::Deadline;
use crate::store::kdc::locate;
use crate::store::krb5::conf::Config;

fn parsed(text: &str) -> Option<(String, Option<u16>, Transport)> {
    Server::parse(text).map(|server| (server.host, server.port, server.transport))
}

#[test]
fn servers_are_written_in_these_forms() {
    let cases = [
        ("kdc.example.test", "kdc.example.test", None, Transport::Any),
        (" kdc:750 ", "kdc", Some(750), Transport::Any),
        ("127.0.0.1:88", "127.0.0.1", Some(88), Transport::Any),
        ("::1", "::1", None, Transport::Any),
        ("[::1]", "::1", None, Transport::Any),
        ("[::1]:88", "::1", Some(88), Transport::Any),
        ("tcp://kdc:88", "kdc", Some(88), Transport::Tcp),
        ("TCP://kdc/", "kdc", None, Transport::Tcp),
        ("udp://[fe80::1]:88", "fe80::1", Some(88), Transport::Udp),
        ("tcp/kdc", "kdc", None, Transport::Tcp),
        ("udp/kdc:1", "kdc", Some(1), Transport::Udp),
        ("https://gw", "gw", None, Transport::Https { path: "KdcProxy".into() }),
        ("https://gw/", "gw", None, Transport::Https { path: "KdcProxy".into() }),
        ("HTTPS://gw:444/a/b", "gw", Some(444), Transport::Https { path: "a/b".into() }),
        ("https://[::1]:444", "::1", Some(444), Transport::Https { path: "KdcProxy".into() }),
    ];
    for (text, host, port, transport) in cases {
        assert_eq!(parsed(text), Some((host.into(), port, transport)), "{text}");
    }
    for refused in [
        "",
        ":88",
        "kdc:",
        "kdc:0",
        "kdc:65536",
        "kdc:x",
        "kdc:88:88",
        "[kdc]:88",
        "[::1",
        "[::1]88",
        "a b",
        "http://kdc",
        "ftp://kdc",
        "tcp://",
        "tcp://kdc/path",
        "https://",
        "https:///x",
        "https://gw/a b",
        "https://gw\r\nX: y/",
        "https://g\u{e9}/",
        "user@kdc",
    ] {
        assert_eq!(parsed(refused), None, "{refused}");
    }
}

#[test]
fn a_server_has_its_services_port() {
    let port = |text, service| Server::parse(text).unwrap().port_for(service);
    assert_eq!([port("kdc", Service::Kdc), port("kdc", Service::Kpasswd)], [88, 464]);
    assert_eq!([port("https://kdc", Service::Kdc), port("kdc:1", Service::Kdc)], [443, 1]);
}

#[test]
fn a_name_without_an_address_is_said() {
    let reason = unreachable(ask(&["kdc.invalid:88".to_owned()]));
    assert!(reason.contains("name kdc.invalid"), "{reason}");
}

fn planned(network: &Network, realm: &str, service: Service) -> Result<Vec<String>> {
    let settings = Settings { nameservers: Some(vec![]), ..Settings::with_total(PATIENT) };
    let plan = locate::plan(network, &settings, realm, service, Deadline::after(PATIENT))?;
    Ok(plan.servers.iter().map(|server| format!("{server}")).collect())
}

fn from(variables: &[(&str, &str)], servers: &[&str]) -> Network {
    let servers: Vec<String> = servers.iter().map(|server| server.to_string()).collect();
    Network::new(os(variables), Arc::new(File(file(&servers))), None)
}

#[test]
fn the_environment_comes_before_the_file() {
    let variables = [
        ("SSPI_KDC_URL", "tcp://a, udp://b:1"),
        ("SSPI_KDC_URL_EXAMPLE_TEST", "c"),
        ("SSPI_KDC_URL_EMPTY", ""),
        ("SSPI_KDC_URL_BAD", "tcp://a ftp://b"),
        ("SSPI_KDC_URL_COMMA", " , "),
    ];
    let network = from(&variables, &["file"]);
    let servers = |realm| planned(&network, realm, Service::Kdc);
    assert_eq!(servers("EXAMPLE.TEST").unwrap(), ["c"]);
    assert_eq!(servers("example.test").unwrap(), ["c"]);
    assert_eq!(servers("OTHER.TEST").unwrap(), ["tcp://a", "udp://b:1"]);
    assert_eq!(servers("EMPTY").unwrap(), ["tcp://a", "udp://b:1"]);
    assert_eq!(servers("BAD").unwrap_err().reason, "SSPI_KDC_URL_BAD is not understood");
    assert!(servers("COMMA").is_err());
    assert_eq!(planned(&from(&[], &["file"]), REALM, Service::Kdc).unwrap(), ["file"]);
}

#[test]
fn a_password_service_is_where_the_kdc_is_unless_said() {
    let network = from(&[("SSPI_KDC_URL", "tcp://a:8888 https://gw:444/p")], &[]);
    assert_eq!(planned(&network, REALM, Service::Kpasswd).unwrap(), ["tcp://a", "https://gw:444"]);
    let own = from(&[("SSPI_KDC_URL", "a:8888"), ("SSPI_KPASSWD_URL_EXAMPLE_TEST", "a:4646")], &[]);
    assert_eq!(planned(&own, REALM, Service::Kpasswd).unwrap(), ["a:4646"]);
    assert_eq!(planned(&own, REALM, Service::Kdc).unwrap(), ["a:8888"]);
}

#[test]
fn nobody_is_asked_for_a_realm_that_no_source_knows() {
    for realm in ["NODOT", REALM] {
        let reason = unreachable(from(&[], &[]).exchange(realm, Service::Kdc, REQUEST, &is_big));
        assert!(reason.contains(realm) && reason.contains("krb5.conf names none"), "{reason}");
    }
    let reason = unreachable(from(&[], &[]).exchange("A\nB", Service::Kdc, REQUEST, &is_big));
    assert!(reason.contains("A\\nB"), "{reason:?}");
}

#[test]
fn a_proxy_is_written_as_windows_writes_it() {
    let servers = |text: &str| {
        let servers = Proxy { server: text.to_owned(), force: true }.servers();
        servers.map(|servers| {
            let all = servers.into_iter().map(|server| match server.transport {
                Transport::Https { path } => (server.host, server.port, path),
                other => panic!("{other:?}"),
            });
            all.collect::<Vec<_>>()
        })
    };
    let one = |host: &str, port, path: &str| vec![(host.to_owned(), port, path.to_owned())];
    for (text, expected) in [
        ("gw.example.test", one("gw.example.test", None, "KdcProxy")),
        ("gw:444", one("gw", Some(444), "KdcProxy")),
        ("gw:444:Path", one("gw", Some(444), "Path")),
        ("gw:444:", one("gw", Some(444), "KdcProxy")),
        ("gw:444/Path", one("gw", Some(444), "Path")),
        ("[::1]:444:Path", one("::1", Some(444), "Path")),
        ("https://gw/Path", one("gw", None, "Path")),
        ("<https gw:444:Path />", one("gw", Some(444), "Path")),
        ("<https a b/>", [one("a", None, "KdcProxy"), one("b", None, "KdcProxy")].concat()),
        ("", vec![]),
    ] {
        assert_eq!(servers(text).unwrap(), expected, "{text}");
    }
    for refused in ["gw:x", "gw:0:Path", "http://gw", "gw:444:a:b:c:d", "\u{e9}\n\u{e9}"] {
        assert_eq!(servers(refused).unwrap_err().code, Code::InvalidParameter, "{refused}");
    }
}

#[test]
fn a_forced_proxy_is_asked_alone_and_another_last() {
    let servers: Vec<String> = vec!["file".to_owned()];
    let with = |server, force| {
        let network = Network::new(os(&[]), Arc::new(File(file(&servers))), proxy(server, force));
        planned(&network, REALM, Service::Kdc).unwrap()
    };
    assert_eq!(with("gw", true), ["https://gw"]);
    assert_eq!(with("gw", false), ["file", "https://gw"]);
    assert_eq!(with("", true), ["file"]);
    let unknown = Network::new(os(&[]), Arc::new(File(file(&[]))), proxy("gw", false));
    assert_eq!(planned(&unknown, REALM, Service::Kdc).unwrap(), ["https://gw"]);
}

#[cfg(not(feature = "kdc-proxy"))]
#[test]
fn a_build_without_proxies_says_so_and_asks_the_others() {
    let reason = unreachable(ask(&["https://127.0.0.1".to_owned()]));
    assert!(reason.contains("kdc-proxy"), "{reason}");
    let good = tcp(answers(framed(REPLY)));
    assert_eq!(ask(&["https://127.0.0.1".to_owned(), format!("tcp://{good}")]).unwrap(), REPLY);
}

#[test]
fn krb5_conf_says_where_servers_are() {
    let text = "[libdefaults]\n udp_preference_limit = 7\n dns_lookup_kdc = false\n\
                [realms]\n EXAMPLE.TEST = {\n kdc = a:8888\n kdc = tcp/b\n kdc = https://gw:444/path\n\
                admin_server = c:749\n http_anchors = FILE:/ca.pem\n }\n";
    let config = Config::of_texts(&[text]).unwrap();
    let kdc = config.servers(REALM, Service::Kdc).unwrap();
    let expected = ["a:8888", "tcp://b:88", "https://gw:444/path"];
    assert_eq!(kdc.servers, expected.map(|server| Server::parse(server).unwrap()));
    assert_eq!((kdc.udp_preference_limit, kdc.dns_lookup_kdc), (7, false));
    assert_eq!(kdc.http_anchors, ["FILE:/ca.pem"]);
    let kpasswd = config.servers(REALM, Service::Kpasswd).unwrap();
    assert_eq!(kpasswd.servers, [Server::parse("c:464").unwrap()]);

    let empty = Config::of_texts(&[""]).unwrap().servers(REALM, Service::Kdc).unwrap();
    let default = Servers::default();
    assert!(empty.servers.is_empty() && empty.dns_lookup_kdc == default.dns_lookup_kdc);
    assert_eq!(empty.udp_preference_limit, default.udp_preference_limit);
}

#[test]
fn registered_servers_come_after_krb5_conf_and_before_dns() {
    let registered = [
        ("Kdcs of EXAMPLE.TEST", "kdc1:750 no/server kdc2"),
        ("Kdcs of OTHER.TEST", "kdc"),
        ("PasswordServers of OTHER.TEST", "kpasswd:1464"),
    ];
    let network = |servers: Servers| Network::new(os(&registered), Arc::new(File(servers)), None);
    let plan = |realm, service| planned(&network(file(&[])), realm, service).unwrap();
    assert_eq!(plan(REALM, Service::Kdc), ["kdc1:750", "kdc2"]);
    assert_eq!(plan(REALM, Service::Kpasswd), ["kdc1", "kdc2"]);
    assert_eq!(plan("OTHER.TEST", Service::Kpasswd), ["kpasswd:1464"]);
    let named = network(file(&["named".to_owned()]));
    assert_eq!(planned(&named, REALM, Service::Kdc).unwrap(), ["named"]);
}
