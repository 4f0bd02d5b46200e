//! Which messages of a direction may still come: replay, gap and reorder detection (RFC 2743 1.2.3).

#![forbid(unsafe_code)]

use crate::error::{Code, Error, Result};
use crate::package::Flags;

/// How many numbers before the next one are remembered.
const REMEMBERED: u64 = 64;

/// A direction's place, counted from its first message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// One more than the highest number that came.
    pub next: u64,
    /// Bit `n` is set when `next - 1 - n` has come.
    pub seen: u64,
}

fn refused(reason: &'static str) -> Error {
    Error::new(Code::OutOfSequence, reason)
}

impl Window {
    /// Takes the authentic message of that number, or refuses it and stays as it is.
    ///
    /// With SEQUENCE_DETECT only the next number is right. With REPLAY_DETECT alone any number is
    /// that has not come yet, as far as 64 numbers back. With neither every number is.
    pub fn take(&mut self, number: u64, grants: Flags) -> Result<()> {
        let ordered = grants.has(Flags::SEQUENCE_DETECT);
        if !ordered && !grants.has(Flags::REPLAY_DETECT) {
            return Ok(());
        }
        if ordered && number != self.next {
            return Err(refused("not the message that comes next"));
        }
        match self.next.checked_sub(number) {
            None | Some(0) => self.ahead(number),
            Some(age) => self.behind(age),
        }
    }

    fn ahead(&mut self, number: u64) -> Result<()> {
        let next = number.checked_add(1).ok_or_else(|| refused("no sequence number is left"))?;
        let steps = next.abs_diff(self.next);
        let kept = u32::try_from(steps).ok().and_then(|steps| self.seen.checked_shl(steps));
        self.seen = kept.unwrap_or(0) | 1;
        self.next = next;
        Ok(())
    }

    fn behind(&mut self, age: u64) -> Result<()> {
        if age > REMEMBERED {
            return Err(refused("a message too old to be told from a replay"));
        }
        let bit = 1u64.rotate_left(u32::try_from(age.saturating_sub(1)).unwrap_or(0));
        if self.seen & bit != 0 {
            return Err(refused("a message that has come before"));
        }
        self.seen |= bit;
        Ok(())
    }
}
