//! The ids of one thread.
//!
//! To the Linux kernel ids belong to a thread; the C library's setresuid changes all of them, so
//! that the bare system calls are made here. The effective uid of before becomes the saved one: with
//! it the thread gets its rights back, whatever the saved uid was.

use std::cell::RefCell;
use std::ffi::{CString, c_long};

// Where ids once had 16 bits, the plain calls still cut them short: uid 65536 would be root's.
#[cfg(not(any(target_arch = "arm", target_arch = "m68k", target_arch = "sparc", target_arch = "x86")))]
use libc::{SYS_setgroups as SETGROUPS, SYS_setresgid as SETRESGID, SYS_setresuid as SETRESUID};
#[cfg(any(target_arch = "arm", target_arch = "m68k", target_arch = "sparc", target_arch = "x86"))]
use libc::{SYS_setgroups32 as SETGROUPS, SYS_setresgid32 as SETRESGID, SYS_setresuid32 as SETRESUID};

use crate::error::{Code, Error, Result};
use crate::store::os::{LocalAccount, ThreadIdentity};

/// The most groups that are waited for.
const MOST_GROUPS: usize = 1 << 16;

/// Leaves an id as it is (setresuid(2)).
const UNCHANGED: u32 = u32::MAX;

/// What a thread was before it assumed an account.
struct Own {
    uid: [u32; 3],
    gid: [u32; 3],
    groups: Vec<libc::gid_t>,
}

thread_local! {
    static OWN: RefCell<Option<Own>> = const { RefCell::new(None) };
}

/// The calling thread.
pub struct Thread;

impl ThreadIdentity for Thread {
    fn privileged(&self) -> bool {
        // SAFETY: takes nothing and cannot fail.
        let root = unsafe { libc::geteuid() } == 0;
        root || OWN.with_borrow(Option::is_some)
    }

    fn local_account(&self, name: &str) -> Option<LocalAccount> {
        let wanted = CString::new(name).ok()?;
        // SAFETY: `account` gives live memory of that size, and the name is NUL-terminated.
        let ask = |record, room, size, found| unsafe {
            libc::getpwnam_r(wanted.as_ptr(), record, room, size, found)
        };
        super::account(ask, |spelled, record| {
            let exact = spelled == wanted.as_c_str();
            exact.then(|| LocalAccount { name: name.into(), uid: record.pw_uid, gid: record.pw_gid })
        })
        .flatten()
    }

    fn assume(&self, account: &LocalAccount) -> Result<()> {
        self.revert()?;
        let groups = groups_of(account)?;
        let own = Own::read()?;
        let [_, rights, _] = own.uid;
        // Where this is refused nothing has changed, and there is nothing to go back from.
        set_groups(&groups)?;
        OWN.set(Some(own));
        // The real uid stays: the client's own processes may not signal a thread of this one.
        let assumed = set_gids([UNCHANGED, account.gid, UNCHANGED])
            .and_then(|()| set_uids([UNCHANGED, account.uid, rights]));
        // A thread that could only do half of it goes back to what it was.
        assumed.or_else(|error| self.revert().and(Err(error)))
    }

    fn revert(&self) -> Result<()> {
        let Some(own) = OWN.take() else { return Ok(()) };
        let [_, rights, _] = own.uid;
        // The effective uid first: only with it may the rest be changed, another real uid as well.
        let reverted = set_uids([UNCHANGED, rights, UNCHANGED])
            .and_then(|()| set_gids(own.gid))
            .and_then(|()| set_groups(&own.groups))
            .and_then(|()| set_uids(own.uid));
        if reverted.is_err() {
            OWN.set(Some(own));
        }
        reverted
    }
}

impl Thread {
    /// Whether the calling thread has another account's ids.
    pub fn is_acting(&self) -> bool {
        OWN.with_borrow(Option::is_some)
    }
}

impl Own {
    fn read() -> Result<Own> {
        let (mut uid, mut gid) = ([0; 3], [0; 3]);
        let [real, effective, saved] = &mut uid;
        // SAFETY: three places for three ids.
        check(unsafe { libc::getresuid(real, effective, saved) }.into())?;
        let [real, effective, saved] = &mut gid;
        // SAFETY: three places for three ids.
        check(unsafe { libc::getresgid(real, effective, saved) }.into())?;
        // SAFETY: with a size of 0 nothing is written and the number of groups is answered.
        let count = check(unsafe { libc::getgroups(0, std::ptr::null_mut()) }.into())?;
        let mut groups = vec![0; usize::try_from(count).unwrap_or_default()];
        let room = libc::c_int::try_from(groups.len()).unwrap_or_default();
        // SAFETY: there is room for as many groups as are said.
        let count = check(unsafe { libc::getgroups(room, groups.as_mut_ptr()) }.into())?;
        groups.truncate(usize::try_from(count).unwrap_or_default());
        Ok(Own { uid, gid, groups })
    }
}

