//! Default identities, account sources, settings.

#![forbid(unsafe_code)]

use super::*;
use crate::package::ntlm::target::TargetNames;
use crate::package::{HandshakeSetting, Setting};

/// A file under the system's temporary folder, gone when dropped.
struct AccountFile(std::path::PathBuf);

impl AccountFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("libsspi-ntlm-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn os(&self) -> &'static TestOs {
        TestOs::new(&[("NTLM_USER_FILE", self.0.to_str().unwrap())])
    }
}

impl Drop for AccountFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn everyone(
    asks: Flags,
    client: &dyn Credential,
    server: &dyn Credential,
) -> std::result::Result<Pair, Refused> {
    let mut nobody = untouched;
    run(client, server, Run { client_asks: asks, ..everything(&mut nobody) })
}

#[test]
fn no_identity_means_the_default_one_of_the_account_file() {
    let file = AccountFile::new("default", "EXAMPLE:first:one\nEXAMPLE:me:two\n");
    for given in [None, Some(Identity::default())] {
        let out = acquire(true, given, None, file.os()).unwrap();
        assert_eq!(out.name().unwrap(), wide("EXAMPLE\\me"));
        let inbound = acquire(false, None, None, file.os()).unwrap();
        let pair = everyone(protected(), &*out, &*inbound).unwrap();
        assert_eq!(pair.server.facts.client, Some(wide("EXAMPLE\\me")));
    }
    let first = AccountFile::new("first", "EXAMPLE:user:pass\n");
    let out = acquire(true, None, None, first.os()).unwrap();
    assert_eq!(out.name().unwrap(), wide("EXAMPLE\\user"));
}

#[test]
fn without_a_default_identity_a_context_fails_and_a_null_session_does_not() {
    let out = acquire(true, None, None, TestOs::new(&[])).unwrap();
    assert_eq!(refused_by_client(everyone(Flags::NONE, &*out, &*server())), Code::NoCredentials);
    let mut nobody = untouched;
    let null =
        Run { client_asks: Flags::NULL_SESSION, server_asks: Flags::NULL_SESSION, ..everything(&mut nobody) };
    run(&*out, &*server(), null).unwrap();
    let file = AccountFile::new("only", "EXAMPLE:me:two\n");
    let only = Identity { only: true, ..Identity::default() };
    let out = acquire(true, Some(only), None, file.os()).unwrap();
    assert_eq!(refused_by_client(everyone(Flags::NONE, &*out, &*server())), Code::NoCredentials);
}

/// A10: a file that cannot be used lets nobody in.
#[test]
fn a_file_that_is_set_but_bad_denies() {
    let malformed = AccountFile::new("malformed", "EXAMPLE:alice:secret\nno account\n");
    let empty = AccountFile::new("empty", "");
    let missing = TestOs::new(&[("NTLM_USER_FILE", "/nonexistent/file")]);
    let folder = TestOs::new(&[("NTLM_USER_FILE", "/")]);
    for os in [malformed.os(), empty.os(), missing, folder] {
        for given in [None, Some(identity("EXAMPLE", "alice", "secret"))] {
            let inbound = acquire(false, given, None, os).unwrap();
            let refused = everyone(Flags::NONE, &*client("EXAMPLE", "alice", "secret"), &*inbound);
            assert_eq!(refused_by_server(refused), Code::LogonDenied);
        }
        let out = acquire(true, None, None, os).unwrap();
        assert_eq!(refused_by_client(everyone(Flags::NONE, &*out, &*server())), Code::NoCredentials);
    }
}

#[test]
fn an_explicit_inbound_identity_is_no_account() {
    let given = Some(identity("EXAMPLE", "alice", "secret"));
    let inbound = acquire(false, given, None, TestOs::new(&[])).unwrap();
    let refused = everyone(Flags::NONE, &*client("EXAMPLE", "alice", "secret"), &*inbound);
    assert_eq!(refused_by_server(refused), Code::LogonDenied);
}

fn awaiting(password: &str) -> Box<dyn Handshake> {
    let inbound = acquire(false, None, None, TestOs::new(&[])).unwrap();
    let mut acceptor = inbound.accept().unwrap();
    let mut initiator = client("EXAMPLE", "alice", password).initiate(None).unwrap();
    let mut token = None;
    for _ in 0..2 {
        let sent =
            match initiator.step(In { token: token.as_deref(), bindings: None, requirements: protected() }) {
                Step::Continue(sent) | Step::Done(Some(sent), _) => sent,
                step => panic!("{:?}", failed(step)),
            };
        let step = acceptor.step(In { token: Some(&sent), bindings: None, requirements: Flags::NONE });
        match step {
            Step::Continue(answer) => token = Some(answer),
            Step::NeedAccount => return acceptor,
            step => panic!("{:?}", failed(step)),
        }
    }
    panic!("accounts were not asked for");
}

