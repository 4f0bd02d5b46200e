//! A mechanism of so many tokens, `T1`, `T2` ..., that proves nothing but signs.

#![forbid(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;

use widestring::{U16Str, U16String};

use super::super::mechanism::Mechanism;
use crate::error::{Code, Error, Result};
use crate::package::facts::{BindingsVerdict, KeyInfo};
use crate::package::{
    Acquire, Credential, Established, Facts, Flags, Handshake, In, MechList, Package, PackageInfo, Progress,
    Qop, Receiver, Sender, Setting, ShortBytes, Sizes, Step, Wrapped, time,
};
use crate::part::Part;
use crate::secret::Secret;
use crate::store::accounts::AccountSource;

#[derive(Clone, Copy, PartialEq)]
pub enum Refuses {
    Nothing,
    Acquire,
    Accept,
    FirstStep,
}

#[derive(Clone, Copy)]
pub struct Scripted {
    tokens: usize,
    integrity: bool,
    refuses: Refuses,
}

pub static INFO: PackageInfo = PackageInfo {
    name: "Scripted",
    comment: "for tests",
    capabilities: 0,
    version: 1,
    rpc_id: 99,
    max_token: 10,
};
const SIZES: Sizes = Sizes { max_token: 10, max_signature: 9, block_size: 0, security_trailer: 9 };
pub const OID: &[u8] = &[0x2A, 3, 4];
const OLD_OID: &[u8] = &[0x2A, 3, 5];

macro_rules! scripted {
    ($($name:ident = $tokens:expr, $integrity:expr, $refuses:ident;)+) => {$(
        pub static $name: Mechanism = Mechanism {
            package: &Scripted { tokens: $tokens, integrity: $integrity, refuses: Refuses::$refuses },
            oids: &[OLD_OID, OID],
            bare: None,
            unframed: Some(b'T'),
            always_mic: false,
        };
    )+};
}

scripted! {
    ONE = 1, true, Nothing;
    TWO = 2, true, Nothing;
    THREE = 3, true, Nothing;
    FOUR = 4, true, Nothing;
    UNSIGNED = 2, false, Nothing;
    NO_CREDENTIAL = 2, true, Acquire;
    NO_ACCEPTOR = 2, true, Accept;
    NO_TOKEN = 2, true, FirstStep;
}

fn refused() -> Error {
    Error::new(Code::TargetUnknown, "scripted")
}

impl Package for Scripted {
    fn info(&self) -> &'static PackageInfo {
        &INFO
    }
    fn acquire(&self, _: Acquire<'_>) -> Result<Arc<dyn Credential>> {
        if self.refuses == Refuses::Acquire { Err(refused()) } else { Ok(Arc::new(*self)) }
    }
    fn import(&self, _: Facts, _: &[u8], _: &[u8]) -> Result<Established> {
        Err(refused())
    }
}

impl Credential for Scripted {
    fn initiate(&self, _: Option<&U16Str>) -> Result<Box<dyn Handshake>> {
        Ok(Box::new(Script { of: *self, next: 1 }))
    }
    fn accept(&self) -> Result<Box<dyn Handshake>> {
        if self.refuses == Refuses::Accept {
            return Err(refused());
        }
        Ok(Box::new(Script { of: *self, next: 2 }))
    }
    fn name(&self) -> Result<U16String> {
        Ok(U16String::from_str("scripted"))
    }
    fn set(&self, setting: Setting<'_>) -> Result<()> {
        match setting {
            Setting::KdcProxy { .. } => Ok(()),
            _ => Err(refused()),
        }
    }
}

/// `next` is the number of the token that is made next.
struct Script {
    of: Scripted,
    next: usize,
}

impl Handshake for Script {
    fn step(&mut self, input: In<'_>) -> Step {
        let awaited = (self.next > 1).then(|| format!("T{}", self.next - 1).into_bytes());
        let odd = input.token != awaited.as_deref();
        if odd || (self.next == 1 && self.of.refuses == Refuses::FirstStep) {
            return Step::Failed(refused(), Some(b"TE".to_vec()));
        }
        let token = (self.next <= self.of.tokens).then(|| format!("T{}", self.next).into_bytes());
        let initiates = self.next % 2 == 1;
        let last = self.next >= self.of.tokens;
        self.next += 2;
        match token {
            Some(token) if !last => Step::Continue(token),
            token => Step::Done(token, Box::new(self.established(initiates))),
        }
    }
    fn supply(&mut self, _: Option<&dyn AccountSource>) -> Step {
        Step::Failed(refused(), None)
    }
    fn progress(&self) -> Progress {
        Progress { package: &INFO, sizes: SIZES, grants: Flags::NONE, negotiation_state: 0 }
    }
}

impl Script {
    fn established(&self, initiates: bool) -> Established {
        Established {
            sender: Box::new(Half(initiates)),
            receiver: Box::new(Half(!initiates)),
            facts: Facts {
                package: &INFO,
                sizes: SIZES,
                grants: Flags::when(self.of.integrity, Flags::INTEGRITY),
                client: None,
                server: None,
                authority: None,
                target: None,
                start: 0,
                expiry: time::NEVER,
                session_key: Secret::new(vec![0; 16]),
                key_info: &KeyInfo::UNNAMED,
                bindings: BindingsVerdict::Unchecked,
                extra: None,
            },
        }
    }
}

/// What the initiator sends, or what the acceptor sends.
struct Half(bool);

impl Half {
    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        [if self.0 { b"initiator" } else { b"acceptors" }, bytes].concat()
    }
}

impl Sender for Half {
    fn wrap(&mut self, _: &mut [Part<'_>], _: &mut [u8], _: &mut [u8], _: Qop) -> Result<Wrapped> {
        Err(refused())
    }
    fn mic(&mut self, _: &[Part<'_>], _: &mut [u8]) -> Result<usize> {
        Err(refused())
    }
    fn list_mic(&mut self, list: &MechList) -> Result<ShortBytes> {
        Ok(self.sign(list.der()).into())
    }
    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        Err(refused())
    }
}

impl Receiver for Half {
    fn unwrap(&mut self, _: &mut [Part<'_>], _: &[u8], _: &[u8]) -> Result<Qop> {
        Err(refused())
    }
    fn unwrap_stream(&mut self, _: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        Err(refused())
    }
    fn verify(&mut self, _: &[Part<'_>], _: &[u8]) -> Result<()> {
        Err(refused())
    }
    fn list_verify(&mut self, list: &MechList, mic: &[u8]) -> Result<()> {
        if self.sign(list.der()) == mic { Ok(()) } else { Err(refused()) }
    }
    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        Err(refused())
    }
}
