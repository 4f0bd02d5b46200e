//! What `crypto` asks of the machine: AES in CBC mode and SHA-1 by the processor's own
//! instructions, each in the time that the other waits; and a word that a fork clears.
//!
//! Every round of AES and of SHA-1 waits for the one before, so a processor that runs one after
//! the other is idle most of the time. Here four blocks of AES go between the rounds of one block
//! of SHA-1.
//!
//! This is the only file of `crypto` with `unsafe` in it: to load and store 16 bytes, to call what
//! needs the instructions after it was seen that they are there, and to ask the kernel for a page.
//! Where the instructions are not there, callers use the RustCrypto crates.

#![allow(unsafe_code)]

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use zeroize::ZeroizeOnDrop;

/// A word that is 0 in each process until it is set there: the kernel clears it in the child of
/// every fork, by whatever call (madvise's MADV_WIPEONFORK, Linux 4.14). `None` where no kernel
/// does.
pub fn fork_mark() -> Option<&'static AtomicU64> {
    static MARK: OnceLock<Option<&'static AtomicU64>> = OnceLock::new();
    *MARK.get_or_init(ask_for_fork_mark)
}

#[cfg(target_os = "linux")]
fn ask_for_fork_mark() -> Option<&'static AtomicU64> {
    const PAGE: usize = 4096;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, at a place that the kernel chooses.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: that mapping, which nobody uses yet.
    if unsafe { libc::madvise(page, PAGE, libc::MADV_WIPEONFORK) } != 0 {
        // SAFETY: as above.
        unsafe { libc::munmap(page, PAGE) };
        return None;
    }
    // SAFETY: zeroed, aligned to a page, and never unmapped.
    Some(unsafe { &*page.cast::<AtomicU64>() })
}

/// There are no forks.
#[cfg(windows)]
fn ask_for_fork_mark() -> Option<&'static AtomicU64> {
    static MARK: AtomicU64 = AtomicU64::new(0);
    Some(&MARK)
}

#[cfg(not(any(target_os = "linux", windows)))]
fn ask_for_fork_mark() -> Option<&'static AtomicU64> {
    None
}

/// The round keys of AES for one direction; that one exists proves that the processor has the
/// instructions.
#[derive(Clone, ZeroizeOnDrop)]
#[repr(align(16))]
pub struct RoundKeys {
    keys: [[u8; 16]; 15],
    long: bool,
}

/// A chain of AES blocks: what the next block is combined with.
pub type Chain = [u8; 16];

impl RoundKeys {
    /// For `encrypt`; `None` for a key of another length than 16 or 32 bytes, or where the
    /// instructions are missing.
    pub fn for_encryption(key: &[u8]) -> Option<Self> {
        imp::available().then_some(())?;
        let (first, second) = key.split_first_chunk::<16>()?;
        let mut keys = Self { keys: [[0; 16]; 15], long: second.len() == 16 };
        match second.try_into() {
            // SAFETY: the instructions are there.
            Ok(second) => unsafe { imp::expand_long(first, second, &mut keys.keys) },
            // SAFETY: the instructions are there.
            Err(_) if second.is_empty() => unsafe { imp::expand_short(first, &mut keys.keys) },
            Err(_) => return None,
        }
        Some(keys)
    }

    /// For `decrypt`; `None` as above.
    pub fn for_decryption(key: &[u8]) -> Option<Self> {
        let mut keys = Self::for_encryption(key)?;
        let used = if keys.long { 15 } else { 11 };
        let (used, _) = keys.keys.split_at_mut(used);
        used.reverse();
        // SAFETY: the instructions are there.
        unsafe { imp::invert(used) };
        Some(keys)
    }

    /// Encrypts `blocks` in CBC mode and compresses `message` into the SHA-1 `state`.
    pub fn encrypt(
        &self,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        // SAFETY: the instructions are there.
        unsafe {
            match self.long {
                true => imp::encrypt::<15>(&self.keys, chain, blocks, state, message),
                false => imp::encrypt::<11>(&self.keys, chain, blocks, state, message),
            }
        }
    }

