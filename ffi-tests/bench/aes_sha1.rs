//! The yardstick for Kerberos: OpenSSL's HMAC-SHA1 and AES-256-CBC, one after the other.
//!
//! Of SHA-1 the low-level functions are used, with the keyed states of HMAC kept and copied; of AES
//! only the EVP interface uses the processor's instructions. Its key is set once.

use std::ffi::c_void;
use std::path::Path;
use std::ptr::null;

use crate::library::Module;

type NewContext = unsafe extern "C" fn() -> *mut c_void;
type FreeContext = unsafe extern "C" fn(*mut c_void);
type NamedCipher = unsafe extern "C" fn() -> *const c_void;
type SetPadding = unsafe extern "C" fn(*mut c_void, i32) -> i32;
type CipherInit =
    unsafe extern "C" fn(*mut c_void, *const c_void, *const c_void, *const u8, *const u8, i32) -> i32;
type CipherUpdate = unsafe extern "C" fn(*mut c_void, *mut u8, *mut i32, *const u8, i32) -> i32;
type Sha1Init = unsafe extern "C" fn(*mut Sha1Context) -> i32;
type Sha1Update = unsafe extern "C" fn(*mut Sha1Context, *const u8, usize) -> i32;
type Sha1Final = unsafe extern "C" fn(*mut u8, *mut Sha1Context) -> i32;

/// SHA_CTX is 24 words: it gets room to spare.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Sha1Context([u32; 32]);

pub struct AesSha1 {
    new_context: NewContext,
    free_context: FreeContext,
    aes_256_cbc: NamedCipher,
    set_padding: SetPadding,
    cipher_init: CipherInit,
    cipher_update: CipherUpdate,
    sha1_init: Sha1Init,
    sha1_update: Sha1Update,
    sha1_final: Sha1Final,
}

const KEEP: i32 = -1;

impl AesSha1 {
    pub fn open() -> Result<Self, String> {
        let module = Module::open(Path::new("libcrypto.so.3"))?;
        // SAFETY: the types are those of openssl/evp.h and openssl/sha.h.
        let found = unsafe {
            (|| {
                Some(Self {
                    new_context: module.symbol(c"EVP_CIPHER_CTX_new")?,
                    free_context: module.symbol(c"EVP_CIPHER_CTX_free")?,
                    aes_256_cbc: module.symbol(c"EVP_aes_256_cbc")?,
                    set_padding: module.symbol(c"EVP_CIPHER_CTX_set_padding")?,
                    cipher_init: module.symbol(c"EVP_CipherInit_ex")?,
                    cipher_update: module.symbol(c"EVP_CipherUpdate")?,
                    sha1_init: module.symbol(c"SHA1_Init")?,
                    sha1_update: module.symbol(c"SHA1_Update")?,
                    sha1_final: module.symbol(c"SHA1_Final")?,
                })
            })()
        };
        found.ok_or_else(|| "libcrypto was built without AES or SHA-1".to_owned())
    }

    pub fn channel(&self) -> Channel<'_> {
        let keyed = |pad: u8| {
            let mut context = Sha1Context([0; 32]);
            // SAFETY: the context has room for SHA_CTX.
            unsafe {
                (self.sha1_init)(&mut context);
                (self.sha1_update)(&mut context, [7 ^ pad; 64].as_ptr(), 64);
            }
            context
        };
        let [inner, outer] = [keyed(0x36), keyed(0x5c)];
        Channel { openssl: self, inner, outer, seal: self.cipher(1), open: self.cipher(0) }
    }

    /// A context with a key, for encryption (1) or decryption (0).
    fn cipher(&self, encrypt: i32) -> *mut c_void {
        // SAFETY: a new context, a key and an initialization vector of the cipher's lengths.
        unsafe {
            let context = (self.new_context)();
            let (key, vector) = ([7; 32], [0; 16]);
            (self.cipher_init)(context, (self.aes_256_cbc)(), null(), key.as_ptr(), vector.as_ptr(), encrypt);
            (self.set_padding)(context, 0);
            context
        }
    }
}

/// The keys of one direction, at both ends.
pub struct Channel<'a> {
    openssl: &'a AesSha1,
    inner: Sha1Context,
    outer: Sha1Context,
    seal: *mut c_void,
    open: *mut c_void,
}

impl Channel<'_> {
    /// The code of `message`, which is encrypted in place.
    pub fn seal(&mut self, message: &mut [u8]) -> [u8; 20] {
        let code = self.code(message);
        self.crypt(self.seal, message);
        code
    }

    /// Decrypts in place; whether the code is the message's.
    pub fn open(&mut self, message: &mut [u8], code: [u8; 20]) -> bool {
        self.crypt(self.open, message);
        self.code(message) == code
    }

    fn code(&self, message: &[u8]) -> [u8; 20] {
        let (mut inner, mut outer, mut code) = (self.inner, self.outer, [0; 20]);
        let openssl = self.openssl;
        // SAFETY: keyed contexts, and room for a digest.
        unsafe {
            (openssl.sha1_update)(&mut inner, message.as_ptr(), message.len());
            (openssl.sha1_final)(code.as_mut_ptr(), &mut inner);
            (openssl.sha1_update)(&mut outer, code.as_ptr(), code.len());
            (openssl.sha1_final)(code.as_mut_ptr(), &mut outer);
        }
        code
    }

    /// Whole blocks, with a zero initialization vector.
    fn crypt(&self, context: *mut c_void, message: &mut [u8]) {
        let (vector, mut written) = ([0; 16], 0);
        let length = i32::try_from(message.len()).expect("a short message");
        let place = message.as_mut_ptr();
        // SAFETY: a context with a key; it may work in place.
        unsafe {
            (self.openssl.cipher_init)(context, null(), null(), null(), vector.as_ptr(), KEEP);
            (self.openssl.cipher_update)(context, place, &mut written, place, length);
        }
        assert_eq!(written, length, "OpenSSL took whole blocks");
    }
}

impl Drop for Channel<'_> {
    fn drop(&mut self) {
        for context in [self.seal, self.open] {
            // SAFETY: made by `cipher`, freed once.
            unsafe { (self.openssl.free_context)(context) };
        }
    }
}
