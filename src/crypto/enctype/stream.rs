//! A message encrypted or decrypted in place with ciphertext stealing (RFC 3962 5), its plaintext
//! compressed into a SHA-1 state meanwhile.
//!
//! Parts have any length, and blocks do not end where parts do. So the message goes through two
//! stages: `text` has what is encrypted, in blocks of 16 bytes, and `message` what is signed, in
//! blocks of 64. A stage is small enough to stay in the processor's nearest cache.

#![forbid(unsafe_code)]

use super::cipher::Cipher;
use super::segments::{Place, Segments};

/// Bytes of a message that are taken at a time.
const TURN: usize = 512;
/// A turn, three blocks that were held back or a block of SHA-1 that was begun, and padding.
const STAGE: usize = TURN + 192;

struct Stage {
    bytes: [u8; STAGE],
    filled: usize,
}

impl Stage {
    fn new() -> Self {
        Self { bytes: [0; STAGE], filled: 0 }
    }

    /// Appends; there is room.
    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        let end = self.filled.saturating_add(bytes.len());
        if let Some(space) = self.bytes.get_mut(self.filled..end) {
            space.copy_from_slice(bytes);
            self.filled = end;
        }
    }

    /// Zeroes what is not filled, up to the end of a block of 16 bytes; how many of them there are
    /// then.
    fn pad(&mut self) -> usize {
        let blocks = self.filled.div_ceil(16);
        self.zero(self.filled, 16 * blocks);
        blocks
    }

    /// Ends a message of `length` bytes as SHA-1 wants it (FIPS 180-4 5.1.1).
    fn end_message(&mut self, length: u64) {
        self.push(&[0x80]);
        let end = 64 * (self.filled + 8).div_ceil(64);
        self.zero(self.filled, end);
        if let Some((_, place)) = self.bytes.get_mut(..end).and_then(|bytes| bytes.split_last_chunk_mut()) {
            *place = length.wrapping_mul(8).to_be_bytes();
        }
        self.filled = end;
    }

    fn zero(&mut self, from: usize, to: usize) {
        if let Some(space) = self.bytes.get_mut(from..to) {
            space.fill(0);
        }
    }

    fn blocks<const SIZE: usize>(&mut self, count: usize) -> &mut [[u8; SIZE]] {
        let (blocks, _) = self.bytes.as_chunks_mut();
        let count = count.min(blocks.len());
        blocks.split_at_mut(count).0
    }

    fn front(&self, length: usize) -> &[u8] {
        self.bytes.get(..length).unwrap_or_default()
    }

    /// Moves what follows the first `length` bytes to the front.
    fn remove(&mut self, length: usize) {
        let length = length.min(self.filled);
        self.bytes.copy_within(length..self.filled, 0);
        self.filled = self.filled.saturating_sub(length);
    }
}

/// Encrypts the text. The plaintext of all segments goes into `inner`, where it is given.
pub(super) fn seal(cipher: &Cipher, segments: &mut Segments, inner: Option<&mut [u32; 5]>) {
    let mut unused = [0; 5];
    let signed = inner.is_some();
    let state = inner.unwrap_or(&mut unused);
    let (mut from, mut to, end) = (Place::default(), Place::default(), segments.end());
    let (mut text, mut message) = (Stage::new(), Stage::new());
    let mut chain = [0; 16];
    // The key's block is of the digest too.
    let mut length = 64u64;
    loop {
        segments.read(&mut from, &end, TURN, |bytes, sealed| {
            if sealed {
                text.push(bytes);
            }
            if signed {
                message.push(bytes);
                length = length.wrapping_add(bytes.len() as u64);
            }
        });
        let last = segments.at_end(&from);
        if last && signed {
            message.end_message(length);
        }
        let messages = message.filled / 64;
        let blocks = if last { text.pad() } else { (text.filled / 16).saturating_sub(2) };
        cipher.encrypt(&mut chain, text.blocks(blocks), state, message.blocks(messages));
        if last {
            if let [.., one, two] = text.blocks::<16>(blocks) {
                std::mem::swap(one, two);
            }
            return segments.write(&mut to, text.front(text.filled));
        }
        segments.write(&mut to, text.front(16 * blocks));
        text.remove(16 * blocks);
        message.remove(64 * messages);
    }
}

/// Decrypts the text. The plaintext of all segments goes into `inner`, where it is given.
pub(super) fn open(cipher: &Cipher, segments: &mut Segments, inner: Option<&mut [u32; 5]>) {
    let mut unused = [0; 5];
    let signed = inner.is_some();
    let state = inner.unwrap_or(&mut unused);
    if signed && segments.is_short_text(TURN) {
        return open_short(cipher, segments, state);
    }
    let (mut from, mut to, end) = (Place::default(), Place::default(), segments.end());
    let mut decrypted = false;
    // What is signed is read where it has been decrypted, a turn later.
    let mut plain = Place::default();
    let (mut text, mut message) = (Stage::new(), Stage::new());
    let mut chain = [0; 16];
    let mut length = 64u64;
    loop {
        let mut blocks = 0;
        let mut last = false;
        if !decrypted {
            segments.read(&mut from, &end, TURN, |bytes, sealed| {
                if sealed {
                    text.push(bytes);
                }
            });
            last = segments.at_end(&from);
            blocks = if last { text.pad() } else { (text.filled / 16).saturating_sub(2) };
        }
        if last {
            let stolen = text.filled % 16;
            restore_order(cipher, text.blocks(blocks), stolen);
        }
        if signed {
            segments.read(&mut plain, &to, TURN, |bytes, _| {
                message.push(bytes);
                length = length.wrapping_add(bytes.len() as u64);
            });
        }
        let finished = decrypted && segments.at_end(&plain);
        if finished {
            message.end_message(length);
        }
        let messages = message.filled / 64;
        cipher.decrypt(&mut chain, text.blocks(blocks), state, message.blocks(messages));
        if last {
            segments.write(&mut to, text.front(text.filled));
            (decrypted, to) = (true, end);
        } else {
            segments.write(&mut to, text.front(16 * blocks));
            text.remove(16 * blocks);
        }
        if finished || decrypted && !signed {
            return;
        }
        message.remove(64 * messages);
    }
}

/// The same of a message that fits into one stage and is all text: what was decrypted there is compressed
/// there.
fn open_short(cipher: &Cipher, segments: &mut Segments, state: &mut [u32; 5]) {
    let mut text = Stage::new();
    segments.read(&mut Place::default(), &segments.end(), TURN, |bytes, _| text.push(bytes));
    let (length, blocks) = (text.filled, text.pad());
    restore_order(cipher, text.blocks(blocks), length % 16);
    cipher.decrypt(&mut [0; 16], text.blocks(blocks), &mut [0; 5], &[]);
    segments.write(&mut Place::default(), text.front(length));
    text.end_message(64 + length as u64);
    cipher.decrypt(&mut [0; 16], &mut [], state, text.blocks(text.filled / 64));
}

/// Makes of the last two blocks, of which the second has `stolen` bytes or is whole, what plain
/// CBC would have made: the second is the first that lies there, and what it lent is in its
/// decryption.
fn restore_order(cipher: &Cipher, blocks: &mut [[u8; 16]], stolen: usize) {
    let [.., one, two] = blocks else { return };
    if stolen > 0 {
        let mut lent = [*one];
        cipher.decrypt(&mut [0; 16], &mut lent, &mut [0; 5], &[]);
        let kept = two.iter_mut().zip(lent.as_flattened()).skip(stolen);
        kept.for_each(|(to, from)| *to = *from);
    }
    std::mem::swap(one, two);
}