    /// Decrypts `blocks` in CBC mode and compresses `message` into the SHA-1 `state`.
    pub fn decrypt(
        &self,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        // SAFETY: the instructions are there.
        unsafe {
            match self.long {
                true => imp::decrypt::<15>(&self.keys, chain, blocks, state, message),
                false => imp::decrypt::<11>(&self.keys, chain, blocks, state, message),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod imp {
    use std::arch::x86_64::*;

    use super::Chain;

    /// Whether the processor has what the functions below need.
    pub(super) fn available() -> bool {
        // Each is a look into a word that the standard library filled once.
        is_x86_feature_detected!("aes")
            && is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3")
    }

    type Keys = [[u8; 16]; 15];

    #[inline(always)]
    fn load(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 bytes may be read, at any alignment; every x86-64 has the instruction.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(bytes: &mut [u8; 16], value: __m128i) {
        // SAFETY: 16 bytes may be written, at any alignment; every x86-64 has the instruction.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
    }

    /// The next four words: each is the sum of all before it and of what came of the last one.
    #[inline]
    #[target_feature(enable = "aes,sse2")]
    fn next_key(key: __m128i, from_last: __m128i) -> __m128i {
        let mut key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
        key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
        _mm_xor_si128(key, from_last)
    }

    /// FIPS 197 5.2 for 4 words.
    #[target_feature(enable = "aes,sse2")]
    pub(super) fn expand_short(key: &[u8; 16], keys: &mut Keys) {
        let mut key = load(key);
        let mut places = keys.iter_mut();
        macro_rules! next {
            ($($constant:literal)*) => {$(
                if let Some(place) = places.next() {
                    store(place, key);
                }
                let assist = _mm_aeskeygenassist_si128(key, $constant);
                key = next_key(key, _mm_shuffle_epi32(assist, 0xff));
            )*};
        }
        next!(0x01 0x02 0x04 0x08 0x10 0x20 0x40 0x80 0x1b 0x36);
        if let Some(place) = places.next() {
            store(place, key);
        }
    }

    /// FIPS 197 5.2 for 8 words.
    #[target_feature(enable = "aes,sse2")]
    pub(super) fn expand_long(first: &[u8; 16], second: &[u8; 16], keys: &mut Keys) {
        let (mut first, mut second) = (load(first), load(second));
        let (pairs, last) = keys.as_chunks_mut::<2>();
        let mut pairs = pairs.iter_mut();
        macro_rules! first {
            ($constant:literal) => {
                if let Some([one, two]) = pairs.next() {
                    store(one, first);
                    store(two, second);
                }
                let assist = _mm_aeskeygenassist_si128(second, $constant);
                first = next_key(first, _mm_shuffle_epi32(assist, 0xff));
            };
        }
        macro_rules! both {
            ($($constant:literal)*) => {$(
                first!($constant);
                let assist = _mm_aeskeygenassist_si128(first, 0);
                second = next_key(second, _mm_shuffle_epi32(assist, 0xaa));
            )*};
        }
        both!(0x01 0x02 0x04 0x08 0x10 0x20);
        first!(0x40);
        if let [last] = last {
            store(last, first);
        }
    }

    /// The keys of encryption, in reverse, as those of decryption (FIPS 197 5.3.5).
    #[target_feature(enable = "aes,sse2")]
    pub(super) fn invert(keys: &mut [[u8; 16]]) {
        if let [_, middle @ .., _] = keys {
            for key in middle {
                let inverse = _mm_aesimc_si128(load(key));
                store(key, inverse);
            }
        }
    }

    /// SHA-1's five words as the instructions want them.
    #[derive(Clone, Copy)]
    struct Sha1 {
        abcd: __m128i,
        e: __m128i,
    }

    /// A block being compressed: 20 times four rounds.
    struct Rounds {
        before: Sha1,
        h: [__m128i; 2],
        w: [__m128i; 5],
    }

    impl Sha1 {
        #[inline]
        #[target_feature(enable = "sse2")]
        fn new(state: &[u32; 5]) -> Self {
            let [a, b, c, d, e] = state.map(|word| word as i32);
            Self { abcd: _mm_set_epi32(a, b, c, d), e: _mm_set_epi32(e, 0, 0, 0) }
        }

        #[inline]
        #[target_feature(enable = "sse2,sse4.1")]
        fn leave(self, state: &mut [u32; 5]) {
            *state = [
                _mm_extract_epi32::<3>(self.abcd),
                _mm_extract_epi32::<2>(self.abcd),
                _mm_extract_epi32::<1>(self.abcd),
                _mm_extract_epi32::<0>(self.abcd),
                _mm_extract_epi32::<3>(self.e),
            ]
            .map(|word| word as u32);
        }

        #[inline]
        #[target_feature(enable = "ssse3")]
        fn begin(self, block: &[u8; 64]) -> Rounds {
            let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
            let mut w = [_mm_setzero_si128(); 5];
            for (word, bytes) in w.iter_mut().zip(block.as_chunks::<16>().0) {
                *word = _mm_shuffle_epi8(load(bytes), order);
            }
            Rounds { before: self, h: [self.abcd, self.e], w }
        }
    }

    impl Rounds {
        /// Rounds 4 * `GROUP` and the three after it; FIPS 180-4 6.1.2.
        #[inline]
        #[target_feature(enable = "sha,sse2")]
        fn four<const GROUP: usize, const FUNCTION: i32>(&mut self) {
            if GROUP >= 4 {
                let [w0, w1, w2, w3] = [0, 1, 2, 3].map(|back| self.w[(GROUP + 1 + back) % 5]);
                let mixed = _mm_xor_si128(_mm_sha1msg1_epu32(w0, w1), w2);
                self.w[GROUP % 5] = _mm_sha1msg2_epu32(mixed, w3);
            }
            let (abcd, other) = (self.h[GROUP % 2], self.h[(GROUP + 1) % 2]);
            let w = self.w[GROUP % 5];
            let e = match GROUP {
                0 => _mm_add_epi32(other, w),
                _ => _mm_sha1nexte_epu32(other, w),
            };
            self.h[(GROUP + 1) % 2] = _mm_sha1rnds4_epu32::<FUNCTION>(abcd, e);
        }

        #[inline]
        #[target_feature(enable = "sha,sse2")]
        fn end(self) -> Sha1 {
            Sha1 {
                abcd: _mm_add_epi32(self.before.abcd, self.h[0]),
                e: _mm_sha1nexte_epu32(self.h[1], self.before.e),
            }
        }
    }

    /// The 20 groups of rounds of a block with `$step!(group)` after each.
    macro_rules! compress {
        ($rounds:ident, $beside:ident) => {
            compress!(@ $rounds $beside 0: 0 1 2 3 4);
            compress!(@ $rounds $beside 1: 5 6 7 8 9);
            compress!(@ $rounds $beside 2: 10 11 12 13 14);
            compress!(@ $rounds $beside 3: 15 16 17 18 19);
        };
        (@ $rounds:ident $beside:ident $function:literal: $($group:literal)*) => {$(
            $rounds.four::<$group, $function>();
            $beside.step::<$group>();
        )*};
    }

    /// Four blocks of CBC encryption, one after the other, in 20 steps.
    struct Encryption<'a, const KEYS: usize> {
        keys: &'a Keys,
        chain: __m128i,
        blocks: &'a mut [[u8; 16]; 4],
    }

    impl<const KEYS: usize> Encryption<'_, KEYS> {
        #[inline]
        #[target_feature(enable = "aes,sse2")]
        fn step<const GROUP: usize>(&mut self) {
            self.round(3 * GROUP);
            self.round(3 * GROUP + 1);
            self.round(3 * GROUP + 2);
        }

        /// Round keys are added `KEYS` times for each block.
        #[inline]
        #[target_feature(enable = "aes,sse2")]
        fn round(&mut self, number: usize) {
            let (block, round) = (number / KEYS, number % KEYS);
            if block > 3 {
                return;
            }
            let key = load(&self.keys[round]);
            if round == 0 {
                let text = load(&self.blocks[block]);
                self.chain = _mm_xor_si128(self.chain, _mm_xor_si128(text, key));
            } else if round < KEYS - 1 {
                self.chain = _mm_aesenc_si128(self.chain, key);
            } else {
                self.chain = _mm_aesenclast_si128(self.chain, key);
                store(&mut self.blocks[block], self.chain);
            }
        }
    }

    #[target_feature(enable = "aes,sha,sse2,ssse3,sse4.1")]
    pub(super) fn encrypt<const KEYS: usize>(
        keys: &Keys,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        let mut sha1 = Sha1::new(state);
        let mut value = load(chain);
        let (fours, rest) = blocks.as_chunks_mut::<4>();
        let both = fours.len().min(message.len());
        let (with, without) = fours.split_at_mut(both);
        let (message, alone) = message.split_at(both);
        for (blocks, block) in with.iter_mut().zip(message) {
            let mut rounds = sha1.begin(block);
            let mut beside = Encryption::<KEYS> { keys, chain: value, blocks };
            compress!(rounds, beside);
            value = beside.chain;
            sha1 = rounds.end();
        }
        for block in without.as_flattened_mut().iter_mut().chain(rest) {
            value = _mm_xor_si128(value, _mm_xor_si128(load(block), load(&keys[0])));
            for key in &keys[1..KEYS - 1] {
                value = _mm_aesenc_si128(value, load(key));
            }
            value = _mm_aesenclast_si128(value, load(&keys[KEYS - 1]));
            store(block, value);
        }
        store(chain, value);
        for block in alone {
            let mut rounds = sha1.begin(block);
            let mut beside = Nothing;
            compress!(rounds, beside);
            sha1 = rounds.end();
        }
        sha1.leave(state);
    }

    /// Where SHA-1 runs alone.
    struct Nothing;

    impl Nothing {
        #[inline(always)]
        fn step<const GROUP: usize>(&mut self) {}
    }

    /// Four blocks of CBC decryption side by side, in 20 steps.
    struct Decryption<'a, const KEYS: usize> {
        keys: &'a Keys,
        chain: __m128i,
        values: [__m128i; 4],
        blocks: &'a mut [[u8; 16]; 4],
    }

    impl<const KEYS: usize> Decryption<'_, KEYS> {
        #[inline]
        #[target_feature(enable = "aes,sse2")]
        fn step<const GROUP: usize>(&mut self) {
            if GROUP >= KEYS {
                return;
            }
            let key = load(&self.keys[GROUP]);
            for at in 0..4 {
                let value = self.values[at];
                self.values[at] = match GROUP {
                    0 => _mm_xor_si128(load(&self.blocks[at]), key),
                    _ if GROUP < KEYS - 1 => _mm_aesdec_si128(value, key),
                    _ => {
                        let text = load(&self.blocks[at]);
                        let plain = _mm_xor_si128(_mm_aesdeclast_si128(value, key), self.chain);
                        store(&mut self.blocks[at], plain);
                        self.chain = text;
                        plain
                    }
                };
            }
        }
    }

    #[target_feature(enable = "aes,sha,sse2,ssse3,sse4.1")]
    pub(super) fn decrypt<const KEYS: usize>(
        keys: &Keys,
        chain: &mut Chain,
        blocks: &mut [[u8; 16]],
        state: &mut [u32; 5],
        message: &[[u8; 64]],
    ) {
        let mut sha1 = Sha1::new(state);
        let mut value = load(chain);
        let (fours, rest) = blocks.as_chunks_mut::<4>();
        let both = fours.len().min(message.len());
        let (with, without) = fours.split_at_mut(both);
        let (message, alone) = message.split_at(both);
        let values = [_mm_setzero_si128(); 4];
        for (blocks, block) in with.iter_mut().zip(message) {
            let mut rounds = sha1.begin(block);
            let mut beside = Decryption::<KEYS> { keys, chain: value, values, blocks };
            compress!(rounds, beside);
            value = beside.chain;
            sha1 = rounds.end();
        }
        for blocks in without {
            let mut beside = Decryption::<KEYS> { keys, chain: value, values, blocks };
            let mut rounds = Nothing;
            compress!(rounds, beside);
            value = beside.chain;
        }
        for block in rest {
            let text = load(block);
            let mut plain = _mm_xor_si128(text, load(&keys[0]));
            for key in &keys[1..KEYS - 1] {
                plain = _mm_aesdec_si128(plain, load(key));
            }
            plain = _mm_aesdeclast_si128(plain, load(&keys[KEYS - 1]));
            store(block, _mm_xor_si128(plain, value));
            value = text;
        }
        store(chain, value);
        for block in alone {
            let mut rounds = sha1.begin(block);
            let mut beside = Nothing;
            compress!(rounds, beside);
            sha1 = rounds.end();
        }
        sha1.leave(state);
    }

    impl Nothing {
        #[inline(always)]
        fn four<const GROUP: usize, const FUNCTION: i32>(&mut self) {}
    }
}

/// Other processors: no `RoundKeys` ever exist, so nothing but `available` is called.
#[cfg(not(target_arch = "x86_64"))]
mod imp {
    use super::Chain;

