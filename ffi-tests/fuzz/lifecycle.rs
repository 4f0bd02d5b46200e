//! Sequences of calls: handles that are good, stale, forged or of the other kind; memory always as
//! the functions' contracts ask. Every byte of the input chooses something.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use sspi::abi::{
    CredHandle, CtxtHandle, SEC_WINNT_AUTH_IDENTITY_W, SecBuffer, SecHandle, SecurityFunctionTableW,
    TimeStamp,
};

use crate::calls::{Buffers, Input, table, wide};

const CREDENTIALS: usize = 4;
const CONTEXTS: usize = 6;
const TOKENS: usize = 4;
/// A sequence that is longer finds nothing more.
const LONGEST: usize = 64;

const SECBUFFER_DATA: u32 = 1;
const SECBUFFER_TOKEN: u32 = 2;
const SECBUFFER_STREAM: u32 = 10;
/// Types that EncryptMessage and the like are given: data, token, padding, stream, read-only data.
const KINDS: [u32; 8] =
    [SECBUFFER_DATA, SECBUFFER_TOKEN, 9, SECBUFFER_STREAM, 0x8000_0001, 0x1000_0001, 0, 14];
/// Requirements: nothing, everything, allocate, confidentiality, DCE style, null session.
const ASKED: [u32; 8] = [0, 0x0001_083E, 0x100, 0x10, 0x0001_0200, 0x0020_0000, 0x800, 0x0010_0000];

const NO_HANDLE: SecHandle = SecHandle { dwLower: usize::MAX, dwUpper: usize::MAX };

/// What a program that uses the library keeps.
struct Program {
    table: &'static SecurityFunctionTableW,
    credentials: [CredHandle; CREDENTIALS],
    contexts: [CtxtHandle; CONTEXTS],
    tokens: [Vec<u8>; TOKENS],
    /// The buffers of the last message.
    message: Vec<(u32, Vec<u8>)>,
    /// The last exported context.
    packed: Vec<u8>,
}

/// Runs the sequence that the bytes say, then frees everything.
pub fn run(data: &[u8]) {
    let mut program = Program {
        table: table(),
        credentials: [NO_HANDLE; CREDENTIALS],
        contexts: [NO_HANDLE; CONTEXTS],
        tokens: Default::default(),
        message: Vec::new(),
        packed: Vec::new(),
    };
    let mut input = Input(data);
    for _ in 0..LONGEST {
        if input.0.is_empty() {
            break;
        }
        program.call(&mut input);
    }
    program.end();
}

impl Program {
    fn call(&mut self, input: &mut Input<'_>) {
        // SAFETY: every pointer that the calls below give is to memory of this program of the size
        // that it says.
        unsafe {
            match input.byte() % 24 {
                0 => self.acquire(input),
                1 => self.release_credential(input),
                2 => self.initialize(input),
                3 => self.accept(input),
                4 => self.delete(input),
                5 => self.query_context(input),
                6 => self.encrypt(input),
                7 => self.decrypt(input),
                8 => self.sign(input),
                9 => self.verify(input),
                10 => self.complete(input),
                11 => self.export(input),
                12 => self.import(input),
                13 => self.query_credential(input),
                14 => self.set(input),
                15 => self.packages(input),
                16 => self.forge(input),
                17 => self.edit(input),
                18 => self.change_password(input),
                19 => self.add_credential(input),
                20 => self.impersonate(input),
                21 => self.message = buffers(input),
                _ => self.handshake(input),
            }
        }
    }

    fn credential(&mut self, input: &mut Input<'_>) -> *mut CredHandle {
        &raw mut self.credentials[input.slot(CREDENTIALS)]
    }

    fn context(&mut self, input: &mut Input<'_>) -> *mut CtxtHandle {
        &raw mut self.contexts[input.slot(CONTEXTS)]
    }

    unsafe fn acquire(&mut self, input: &mut Input<'_>) {
        let (slot, package, usage, who) = (input.slot(CREDENTIALS), input.byte(), input.byte(), input.byte());
        unsafe { self.acquire_into(slot, package, usage, who) }
    }

