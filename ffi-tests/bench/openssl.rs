//! The yardstick: what OpenSSL takes to do the cryptography of a sealed NTLM
//! message, HMAC-MD5 and then RC4, one after the other.
//!
//! Its low-level functions are used, with the keyed states of HMAC kept and
//! copied: the EVP interface in front of them costs more than a short message.

use std::path::Path;

use crate::library::Module;
use crate::session::SIGNATURE;

type Rc4SetKey = unsafe extern "C" fn(*mut Rc4Key, i32, *const u8);
type Rc4 = unsafe extern "C" fn(*mut Rc4Key, usize, *const u8, *mut u8);
type Md5Init = unsafe extern "C" fn(*mut Md5Context) -> i32;
type Md5Update = unsafe extern "C" fn(*mut Md5Context, *const u8, usize) -> i32;
type Md5Final = unsafe extern "C" fn(*mut u8, *mut Md5Context) -> i32;

/// RC4_KEY is 258 words, MD5_CTX 23: both get room to spare.
#[repr(C, align(16))]
struct Rc4Key([u32; 320]);

#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Md5Context([u32; 32]);

pub struct OpenSsl {
    pub version: String,
    rc4_set_key: Rc4SetKey,
    rc4: Rc4,
    md5_init: Md5Init,
    md5_update: Md5Update,
    md5_final: Md5Final,
}

impl OpenSsl {
    pub fn open() -> Result<Self, String> {
        let module = Module::open(Path::new("libcrypto.so.3"))?;
        let version = module.string_from(c"OpenSSL_version").unwrap_or_default();
        // "OpenSSL 3.0.19 27 Jan 2026 (...)"
        let version = version.split(' ').nth(1).unwrap_or("3").to_owned();
        // SAFETY: the types are those of openssl/rc4.h and openssl/md5.h.
        let found = unsafe {
            (|| {
                Some(Self {
                    version,
                    rc4_set_key: module.symbol(c"RC4_set_key")?,
                    rc4: module.symbol(c"RC4")?,
                    md5_init: module.symbol(c"MD5_Init")?,
                    md5_update: module.symbol(c"MD5_Update")?,
                    md5_final: module.symbol(c"MD5_Final")?,
                })
            })()
        };
        found.ok_or_else(|| "libcrypto was built without RC4 or MD5".to_owned())
    }

    pub fn channel(&self) -> Channel<'_> {
        let side = |key| Side {
            inner: self.keyed(0x36, key),
            outer: self.keyed(0x5c, key),
            rc4: self.rc4_key(key),
            number: 0,
        };
        Channel { openssl: self, sender: side(7), receiver: side(7) }
    }

    fn rc4_key(&self, key: u8) -> Rc4Key {
        let mut state = Rc4Key([0; 320]);
        // SAFETY: the state has room for RC4_KEY, the key for its length.
        unsafe { (self.rc4_set_key)(&mut state, 16, [key; 16].as_ptr()) };
        state
    }

    /// MD5 after the block that HMAC puts in front.
    fn keyed(&self, pad: u8, key: u8) -> Md5Context {
        let mut block = [pad; 64];
        block[..16].iter_mut().for_each(|byte| *byte ^= key);
        let mut context = Md5Context([0; 32]);
        // SAFETY: the context has room for MD5_CTX.
        unsafe {
            (self.md5_init)(&mut context);
            (self.md5_update)(&mut context, block.as_ptr(), block.len());
        }
        context
    }
}

/// One direction: what the sender and the receiver keep.
pub struct Channel<'a> {
    openssl: &'a OpenSsl,
    sender: Side,
    receiver: Side,
}

struct Side {
    inner: Md5Context,
    outer: Md5Context,
    rc4: Rc4Key,
    number: u32,
}

impl Channel<'_> {
    /// Seals and unseals `message[SIGNATURE..]`; whether the signature held.
    pub fn carry(&mut self, message: &mut [u8]) -> bool {
        let (signature, data) = message.split_at_mut(SIGNATURE);
        let checksum = self.sender.checksum(self.openssl, data);
        self.sender.crypt(self.openssl, data);
        signature.copy_from_slice(&self.sender.sign(self.openssl, checksum));
        self.receiver.crypt(self.openssl, data);
        let checksum = self.receiver.checksum(self.openssl, data);
        self.receiver.sign(self.openssl, checksum) == *signature
    }
}

impl Side {
    fn checksum(&self, openssl: &OpenSsl, data: &[u8]) -> [u8; 16] {
        let (mut inner, mut outer) = (self.inner, self.outer);
        let mut digest = [0; 16];
        // SAFETY: keyed contexts, and room for a digest.
        unsafe {
            (openssl.md5_update)(&mut inner, self.number.to_le_bytes().as_ptr(), 4);
            (openssl.md5_update)(&mut inner, data.as_ptr(), data.len());
            (openssl.md5_final)(digest.as_mut_ptr(), &mut inner);
            (openssl.md5_update)(&mut outer, digest.as_ptr(), digest.len());
            (openssl.md5_final)(digest.as_mut_ptr(), &mut outer);
        }
        digest
    }

    fn crypt(&mut self, openssl: &OpenSsl, data: &mut [u8]) {
        // SAFETY: RC4 works in place on as many bytes as it is told.
        unsafe { (openssl.rc4)(&mut self.rc4, data.len(), data.as_ptr(), data.as_mut_ptr()) };
    }

    /// Version, sealed checksum, sequence number.
    fn sign(&mut self, openssl: &OpenSsl, mut checksum: [u8; 16]) -> [u8; SIGNATURE] {
        self.crypt(openssl, &mut checksum[..8]);
        let mut signature = [0; SIGNATURE];
        signature[0] = 1;
        signature[4..12].copy_from_slice(&checksum[..8]);
        signature[12..].copy_from_slice(&self.number.to_le_bytes());
        self.number = self.number.wrapping_add(1);
        signature
    }
}
