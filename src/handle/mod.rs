//! The locked table behind CredHandle and CtxtHandle.
//!
//! A handle is two words: `lower` says which table and which slot, `upper` is the slot's generation,
//! started at random and changed at each reuse. A handle that was freed, copied after it was freed,
//! forged or made by another table finds nothing. Slots never move and are reused first-in
//! first-out, so a freed handle is remembered for a while.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use once_cell::sync::OnceCell;
use parking_lot::RwLock;

#[cfg(test)]
mod tests;

/// The two words of a SecHandle. Neither is ever 0, -1 or -2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    pub lower: usize,
    pub upper: usize,
}

/// What `remove` found.
pub enum Removed<T> {
    Live(Arc<T>),
    /// The slot still remembers this handle as freed.
    Before,
    Unknown,
}

/// No memory for another slot.
#[derive(Debug)]
pub struct Full;

const SHARDS: usize = 16;
const CHUNK: usize = 128;
/// A shard keeps this many freed slots back before it reuses the oldest.
const QUARANTINE: usize = 8;
const SLOT_BITS: u32 = usize::BITS - 8;
/// Ends a shard's list of free slots.
const NONE: u32 = u32::MAX;

/// A table of `T`, at most 2^24 slots on 32-bit systems and 2^32 on 64-bit ones.
pub struct Table<T> {
    kind: usize,
    seed: OnceCell<usize>,
    shards: [Shard<T>; SHARDS],
}

/// Apart from its neighbours by a cache line, so that threads do not slow each other.
#[repr(align(128))]
struct Shard<T>(RwLock<Slots<T>>);

struct Slots<T> {
    chunks: Vec<Box<[Slot<T>]>>,
    /// Slots handed out at least once.
    used: usize,
    free: usize,
    oldest_free: u32,
    newest_free: u32,
}

struct Slot<T> {
    generation: usize,
    state: State<T>,
}

enum State<T> {
    Live(Arc<T>),
    Free { next: u32 },
}

thread_local! {
    static NEXT_SHARD: Cell<usize> = Cell::new(FIRST_SHARD.fetch_add(1, Ordering::Relaxed));
}
static FIRST_SHARD: AtomicUsize = AtomicUsize::new(0);

impl<T> Table<T> {
    /// An empty table. `kind`, 1 to 254, is part of its handles: no other table takes them.
    pub const fn new(kind: u8) -> Self {
        assert!(kind != 0 && kind != 0xFF);
        Self {
            kind: (kind as usize) << SLOT_BITS,
            seed: OnceCell::new(),
            shards: [const { Shard(RwLock::new(Slots::new())) }; SHARDS],
        }
    }

    /// Takes `value` in and answers its handle.
    pub fn insert(&self, value: Arc<T>) -> Result<Handle, Full> {
        let shard = NEXT_SHARD.with(|next| next.replace(next.get().wrapping_add(1))) % SHARDS;
        let seed = *self.seed.get_or_init(random_word);
        let Some(home) = self.shards.get(shard) else { return Err(Full) };
        let (index, upper) = home.0.write().insert(value, seed.wrapping_add(shard))?;
        let slot = index * SHARDS + shard;
        Ok(Handle { lower: self.kind | (slot + 1), upper })
    }

    /// What the handle stands for.
    #[inline]
    pub fn get(&self, handle: Handle) -> Option<Arc<T>> {
        let (shard, index) = self.locate(handle)?;
        let slots = shard.0.read();
        let slot = slots.slot(index)?;
        match &slot.state {
            State::Live(value) if slot.generation == handle.upper => Some(Arc::clone(value)),
            _ => None,
        }
    }

    /// Whether the handle stands for something.
    pub fn contains(&self, handle: Handle) -> bool {
        let Some((shard, index)) = self.locate(handle) else { return false };
        let slots = shard.0.read();
        let slot = slots.slot(index).filter(|slot| slot.generation == handle.upper);
        slot.is_some_and(|slot| matches!(slot.state, State::Live(_)))
    }

    /// Whether the handle stands for something, or did and the slot still remembers it.
    pub fn remembers(&self, handle: Handle) -> bool {
        let Some((shard, index)) = self.locate(handle) else { return false };
        let slots = shard.0.read();
        slots.slot(index).is_some_and(|slot| slot.generation == handle.upper)
    }