    unsafe fn acquire_into(&mut self, slot: usize, package: u8, usage: u8, who: u8) {
        let mut package =
            wide(["NTLM", "Negotiate", "Kerberos", "negotiate", "", "Nobody's"][usize::from(package % 6)]);
        let (mut user, mut domain) =
            (wide(["alice", "", "EXAMPLE\\bob"][usize::from(who % 3)]), wide("EXAMPLE"));
        let mut password = wide(if who & 0x10 == 0 { "secret" } else { "wrong" });
        let mut identity = SEC_WINNT_AUTH_IDENTITY_W {
            User: user.as_mut_ptr(),
            UserLength: user.len() as u32 - 1,
            Domain: domain.as_mut_ptr(),
            DomainLength: domain.len() as u32 - 1,
            Password: password.as_mut_ptr(),
            PasswordLength: password.len() as u32 - 1,
            Flags: 2,
        };
        let identity = if who & 0x20 == 0 { (&raw mut identity).cast() } else { null_mut() };
        self.release(slot);
        let handle = &raw mut self.credentials[slot];
        unsafe {
            self.table.AcquireCredentialsHandleW.unwrap()(
                null(),
                package.as_mut_ptr(),
                usage.into(),
                null_mut(),
                identity,
                None,
                null_mut(),
                handle,
                null_mut(),
            );
        }
    }

    /// Frees what stands in a slot, so that nothing is lost when it is written.
    fn release(&mut self, slot: usize) {
        let handle = &raw mut self.credentials[slot];
        // SAFETY: a place that holds a handle.
        unsafe { self.table.FreeCredentialsHandle.unwrap()(handle) };
    }

    fn discard(&mut self, slot: usize) {
        let handle = &raw mut self.contexts[slot];
        // SAFETY: a place that holds a handle.
        unsafe { self.table.DeleteSecurityContext.unwrap()(handle) };
    }

    unsafe fn release_credential(&mut self, input: &mut Input<'_>) {
        self.release(input.slot(CREDENTIALS));
    }

    unsafe fn delete(&mut self, input: &mut Input<'_>) {
        self.discard(input.slot(CONTEXTS));
    }

    unsafe fn initialize(&mut self, input: &mut Input<'_>) {
        let (credential, old, new) = (input.slot(CREDENTIALS), input.byte(), input.slot(CONTEXTS));
        let (read, write, asked) = (input.byte(), input.slot(TOKENS), input.slot(ASKED.len()));
        unsafe { self.leg(true, credential, old, new, read, write, ASKED[asked]) };
    }

    unsafe fn accept(&mut self, input: &mut Input<'_>) {
        let (credential, old, new) = (input.slot(CREDENTIALS), input.byte(), input.slot(CONTEXTS));
        let (read, write, asked) = (input.byte(), input.slot(TOKENS), input.slot(ASKED.len()));
        unsafe { self.leg(false, credential, old, new, read, write, ASKED[asked]) };
    }

    /// One leg. `old` and `read` of 0x80 and more are NULL.
    #[expect(clippy::too_many_arguments, reason = "as many as the function of C has")]
    unsafe fn leg(
        &mut self,
        initiates: bool,
        credential: usize,
        old: u8,
        new: usize,
        read: u8,
        write: usize,
        asked: u32,
    ) -> i32 {
        let (mut target, mut granted) = (wide("host/server"), 0);
        let mut expiry = TimeStamp { LowPart: 0, HighPart: 0 };
        let fresh = old & 0x80 != 0;
        let credential = &raw mut self.credentials[credential];
        let token = self.tokens[usize::from(read) % TOKENS].clone();
        let mut given = Buffers::new(vec![(SECBUFFER_TOKEN, token)]);
        let mut given = given.descriptor();
        let given = if read & 0x80 == 0 { &raw mut given } else { null_mut() };
        let mut made =
            Buffers::new(vec![(SECBUFFER_TOKEN, vec![0; if asked & 0x40 == 0 { 4096 } else { 40 }])]);
        let mut place = made.descriptor();
        let allocated = asked & 0x100 != 0;
        if allocated {
            // SAFETY: the descriptor has one entry.
            unsafe { (*place.pBuffers).pvBuffer = null_mut() };
        }
        if fresh {
            self.discard(new);
        }
        let contexts = &raw mut self.contexts;
        // SAFETY: both indices lie in the array; the two places may be the same, as C allows.
        let (old, new) = unsafe {
            let old = &raw mut (*contexts)[usize::from(old) % CONTEXTS];
            (if fresh { null_mut() } else { old }, if fresh { &raw mut (*contexts)[new] } else { old })
        };
        // SAFETY: everything above is alive and as large as it says.
        unsafe {
            let status = match initiates {
                true => self.table.InitializeSecurityContextW.unwrap()(
                    credential,
                    old,
                    target.as_mut_ptr(),
                    asked,
                    0,
                    0x10,
                    given,
                    0,
                    new,
                    &raw mut place,
                    &raw mut granted,
                    &raw mut expiry,
                ),
                false => self.table.AcceptSecurityContext.unwrap()(
                    credential,
                    old,
                    given,
                    asked,
                    0x10,
                    new,
                    &raw mut place,
                    &raw mut granted,
                    &raw mut expiry,
                ),
            };
            let entry: SecBuffer = *place.pBuffers;
            if allocated {
                if !entry.pvBuffer.is_null() {
                    let bytes =
                        std::slice::from_raw_parts(entry.pvBuffer.cast::<u8>(), entry.cbBuffer as usize);
                    self.tokens[write] = bytes.to_vec();
                    self.table.FreeContextBuffer.unwrap()(entry.pvBuffer);
                }
            } else if status >= 0 {
                self.tokens[write] = made.taken().swap_remove(0).1;
            }
            status
        }
    }

