#![forbid(unsafe_code)]

use crate::error::Code;
use crate::store::krb5::principal::*;

#[test]
fn names_are_read_and_written_as_mit_does() {
    for (text, name_type, components, realm) in [
        ("alice", NT_PRINCIPAL, vec!["alice"], "DEFAULT"),
        ("alice/admin@EXAMPLE.TEST", NT_PRINCIPAL, vec!["alice", "admin"], "EXAMPLE.TEST"),
        ("krbtgt/A@B", NT_SRV_INST, vec!["krbtgt", "A"], "B"),
        (
            "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS",
            NT_WELLKNOWN,
            vec!["WELLKNOWN", "ANONYMOUS"],
            "WELLKNOWN:ANONYMOUS",
        ),
        (r"a\/b\@c\\d@R", NT_PRINCIPAL, vec![r"a/b@c\d"], "R"),
        (r"t\tn\nb\bz\0x@R", NT_PRINCIPAL, vec!["t\tn\nb\u{8}z\0x"], "R"),
        (r"\x\y@R", NT_PRINCIPAL, vec!["xy"], "R"),
        ("alice@", NT_PRINCIPAL, vec!["alice"], ""),
        ("a//b@R", NT_PRINCIPAL, vec!["a", "", "b"], "R"),
        ("Ünïcode/ß@R/S", NT_PRINCIPAL, vec!["Ünïcode", "ß"], "R/S"),
    ] {
        let read = Principal::parse(text, "DEFAULT").unwrap();
        assert_eq!(
            (read.name_type, &read),
            (name_type, &Principal::new(name_type, &components, realm)),
            "{text}"
        );
        assert_eq!(Principal::parse(&read.to_string(), "OTHER").unwrap(), read, "{text}");
    }
    for text in ["", "@R", "/@R", "a@B@C", r"alice\", r"a@B\"] {
        let refused = Principal::parse(text, "DEFAULT").unwrap_err();
        assert_eq!(refused.code, Code::InvalidParameter, "{text}");
    }
    let odd = Principal::new(NT_PRINCIPAL, &["a/b", "c@d\\"], "R@\t\n\u{8}\0");
    assert_eq!(odd.to_string(), r"a\/b/c\@d\\@R\@\t\n\b\0");
    assert_eq!(Principal::parse(&odd.to_string(), "").unwrap(), odd);
    let long = vec!["a"; 33].join("/");
    assert!(Principal::parse(&long, "R").is_err());
}

#[test]
fn an_enterprise_name_is_one_component() {
    for (text, component, realm) in [
        ("alice@corp.test", "alice@corp.test", "R"),
        ("alice@corp.test@OTHER", "alice@corp.test", "OTHER"),
        ("alice", "alice", "R"),
        ("a/b@c", "a/b@c", "R"),
        (r"a\@b@c", "a@b@c", "R"),
    ] {
        let read = Principal::enterprise(text, "R").unwrap();
        assert_eq!(
            (read.name_type, &read),
            (NT_ENTERPRISE, &Principal::new(NT_ENTERPRISE, &[component], realm)),
            "{text}"
        );
    }
    assert_eq!(Principal::enterprise("alice@corp.test", "R").unwrap().to_string(), r"alice\@corp.test@R");
    assert!(Principal::enterprise("a@b@c@d", "R").is_err());
}

#[test]
fn every_form_of_spn_is_read() {
    for (text, components, realm, host) in [
        ("HTTP/server.example.test", vec!["HTTP", "server.example.test"], "", Some("server.example.test")),
        ("HTTP/Server.Example.TEST.", vec!["HTTP", "Server.Example.TEST"], "", Some("Server.Example.TEST")),
        ("MSSQLSvc/db.a:1433", vec!["MSSQLSvc", "db.a:1433"], "", Some("db.a")),
        ("MSSQLSvc/db.a.:1433@R", vec!["MSSQLSvc", "db.a:1433"], "R", Some("db.a")),
        ("MSSQLSvc/db.a:SQL EXPRESS", vec!["MSSQLSvc", "db.a:SQL EXPRESS"], "", Some("db.a")),
        ("ldap/dc1.a.test/a.test@A.TEST", vec!["ldap", "dc1.a.test", "a.test"], "A.TEST", Some("dc1.a.test")),
        ("ldap/dc1.a.test.:389/a.test.", vec!["ldap", "dc1.a.test:389", "a.test."], "", Some("dc1.a.test")),
        ("HTTP/[fe80::1]:80", vec!["HTTP", "[fe80::1]:80"], "", Some("[fe80::1]")),
        ("HTTP/fe80::1", vec!["HTTP", "fe80::1"], "", Some("fe80::1")),
        ("host/a@b@R", vec!["host", "a@b"], "R", Some("a@b")),
        (r"a\b/c\/d", vec![r"a\b", r"c\", "d"], "", Some(r"c\")),
        ("a/.", vec!["a", "."], "", Some(".")),
    ] {
        let read = Principal::service(text).unwrap();
        assert_eq!(
            (read.name_type, &read),
            (NT_SRV_INST, &Principal::new(NT_SRV_INST, &components, realm)),
            "{text}"
        );
        assert_eq!(read.host(), host, "{text}");
    }
    let account = Principal::service("alice@EXAMPLE.TEST").unwrap();
    assert_eq!(
        (account.name_type, &account),
        (NT_PRINCIPAL, &Principal::new(NT_PRINCIPAL, &["alice"], "EXAMPLE.TEST"))
    );
    assert_eq!(account.host(), None);
    for text in ["", "HTTP/", "/host", "HTTP//x", "@R", "HTTP/a@", "a/b\0c"] {
        assert_eq!(Principal::service(text).unwrap_err().code, Code::TargetUnknown, "{text}");
    }
}

#[test]
fn the_type_does_not_make_another_name() {
    let (user, service) = (Principal::new(1, &["a", "b"], "R"), Principal::new(2, &["a", "b"], "R"));
    assert!(user == service && user.name_type != service.name_type);
    for other in [
        Principal::new(1, &["a", "b"], "r"),
        Principal::new(1, &["a"], "R"),
        Principal::new(1, &["a/b"], "R"),
    ] {
        assert_ne!(user, other);
    }
    assert_eq!(Principal::krbtgt("A", "B").to_string(), "krbtgt/A@B");
}
