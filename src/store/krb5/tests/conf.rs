#![forbid(unsafe_code)]

use super::{Folder, Numbers, TestOs, damage};
use crate::store::krb5::conf::{Config, Server, Transport};
use crate::store::krb5::conf_file;
use crate::store::krb5::conf_values::{boolean, duration, enctypes, expand};

const SAMPLE: &str = r#"
Lines before the first section say nothing.
# a comment
[libdefaults]
    default_realm = EXAMPLE.TEST
    ; another
    clockskew = 2m
    ticket_lifetime = 8h
    renew_lifetime = 7d
    forwardable = yes
    dns_lookup_kdc = Off
    udp_preference_limit = 1
    default_keytab_name = "FILE:/srv/a b.keytab"  rest
    default_ccache_name = FILE:%{TEMP}/cc_%{uid}_%{username}%{null}
    permitted_enctypes = DEFAULT +rc4 -aes128-cts

[realms]
    EXAMPLE.TEST = {
        kdc = kdc1.example.test
        kdc = tcp/kdc2.example.test:8088
        kdc = udp/[::1]:99
        kdc = https://proxy.example.test/KdcProxy
        kdc = nonsense/x
        kdc = kdc3:port
        kdc = fe80::1
        admin_server = admin.example.test:749
        nested = {
            deep =
            {
                value = 1
            }
        }
    }
    OTHER.TEST = {
        kpasswd_server = pw.other.test
        admin_server = ignored
        master_kdc = m.other.test:1088
    }
[domain_realm]
    .example.test = EXAMPLE.TEST
    Host.Other.test = OTHER.TEST
    deep.example.test = DEEP.TEST
[capaths]
    A = {
        B = .
        C = B
        C = B2 B3
    }
"#;

fn server(host: &str, port: u16, transport: Transport) -> Server {
    Server { host: host.to_string(), port, transport }
}

#[test]
fn every_setting_is_read() {
    let conf = Config::of_texts(&[SAMPLE]).unwrap();
    assert_eq!(conf.default_realm(), Some("EXAMPLE.TEST"));
    assert_eq!((conf.clockskew(), conf.ticket_lifetime(), conf.renew_lifetime()), (120, 28_800, 604_800));
    assert!(!conf.proxiable() && !conf.dns_lookup_kdc());
    assert_eq!(conf.udp_preference_limit(), 1);
    assert_eq!(conf.permitted_enctypes(), [18, 20, 19, 23]);
    assert_eq!(conf.default_tgs_enctypes(), [18, 20, 19, 23]);
    let proxy = "https://proxy.example.test/KdcProxy";
    let kdcs = [
        server("kdc1.example.test", 88, Transport::Any),
        server("kdc2.example.test", 8088, Transport::Tcp),
        server("::1", 99, Transport::Udp),
        server("proxy.example.test", 443, Transport::Https(proxy.to_string())),
        server("fe80::1", 88, Transport::Any),
    ];
    assert_eq!(conf.kdcs("EXAMPLE.TEST"), kdcs);
    assert_eq!(conf.kdcs("NOWHERE.TEST"), []);
    assert_eq!(conf.kpasswd_servers("EXAMPLE.TEST"), [server("admin.example.test", 464, Transport::Any)]);
    assert_eq!(conf.kpasswd_servers("OTHER.TEST"), [server("pw.other.test", 464, Transport::Any)]);
    assert!(conf.knows_realm("OTHER.TEST") && !conf.knows_realm("NOWHERE.TEST"));
    assert_eq!(conf.value(&["realms", "EXAMPLE.TEST", "nested", "deep", "value"]), Some("1"));
    assert_eq!(conf.capaths("A", "B"), Some(vec![]));
    assert_eq!(conf.capaths("A", "C"), Some(vec!["B".to_string(), "B2".to_string(), "B3".to_string()]));
    assert_eq!(conf.capaths("B", "A"), None);
}

