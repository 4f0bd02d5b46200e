//! A client and a server in one process, of NTLM, Negotiate or Kerberos: credentials,
//! a whole handshake, and messages over what it made.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use crate::abi::{self, SecBuffer, SecBufferDesc, SecHandle};
use crate::library::{Functions, Library};

/// The account of MS-NLMP's examples.
pub const ACCOUNT_LINE: &str = "Domain:User:Password\n";
const NT_HASH: [u8; 16] =
    [0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca, 0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52];
const TOKEN_ROOM: usize = 4096;
pub const SIGNATURE: usize = 16;
/// cbSecurityTrailer of a Kerberos context of enctype 18.
const KERBEROS_TOKEN: usize = 60;

/// A call that did not answer as it should.
#[derive(Debug)]
pub struct Failure {
    call: &'static str,
    status: i32,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {:#010x}", self.call, self.status)
    }
}

pub fn expect(call: &'static str, status: i32, wanted: i32) -> Result<(), Failure> {
    if status == wanted { Ok(()) } else { Err(Failure { call, status }) }
}

/// How an acceptor learns the account that it shall check against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ServerWay {
    /// It reads `NTLM_USER_FILE` and decides in AcceptSecurityContext.
    Decides,
    /// WinPR: AcceptSecurityContext stops for the caller, who sets the NT hash.
    NeedsHash,
    /// sspi-rs: the one account it accepts is the identity of its credential.
    NeedsIdentity,
}

/// Tries the ways until one carries a handshake to its end.
pub fn find_server_way(functions: &Functions) -> Result<ServerWay, String> {
    let mut reasons = String::new();
    for way in [ServerWay::Decides, ServerWay::NeedsHash, ServerWay::NeedsIdentity] {
        let tried = Credentials::with(functions, way)
            .and_then(|credentials| credentials.pair(&mut Tokens::default()).map(drop));
        match tried {
            Ok(()) => return Ok(way),
            Err(failure) => reasons += &format!("; {way:?}: {failure}"),
        }
    }
    Err(format!("no NTLM handshake succeeds{reasons}"))
}

/// Room for the two tokens of a leg, reused from handshake to handshake.
pub struct Tokens {
    client: Box<[u8; TOKEN_ROOM]>,
    server: Box<[u8; TOKEN_ROOM]>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { client: Box::new([0; TOKEN_ROOM]), server: Box::new([0; TOKEN_ROOM]) }
    }
}

/// A client and a server credential.
pub struct Credentials<'a> {
    functions: &'a Functions,
    package: &'static [u16],
    way: ServerWay,
    /// What the client asks for.
    request: u32,
    client: SecHandle,
    server: SecHandle,
}

impl<'a> Credentials<'a> {
    pub fn of(library: &'a Library) -> Result<Self, Failure> {
        Self::with(&library.functions, library.server_way)
    }

    /// Credentials that negotiate.
    pub fn negotiating(library: &'a Library) -> Result<Self, Failure> {
        Self::of_package(&library.functions, library.server_way, &NEGOTIATE)
    }

    /// The client's tickets are in the realm's cache, the server's key in its keytab.
    pub fn kerberos(library: &'a Library) -> Result<Self, Failure> {
        let functions = &library.functions;
        let client = acquire(functions, &KERBEROS, abi::SECPKG_CRED_OUTBOUND, false)?;
        let request = abi::ISC_REQUEST | abi::MUTUAL_AUTH;
        match acquire(functions, &KERBEROS, abi::SECPKG_CRED_INBOUND, false) {
            Ok(server) => {
                let way = ServerWay::Decides;
                Ok(Self { functions, package: &KERBEROS, way, request, client, server })
            }
            Err(failure) => {
                release_credential(functions, client);
                Err(failure)
            }
        }
    }

    fn with(functions: &'a Functions, way: ServerWay) -> Result<Self, Failure> {
        Self::of_package(functions, way, &NTLM)
    }

    fn of_package(
        functions: &'a Functions,
        way: ServerWay,
        package: &'static [u16],
    ) -> Result<Self, Failure> {
        let client = acquire(functions, package, abi::SECPKG_CRED_OUTBOUND, true)?;
        let named = way == ServerWay::NeedsIdentity;
        match acquire(functions, package, abi::SECPKG_CRED_INBOUND, named) {
            Ok(server) => {
                let request = abi::ISC_REQUEST;
                Ok(Self { functions, package, way, request, client, server })
            }
            Err(failure) => {
                release_credential(functions, client);
                Err(failure)
            }
        }
    }

