//! Which principal a Windows account name means.

#![forbid(unsafe_code)]

use crate::error::{Code, Error, Result};
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::Principal;

/// The principal of `user` in `domain`, either as SEC_WINNT_AUTH_IDENTITY has them:
///
/// * `alice` in `REALM`, `realm.test` or `NETBIOS`, or in none: the default realm;
/// * `alice/admin`, as kinit takes it;
/// * `alice@corp.test` without a domain: an enterprise name, which the KDC knows or sends elsewhere with
///   (RFC 6806). The realm to ask first is that of the suffix if it is known, else the default realm.
pub fn principal(user: &str, domain: &str, conf: &Config) -> Result<Principal> {
    let invalid = |_| Error::new(Code::LogonDenied, "a user name that no realm can have");
    if user.is_empty() {
        return Err(Error::new(Code::NoCredentials, "an identity without a user name"));
    }
    if !domain.is_empty() {
        return Principal::parse(&escaped(user), &realm(domain, conf)).map_err(invalid);
    }
    let default = || conf.default_realm().map(str::to_owned);
    match user.rsplit_once('@') {
        Some((_, suffix)) if !suffix.is_empty() => {
            let asked = known(suffix, conf).or_else(default).unwrap_or_else(|| suffix.to_uppercase());
            let escaped = user.replace('\\', "\\\\");
            let mut principal = Principal::enterprise(&escaped, &asked).map_err(invalid)?;
            principal.realm = asked;
            Ok(principal)
        }
        _ => {
            let reason = "neither the identity nor krb5.conf names a realm";
            let realm = default().ok_or_else(|| Error::new(Code::NoAuthenticatingAuthority, reason))?;
            Principal::parse(user, &realm).map_err(invalid)
        }
    }
}

/// With a domain given, an `@` is a letter of the name like any other.
fn escaped(user: &str) -> String {
    user.replace('\\', "\\\\").replace('@', "\\@")
}

/// The realm that a domain's name means: realms are upper case by custom, Windows' users write anything,
/// and the NetBIOS name of a domain is most often the first label of its DNS name.
pub fn realm(domain: &str, conf: &Config) -> String {
    if let Some(known) = known(domain, conf) {
        return known;
    }
    let default = conf.default_realm().unwrap_or_default();
    let first = default.split('.').next().unwrap_or_default();
    match !domain.contains('.') && domain.eq_ignore_ascii_case(first) {
        true => default.to_owned(),
        false => domain.to_uppercase(),
    }
}

/// The realm of that name, in any case, which krb5.conf knows.
fn known(name: &str, conf: &Config) -> Option<String> {
    let default = conf.default_realm().filter(|realm| realm.eq_ignore_ascii_case(name));
    let spelled = [name.to_owned(), name.to_uppercase(), name.to_lowercase()];
    default.map(str::to_owned).or_else(|| spelled.into_iter().find(|realm| conf.knows_realm(realm)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf() -> Config {
        let text = "[libdefaults]\ndefault_realm = EXAMPLE.TEST\n[realms]\nOTHER.TEST = {\nkdc = h\n}\n\
                    lower.test = {\nkdc = h\n}\n";
        Config::of_texts(&[text]).unwrap()
    }

    fn of(user: &str, domain: &str) -> String {
        principal(user, domain, &conf()).unwrap().to_string()
    }

    #[test]
    fn every_spelling_means_its_realm() {
        for domain in ["", "EXAMPLE.TEST", "example.test", "EXAMPLE", "example"] {
            assert_eq!(of("alice", domain), "alice@EXAMPLE.TEST", "{domain}");
        }
        assert_eq!(of("alice", "other.test"), "alice@OTHER.TEST");
        assert_eq!(of("alice", "LOWER.test"), "alice@lower.test");
        assert_eq!(of("alice", "unheard"), "alice@UNHEARD");
        assert_eq!(of("alice/admin", ""), "alice/admin@EXAMPLE.TEST");
        assert_eq!(of("alice/admin", "other.test"), "alice/admin@OTHER.TEST");
    }

    #[test]
    fn a_upn_is_an_enterprise_name() {
        let upn = principal("alice@corp.test", "", &conf()).unwrap();
        assert_eq!(
            (upn.name_type, upn.components.as_slice(), upn.realm.as_str()),
            (10, &["alice@corp.test".to_owned()][..], "EXAMPLE.TEST")
        );
        assert_eq!(principal("alice@other.test", "", &conf()).unwrap().realm, "OTHER.TEST");
        let inside = principal("a@b", "EXAMPLE", &conf()).unwrap();
        assert_eq!((inside.name_type, inside.components), (1, vec!["a@b".to_owned()]));
        assert!(principal("", "EXAMPLE", &conf()).is_err());
    }
}
