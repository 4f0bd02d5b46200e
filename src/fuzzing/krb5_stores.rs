//! Kerberos' files and names.

#![forbid(unsafe_code)]

use super::world::World;
use crate::store::krb5::ccache_format::Contents;
use crate::store::krb5::conf::Config;
use crate::store::krb5::conf_values;
use crate::store::krb5::keytab::Keytab;
use crate::store::krb5::principal::{self, Principal};

pub fn keytab(bytes: &[u8]) {
    let Ok(keytab) = Keytab::parse(bytes) else { return };
    for principal in keytab.principals() {
        let enctypes = keytab.enctypes(principal);
        assert!(!enctypes.is_empty(), "a principal without a key");
        for enctype in enctypes {
            assert!(keytab.find(principal, None, enctype).is_some(), "a key that cannot be found");
            let _ = keytab.find(principal, Some(3), enctype);
        }
    }
}

pub fn ccache(bytes: &[u8]) {
    let Ok(contents) = Contents::parse(bytes) else { return };
    let _ = contents.setting("fast_avail", None);
    for credential in &contents.credentials {
        let _ = contents.find(&credential.server, &[credential.enctype], 0);
    }
    let written = contents.to_bytes().expect("what was read can be written");
    let again = Contents::parse(written.as_ref()).expect("what was written can be read");
    let again = again.to_bytes().expect("it was written before");
    assert!(written.as_ref() == again.as_ref(), "a cache changed on its way");
}

/// krb5.conf, without what it includes.
pub fn conf(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("include") {
        return;
    }
    let Ok(conf) = Config::of_texts(&[&text]) else { return };
    for realm in [conf.default_realm().unwrap_or("EXAMPLE.TEST"), "R"] {
        let _ = (conf.kdcs(realm), conf.kpasswd_servers(realm));
        let _ = (conf.knows_realm(realm), conf.capaths(realm, "R"), conf.realm_of_host(realm));
    }
    let _ = (conf.realm_of_host("server.example.test"), conf.realm_of_host("."), conf.realm_of_host(""));
    let _ = (conf.permitted_enctypes(), conf.default_tkt_enctypes(), conf.default_tgs_enctypes());
    let _ = (conf.clockskew(), conf.ticket_lifetime(), conf.renew_lifetime(), conf.udp_preference_limit());
    let _ = (conf.dns_lookup_kdc(), conf.proxiable(), conf.kdc_timesync());
    let _ = (conf.keytab_name(&World), conf.client_keytab_name(&World), conf.ccache_name(&World));
}

/// Names as text, and the small values of krb5.conf.
pub fn principal(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for read in [Principal::parse(text, "R"), Principal::enterprise(text, "R")].into_iter().flatten() {
        let again = Principal::parse(&read.to_string(), "");
        assert!(again.is_ok_and(|again| again == read), "a name changed on its way: {read:?}");
    }
    if let Ok(service) = Principal::service(text) {
        let _ = (service.host(), service.to_string());
    }
    let _ = (principal::split_port(text), conf_values::boolean(text), conf_values::duration(text));
    let _ = (conf_values::enctypes(text, &[18]), conf_values::expand(text, &World));
}

/// The bytes of a fixture in hex.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.bytes().filter_map(|byte| char::from(byte).to_digit(16)?.try_into().ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

pub fn keytabs() -> Vec<Vec<u8>> {
    vec![
        unhex(include_str!("../store/krb5/tests/mit.keytab.hex")),
        unhex(include_str!("../store/krb5/tests/mit-hole.keytab.hex")),
        vec![5, 2],
    ]
}

pub fn ccaches() -> Vec<Vec<u8>> {
    vec![
        unhex(include_str!("../store/krb5/tests/mit-v3.ccache.hex")),
        unhex(include_str!("../store/krb5/tests/mit-v4.ccache.hex")),
    ]
}

pub fn confs() -> Vec<Vec<u8>> {
    let whole = "# comment\n[libdefaults]\n default_realm = EXAMPLE.TEST\n clockskew = 5m\n ticket_lifetime = 1d 2h\n \
        permitted_enctypes = aes +rc4 -aes128-cts\n default_ccache_name = FILE:/tmp/krb5cc_%{uid}\n dns_lookup_kdc = no\n\
        [realms]\n EXAMPLE.TEST = {\n  kdc = kdc.example.test:88\n  kdc = tcp/[::1]:750\n  admin_server = a\n \
        kpasswd_server = b:464\n }\n[domain_realm]\n .example.test = EXAMPLE.TEST\n server.example.test = R\n\
        [capaths]\n R = {\n  EXAMPLE.TEST = .\n  S = EXAMPLE.TEST\n }\n";
    let odd = "[libdefaults]*\n default_realm* = \"A\\\"B\\n\"\n renew_lifetime = 1:02:03\n; x\n[realms]\nR = {\n}*\n";
    vec![whole.into(), odd.into(), "[a]\nb = {\nc = d\n".into()]
}

pub fn principals() -> Vec<Vec<u8>> {
    [
        "alice@EXAMPLE.TEST",
        "alice/admin",
        "a\\/b\\@c\\n@R",
        "HTTP/server.example.test:80/x@R",
        "alice@corp.test@R",
        "1d 2h",
        "des3 aes -rc4",
        "%{uid}%{null}/x",
        "krbtgt/A@B",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