    /// The three legs of a handshake.
    pub fn pair(&self, tokens: &mut Tokens) -> Result<Pair<'a>, Failure> {
        let mut pair = self.nothing();
        let (status, negotiate) = self.initialize(&mut pair.client, &mut tokens.client, None);
        expect("InitializeSecurityContext (1)", status, abi::SEC_I_CONTINUE_NEEDED)?;
        let (status, challenge) =
            self.accept(&mut pair.server, &mut tokens.client[..negotiate], &mut tokens.server);
        expect("AcceptSecurityContext (1)", status, abi::SEC_I_CONTINUE_NEEDED)?;
        let input = &mut tokens.server[..challenge];
        let (status, authenticate) = self.initialize(&mut pair.client, &mut tokens.client, Some(input));
        expect("InitializeSecurityContext (2)", status, abi::SEC_E_OK)?;
        let (status, _) =
            self.accept(&mut pair.server, &mut tokens.client[..authenticate], &mut tokens.server);
        self.settle(&mut pair, status, tokens)?;
        Ok(pair)
    }

    /// The five legs of a handshake in SPNEGO.
    pub fn negotiated_pair(&self, tokens: &mut Tokens) -> Result<Pair<'a>, Failure> {
        let mut pair = self.nothing();
        let mut heard = None;
        for leg in [abi::SEC_I_CONTINUE_NEEDED, abi::SEC_E_OK] {
            let input = heard.map(|length| &mut tokens.server[..length]);
            let (status, said) = self.initialize(&mut pair.client, &mut tokens.client, input);
            expect("InitializeSecurityContext (SPNEGO)", status, abi::SEC_I_CONTINUE_NEEDED)?;
            let (status, answer) =
                self.accept(&mut pair.server, &mut tokens.client[..said], &mut tokens.server);
            expect("AcceptSecurityContext (SPNEGO)", status, leg)?;
            heard = Some(answer);
        }
        let input = heard.map(|length| &mut tokens.server[..length]);
        let (status, _) = self.initialize(&mut pair.client, &mut tokens.client, input);
        expect("InitializeSecurityContext (SPNEGO, last)", status, abi::SEC_E_OK)?;
        Ok(pair)
    }

    /// An AP-REQ, an AP-REP, and what the client makes of it.
    pub fn kerberos_pair(&self, tokens: &mut Tokens) -> Result<Pair<'a>, Failure> {
        let mut pair = self.nothing();
        let (status, request) = self.initialize(&mut pair.client, &mut tokens.client, None);
        expect("InitializeSecurityContext (AP-REQ)", status, abi::SEC_I_CONTINUE_NEEDED)?;
        let (status, reply) =
            self.accept(&mut pair.server, &mut tokens.client[..request], &mut tokens.server);
        expect("AcceptSecurityContext (AP-REQ)", status, abi::SEC_E_OK)?;
        let input = &mut tokens.server[..reply];
        let (status, _) = self.initialize(&mut pair.client, &mut tokens.client, Some(input));
        expect("InitializeSecurityContext (AP-REP)", status, abi::SEC_E_OK)?;
        Ok(pair)
    }

    /// The first leg alone: a context that waits for its challenge.
    pub fn first_leg(&self, tokens: &mut Tokens) -> Result<Pair<'a>, Failure> {
        let mut pair = self.nothing();
        let (status, _) = self.initialize(&mut pair.client, &mut tokens.client, None);
        expect("InitializeSecurityContext (1)", status, abi::SEC_I_CONTINUE_NEEDED)?;
        Ok(pair)
    }

    /// A pair without contexts.
    pub fn nothing(&self) -> Pair<'a> {
        let token = if self.package == KERBEROS { KERBEROS_TOKEN } else { SIGNATURE };
        Pair { functions: self.functions, token, client: None, server: None }
    }

    /// Acquires a client credential and frees it again.
    pub fn acquire_and_free(&self) -> Result<(), Failure> {
        let handle = acquire(self.functions, self.package, abi::SECPKG_CRED_OUTBOUND, true)?;
        release_credential(self.functions, handle);
        Ok(())
    }

    fn initialize(
        &self,
        context: &mut Option<SecHandle>,
        room: &mut [u8; TOKEN_ROOM],
        input: Option<&mut [u8]>,
    ) -> (i32, usize) {
        let mut out = [SecBuffer::new(abi::SECBUFFER_TOKEN, room)];
        let mut output = SecBufferDesc::new(&mut out);
        let mut given = input.map(|bytes| [SecBuffer::new(abi::SECBUFFER_TOKEN, bytes)]);
        let mut input = given.as_mut().map(|buffers| SecBufferDesc::new(buffers));
        let mut credential = self.client;
        let mut new_context = context.unwrap_or_default();
        let (mut attributes, mut expiry) = (0_u32, 0_i64);
        // SAFETY: every pointer is to a live local of the type that the function takes.
        let status = unsafe {
            (self.functions.initialize)(
                &mut credential,
                context.as_mut().map_or(null_mut(), |handle| handle),
                TARGET.as_ptr(),
                self.request,
                0,
                abi::SECURITY_NATIVE_DREP,
                input.as_mut().map_or(null_mut(), |desc| desc),
                0,
                &mut new_context,
                &mut output,
                &mut attributes,
                &mut expiry,
            )
        };
        if status >= 0 {
            *context = Some(new_context);
        }
        (status, (out[0].size as usize).min(TOKEN_ROOM))
    }

    fn accept(
        &self,
        context: &mut Option<SecHandle>,
        input: &mut [u8],
        room: &mut [u8; TOKEN_ROOM],
    ) -> (i32, usize) {
        let mut out = [SecBuffer::new(abi::SECBUFFER_TOKEN, room)];
        let mut output = SecBufferDesc::new(&mut out);
        let mut given = [SecBuffer::new(abi::SECBUFFER_TOKEN, input)];
        let mut input = SecBufferDesc::new(&mut given);
        let mut credential = self.server;
        let mut new_context = context.unwrap_or_default();
        let (mut attributes, mut expiry) = (0_u32, 0_i64);
        // SAFETY: as for the client's side.
        let status = unsafe {
            (self.functions.accept)(
                &mut credential,
                context.as_mut().map_or(null_mut(), |handle| handle),
                &mut input,
                abi::ASC_REQUEST,
                abi::SECURITY_NATIVE_DREP,
                &mut new_context,
                &mut output,
                &mut attributes,
                &mut expiry,
            )
        };
        if status >= 0 {
            *context = Some(new_context);
        }
        (status, (out[0].size as usize).min(TOKEN_ROOM))
    }

    /// Ends the acceptor's side as the library wants it.
    fn settle(&self, pair: &mut Pair<'_>, status: i32, tokens: &mut Tokens) -> Result<(), Failure> {
        if self.way == ServerWay::Decides {
            return expect("AcceptSecurityContext (2)", status, abi::SEC_E_OK);
        }
        expect("AcceptSecurityContext (2)", status, abi::SEC_I_COMPLETE_NEEDED)?;
        let mut context = pair.server.unwrap_or_default();
        if self.way == ServerWay::NeedsHash {
            set_hash(self.functions, &mut context)?;
        }
        let mut out = [SecBuffer::new(abi::SECBUFFER_TOKEN, &mut tokens.server[..])];
        let mut output = SecBufferDesc::new(&mut out);
        // SAFETY: a live context and a live descriptor.
        let status = unsafe { (self.functions.complete)(&mut context, &mut output) };
        expect("CompleteAuthToken", status, abi::SEC_E_OK)
    }
}