    type Keys = [[u8; 16]; 15];

    pub(super) fn available() -> bool {
        false
    }

    pub(super) unsafe fn expand_short(_: &[u8; 16], _: &mut Keys) {}

    pub(super) unsafe fn expand_long(_: &[u8; 16], _: &[u8; 16], _: &mut Keys) {}

    pub(super) unsafe fn invert(_: &mut [[u8; 16]]) {}

    pub(super) unsafe fn encrypt<const KEYS: usize>(
        _: &Keys,
        _: &mut Chain,
        _: &mut [[u8; 16]],
        _: &mut [u32; 5],
        _: &[[u8; 64]],
    ) {
    }

    pub(super) unsafe fn decrypt<const KEYS: usize>(
        _: &Keys,
        _: &mut Chain,
        _: &mut [[u8; 16]],
        _: &mut [u32; 5],
        _: &[[u8; 64]],
    ) {
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::random;

    /// What the parent would have used next, its child must not use.
    #[test]
    fn a_forked_child_has_confounders_of_its_own() {
        let (mut ours, mut theirs, mut pipe) = ([0; 16], [0; 16], [0; 2]);
        // There are unused bytes in this thread's pool then.
        random::confounder(&mut ours).unwrap();
        // SAFETY: room for two descriptors.
        assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
        // SAFETY: the child takes no lock and allocates nothing before it ends.
        match unsafe { libc::fork() } {
            0 => {
                let made = random::confounder(&mut theirs).is_ok();
                // SAFETY: an open descriptor and 16 bytes.
                unsafe { libc::write(pipe[1], theirs.as_ptr().cast(), 16) };
                // SAFETY: ends the child here, with nothing of the parent's run.
                unsafe { libc::_exit(i32::from(!made)) };
            }
            child => {
                assert!(child > 0);
                // SAFETY: an open descriptor, room for 16 bytes.
                let read = unsafe { libc::read(pipe[0], theirs.as_mut_ptr().cast(), 16) };
                assert_eq!(read, 16);
                let mut status = -1;
                // SAFETY: a child of ours, room for its status.
                unsafe { libc::waitpid(child, &mut status, 0) };
                assert_eq!(status, 0);
                for end in pipe {
                    // SAFETY: an open descriptor of ours.
                    unsafe { libc::close(end) };
                }
            }
        }
        random::confounder(&mut ours).unwrap();
        assert_ne!(ours, theirs);
    }
}