#[test]
fn nothing_said_means_mits_defaults() {
    let conf = Config::default();
    assert_eq!(conf.default_realm(), None);
    assert_eq!((conf.clockskew(), conf.ticket_lifetime(), conf.renew_lifetime()), (300, 86_400, 0));
    assert_eq!(conf.udp_preference_limit(), 1465);
    assert!(conf.dns_lookup_kdc() && conf.kdc_timesync() && !conf.proxiable());
    assert_eq!(conf.permitted_enctypes(), [18, 17, 20, 19]);
    assert_eq!(conf.kpasswd_servers("R"), []);
    let nonsense = Config::of_texts(&["[libdefaults]\nclockskew = soon\nproxiable = maybe\n"]).unwrap();
    assert_eq!((nonsense.clockskew(), nonsense.proxiable()), (300, false));
    let fallback = Config::of_texts(&["[libdefaults]\ndns_fallback = no\n"]).unwrap();
    assert!(!fallback.dns_lookup_kdc());
}

#[test]
fn a_hosts_realm_is_its_own_or_a_parents() {
    let conf = Config::of_texts(&[SAMPLE]).unwrap();
    for (host, realm) in [
        ("www.example.test", Some("EXAMPLE.TEST")),
        ("WWW.Example.Test.", Some("EXAMPLE.TEST")),
        ("a.b.example.test", Some("EXAMPLE.TEST")),
        ("example.test", None),
        ("host.other.test", Some("OTHER.TEST")),
        // A name without a dot means the hosts below it too, as in MIT.
        ("x.host.other.test", Some("OTHER.TEST")),
        ("deep.example.test", Some("DEEP.TEST")),
        ("other.test", None),
        ("", None),
        (".", None),
        ("..", None),
    ] {
        assert_eq!(conf.realm_of_host(host), realm, "{host}");
    }
}

#[test]
fn values_have_mits_forms() {
    for yes in ["y", "yes", "TRUE", "t", "1", "On"] {
        assert_eq!(boolean(yes), Some(true), "{yes}");
    }
    for no in ["n", "No", "false", "nil", "0", "off"] {
        assert_eq!(boolean(no), Some(false), "{no}");
    }
    assert_eq!(boolean("maybe"), None);
    for (text, seconds) in [
        ("0", Some(0)),
        ("3600", Some(3600)),
        ("10h", Some(36_000)),
        ("1d2h", Some(93_600)),
        ("1d 2h 3m 4s", Some(93_784)),
        ("1:30", Some(5400)),
        ("100:00:01", Some(360_001)),
        ("2d 1:00", Some(176_400)),
        ("2d-1:00:05", Some(176_405)),
        ("", None),
        ("h", None),
        ("10x", None),
        ("10h5", None),
        ("1:60", None),
        ("1:2:3:4", None),
        (":", None),
        ("99999999999", None),
        ("99999d", None),
        ("-5", None),
    ] {
        assert_eq!(duration(text), seconds, "{text}");
    }
    for (text, list) in [
        ("aes", vec![18, 17, 20, 19]),
        ("aes-sha2, RC4-HMAC", vec![20, 19, 23]),
        ("aes256-cts aes128-cts-hmac-sha1-96 aes256-sha2 aes128-sha2", vec![18, 17, 20, 19]),
        ("DEFAULT -aes256-cts-hmac-sha1-96", vec![17, 20, 19]),
        ("DEFAULT -aes +arcfour-hmac", vec![23]),
        ("des3-cbc-sha1 camellia nonsense", vec![]),
        ("aes128-cts default", vec![17, 18, 20, 19]),
    ] {
        assert_eq!(enctypes(text, &[18, 17, 20, 19]), list, "{text}");
    }
}