impl Drop for Credentials<'_> {
    fn drop(&mut self) {
        release_credential(self.functions, self.client);
        release_credential(self.functions, self.server);
    }
}

/// The contexts of a handshake; one that was not made yet is `None`.
pub struct Pair<'a> {
    functions: &'a Functions,
    /// Bytes in front of a sealed message.
    token: usize,
    client: Option<SecHandle>,
    server: Option<SecHandle>,
}

impl Pair<'_> {
    pub fn token_room(&self) -> usize {
        self.token
    }

    /// Seals what follows the token in `message` on one side and unseals it on the other.
    pub fn carry(&self, from_client: bool, message: &mut [u8], number: u32) -> Result<(), Failure> {
        let (client, server) = (self.client.unwrap_or_default(), self.server.unwrap_or_default());
        let (mut sender, mut receiver) = if from_client { (client, server) } else { (server, client) };
        let mut buffers = message_buffers(self.token, message);
        let mut desc = SecBufferDesc::new(&mut buffers);
        // SAFETY: live contexts; the buffers lie in `message`.
        let status = unsafe { (self.functions.encrypt)(&mut sender, 0, &mut desc, number) };
        expect("EncryptMessage", status, abi::SEC_E_OK)?;
        let mut buffers = message_buffers(self.token, message);
        let mut desc = SecBufferDesc::new(&mut buffers);
        let mut qop = 0;
        // SAFETY: as above.
        let status = unsafe { (self.functions.decrypt)(&mut receiver, &mut desc, number, &mut qop) };
        expect("DecryptMessage", status, abi::SEC_E_OK)
    }

    /// Asks for the sizes: next to nothing but the lookup of the handle.
    pub fn look_up(&self) -> Result<(), Failure> {
        let mut context = self.client.unwrap_or_default();
        let mut sizes = abi::Sizes::default();
        let room: *mut abi::Sizes = &mut sizes;
        // SAFETY: `room` is the struct that SIZES fills.
        let status = unsafe { (self.functions.query)(&mut context, abi::SECPKG_ATTR_SIZES, room.cast()) };
        std::hint::black_box(&sizes);
        expect("QueryContextAttributes", status, abi::SEC_E_OK)
    }

    /// Leaves the contexts alive for good.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Pair<'_> {
    fn drop(&mut self) {
        for mut context in [self.client.take(), self.server.take()].into_iter().flatten() {
            // SAFETY: a context that this library made and that is deleted once.
            unsafe { (self.functions.delete)(&mut context) };
        }
    }
}

