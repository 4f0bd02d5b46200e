#![forbid(unsafe_code)]

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use widestring::{U16Str, U16String};

use super::context::{Context, Role, Status};
use super::credential::Credential;
use super::impersonation;
use crate::error::{Code, Error, Result};
use crate::package::facts::{DomainAccount, Extra, Facts, KeyInfo, PackageInfo, Progress, Sizes};
use crate::package::{
    self, Acquire, Established, Flags, Handshake, In, MechList, Package, Qop, Receiver, Sender, Setting,
    ShortBytes, Step, Usage, Wrapped, time,
};
use crate::part::Part;
use crate::secret::Secret;
use crate::store::Sources;
use crate::store::accounts::{Account, AccountSource};
use crate::store::os::{LocalAccount, Os, ThreadIdentity};

/// A package whose handshake is a script: the token says what the step does.
struct Scripted;

static INFO: PackageInfo =
    PackageInfo { name: "Scripted", comment: "-", capabilities: 0, version: 1, rpc_id: 1, max_token: 9 };
const SIZES: Sizes = Sizes { max_token: 9, max_signature: 1, block_size: 0, security_trailer: 1 };

impl Package for Scripted {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }
    fn acquire(&self, _: Acquire<'_>) -> Result<Arc<dyn package::Credential>> {
        Ok(Arc::new(Scripted))
    }
    fn import(&self, _: Facts, _: &[u8], _: &[u8]) -> Result<Established> {
        Err(Code::UnsupportedFunction.into())
    }
}

impl package::Credential for Scripted {
    fn initiate(&self, _: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        Ok(Box::new(Scripted))
    }
    fn accept(&self) -> Result<Box<dyn Handshake>> {
        Ok(Box::new(Scripted))
    }
    fn name(&self) -> Result<U16String> {
        Ok(U16String::from_str("D\\u"))
    }
    fn set(&self, _: Setting<'_>) -> Result<()> {
        Ok(())
    }
}

impl Handshake for Scripted {
    fn step(&mut self, input: In<'_>) -> Step {
        match input.token {
            Some(b"done") => Step::Done(Some(b"last".to_vec()), Box::new(established(time::NEVER))),
            Some(b"expired") => Step::Done(None, Box::new(established(1))),
            Some(b"identify") => {
                let mut identified = established(time::NEVER);
                identified.facts.grants = Flags::IDENTIFY;
                Step::Done(None, Box::new(identified))
            }
            Some(name) if name.starts_with(b"as ") || name.starts_with(b"by domain ") => {
                let mut named = established(time::NEVER);
                let vouched = name.starts_with(b"by domain ");
                let name = std::str::from_utf8(&name[if vouched { 10 } else { 3 }..]).unwrap();
                named.facts.client = Some(U16String::from_str(name));
                let account = DomainAccount { sids: vec!["S-1-5-21-1".into()], ..DomainAccount::default() };
                named.facts.extra =
                    vouched.then(|| Box::new(Extra { delegated: None, account: Some(account) }));
                Step::Done(None, Box::new(named))
            }
            Some(b"account") => Step::NeedAccount,
            Some(b"no") => Step::Failed(Error::new(Code::LogonDenied, "no"), Some(b"why".to_vec())),
            Some(b"panic") => panic!("scripted"),
            _ => Step::Continue(b"more".to_vec()),
        }
    }
    fn supply(&mut self, accounts: Option<&dyn AccountSource>) -> Step {
        let nobody = U16Str::from_slice(&[]);
        let _ = accounts.unwrap().lookup(nobody, nobody);
        Step::Done(None, Box::new(established(time::NEVER)))
    }
    fn progress(&self) -> Progress {
        Progress { package: &INFO, sizes: SIZES, grants: Flags::CONNECTION, negotiation_state: 2 }
    }
}

fn established(expiry: u64) -> Established {
    let facts = Facts {
        package: &INFO,
        sizes: SIZES,
        grants: Flags::INTEGRITY,
        client: Some(U16String::from_str("HOST\\alice")),
        server: None,
        authority: None,
        target: None,
        start: 0,
        expiry,
        session_key: Secret::new(vec![1]),
        key_info: &KeyInfo::UNNAMED,
        bindings: Default::default(),
        extra: None,
    };
    Established { sender: Box::new(Scripted), receiver: Box::new(Scripted), facts }
}