    /// Two contexts that trust each other, in the slots 0 and 1.
    unsafe fn handshake(&mut self, input: &mut Input<'_>) {
        let (package, asked) = (input.byte() % 2, 0x0001_081C);
        unsafe {
            self.acquire_into(0, package, 2, 0);
            self.acquire_into(1, package, 1, 0x20);
            self.leg(true, 0, 0x80, 0, 0x80, 0, asked);
            let mut old = 0x80;
            for _ in 0..3 {
                self.leg(false, 1, old | 1, 1, 0, 1, asked);
                let status = self.leg(true, 0, 0, 0, 1, 0, asked);
                old = 0;
                if status <= 0 && self.tokens[0].is_empty() {
                    break;
                }
            }
        }
    }

    unsafe fn query_context(&mut self, input: &mut Input<'_>) {
        let attribute = u32::from(input.byte());
        let context = self.context(input);
        let mut place = [0_usize; 64];
        unsafe { self.table.QueryContextAttributesW.unwrap()(context, attribute, place.as_mut_ptr().cast()) };
        self.free_all(&place);
        let short = usize::from(input.byte());
        let mut place = vec![0_u8; short];
        let mut copy = [0_usize; 64];
        unsafe {
            let (start, length) = (place.as_mut_ptr().cast(), short as u32);
            self.table.QueryContextAttributesExW.unwrap()(context, attribute, start, length);
            std::ptr::copy_nonoverlapping(place.as_ptr(), copy.as_mut_ptr().cast(), short.min(512));
        }
        self.free_all(&copy);
    }

    unsafe fn query_credential(&mut self, input: &mut Input<'_>) {
        let attribute = u32::from(input.byte());
        let mut place = [0_usize; 64];
        let credential = self.credential(input);
        unsafe {
            self.table.QueryCredentialsAttributesW.unwrap()(credential, attribute, place.as_mut_ptr().cast())
        };
        self.free_all(&place);
    }

    /// Gives back everything that looks like a pointer; the library refuses what is not its own.
    fn free_all(&self, words: &[usize]) {
        for word in words.iter().filter(|word| **word > 0xFFFF_FFFF) {
            // SAFETY: any pointer may be given.
            unsafe { self.table.FreeContextBuffer.unwrap()(*word as *mut c_void) };
        }
    }

    unsafe fn encrypt(&mut self, input: &mut Input<'_>) {
        let (context, quality) = (self.context(input), u32::from(input.byte() & 1) << 31);
        let mut message = Buffers::new(buffers(input));
        let mut place = message.descriptor();
        let status = unsafe { self.table.EncryptMessage.unwrap()(context, quality, &raw mut place, 0) };
        if status == 0 {
            self.message = message.taken();
        }
    }

    unsafe fn decrypt(&mut self, input: &mut Input<'_>) {
        let (context, mut quality) = (self.context(input), 0);
        let mut message = Buffers::new(self.message.clone());
        let mut place = message.descriptor();
        unsafe { self.table.DecryptMessage.unwrap()(context, &raw mut place, 0, &raw mut quality) };
    }

    unsafe fn sign(&mut self, input: &mut Input<'_>) {
        let context = self.context(input);
        let mut message = Buffers::new(buffers(input));
        let mut place = message.descriptor();
        let status = unsafe { self.table.MakeSignature.unwrap()(context, 0, &raw mut place, 0) };
        if status == 0 {
            self.message = message.taken();
        }
    }