fn check(answer: c_long) -> Result<c_long> {
    if answer >= 0 {
        return Ok(answer);
    }
    let error = std::io::Error::last_os_error();
    Err(Error::new(Code::NoImpersonation, format!("the thread's ids cannot be changed: {error}")))
}

/// The groups that the account is in.
fn groups_of(account: &LocalAccount) -> Result<Vec<libc::gid_t>> {
    let unknown = || Error::new(Code::NoImpersonation, "the account's groups cannot be found");
    let name = CString::new(account.name.as_str()).map_err(|_| unknown())?;
    let mut groups = vec![0; 64];
    while groups.len() <= MOST_GROUPS {
        let mut count = libc::c_int::try_from(groups.len()).map_err(|_| unknown())?;
        // SAFETY: a NUL-terminated name, and room for `count` groups.
        let answer =
            unsafe { libc::getgrouplist(name.as_ptr(), account.gid, groups.as_mut_ptr(), &raw mut count) };
        if answer >= 0 {
            groups.truncate(usize::try_from(count).map_err(|_| unknown())?);
            return Ok(groups);
        }
        groups.resize(groups.len() * 2, 0);
    }
    Err(unknown())
}

fn set_groups(groups: &[libc::gid_t]) -> Result<()> {
    // SAFETY: a bare system call on this thread, with a list of the length given.
    check(unsafe { libc::syscall(SETGROUPS, groups.len(), groups.as_ptr()) }).map(drop)
}

fn set_gids([real, effective, saved]: [u32; 3]) -> Result<()> {
    // SAFETY: a bare system call on this thread, which takes three numbers.
    check(unsafe { libc::syscall(SETRESGID, real, effective, saved) }).map(drop)
}

fn set_uids([real, effective, saved]: [u32; 3]) -> Result<()> {
    // SAFETY: a bare system call on this thread, which takes three numbers.
    check(unsafe { libc::syscall(SETRESUID, real, effective, saved) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (u32, u32) {
        // SAFETY: take nothing and cannot fail.
        unsafe { (libc::geteuid(), libc::getegid()) }
    }

    #[test]
    fn one_thread_assumes_an_account_and_others_do_not() {
        // A test run by an ordinary user cannot try this.
        let Some(nobody) = Thread.local_account("nobody").filter(|_| Thread.privileged()) else { return };
        let before = ids();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                Thread.assume(&nobody).unwrap();
                assert_eq!(ids(), (nobody.uid, nobody.gid));
                let [real, _, saved] = Own::read().unwrap().uid;
                assert_eq!((real, saved), (0, 0), "nobody's processes may not signal this thread");
                assert!(std::fs::File::open("/etc/shadow").is_err());
                // Again without going back in between.
                Thread.assume(&nobody).unwrap();
                std::thread::scope(|inner| {
                    inner.spawn(|| assert_eq!(ids(), (nobody.uid, nobody.gid)));
                });
                Thread.revert().unwrap();
                assert_eq!(ids(), before);
                Thread.revert().unwrap();
            });
        });
        assert_eq!(ids(), before);
    }

    /// The ids of a set-uid program of root, and of a process that gave up its saved uid.
    #[test]
    fn a_thread_gets_back_real_and_saved_ids_that_are_not_roots() {
        let Some(nobody) = Thread.local_account("nobody").filter(|_| Thread.privileged()) else { return };
        for before in [[12_345, 0, 0], [0, 0, 12_345], [12_345, 0, 12_345]] {
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    set_uids(before).unwrap();
                    Thread.assume(&nobody).unwrap();
                    assert_eq!(ids(), (nobody.uid, nobody.gid));
                    Thread.revert().unwrap();
                    assert_eq!(Own::read().unwrap().uid, before);
                });
            });
        }
    }

    #[test]
    fn a_thread_that_may_not_change_its_groups_stays_as_it_is() {
        let Some(nobody) = Thread.local_account("nobody").filter(|_| Thread.privileged()) else { return };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // An ordinary uid has no such right.
                set_uids([UNCHANGED, 12_345, UNCHANGED]).unwrap();
                assert!(Thread.assume(&nobody).is_err());
                assert!(!Thread.privileged());
                Thread.revert().unwrap();
            });
        });
    }

    #[test]
    fn only_an_exact_name_is_an_account() {
        assert_eq!(Thread.local_account("root").map(|account| account.uid), Some(0));
        assert_eq!(Thread.local_account("no such account"), None);
        assert_eq!(Thread.local_account("ro\0ot"), None);
    }
}