impl Sender for Scripted {
    fn wrap(&mut self, parts: &mut [Part<'_>], _: &mut [u8], _: &mut [u8], _: Qop) -> Result<Wrapped> {
        assert!(!parts.is_empty(), "scripted");
        Ok(Wrapped { token: 1, padding: 0 })
    }
    fn mic(&mut self, _: &[Part<'_>], _: &mut [u8]) -> Result<usize> {
        Ok(1)
    }
    fn list_mic(&mut self, _: &MechList) -> Result<ShortBytes> {
        Ok(ShortBytes::new())
    }
    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        Ok(Secret::new(Vec::new()))
    }
}

impl Receiver for Scripted {
    fn unwrap(&mut self, _: &mut [Part<'_>], _: &[u8], _: &[u8]) -> Result<Qop> {
        Ok(Qop::Encrypt)
    }
    fn unwrap_stream(&mut self, _: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        Ok((0..0, Qop::Encrypt))
    }
    fn verify(&mut self, _: &[Part<'_>], _: &[u8]) -> Result<()> {
        Ok(())
    }
    fn list_verify(&mut self, _: &MechList, _: &[u8]) -> Result<()> {
        Ok(())
    }
    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        Ok(Secret::new(Vec::new()))
    }
}

struct TestOs {
    impersonation: Option<&'static str>,
    privileged: bool,
    assumed: parking_lot::Mutex<Option<String>>,
}

impl TestOs {
    const fn new(impersonation: Option<&'static str>, privileged: bool) -> TestOs {
        TestOs { impersonation, privileged, assumed: parking_lot::Mutex::new(None) }
    }
}

impl Os for TestOs {
    fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
        match name {
            "SSPI_IMPERSONATION" => self.impersonation.map(Into::into),
            "SSPI_LOCAL_DOMAINS" => Some("LISTED,LISTED.TEST".into()),
            _ => None,
        }
    }
    fn user_name(&self) -> Option<U16String> {
        None
    }
    fn host_name(&self) -> U16String {
        U16String::from_str("host.example.test")
    }
    fn effective_uid(&self) -> u32 {
        0
    }
}

impl ThreadIdentity for TestOs {
    fn privileged(&self) -> bool {
        self.privileged
    }
    fn local_account(&self, name: &str) -> Option<LocalAccount> {
        let uid = match name {
            "alice" => 1000,
            "nobody" => 65534,
            "root" => 0,
            _ => return None,
        };
        Some(LocalAccount { name: name.into(), uid, gid: uid })
    }
    fn assume(&self, account: &LocalAccount) -> Result<()> {
        *self.assumed.lock() = Some(account.name.clone());
        Ok(())
    }
    fn revert(&self) -> Result<()> {
        *self.assumed.lock() = None;
        Ok(())
    }
}

static OS: TestOs = TestOs::new(None, false);

fn credential(inbound: bool, outbound: bool) -> Result<Arc<Credential>> {
    let sources = Sources { os: (&OS).into(), accounts: None };
    let request = Acquire { usage: Usage { inbound, outbound }, principal: None, identity: None, sources };
    Credential::acquire(&Scripted, request).map(Arc::new)
}

fn context(role: Role) -> Context {
    Context::begin(credential(true, true).unwrap(), role, None).unwrap()
}

/// One step; what was delivered, and the outcome.
fn step(context: &Context, token: &[u8]) -> (Option<Vec<u8>>, Result<Status>) {
    let mut delivered = None;
    let input = In { token: Some(token), bindings: None, requirements: Flags::NONE };
    let outcome = context.step(Role::Acceptor, input, &mut |token| {
        delivered = token.map(<[u8]>::to_vec);
        Ok(())
    });
    (delivered, outcome.map(|outcome| outcome.status))
}

fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code)
}

#[test]
fn a_credential_serves_only_its_usage() {
    assert_eq!(code(credential(false, false)), Some(Code::UnknownCredentials));
    let inbound = credential(true, false).unwrap();
    assert_eq!(code(Context::begin(Arc::clone(&inbound), Role::Initiator, None)), Some(Code::NoCredentials));
    assert!(Context::begin(inbound, Role::Acceptor, None).is_ok());
}