    unsafe fn verify(&mut self, input: &mut Input<'_>) {
        let context = self.context(input);
        let mut message = Buffers::new(self.message.clone());
        let mut place = message.descriptor();
        unsafe { self.table.VerifySignature.unwrap()(context, &raw mut place, 0, null_mut()) };
    }

    unsafe fn complete(&mut self, input: &mut Input<'_>) {
        let mut empty = Buffers::new(Vec::new());
        let mut place = empty.descriptor();
        let context = self.context(input);
        unsafe {
            self.table.CompleteAuthToken.unwrap()(context, &raw mut place);
            self.table.ApplyControlToken.unwrap()(context, &raw mut place);
        }
    }

    unsafe fn export(&mut self, input: &mut Input<'_>) {
        let (context, flags) = (self.context(input), u32::from(input.byte() % 8));
        let mut packed = SecBuffer { cbBuffer: 0, BufferType: 0, pvBuffer: null_mut() };
        let mut token = null_mut();
        unsafe {
            let export = self.table.ExportSecurityContext.unwrap();
            if export(context, flags, &raw mut packed, &raw mut token) == 0 {
                let bytes =
                    std::slice::from_raw_parts(packed.pvBuffer.cast::<u8>(), packed.cbBuffer as usize);
                self.packed = bytes.to_vec();
                self.table.FreeContextBuffer.unwrap()(packed.pvBuffer);
            }
        }
    }

    unsafe fn import(&mut self, input: &mut Input<'_>) {
        let slot = input.slot(CONTEXTS);
        let package = wide(["NTLM", "Negotiate", "Kerberos"][input.slot(3)]);
        let mut bytes = self.packed.clone();
        let mut packed =
            SecBuffer { cbBuffer: bytes.len() as u32, BufferType: 0, pvBuffer: bytes.as_mut_ptr().cast() };
        self.discard(slot);
        let context = &raw mut self.contexts[slot];
        unsafe {
            self.table.ImportSecurityContextW.unwrap()(
                package.as_ptr(),
                &raw mut packed,
                null_mut(),
                context,
            );
        }
    }

    /// Only attributes whose structures hold no pointer are given bytes of the fuzzer's.
    unsafe fn set(&mut self, input: &mut Input<'_>) {
        const KDC_PROXY_SETTINGS: u32 = 3;
        let attribute = u32::from(input.byte() % 8);
        let mut bytes = input.counted().to_vec();
        if attribute != KDC_PROXY_SETTINGS {
            bytes.fill(0);
        }
        let (start, length) = (bytes.as_mut_ptr().cast(), bytes.len() as u32);
        let (credential, context) = (self.credential(input), self.context(input));
        unsafe {
            self.table.SetCredentialsAttributesW.unwrap()(credential, attribute, start, length);
            self.table.SetContextAttributesW.unwrap()(context, attribute, start, length);
        }
    }

    unsafe fn packages(&mut self, input: &mut Input<'_>) {
        let (mut count, mut list, mut one) = (0, null_mut(), null_mut());
        let name = wide(["NTLM", "Negotiate", "Kerberos", "?"][input.slot(4)]);
        unsafe {
            self.table.EnumerateSecurityPackagesW.unwrap()(&raw mut count, &raw mut list);
            self.table.QuerySecurityPackageInfoW.unwrap()(name.as_ptr(), &raw mut one);
            self.table.FreeContextBuffer.unwrap()(list.cast());
            self.table.FreeContextBuffer.unwrap()(one.cast());
            // A block is given back once.
            assert!(self.table.FreeContextBuffer.unwrap()(list.cast()) != 0, "a block was freed twice");
        }
    }

    /// A handle that nobody made, or one of the other kind.
    unsafe fn forge(&mut self, input: &mut Input<'_>) {
        let (slot, kind) = (input.slot(CONTEXTS), input.byte());
        let (lower, upper) = (usize::from(input.byte()), usize::from(input.byte()));
        self.discard(slot);
        let from = self.credentials[slot % CREDENTIALS];
        self.contexts[slot] = match kind % 4 {
            0 => from,
            1 => SecHandle { dwLower: lower, dwUpper: upper },
            2 => SecHandle { dwLower: from.dwLower ^ lower, dwUpper: from.dwUpper },
            _ => NO_HANDLE,
        };
        // A credential is not freed as a context.
        let before = self.contexts[slot];
        unsafe { self.table.RevertSecurityContext.unwrap()(&raw mut self.contexts[slot]) };
        assert_eq!(before, self.contexts[slot], "a handle was written to");
    }