#[test]
fn files_are_named_by_the_environment_or_the_configuration() {
    let conf = Config::of_texts(&[SAMPLE]).unwrap();
    let os = TestOs(vec![("TMPDIR", "/var/tmp".into())]);
    assert_eq!(conf.ccache_name(&os).unwrap(), "FILE:/var/tmp/cc_1234_alice");
    assert_eq!(conf.keytab_name(&os).unwrap(), "FILE:/srv/a b.keytab");
    let bare = TestOs::default();
    let none = Config::default();
    assert_eq!(none.ccache_name(&bare).unwrap(), "FILE:/tmp/krb5cc_1234");
    assert_eq!(none.keytab_name(&bare).unwrap(), "FILE:/etc/krb5.keytab");
    assert_eq!(none.client_keytab_name(&bare).unwrap(), "FILE:/etc/krb5/user/1234/client.keytab");
    let own = TestOs(vec![
        ("KRB5CCNAME", "DIR:/c/%{uid}".into()),
        ("KRB5_KTNAME", "/k".into()),
        ("KRB5_CLIENT_KTNAME", "/ck".into()),
    ]);
    assert_eq!(conf.ccache_name(&own).unwrap(), "DIR:/c/%{uid}");
    assert_eq!(conf.keytab_name(&own).unwrap(), "/k");
    assert_eq!(conf.client_keytab_name(&own).unwrap(), "/ck");
    assert!(expand("%{uid", &bare).is_err());
    assert!(expand("%{LIBDIR}/x", &bare).unwrap_err().contains("LIBDIR"));
    assert_eq!(expand("%{TEMP}%", &bare).unwrap(), "/tmp%");
}

#[test]
fn files_of_the_list_stand_one_after_the_other() {
    let first = "[libdefaults]\na = 1\nf* = 1\n[realms]\nR = {\nkdc = k1\n}\nS = {\nkdc = s1\n}*\n";
    let second = "[libdefaults]\na = 2\nb = 2\nf = 2\n[realms]\nR = {\nkdc = k2\n}\nS = {\nkdc = s2\n}\n";
    let conf = Config::of_texts(&[first, second]).unwrap();
    assert_eq!(conf.values(&["libdefaults", "a"]), ["1", "2"]);
    assert_eq!(conf.setting("a"), Some("1"));
    assert_eq!(conf.setting("b"), Some("2"));
    assert_eq!(conf.values(&["libdefaults", "f"]), ["1"]);
    assert_eq!(conf.values(&["realms", "R", "kdc"]), ["k1", "k2"]);
    assert_eq!(conf.values(&["realms", "S", "kdc"]), ["s1"]);
    let last = Config::of_texts(&[
        "[libdefaults]*\na = 1\n[realms]\nT* = {\nkdc = t1\n}\n",
        "[libdefaults]\nb = 2\n[realms]\nT = {\nkdc = t2\n}\n",
    ])
    .unwrap();
    assert_eq!((last.setting("a"), last.setting("b")), (Some("1"), None));
    assert_eq!(last.values(&["realms", "T", "kdc"]), ["t1"]);
}

#[test]
fn the_environments_list_is_read_and_missing_files_are_empty() {
    let folder = Folder::new("list");
    let one = folder.write("one", "\u{FEFF}[libdefaults]\r\n default_realm = ONE\r\n");
    let two = folder.write("two", "[libdefaults]\ndefault_realm = TWO\nclockskew = 7\n");
    let list = |list: String| Config::load(&TestOs(vec![("KRB5_CONFIG", list.into())]));
    let both = list(format!("{}:/nowhere/krb5.conf::{}", one.display(), two.display())).unwrap();
    assert_eq!((both.default_realm(), both.clockskew()), (Some("ONE"), 7));
    for empty in ["/dev/null", "/nowhere/krb5.conf", ""] {
        assert_eq!(list(empty.to_string()).unwrap().default_realm(), None);
    }
    for no_file in ["/dev/zero".to_string(), folder.path().display().to_string()] {
        assert!(list(no_file).is_err());
    }
}

