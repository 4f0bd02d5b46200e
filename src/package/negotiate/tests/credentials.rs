//! PackageList, names and settings.

#![forbid(unsafe_code)]

use super::*;
use crate::package::Setting;
use crate::package::negotiate::NEGOTIATE;

static BOTH: Mechanisms = &[&TWO, &NTLMSSP];

fn with_list(list: &str) -> Arc<dyn Credential> {
    let identity = Identity { package_list: Some(wide(list)), ..identity("", "bob", "geheim") };
    acquire(BOTH, true, Some(identity), None, "spnego").unwrap()
}

/// How many object identifiers are offered, and whether NTLM's is the first.
fn offered(list: &str) -> Option<(usize, bool)> {
    let mut initiator = with_list(list).initiate(None).ok()?;
    let Step::Continue(init) = initiator.step(input(None, Flags::NONE)) else { panic!() };
    let oids = tokens::NegTokenInit::parse(&init).unwrap().mech_types.oids;
    Some((oids.len(), NTLMSSP.is(oids[0])))
}

#[test]
fn a_package_list_orders_and_excludes() {
    for list in ["", "Scripted,NTLM", "scripted:ntlm:NTLM", "!Kerberos", "!unknown, "] {
        assert_eq!(offered(list), Some((3, false)), "{list}");
    }
    assert_eq!(offered("ntlm , SCRIPTED"), Some((3, true)));
    for list in ["NTLM", "!Scripted", "! scripted", "ntlm,!scripted,unknown", "Kerberos:NTLM"] {
        assert_eq!(offered(list), Some((1, true)), "{list}");
    }
    assert_eq!(offered("!NTLM"), Some((2, false)));
    for list in ["NegoExtender", "!ntlm,!scripted", "ntlm:!NTLM"] {
        assert_eq!(with_list(list).initiate(None).err().unwrap().code, Code::NoCredentials, "{list}");
        assert_eq!(with_list(list).accept().err().unwrap().code, Code::NoCredentials);
        assert_eq!(with_list(list).name().err().unwrap().code, Code::NoCredentials);
    }
}

#[test]
fn a_list_that_only_excludes_goes_inside_spnego() {
    for (list, emission, is_bare) in [
        ("", "auto", true),
        ("NTLM", "auto", true),
        ("ntlm,!Kerberos", "auto", true),
        ("!Kerberos", "auto", false),
        ("!Kerberos", "raw", true),
        ("NTLM", "spnego", false),
    ] {
        let identity = Identity { package_list: Some(wide(list)), ..identity("", "bob", "geheim") };
        let credential = acquire(NTLM, true, Some(identity), None, emission).unwrap();
        let Step::Continue(token) = credential.initiate(None).unwrap().step(input(None, Flags::NONE)) else {
            panic!()
        };
        assert_eq!(token.starts_with(b"NTLMSSP"), is_bare, "{list} {emission}");
    }
}

#[test]
fn names_and_settings_are_the_mechanisms() {
    assert_eq!(with_list("ntlm").name().unwrap(), wide("bob"));
    assert_eq!(with_list("").name().unwrap(), wide("scripted"));
    let inbound = server(BOTH);
    inbound.set(Setting::KdcProxy { force: true, server: None }).unwrap();
    inbound.set(Setting::Accounts(users().unwrap())).unwrap();
    inbound.set(Setting::Services(&[wide("host/other")])).unwrap();
    server(NTLM).set(Setting::KdcProxy { force: false, server: Some(&wide("proxy")) }).unwrap();
    let named = |credential: &dyn Credential| -> Vec<&str> {
        credential.mechanisms().unwrap().iter().map(|info| info.name).collect()
    };
    assert_eq!(named(&*inbound), ["Scripted", "NTLM"]);
    assert_eq!(named(&*with_list("ntlm")), ["NTLM"]);
    let only: Mechanisms = these![NO_CREDENTIAL];
    assert_eq!(acquire(only, true, None, None, "auto").err().unwrap().code, Code::TargetUnknown);
}

#[test]
fn contexts_are_imported_by_their_mechanism() {
    assert!(NEGOTIATE.makes(&crate::package::ntlm::INFO) && !NEGOTIATE.makes(NEGOTIATE.info()));
    let mut pair = negotiate(NTLM, NTLM).unwrap();
    let halves = [pair.client.sender.export().unwrap(), pair.client.receiver.export().unwrap()];
    let Pair { client, server, tokens } = pair;
    let client = NEGOTIATE.import(client.facts, halves[0].as_ref(), halves[1].as_ref()).unwrap();
    exchange(&mut Pair { client, server, tokens });
    let foreign = negotiate(these![TWO], these![TWO]).unwrap().client.facts;
    assert!(NEGOTIATE.import(foreign, &[], &[]).is_err());
}
