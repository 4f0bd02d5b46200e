//! The replay cache: an authenticator is accepted once (RFC 4120 3.2.3, 10).
//!
//! One cache for all acceptors of the process, in memory. What it promises:
//! * An AP-REQ that this process has accepted is refused for as long as its authenticator's time could
//!   pass: twice the clock skew.
//! * Another process with the same keytab does not know of it. There a copy gets a context whose key it does
//!   not know: it can protect no message, and with channel bindings or in DCE style it gets none. A service
//!   that acts on unprotected messages of such a context needs one of those, or one process.
//! * It holds [`LARGEST`] authenticators for each span of twice the skew; beyond that new ones are refused
//!   rather than old ones forgotten.
//!
//! `KRB5RCACHENAME=none:` turns it off, as with MIT's library: for benches, or a service that channel bindings
//! protect.

#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::mem;

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use crate::crypto::digest::sha256;

/// Authenticators in a span of time.
const LARGEST: usize = 1 << 22;
/// Locks: threads that accept at once seldom want the same.
const SHARDS: usize = 16;

/// What is kept of an authenticator: the first half of the SHA-256 of its ciphertext, which nobody
/// without the session key can change and keep valid.
type Fingerprint = [u8; 16];

/// The cache of the process.
static CACHE: Lazy<Cache> = Lazy::new(|| Cache::new(LARGEST));

/// What the cache says of an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    New,
    Repeated,
    /// No room.
    Full,
}

struct Cache {
    shards: Vec<Mutex<Spans>>,
    room: usize,
}

/// Two spans of time, each `length` seconds long: what is older than both could not pass any more.
#[derive(Default)]
struct Spans {
    current: HashSet<Fingerprint>,
    previous: HashSet<Fingerprint>,
    /// When the current span began; seconds since 1970.
    began: i64,
}

/// Notes the authenticator of that ciphertext. `now` and `skew` are seconds.
pub fn note(cipher: &[u8], now: i64, skew: i64) -> Verdict {
    CACHE.note(cipher, now, skew)
}

impl Cache {
    fn new(room: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, room: room / SHARDS }
    }

    fn note(&self, cipher: &[u8], now: i64, skew: i64) -> Verdict {
        let digest = sha256(&[cipher]);
        let Some((fingerprint, [shard, ..])) = digest.split_first_chunk::<16>() else { return Verdict::Full };
        let Some(shard) = self.shards.get(usize::from(*shard) % SHARDS) else { return Verdict::Full };
        // An authenticator passes from `skew` before its time to `skew` after it.
        shard.lock().note(*fingerprint, now, skew.saturating_mul(2).max(1), self.room)
    }
}

impl Spans {
    fn note(&mut self, fingerprint: Fingerprint, now: i64, length: i64, room: usize) -> Verdict {
        self.turn(now, length);
        if self.current.contains(&fingerprint) || self.previous.contains(&fingerprint) {
            return Verdict::Repeated;
        }
        if self.current.len() >= room || self.current.try_reserve(1).is_err() {
            return Verdict::Full;
        }
        self.current.insert(fingerprint);
        Verdict::New
    }

    /// Begins a new span when the current one is over. A clock that is set back ends nothing.
    fn turn(&mut self, now: i64, length: i64) {
        if self.began == 0 {
            self.began = now;
        }
        let age = now.saturating_sub(self.began);
        if age < length {
            return;
        }
        // After two spans nothing that was noted could pass any more.
        self.previous =
            if age < length.saturating_mul(2) { mem::take(&mut self.current) } else { HashSet::new() };
        self.current = HashSet::new();
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKEW: i64 = 300;
    const NOW: i64 = 1_700_000_000;

    #[test]
    fn an_authenticator_passes_once_while_its_time_could() {
        let cache = Cache::new(1 << 10);
        assert_eq!(cache.note(b"first", NOW, SKEW), Verdict::New);
        for later in [0, 1, SKEW, 2 * SKEW - 1, 2 * SKEW] {
            assert_eq!(cache.note(b"first", NOW + later, SKEW), Verdict::Repeated, "{later}");
        }
        assert_eq!(cache.note(b"second", NOW, SKEW), Verdict::New);
        // Noted at the end of a span, it is known until the end of the next.
        assert_eq!(cache.note(b"late", NOW + 2 * SKEW + 599, SKEW), Verdict::New);
        assert_eq!(cache.note(b"late", NOW + 2 * SKEW + 599 + 2 * SKEW, SKEW), Verdict::Repeated);
    }

    #[test]
    fn what_could_not_pass_any_more_is_forgotten() {
        let cache = Cache::new(1 << 10);
        assert_eq!(cache.note(b"old", NOW, SKEW), Verdict::New);
        assert_eq!(cache.note(b"old", NOW + 4 * SKEW + 1, SKEW), Verdict::New);
    }

    #[test]
    fn a_clock_set_back_forgets_nothing() {
        let cache = Cache::new(1 << 10);
        assert_eq!(cache.note(b"first", NOW, SKEW), Verdict::New);
        assert_eq!(cache.note(b"first", NOW - 10_000, SKEW), Verdict::Repeated);
    }

    #[test]
    fn a_full_cache_takes_no_more_and_forgets_nothing() {
        let cache = Cache::new(SHARDS * 4);
        let verdicts: Vec<Verdict> =
            (0..1000_u32).map(|index| cache.note(&index.to_be_bytes(), NOW, SKEW)).collect();
        let noted = verdicts.iter().filter(|verdict| **verdict == Verdict::New).count();
        assert_eq!(noted, SHARDS * 4);
        for (index, verdict) in (0..1000_u32).zip(&verdicts) {
            let again = cache.note(&index.to_be_bytes(), NOW, SKEW);
            assert_eq!(again == Verdict::Repeated, *verdict == Verdict::New);
        }
        assert_eq!(cache.note(b"next span", NOW + 2 * SKEW, SKEW), Verdict::New);
    }

    #[test]
    fn threads_with_one_authenticator_get_in_once() {
        let admitted: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| usize::from(note(b"one of the tests", NOW, SKEW) == Verdict::New)))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(admitted, 1);
    }
}