#[test]
fn files_include_others() {
    let folder = Folder::new("include");
    let path = folder.path().display();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    folder.write("d/b.conf", "[libdefaults]\nb = d\norder = b\n");
    folder.write("d/a-1_X", "[libdefaults]\na = d\norder = a\n");
    folder.write("d/no~", "[broken");
    folder.write("d/.hidden.conf", "[broken");
    folder.write("d/x.bak", "[broken");
    folder.write("one", "[libdefaults]\none = 1\nsame = included\n");
    let main = format!(
        "[libdefaults]\nsame = main\ninclude {path}/one\nsame = after\nlast = main\nincludedir {path}/d\n"
    );
    let main = folder.write("main", main);
    let conf = Config::of_files(&[&main]).unwrap();
    assert_eq!(conf.values(&["libdefaults", "same"]), ["main", "included", "after"]);
    assert_eq!(conf.values(&["libdefaults", "order"]), ["a", "b"]);
    for (name, value) in [("one", "1"), ("last", "main"), ("a", "d"), ("b", "d")] {
        assert_eq!(conf.setting(name), Some(value), "{name}");
    }
    let refused = |text: String| {
        let path = folder.write("bad", text);
        Config::of_files(&[&path]).unwrap_err().reason.to_string()
    };
    assert!(refused(format!("\ninclude {path}/missing\n")).contains("bad line 2: "));
    assert!(refused(format!("includedir {path}/missing\n")).contains("missing"));
    assert!(refused("include one\n".to_string()).contains("full path"));
    assert!(refused("module /lib/x.so:y\n".to_string()).contains("modules"));
    assert!(refused(format!("include {path}/bad\n")).contains("include each other"));
    folder.write("broken", "[libdefaults]\nx\n");
    let reason = refused(format!("include {path}/broken\n"));
    assert!(reason.contains("bad line 1: ") && reason.contains("broken line 2: "), "{reason}");
}

#[test]
fn a_malformed_file_is_refused_with_its_line() {
    for (text, line) in [
        ("[a]\nx\n", "line 2"),
        ("[a\n", "line 1"),
        ("[]\n", "line 1"),
        ("[a] b\n", "line 1"),
        ("[a]\n = b\n", "line 2"),
        ("[a]\nx y = b\n", "line 2"),
        ("[a]\nx = {\n[b]\n", "line 3"),
        ("[a]\nx = {\n", "no end"),
        ("[a]\nx =\ny = 1\n", "line 3"),
        ("[a]\nx =\n", "no end"),
        ("[a]\n}\n", "line 2"),
        ("[a]\nx = {\n} y\n", "line 3"),
        ("[a]\nx = { y\n", "line 2"),
        ("[a]\nx = \"y\n", "line 2"),
        ("[a]\nx = \"y\\\n", "line 2"),
    ] {
        let reason = conf_file::parse(text.as_bytes()).unwrap_err();
        assert!(reason.contains(line), "{text:?}: {reason}");
    }
    assert!(conf_file::parse(b"[a]\nx = \xFF\n").unwrap_err().contains("UTF-8"));
    // Comments may be of any encoding.
    assert!(conf_file::parse(b"[a]\n# \xFF\n").is_ok());
    // A star alone is a name.
    assert_eq!(Config::of_texts(&["[libdefaults]\n* = 1\n"]).unwrap().setting("*"), Some("1"));
    let deep = format!("[a]\n{}", "x = {\n".repeat(20));
    assert!(conf_file::parse(deep.as_bytes()).unwrap_err().contains("too deep"));
    let quotes = Config::of_texts(&["[libdefaults]\nq = \"a\\n\\t\\b\\\\\\\"b\"\n"]).unwrap();
    assert_eq!(quotes.setting("q"), Some("a\n\t\u{8}\\\"b"));
}

#[test]
fn noise_is_read_or_refused_but_never_panics() {
    damage(SAMPLE.as_bytes(), |text| drop(conf_file::parse(text)));
    let mut numbers = Numbers(7);
    let pieces =
        ["[a]", "x", "=", "{", "}", "*", "\n", "\"", "\\", "#", " ", "include /", "%{", ":", "9", "d"];
    for _ in 0..20_000 {
        let count = numbers.next() % 24;
        let text: String = (0..count).map(|_| pieces[(numbers.next() % 16) as usize]).collect();
        let _ = (duration(&text), enctypes(&text, &[18]), expand(&text, &TestOs::default()));
        if !text.contains("include") {
            let _ = conf_file::parse(text.as_bytes());
        }
    }
}
