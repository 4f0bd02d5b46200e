//! Enctype 23 (RFC 4757): whole messages, and the messages of a GSS-API context.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

use super::{Enctype, Key};
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::crypto::rc4::Rc4;
use crate::crypto::{digest, random};
use crate::error::{Code, Error, Result};
use crate::part::Part;
use crate::secret;

const CHECKSUM: usize = 16;
const SIGNATURE_KEY: &[u8] = b"signaturekey\0";

/// The number that is put into the computation for a usage (RFC 4757 3). The usage 9 stays as it
/// is, which Windows does and the RFC does not say.
fn usage_bytes(usage: u32) -> [u8; 4] {
    let number = match usage {
        3 => 8,
        23 => 13,
        _ => usage,
    };
    number.to_le_bytes()
}

/// Checksum and encrypted text (RFC 4757 5); `text` begins with the confounder.
pub(super) fn encrypt(key: &[u8; 16], usage: u32, text: &[u8]) -> Vec<u8> {
    let usage_key = Zeroizing::new(digest::hmac_md5(key, &[&usage_bytes(usage)]));
    let usage_key = HmacMd5Key::new(&*usage_key);
    let checksum = usage_key.mac(&[text]);
    let mut sealed = [&checksum[..], text].concat();
    let stream_key = Zeroizing::new(usage_key.mac(&[&checksum]));
    if let Some(text) = sealed.get_mut(CHECKSUM..) {
        Rc4::new(&stream_key).apply(text);
    }
    sealed
}

/// The text, confounder and all, of what `encrypt` made; `None` for anything else.
pub(super) fn decrypt(key: &[u8; 16], usage: u32, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let usage_key = Zeroizing::new(digest::hmac_md5(key, &[&usage_bytes(usage)]));
    let usage_key = HmacMd5Key::new(&*usage_key);
    let (checksum, text) = sealed.split_first_chunk::<CHECKSUM>()?;
    let mut text = Zeroizing::new(text.to_vec());
    Rc4::new(&Zeroizing::new(usage_key.mac(&[checksum]))).apply(&mut text);
    secret::equal(&usage_key.mac(&[&text]), checksum).then_some(text)
}

/// KERB_CHECKSUM_HMAC_MD5 (RFC 4757 4).
pub(super) fn checksum(key: &[u8; 16], usage: u32, message: &[u8]) -> [u8; 16] {
    let sign_key = Zeroizing::new(digest::hmac_md5(key, &[SIGNATURE_KEY]));
    digest::hmac_md5(&*sign_key, &[&digest::md5(&[&usage_bytes(usage), message])])
}

/// The keys of a context's tokens (RFC 4757 7), derived once.
#[derive(Clone)]
pub struct Rc4MessageKeys {
    sign: HmacMd5Key,
    sequence: HmacMd5Key,
    seal: HmacMd5Key,
}

/// The fields of a token, where they lie.
pub struct Rc4Token<'a> {
    /// TOK_ID, SGN_ALG, SEAL_ALG and filler: signed, never changed.
    pub header: &'a [u8; 8],
    /// SND_SEQ: in plain the number, big endian, and four times 0 or 0xff as the direction.
    pub sequence: &'a mut [u8; 8],
    /// SGN_CKSUM.
    pub checksum: &'a mut [u8; 8],
}

impl Rc4MessageKeys {
    /// The usage of a token of GSS_GetMIC.
    #[cfg(test)]
    pub const USAGE_SIGN: u32 = 15;
    /// The usage of a token of GSS_Wrap.
    pub const USAGE_SEAL: u32 = 13;

    /// SEC_E_UNSUPPORTED_FUNCTION for keys of other enctypes.
    pub fn new(key: &Key) -> Result<Self> {
        if key.enctype() != Enctype::Rc4Hmac {
            return Err(Error::new(Code::UnsupportedFunction, "not a key of enctype 23"));
        }
        let key = key.bytes16();
        let flipped = Zeroizing::new(key.map(|byte| byte ^ 0xf0));
        let derive = |key: &[u8; 16], constant: &[u8]| {
            HmacMd5Key::new(&*Zeroizing::new(digest::hmac_md5(key, &[constant])))
        };
        Ok(Self {
            sign: derive(&key, SIGNATURE_KEY),
            sequence: derive(&key, &[0; 4]),
            seal: derive(&flipped, &[0; 4]),
        })
    }