    /// Changes a token, a message or an exported context.
    unsafe fn edit(&mut self, input: &mut Input<'_>) {
        let (which, at, with) = (input.byte(), usize::from(input.byte()), input.byte());
        let bytes = match which % 6 {
            slot @ 0..TOKENS_8 => &mut self.tokens[usize::from(slot)],
            4 => &mut self.packed,
            _ => match self.message.first_mut() {
                Some((_, bytes)) => bytes,
                None => return,
            },
        };
        match at.checked_rem(bytes.len()) {
            Some(at) if which & 0x80 == 0 => bytes[at] ^= with,
            Some(at) => bytes.truncate(at),
            None => *bytes = input.counted().to_vec(),
        }
    }

    unsafe fn change_password(&mut self, input: &mut Input<'_>) {
        let package = wide(["NTLM", "Negotiate"][input.slot(2)]);
        let text = wide("text");
        let mut output = Buffers::new(vec![(15, vec![0; 64])]);
        let mut place = output.descriptor();
        unsafe {
            self.table.ChangeAccountPasswordW.unwrap()(
                package.as_ptr(),
                text.as_ptr(),
                text.as_ptr(),
                text.as_ptr(),
                text.as_ptr(),
                0,
                0,
                &raw mut place,
            );
        }
    }

    unsafe fn add_credential(&mut self, input: &mut Input<'_>) {
        let package = wide("NTLM");
        let credential = self.credential(input);
        unsafe {
            self.table.AddCredentialsW.unwrap()(
                credential,
                null(),
                package.as_ptr(),
                2,
                null_mut(),
                None,
                null_mut(),
                null_mut(),
            );
        }
    }

    unsafe fn impersonate(&mut self, input: &mut Input<'_>) {
        let (context, mut token) = (self.context(input), null_mut());
        unsafe {
            self.table.ImpersonateSecurityContext.unwrap()(context);
            self.table.RevertSecurityContext.unwrap()(context);
            self.table.QuerySecurityContextToken.unwrap()(context, &raw mut token);
        }
    }

    /// Everything is given back; what is no handle is refused.
    fn end(&mut self) {
        (0..CONTEXTS).for_each(|slot| self.discard(slot));
        (0..CREDENTIALS).for_each(|slot| self.release(slot));
    }
}

/// TOKENS as a bound of a pattern over bytes.
const TOKENS_8: u8 = TOKENS as u8;

/// Up to five buffers of a message.
fn buffers(input: &mut Input<'_>) -> Vec<(u32, Vec<u8>)> {
    let count = input.byte() % 6;
    let buffer = |_| {
        let kind = input.byte();
        let bytes = match kind & 0x80 {
            0 => input.counted().to_vec(),
            _ => vec![0; input.byte().into()],
        };
        (KINDS[usize::from(kind) % KINDS.len()], bytes)
    };
    (0..count).map(buffer).collect()
}

/// A program that does everything right, with either package, and a few that do not.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for package in [0, 1] {
        let shake = [22, package];
        // A token of 60 bytes and eight of data, from slot 0 to slot 1.
        let sealed = [6, 0, 0, 2, 0x81, 60, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 7, 1];
        let signed = [8, 1, 2, 0, 3, 1, 2, 3, 0x81, 60, 9, 0];
        let asked = (0..40).flat_map(|attribute| [5, attribute, 0, 64]).collect::<Vec<u8>>();
        seeds.push([&shake[..], &sealed, &signed].concat());
        seeds.push([&shake[..], &asked].concat());
        seeds.push([&shake[..], &[11, 0, 2, 12, 2, package, 6, 2, 0, 2, 0x81, 60, 0, 1, 5, 7, 1]].concat());
        seeds.push([&shake[..], &[17, 4, 30, 1, 12, 3, package, 4, 0, 5, 0, 0, 8, 10, 1, 20, 1]].concat());
        seeds.push(vec![
            0, 0, package, 3, 0, 2, 0, 0x80, 0, 0x80, 0, 1, 17, 0, 20, 1, 3, 0, 0x80, 1, 0, 1, 1, 15, 1,
        ]);
        seeds.push(vec![
            0, 0, package, 3, 0, 16, 0, 0, 0, 0, 13, 1, 0, 14, 3, 0, 1, 0, 18, package, 19, 0, 1, 0,
        ]);
    }
    seeds
}
