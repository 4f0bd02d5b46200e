//! Random bytes from the operating system.
//!
//! Of what keys and challenges are made nothing is kept between calls. Of confounders each thread
//! keeps a small supply, because a system call takes longer than a short message; a forked child
//! never uses its parent's.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use super::cpu_dispatch::fork_mark;
use crate::error::{Code, Error};

/// Fills `bytes`; one call for all that a leg needs is one system call.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::new(Code::InternalError, "the system gave no random bytes"))
}

/// Fills `bytes` with what goes in front of a plaintext; never for keys.
pub fn confounder<const LENGTH: usize>(bytes: &mut [u8; LENGTH]) -> Result<(), Error> {
    let given = SUPPLY.try_with(|supply| supply.try_borrow_mut().ok()?.give(bytes));
    // No supply: no word that a fork clears, or a thread that ends.
    if let Ok(Some(())) = given { Ok(()) } else { fill(bytes) }
}

/// Bytes that one system call gives; more would be more to make in vain.
const SUPPLY_SIZE: usize = 512;

thread_local! {
    static SUPPLY: RefCell<Supply> =
        const { RefCell::new(Supply { mark: 0, used: SUPPLY_SIZE, bytes: [0; SUPPLY_SIZE] }) };
}

struct Supply {
    /// The process's number when the bytes were made; 0 before.
    mark: u64,
    used: usize,
    bytes: [u8; SUPPLY_SIZE],
}

impl Supply {
    /// `None` where there is no supply to be had; `out` has not changed then.
    fn give(&mut self, out: &mut [u8]) -> Option<()> {
        let mark = fork_mark()?.load(Ordering::Relaxed);
        let end = self.used.checked_add(out.len())?;
        // After a fork the word is 0, or the number of the child, which another thread has set.
        if mark == 0 || mark != self.mark || end > self.bytes.len() {
            self.make()?;
            return self.take(0, out);
        }
        self.take(self.used, out)
    }

    fn take(&mut self, from: usize, out: &mut [u8]) -> Option<()> {
        let end = from.checked_add(out.len())?;
        let bytes = self.bytes.get_mut(from..end)?;
        out.copy_from_slice(bytes);
        // What is on the wire, encrypted, is not to be found here.
        bytes.fill(0);
        self.used = end;
        Some(())
    }

    /// New bytes, and a number for the process if it has none.
    fn make(&mut self) -> Option<()> {
        let process = fork_mark()?;
        self.used = self.bytes.len();
        getrandom::fill(&mut self.bytes).ok()?;
        let mut number = [0; 8];
        getrandom::fill(&mut number).ok()?;
        // Another thread may have been first.
        let number = u64::from_le_bytes(number).max(1);
        let _ = process.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
        self.mark = process.load(Ordering::Relaxed);
        Some(())
    }
}