#[test]
fn an_acceptor_s_own_accounts_win_and_none_leave_it_waiting() {
    let own = |name| HandshakeSetting::Accounts(Arc::new(Users(vec![("EXAMPLE", name, "secret")])));
    let mut acceptor = awaiting("secret");
    assert_eq!(acceptor.claimed(), Some((wide("alice"), wide("EXAMPLE"))));
    assert!(matches!(acceptor.supply(None), Step::NeedAccount));
    acceptor.set(own("alice")).unwrap();
    assert!(matches!(acceptor.supply(Some(&Users(vec![]))), Step::Done(None, _)));
    assert_eq!(acceptor.claimed(), None);
    assert_eq!(acceptor.set(own("alice")).unwrap_err().code, Code::UnsupportedFunction);
    let mut acceptor = awaiting("secret");
    acceptor.set(own("bob")).unwrap();
    let users = Users(vec![("EXAMPLE", "alice", "secret")]);
    assert_eq!(failed(acceptor.supply(Some(&users))), Code::LogonDenied);
}

#[test]
fn an_acceptor_without_accounts_waits_for_them() {
    let users = Users(vec![("EXAMPLE", "alice", "secret")]);
    let mut acceptor = awaiting("secret");
    assert_eq!(acceptor.progress().grants, Flags::NONE);
    let Step::Done(None, established) = acceptor.supply(Some(&users)) else { panic!("refused") };
    assert_eq!(established.facts.client, Some(wide("EXAMPLE\\alice")));
    assert!(matches!(acceptor.supply(Some(&users)), Step::Failed(..)));
    assert_eq!(failed(awaiting("wrong").supply(Some(&users))), Code::LogonDenied);
    assert_eq!(failed(awaiting("secret").supply(Some(&Users(vec![])))), Code::LogonDenied);
    assert_eq!(failed(awaiting("secret").supply(Some(&Broken))), Code::LogonDenied);
    // The message is not answered a second time.
    let mut acceptor = awaiting("secret");
    let again = In { token: Some(&[0; 16]), bindings: None, requirements: Flags::NONE };
    assert_eq!(failed(acceptor.step(again)), Code::OutOfSequence);
}

#[test]
fn supplying_accounts_early_changes_nothing() {
    let mut acceptor = server().accept().unwrap();
    assert_eq!(failed(acceptor.supply(Some(&Broken))), Code::UnsupportedFunction);
    let mut initiator = client("", "bob", "geheim").initiate(None).unwrap();
    let Step::Continue(token) = initiator.step(In { token: None, bindings: None, requirements: Flags::NONE })
    else {
        panic!("no NEGOTIATE")
    };
    let step = acceptor.step(In { token: Some(&token), bindings: None, requirements: Flags::NONE });
    assert!(matches!(step, Step::Continue(_)));
}

#[test]
fn settings_reach_contexts_made_later() {
    let inbound = acquire(false, None, None, TestOs::new(&[])).unwrap();
    inbound.set(Setting::Accounts(Arc::new(Users(vec![("", "carol", "pw")])))).unwrap();
    everyone(Flags::NONE, &*client("", "carol", "pw"), &*inbound).unwrap();
    inbound.set(Setting::Services(&[wide("HTTP/other")])).unwrap();
    let refused = everyone(Flags::NONE, &*client("", "carol", "pw"), &*inbound);
    assert_eq!(refused_by_server(refused), Code::WrongPrincipal);
    let proxy = Setting::KdcProxy { force: false, server: None };
    assert_eq!(inbound.set(proxy).unwrap_err().code, Code::UnsupportedFunction);
    let out = client("", "carol", "pw");
    assert_eq!(out.set(Setting::Services(&[])).unwrap_err().code, Code::UnsupportedFunction);
}

#[test]
fn an_acceptor_calls_itself_what_the_environment_says() {
    let by_host = TargetNames::new(TestOs::new(&[])).unwrap();
    assert_eq!(by_host.target, wide("SERVER-WITH-A-L"));
    let set = [("NETBIOS_COMPUTER_NAME", "BOX"), ("NETBIOS_DOMAIN_NAME", "DOM")];
    let by_environment = TargetNames::new(TestOs::new(&set)).unwrap();
    assert_eq!(by_environment.target, wide("DOM"));
    let info = by_environment.target_info().unwrap();
    let pairs = crate::package::ntlm::av_pair::AvPairs::parse(&info).unwrap();
    assert_eq!(pairs.iter().map(|(av_id, _)| av_id).collect::<Vec<_>>(), [2, 1, 4, 3, 7]);
    assert_eq!(pairs.find(1), Some(&b"B\0O\0X\0"[..]));
    assert!(pairs.timestamp.is_some());
}