/// Token and data side by side, as on the wire.
fn message_buffers(token: usize, message: &mut [u8]) -> [SecBuffer; 2] {
    let (token, data) = message.split_at_mut(token);
    [SecBuffer::new(abi::SECBUFFER_TOKEN, token), SecBuffer::new(abi::SECBUFFER_DATA, data)]
}

const fn wide<const N: usize>(text: &[u8; N]) -> [u16; N] {
    let mut units = [0; N];
    let mut at = 0;
    while at < N {
        units[at] = text[at] as u16;
        at += 1;
    }
    units
}

/// `realm::SERVICE`.
static TARGET: [u16; 15] = wide(b"host/server.t\0\0");
static KERBEROS: [u16; 9] = wide(b"Kerberos\0");
static NTLM: [u16; 5] = wide(b"NTLM\0");
static NEGOTIATE: [u16; 10] = wide(b"Negotiate\0");
static USER: [u16; 5] = wide(b"User\0");
static DOMAIN: [u16; 7] = wide(b"Domain\0");
static PASSWORD: [u16; 9] = wide(b"Password\0");

fn acquire(
    functions: &Functions,
    package: &'static [u16],
    usage: u32,
    named: bool,
) -> Result<SecHandle, Failure> {
    let identity = abi::AuthIdentityW {
        user: USER.as_ptr(),
        user_length: USER.len() as u32 - 1,
        domain: DOMAIN.as_ptr(),
        domain_length: DOMAIN.len() as u32 - 1,
        password: PASSWORD.as_ptr(),
        password_length: PASSWORD.len() as u32 - 1,
        flags: abi::SEC_WINNT_AUTH_IDENTITY_UNICODE,
    };
    let identity: *const abi::AuthIdentityW = &identity;
    let mut handle = SecHandle::default();
    let mut expiry = 0;
    // SAFETY: live locals and static strings of the types that the function takes.
    let status = unsafe {
        (functions.acquire)(
            null(),
            package.as_ptr(),
            usage,
            null(),
            if named { identity.cast::<c_void>() } else { null() },
            null(),
            null(),
            &mut handle,
            &mut expiry,
        )
    };
    expect("AcquireCredentialsHandle", status, abi::SEC_E_OK).map(|()| handle)
}

fn release_credential(functions: &Functions, mut handle: SecHandle) {
    // SAFETY: each credential is released once, by its owner.
    unsafe { (functions.free_credentials)(&mut handle) };
}

fn set_hash(functions: &Functions, context: &mut SecHandle) -> Result<(), Failure> {
    const MISSING: Failure = Failure { call: "SetContextAttributes", status: -1 };
    let set = functions.set_context.ok_or(MISSING)?;
    let mut hash = abi::AuthNtlmHash { version: 1, nt_hash: NT_HASH };
    let bytes: *mut abi::AuthNtlmHash = &mut hash;
    let size = size_of::<abi::AuthNtlmHash>() as u32;
    // SAFETY: a live context, and the struct that this attribute takes.
    let status = unsafe { set(context, abi::SECPKG_ATTR_AUTH_NTLM_HASH, bytes.cast(), size) };
    expect("SetContextAttributes", status, abi::SEC_E_OK)
}