    /// Makes SGN_CKSUM and encrypts SND_SEQ of a token whose message stays readable: usage 15 and
    /// no confounder for GSS_GetMIC, usage 13 and a confounder for GSS_Wrap. `tail` is the padding.
    pub fn sign(&self, usage: u32, token: Rc4Token, confounder: &[u8], parts: &[Part], tail: &[u8]) {
        *token.checksum = self.checksum(usage, token.header, confounder, parts, tail);
        self.crypt_sequence(token.checksum, token.sequence);
    }

    /// Decrypts SND_SEQ; SEC_E_MESSAGE_ALTERED unless SGN_CKSUM is right.
    pub fn verify(
        &self,
        usage: u32,
        token: Rc4Token,
        confounder: &[u8],
        parts: &[Part],
        tail: &[u8],
    ) -> Result<()> {
        self.crypt_sequence(token.checksum, token.sequence);
        let checksum = self.checksum(usage, token.header, confounder, parts, tail);
        if secret::equal(&checksum, token.checksum) { Ok(()) } else { Err(altered()) }
    }

    /// Fills the confounder, makes SGN_CKSUM and encrypts SND_SEQ, confounder, the sealed parts and
    /// `tail` (the padding) of a token of GSS_Wrap.
    pub fn seal(
        &self,
        token: Rc4Token,
        confounder: &mut [u8; 8],
        parts: &mut [Part],
        tail: &mut [u8],
    ) -> Result<()> {
        random::confounder(confounder)?;
        let mut stream = self.stream(token.sequence);
        *token.checksum = self.checksum(Self::USAGE_SEAL, token.header, confounder, parts, tail);
        apply(&mut stream, confounder, parts, tail);
        self.crypt_sequence(token.checksum, token.sequence);
        Ok(())
    }

    /// Decrypts what `seal` encrypted. SEC_E_MESSAGE_ALTERED unless SGN_CKSUM is right; then the
    /// sealed parts are zero.
    pub fn open(
        &self,
        token: Rc4Token,
        confounder: &mut [u8; 8],
        parts: &mut [Part],
        tail: &mut [u8],
    ) -> Result<()> {
        self.crypt_sequence(token.checksum, token.sequence);
        let mut stream = self.stream(token.sequence);
        apply(&mut stream, confounder, parts, tail);
        let checksum = self.checksum(Self::USAGE_SEAL, token.header, confounder, parts, tail);
        if secret::equal(&checksum, token.checksum) {
            return Ok(());
        }
        confounder.as_mut_slice().zeroize();
        for part in parts {
            if let Part::Sealed(bytes) = part {
                bytes.zeroize();
            }
        }
        tail.zeroize();
        Err(altered())
    }

    fn checksum(&self, usage: u32, header: &[u8; 8], before: &[u8], parts: &[Part], after: &[u8]) -> [u8; 8] {
        let mut digest = crate::crypto::md5::Md5::new();
        digest.update(&usage_bytes(usage));
        digest.update(header);
        digest.update(before);
        parts.iter().for_each(|part| digest.update(part.bytes()));
        digest.update(after);
        let code = self.sign.mac(&[&digest.finish()]);
        code.first_chunk().copied().unwrap_or_default()
    }

    fn crypt_sequence(&self, checksum: &[u8; 8], sequence: &mut [u8; 8]) {
        Rc4::new(&Zeroizing::new(self.sequence.mac(&[checksum]))).apply(sequence);
    }

    /// The key stream of the message with this SND_SEQ in plain.
    fn stream(&self, sequence: &[u8; 8]) -> Rc4 {
        let (number, _) = sequence.split_at(4);
        Rc4::new(&Zeroizing::new(self.seal.mac(&[number])))
    }
}

fn apply(stream: &mut Rc4, confounder: &mut [u8; 8], parts: &mut [Part], tail: &mut [u8]) {
    stream.apply(confounder);
    for part in parts {
        if let Part::Sealed(bytes) = part {
            stream.apply(bytes);
        }
    }
    stream.apply(tail);
}

fn altered() -> Error {
    Error::new(Code::MessageAltered, "a token's checksum is not its message's")
}