#[test]
fn a_complete_context_refuses_another_step_and_stays_usable() {
    let context = context(Role::Acceptor);
    assert_eq!(code(context.facts()), Some(Code::InvalidHandle));
    assert_eq!(context.progress().unwrap().negotiation_state, 2);
    assert_eq!(step(&context, b"x").1.unwrap(), Status::ContinueNeeded);
    assert_eq!(code(context.mic(&[], &mut [0])), Some(Code::InvalidHandle));
    assert_eq!(step(&context, b"done").0.as_deref(), Some(&b"last"[..]));
    assert_eq!(code(step(&context, b"done").1), Some(Code::OutOfSequence));
    assert!(context.facts().is_ok() && context.mic(&[], &mut [0]).is_ok() && context.complete().is_ok());
    assert_eq!(context.progress().unwrap().negotiation_state, 0);
}

#[test]
fn the_other_role_is_refused_and_changes_nothing() {
    let context = context(Role::Initiator);
    assert_eq!(code(step(&context, b"done").1), Some(Code::InvalidHandle));
    assert!(context.progress().is_ok());
}

#[test]
fn a_failed_authentication_tells_the_peer_and_is_over() {
    let context = context(Role::Acceptor);
    let (delivered, outcome) = step(&context, b"no");
    assert_eq!((delivered.as_deref(), code(outcome)), (Some(&b"why"[..]), Some(Code::LogonDenied)));
    assert_eq!(context.last_status(), Code::LogonDenied as u32);
    assert_eq!(code(step(&context, b"done").1), Some(Code::OutOfSequence));
    assert_eq!(code(context.facts()), Some(Code::InvalidHandle));
    assert_eq!(code(context.progress()), Some(Code::InvalidHandle));
}

#[test]
fn a_token_that_did_not_fit_is_kept_for_the_same_input() {
    let context = context(Role::Acceptor);
    let attempt = |token: &[u8], room: usize| {
        let input = In { token: Some(token), bindings: None, requirements: Flags::NONE };
        context.step(Role::Acceptor, input, &mut |token| match token {
            Some(token) if token.len() > room => Err(Code::BufferTooSmall.into()),
            _ => Ok(()),
        })
    };
    assert_eq!(code(attempt(b"done", 3)), Some(Code::BufferTooSmall));
    assert_eq!(code(context.facts()), Some(Code::InvalidHandle));
    assert!(context.progress().is_ok());
    assert_eq!(code(attempt(b"no", 9)), Some(Code::InvalidToken));
    assert_eq!(code(attempt(b"done", 3)), Some(Code::BufferTooSmall));
    assert_eq!(attempt(b"done", 4).unwrap().status, Status::Ok);
    assert!(context.facts().is_ok());
}

#[test]
fn accounts_can_be_supplied_when_they_are_needed() {
    struct Nobody;
    impl AccountSource for Nobody {
        fn lookup(&self, _: &U16Str, _: &U16Str) -> Result<Option<Account>> {
            Ok(None)
        }
    }
    let context = context(Role::Acceptor);
    assert_eq!(step(&context, b"account").1.unwrap(), Status::CompleteNeeded);
    assert_eq!(code(context.complete()), Some(Code::UnsupportedFunction));
    context.supply(Some(&Nobody)).unwrap();
    assert!(context.facts().is_ok());
}

#[test]
fn a_token_of_impossible_length_is_refused_unread() {
    let context = context(Role::Acceptor);
    assert_eq!(code(step(&context, &vec![0; (1 << 20) + 1]).1), Some(Code::InvalidToken));
    assert_eq!(step(&context, b"done").1.unwrap(), Status::Ok);
}

#[test]
fn a_callback_that_asks_about_its_own_context_is_refused() {
    struct Asking<'a>(&'a Context);
    impl AccountSource for Asking<'_> {
        fn lookup(&self, _: &U16Str, _: &U16Str) -> Result<Option<Account>> {
            assert_eq!(code(self.0.progress()), Some(Code::OutOfSequence));
            assert_eq!(code(step(self.0, b"done").1), Some(Code::OutOfSequence));
            assert_eq!(code(self.0.supply(Some(self))), Some(Code::OutOfSequence));
            Ok(None)
        }
    }
    let context = context(Role::Acceptor);
    assert_eq!(step(&context, b"account").1.unwrap(), Status::CompleteNeeded);
    context.supply(Some(&Asking(&context))).unwrap();
    assert!(context.facts().is_ok());
}

