//! Changes of passwords.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::super::*;
use super::kdc::World;
use super::*;

fn changed(mut world: World, target: Option<&Principal>) -> (Result<()>, Arc<World>) {
    world.serve("kadmin/changepw@A.TEST");
    let world = Arc::new(world);
    let new = Secret::new(b"New-Password1".to_vec());
    (password::change(&*world, &config(""), &alice(), target, &new), world)
}

#[test]
fn a_password_is_changed() {
    let (result, world) = changed(World::new(), None);
    result.unwrap();
    assert_eq!(*world.changed.lock().unwrap(), [b"New-Password1".to_vec()]);
    assert_eq!(
        world.seen.lock().unwrap()[0].1.body.sname.as_ref().unwrap().components,
        ["kadmin", "changepw"]
    );
    let bob = Principal::new(1, &["bob"], "A.TEST");
    let (result, world) = changed(World::new(), Some(&bob));
    result.unwrap();
    let sent = world.changed.lock().unwrap()[0].clone();
    assert!(sent.windows(3).any(|bytes| bytes == b"bob") && sent[0] == 0x30);
}

#[test]
fn what_the_service_says_becomes_a_status() {
    let ad_policy: &'static [u8] = &[0, 0, 0, 0, 0, 7, 0, 0];
    for (kpasswd, status) in [
        ((4, &b"too short"[..]), Code::PasswordRestriction),
        ((4, ad_policy), Code::PasswordRestriction),
        ((4, &[]), Code::PasswordRestriction),
        ((5, &b"no"[..]), Code::LogonDenied),
        ((3, &b"no"[..]), Code::LogonDenied),
        ((2, &b"no"[..]), Code::InternalError),
        ((7, &b"no"[..]), Code::InternalError),
    ] {
        let world = World { kpasswd, ..World::new() };
        assert_eq!(code(changed(world, None).0), status, "{kpasswd:?}");
    }
}

#[test]
fn a_reply_must_be_to_this_change() {
    let world = World { forged_time: true, ..World::new() };
    assert_eq!(code(changed(world, None).0), Code::LogonDenied);
}

#[test]
fn our_own_words_are_no_reply() {
    let world = World { reflects: true, ..World::new() };
    assert_eq!(code(changed(world, None).0), Code::LogonDenied);
}