    /// Frees the handle. The value is dropped by the caller, outside every lock.
    pub fn remove(&self, handle: Handle) -> Removed<T> {
        let Some((shard, index)) = self.locate(handle) else { return Removed::Unknown };
        shard.0.write().remove(index, handle.upper)
    }

    fn locate(&self, handle: Handle) -> Option<(&Shard<T>, usize)> {
        let slot = (handle.lower ^ self.kind).checked_sub(1)?;
        if slot >> SLOT_BITS != 0 {
            return None;
        }
        Some((self.shards.get(slot % SHARDS)?, slot / SHARDS))
    }
}

impl<T> Slots<T> {
    const fn new() -> Self {
        Self { chunks: Vec::new(), used: 0, free: 0, oldest_free: NONE, newest_free: NONE }
    }

    fn slot(&self, index: usize) -> Option<&Slot<T>> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    fn slot_mut(&mut self, index: usize) -> Option<&mut Slot<T>> {
        self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)
    }

    fn insert(&mut self, value: Arc<T>, seed: usize) -> Result<(usize, usize), Full> {
        let index = self.take_free(seed)?;
        let slot = self.slot_mut(index).ok_or(Full)?;
        slot.generation = next_generation(slot.generation);
        slot.state = State::Live(value);
        Ok((index, slot.generation))
    }

    /// The oldest free slot if enough are in quarantine, else a new one.
    fn take_free(&mut self, seed: usize) -> Result<usize, Full> {
        if self.free > QUARANTINE {
            return self.pop_oldest();
        }
        if self.used == self.chunks.len() * CHUNK && self.grow(seed).is_err() {
            return self.pop_oldest();
        }
        self.used += 1;
        Ok(self.used - 1)
    }

    fn pop_oldest(&mut self) -> Result<usize, Full> {
        let index = self.oldest_free as usize;
        let Some(Slot { state: State::Free { next }, .. }) = self.slot(index) else { return Err(Full) };
        self.oldest_free = *next;
        if self.oldest_free == NONE {
            self.newest_free = NONE;
        }
        self.free -= 1;
        Ok(index)
    }

    fn grow(&mut self, seed: usize) -> Result<(), Full> {
        let first = self.chunks.len() * CHUNK;
        if first + CHUNK >= (1usize << SLOT_BITS.min(32)) / SHARDS {
            return Err(Full);
        }
        let mut chunk = Vec::new();
        chunk.try_reserve_exact(CHUNK).map_err(|_| Full)?;
        self.chunks.try_reserve(1).map_err(|_| Full)?;
        chunk.extend(
            (first..first + CHUNK)
                .map(|index| Slot { generation: scramble(seed, index), state: State::Free { next: NONE } }),
        );
        self.chunks.push(chunk.into_boxed_slice());
        Ok(())
    }

    fn remove(&mut self, index: usize, generation: usize) -> Removed<T> {
        let Some(slot) = self.slot_mut(index).filter(|slot| slot.generation == generation) else {
            return Removed::Unknown;
        };
        match std::mem::replace(&mut slot.state, State::Free { next: NONE }) {
            State::Live(value) => {
                self.push_newest(index);
                Removed::Live(value)
            }
            free => {
                slot.state = free;
                Removed::Before
            }
        }
    }

    fn push_newest(&mut self, index: usize) {
        let name = u32::try_from(index).unwrap_or(NONE);
        match self.slot_mut(self.newest_free as usize) {
            Some(Slot { state: State::Free { next }, .. }) => *next = name,
            _ => self.oldest_free = name,
        }
        self.newest_free = name;
        self.free += 1;
    }
}

/// The generation after `generation`; 0, -1 and -2 are never one.
fn next_generation(generation: usize) -> usize {
    match generation.wrapping_add(1) {
        0 | usize::MAX => 1,
        next if next == usize::MAX - 1 => 1,
        next => next,
    }
}

/// A start for a slot's generation that tells nothing of its neighbours'.
fn scramble(seed: usize, index: usize) -> usize {
    let mut word = (seed as u64).wrapping_add((index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (word ^ (word >> 31)) as usize
}

/// Handles need not be secret, only unlikely to be met by chance: without randomness any start does.
fn random_word() -> usize {
    let mut bytes = [0; size_of::<usize>()];
    let _ = getrandom::fill(&mut bytes);
    usize::from_ne_bytes(bytes)
}