#[test]
fn accounts_that_nobody_awaits_change_nothing() {
    struct Nobody;
    impl AccountSource for Nobody {
        fn lookup(&self, _: &U16Str, _: &U16Str) -> Result<Option<Account>> {
            Ok(None)
        }
    }
    let context = context(Role::Acceptor);
    let input = In { token: Some(b"done"), bindings: None, requirements: Flags::NONE };
    let refused = context.step(Role::Acceptor, input, &mut |_| Err(Code::BufferTooSmall.into()));
    assert_eq!(code(refused), Some(Code::BufferTooSmall));
    assert_eq!(code(context.supply(Some(&Nobody))), Some(Code::OutOfSequence));
    assert_eq!(step(&context, b"done").1.unwrap(), Status::Ok);
}

#[test]
fn what_a_panic_interrupted_stays_refused() {
    let broken = context(Role::Acceptor);
    assert!(catch_unwind(AssertUnwindSafe(|| step(&broken, b"panic"))).is_err());
    assert_eq!(code(step(&broken, b"done").1), Some(Code::OutOfSequence));

    let half = context(Role::Acceptor);
    step(&half, b"done").1.unwrap();
    let call = || half.wrap(&mut [], &mut [], &mut [], Qop::Encrypt);
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    assert_eq!(code(call()), Some(Code::InternalError));
    assert!(half.verify(&[], &[]).is_ok(), "the other direction goes on");
}

#[test]
fn an_expired_context_takes_no_message() {
    let context = context(Role::Acceptor);
    step(&context, b"expired").1.unwrap();
    assert_eq!(code(context.mic(&[], &mut [0])), Some(Code::ContextExpired));
    assert!(context.facts().is_ok());
}

#[test]
fn impersonation_follows_its_setting() {
    let acceptor = context(Role::Acceptor);
    step(&acceptor, b"done").1.unwrap();
    let run = |setting, privileged| {
        let os = TestOs::new(setting, privileged);
        let result = impersonation::impersonate(&acceptor, &os, &os);
        let assumed = os.assumed.lock().clone();
        (code(result), assumed)
    };
    assert_eq!(run(None, false), (None, None));
    assert_eq!(run(None, true), (None, Some("alice".into())));
    assert_eq!(run(Some("identify"), true), (None, None));
    assert_eq!(run(Some("refuse"), false), (Some(Code::NoImpersonation), None));
    assert_eq!(run(Some("what"), true), (Some(Code::NoImpersonation), None));
}

/// Who says "identify me" has not said "act as me".
#[test]
fn a_client_that_is_only_identified_is_not_acted_as() {
    let acceptor = context(Role::Acceptor);
    step(&acceptor, b"identify").1.unwrap();
    let os = TestOs::new(None, true);
    impersonation::impersonate(&acceptor, &os, &os).unwrap();
    assert_eq!(os.assumed.lock().as_deref(), Some("nobody"));
}

/// Another realm, or a domain that calls itself as this host, has no accounts here.
#[test]
fn only_a_listed_domain_has_this_machines_accounts() {
    let acted_as = |token: &str| {
        let acceptor = context(Role::Acceptor);
        step(&acceptor, token.as_bytes()).1.unwrap();
        let os = TestOs::new(None, true);
        impersonation::impersonate(&acceptor, &os, &os).unwrap();
        os.assumed.lock().clone().unwrap()
    };
    for own in [
        "as alice",
        "as HOST\\alice",
        "as host.example.test\\alice",
        "as LISTED\\alice",
        "as alice@LISTED.TEST",
        "by domain LISTED\\alice",
    ] {
        assert_eq!(acted_as(own), "alice", "{own}");
    }
    for other in [
        "as OTHER\\alice",
        "as alice@EVIL.TEST",
        "as alice@HOST",
        "as alice@",
        "by domain HOST\\alice",
        "by domain alice",
        "as HOST\\alice@EVIL.TEST",
        "as LISTED\\@alice",
        "as HOST\\root",
        "as root",
        "as root@LISTED.TEST",
        "as @LISTED.TEST",
    ] {
        assert_eq!(acted_as(other), "nobody", "{other}");
    }
}

/// A server holds a context for each of its clients: the README tells bytes per pair.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_context_is_small() {
    assert!(size_of::<Context>() <= 336, "{}", size_of::<Context>());
}
