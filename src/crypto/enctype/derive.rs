//! How keys come of passwords and of other keys.

#![forbid(unsafe_code)]

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::cts::Aes;
use super::mac::MacKey;
use super::{Enctype, Key};
use crate::error::{Code, Error, Result};

/// What a derived key is for: the last byte of the derivation's constant (RFC 3961 5.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Checksum = 0x99,
    Encryption = 0xaa,
    Integrity = 0x55,
}

/// What a KDC may ask of us at most; 2^20 rounds take less than a second.
const MOST_ITERATIONS: u32 = 1 << 20;

/// The key of a usage number (RFC 3961 5.3, RFC 8009 5).
pub(super) fn usage_key(key: &Key, usage: u32, purpose: Purpose) -> Result<Zeroizing<Vec<u8>>> {
    let mut constant = [0; 5];
    constant.split_at_mut(4).0.copy_from_slice(&usage.to_be_bytes());
    constant[4] = purpose as u8;
    let size = match (key.enctype(), purpose) {
        (Enctype::Aes256CtsHmacSha384, Purpose::Checksum | Purpose::Integrity) => 24,
        (enctype, _) => enctype.key_size(),
    };
    match key.enctype() {
        Enctype::Aes128CtsHmacSha1 | Enctype::Aes256CtsHmacSha1 => dk(key, fold_usage(constant)),
        _ => derive(key, &constant, size),
    }
}

/// DK of RFC 3961 5.1 for enctypes 17 and 18, KDF-HMAC-SHA2 of RFC 8009 3 for 19 and 20.
pub(super) fn derive(key: &Key, constant: &[u8], size: usize) -> Result<Zeroizing<Vec<u8>>> {
    match key.enctype() {
        Enctype::Aes128CtsHmacSha1 | Enctype::Aes256CtsHmacSha1 => {
            let mut folded = [0; 16];
            n_fold(constant, &mut folded);
            dk(key, folded)
        }
        Enctype::Aes128CtsHmacSha256 | Enctype::Aes256CtsHmacSha384 => {
            kdf_hmac_sha2(key, constant, &[], size)
        }
        Enctype::Rc4Hmac => Err(Error::new(Code::UnsupportedFunction, "RC4 derives no keys")),
    }
}

/// RFC 3961 5.1: the cipher's output, fed back to it, until there is enough of it.
fn dk(key: &Key, folded: [u8; 16]) -> Result<Zeroizing<Vec<u8>>> {
    let aes = Aes::new(key.bytes())?;
    let mut block = Zeroizing::new(folded);
    let mut derived = Zeroizing::new(Vec::with_capacity(32));
    while derived.len() < key.bytes().len() {
        aes.encrypt(&mut block);
        derived.extend_from_slice(block.as_slice());
    }
    Ok(derived)
}

/// RFC 8009 3; `size` is in bytes and at most the digest's.
pub(super) fn kdf_hmac_sha2(
    key: &Key,
    label: &[u8],
    context: &[u8],
    size: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let bits = u32::try_from(size.saturating_mul(8)).unwrap_or(u32::MAX);
    let mut derived = Zeroizing::new(vec![0; size]);
    let mac = MacKey::new(key.enctype(), key.bytes())?;
    mac.sum(&[&1u32.to_be_bytes(), label, &[0], context, &bits.to_be_bytes()], &mut derived);
    Ok(derived)
}

/// `n_fold` of the constants of usages, of which a handshake takes a dozen: 16 copies of 40 bits are 5
/// pieces of 128.
pub(super) fn fold_usage(constant: [u8; 5]) -> [u8; 16] {
    let word = constant.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    let mut copies = [0; 80];
    let (places, _) = copies.as_chunks_mut::<5>();
    for (place, turned) in places.iter_mut().zip((0..).step_by(13)) {
        let turned = turned % 40;
        let [_, _, _, copy @ ..] = (word >> turned | word << (40 - turned)).to_be_bytes();
        *place = copy;
    }
    let (pieces, _) = copies.as_chunks::<16>();
    let sum = pieces.iter().fold(0u128, |sum, piece| {
        let (sum, carry) = sum.overflowing_add(u128::from_be_bytes(*piece));
        sum.wrapping_add(carry.into())
    });
    sum.to_be_bytes()
}

/// n-fold (RFC 3961 5.1): copies of `input`, each turned 13 bits further to the right than the one
/// before, cut into pieces of the length of `output` that are added up in ones' complement.
pub(super) fn n_fold(input: &[u8], output: &mut [u8]) {
    let (length, width) = (input.len(), output.len());
    if length == 0 || width == 0 {
        return;
    }
    let copies = width / greatest_common_divisor(length, width);
    let mut columns = vec![0u32; width];
    for (at, column) in (0..length * copies).zip((0..width).cycle()) {
        // Where in the input the byte begins, in bits.
        let turned = 13 * (at / length) % (8 * length);
        let begin = (8 * (at % length) + 8 * length - turned) % (8 * length);
        let byte = |at: usize| input.get(at % length).map_or(0, |byte| u32::from(*byte));
        let pair = byte(begin / 8) << 8 | byte(begin / 8 + 1);
        if let Some(sum) = columns.get_mut(column) {
            *sum += pair >> (8 - begin % 8) & 0xff;
        }
    }
    let mut carry = 0;
    while carry > 0 || columns.iter().any(|sum| *sum > 0xff) {
        for sum in columns.iter_mut().rev() {
            *sum += carry;
            carry = *sum >> 8;
            *sum &= 0xff;
        }
    }
    for (byte, sum) in output.iter_mut().zip(columns) {
        *byte = sum as u8;
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The key of a password for enctypes 17 to 20 (RFC 3962 4, RFC 8009 4); `parameters` is the
/// number of iterations, 4 bytes. SEC_E_INVALID_TOKEN for parameters that are not, or too many.
pub(super) fn string_to_key(
    enctype: Enctype,
    password: &[u8],
    salt: &[u8],
    parameters: Option<&[u8]>,
) -> Result<Key> {
    let iterations = iterations(enctype, parameters)?;
    let mut seed = Zeroizing::new([0; 32]);
    let (seed, _) = seed.split_at_mut(enctype.key_size());
    match enctype {
        Enctype::Aes128CtsHmacSha256 => {
            let salt = [b"aes128-cts-hmac-sha256-128\0", salt].concat();
            pbkdf2_hmac::<Sha256>(password, &salt, iterations, seed);
        }
        Enctype::Aes256CtsHmacSha384 => {
            let salt = [b"aes256-cts-hmac-sha384-192\0", salt].concat();
            pbkdf2_hmac::<Sha384>(password, &salt, iterations, seed);
        }
        _ => pbkdf2_hmac::<Sha1>(password, salt, iterations, seed),
    }
    let seed = Key::new(enctype, seed)?;
    Key::new(enctype, &derive(&seed, b"kerberos", enctype.key_size())?)
}

fn iterations(enctype: Enctype, parameters: Option<&[u8]>) -> Result<u32> {
    let Some(parameters) = parameters else {
        return Ok(match enctype {
            Enctype::Aes128CtsHmacSha256 | Enctype::Aes256CtsHmacSha384 => 32_768,
            _ => 4096,
        });
    };
    let refused = || Error::new(Code::InvalidToken, "string-to-key parameters that cannot be used");
    let count = u32::from_be_bytes(parameters.try_into().map_err(|_| refused())?);
    if (1..=MOST_ITERATIONS).contains(&count) { Ok(count) } else { Err(refused()) }
}
