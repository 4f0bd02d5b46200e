//! Signing and sealing (MS-NLMP 3.4): one half of a context for each direction.
//!
//! Decided here, where the protocol is silent or implementations differ:
//! * Whether a message is encrypted does not stand in its signature. `wrap` encrypts unless told
//!   not to, also where only SIGN was negotiated; `unwrap` takes a message as encrypted and, when
//!   the signature does not match that, as signed only. Neither can be had without the keys.
//! * A direction ends with sequence number 0xFFFFFFFE: SEC_E_CONTEXT_EXPIRED, never a wrap.
//! * A token of less than 16 bytes is SEC_E_BUFFER_TOO_SMALL to a sender and SEC_E_INVALID_TOKEN to
//!   a receiver; of a longer one the first 16 bytes count.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::flags::NegotiateFlags;
use super::keys::{self, Direction, Key};
use crate::crypto::first_signatures::first_signatures;
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::crypto::rc4::Rc4;
use crate::crypto::rc4_hmac_md5 as kernel;
use crate::error::{Code, Error, Result};
use crate::package::{MechList, Qop, Receiver, Sender, ShortBytes, Wrapped};
use crate::part::Part;
use crate::secret::{Secret, equal};

/// Bytes of an NTLMSSP_MESSAGE_SIGNATURE.
pub const SIGNATURE_SIZE: usize = 16;

/// What a half may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Messages,
    /// Neither SIGN nor SEAL was negotiated.
    AuthenticationOnly,
    /// Another process goes on with it: two copies would share a key stream.
    Exported,
}

/// One direction. Small until its first message: its keys are derived then.
pub struct Half {
    session_key: Key,
    direction: Direction,
    key_exch: bool,
    allowed: Use,
    seq: u32,
    keys: Option<Box<Keys>>,
}

struct Keys {
    signing: HmacMd5Key,
    sealing: Rc4,
}

/// The two halves of an initiator or an acceptor: what it sends goes in `direction`.
pub fn halves(session_key: &Key, flags: NegotiateFlags, direction: Direction) -> (Box<Half>, Box<Half>) {
    let protects = flags.protects_messages();
    let half = |direction| {
        Box::new(Half {
            session_key: session_key.clone(),
            direction,
            key_exch: flags.has(NegotiateFlags::KEY_EXCH),
            allowed: if protects { Use::Messages } else { Use::AuthenticationOnly },
            seq: 0,
            keys: None,
        })
    };
    let other = match direction {
        Direction::ClientToServer => Direction::ServerToClient,
        Direction::ServerToClient => Direction::ClientToServer,
    };
    (half(direction), half(other))
}

impl Half {
    /// What signs the next message; or why there is none.
    fn signer(&self) -> Result<Signer> {
        match self.allowed {
            Use::Messages if self.seq < u32::MAX => Ok(Signer { key_exch: self.key_exch, seq: self.seq }),
            Use::Messages => Err(Error::new(Code::ContextExpired, "no sequence number is left")),
            Use::AuthenticationOnly => {
                Err(Error::new(Code::UnsupportedFunction, "neither SIGN nor SEAL was negotiated"))
            }
            Use::Exported => Err(Error::new(Code::InvalidHandle, "the context was exported")),
        }
    }

    /// This half's keys and what signs its next message.
    fn next(&mut self) -> Result<(&mut Keys, Signer)> {
        let signer = self.signer()?;
        let (session_key, direction) = (&self.session_key, self.direction);
        let keys = self.keys.get_or_insert_with(|| Box::new(Keys::derive(session_key, direction)));
        Ok((keys, signer))
    }

    /// The mechListMIC. It comes before every message, so that it needs only the beginning of the key
    /// stream; and as the stream begins anew behind it (MS-SPNG 3.2.5.1), its keys are not kept. One is
    /// sent and one received, so both are made at once.
    fn list_signature(&self, list: &MechList) -> Result<[u8; SIGNATURE_SIZE]> {
        let signer = self.signer()?;
        if signer.seq != 0 {
            return Err(Error::new(Code::OutOfSequence, "a mechListMIC behind a message"));
        }
        let [to_server, to_client] = list.mics.get_or_init(|| {
            let magics = [Direction::ClientToServer, Direction::ServerToClient].map(keys::magic);
            first_signatures(self.session_key.as_ref(), magics, list.der())
                .map(|(hmac, stream)| signer.signature(&hmac, |checksum| xor(checksum, stream)))
        });
        Ok(match self.direction {
            Direction::ClientToServer => *to_server,
            Direction::ServerToClient => *to_client,
        })
    }

    fn advance(&mut self) {
        self.seq = self.seq.saturating_add(1);
    }

    /// After the mechListMIC the key stream begins anew and the sequence goes on (MS-SPNG 3.2.5.1).
    fn restart_key_stream(&mut self) {
        self.keys = None;
        self.advance();
    }

    fn write(&mut self) -> Result<Secret<Vec<u8>>> {
        if self.allowed == Use::Exported {
            return Err(Error::new(Code::InvalidHandle, "the context was exported"));
        }
        let mut blob = Vec::with_capacity(BLOB_LARGEST);
        blob.push(u8::from(self.direction == Direction::ServerToClient));
        blob.push(u8::from(self.key_exch));
        blob.push(u8::from(self.allowed == Use::AuthenticationOnly));
        blob.extend_from_slice(&self.seq.to_le_bytes());
        blob.extend_from_slice(self.session_key.as_ref());
        if let Some(keys) = &self.keys {
            blob.extend_from_slice(keys.sealing.to_bytes().as_ref());
        }
        self.allowed = Use::Exported;
        self.session_key = Secret::new([0; 16]);
        self.keys = None;
        Ok(Secret::new(blob))
    }

    /// A half again from what `export` wrote.
    pub fn read(blob: &[u8]) -> Option<Box<Half>> {
        let (fixed, sealing) = blob.split_first_chunk::<7>()?;
        let (session_key, sealing) = sealing.split_first_chunk::<16>()?;
        let [to_client, key_exch, authentication_only, seq @ ..] = *fixed;
        let direction = if to_client == 0 { Direction::ClientToServer } else { Direction::ServerToClient };
        let session_key = Secret::new(*session_key);
        let keys = match sealing.is_empty() {
            true => None,
            false => {
                let [signing, _] = keys::message_keys(&session_key, direction);
                let signing = HmacMd5Key::new(signing.as_ref());
                Some(Box::new(Keys { signing, sealing: Rc4::from_bytes(sealing)? }))
            }
        };
        let allowed = if authentication_only == 0 { Use::Messages } else { Use::AuthenticationOnly };
        let seq = u32::from_le_bytes(seq);
        let key_exch = key_exch != 0;
        Some(Box::new(Half { session_key, direction, key_exch, allowed, seq, keys }))
    }
}

/// Flags, sequence number, session key, RC4 state.
const BLOB_LARGEST: usize = 3 + 4 + 16 + 258;

impl Keys {
    fn derive(session_key: &Key, direction: Direction) -> Keys {
        let [signing, sealing] = keys::message_keys(session_key, direction);
        Keys { signing: HmacMd5Key::new(signing.as_ref()), sealing: Rc4::new(sealing.as_ref()) }
    }
}

/// What turns a message's HMAC into its signature.
#[derive(Clone, Copy)]
struct Signer {
    key_exch: bool,
    seq: u32,
}

impl Signer {
    /// NTLMSSP_MESSAGE_SIGNATURE (2.2.2.9.1): version, checksum, sequence number.
    ///
    /// `seal` encrypts the checksum with the direction's key stream.
    fn signature(self, hmac: &[u8; 16], seal: impl FnOnce(&mut [u8; 8])) -> [u8; SIGNATURE_SIZE] {
        let [a, b, c, d, e, f, g, h, ..] = *hmac;
        let mut checksum = [a, b, c, d, e, f, g, h];
        if self.key_exch {
            seal(&mut checksum);
        }
        let mut signature = [0; SIGNATURE_SIZE];
        let fields = [1u32.to_le_bytes(), self.seq.to_le_bytes()];
        let bytes = fields[0].into_iter().chain(checksum).chain(fields[1]);
        for (place, byte) in signature.iter_mut().zip(bytes) {
            *place = byte;
        }
        signature
    }
}

fn xor(bytes: &mut [u8; 8], stream: [u8; 8]) {
    bytes.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
}

fn room(token: &mut [u8]) -> Result<&mut [u8; SIGNATURE_SIZE]> {
    token
        .first_chunk_mut()
        .ok_or_else(|| Error::new(Code::BufferTooSmall, "the token buffer is smaller than a signature"))
}

fn received(token: &[u8]) -> Result<&[u8; SIGNATURE_SIZE]> {
    token.first_chunk().ok_or_else(|| Error::new(Code::InvalidToken, "the token is shorter than a signature"))
}

fn altered() -> Error {
    Error::new(Code::MessageAltered, "the signature does not match the message")
}

impl Sender for Half {
    fn wrap(
        &mut self,
        parts: &mut [Part<'_>],
        token: &mut [u8],
        _padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped> {
        let (keys, signer) = self.next()?;
        let place = room(token)?;
        let hmac = match qop {
            Qop::Encrypt => kernel::seal(&mut keys.sealing, &keys.signing, signer.seq, parts),
            Qop::NoEncrypt => kernel::sign(&keys.signing, signer.seq, parts),
        };
        *place = signer.signature(&hmac, |checksum| keys.sealing.apply(checksum));
        self.advance();
        Ok(Wrapped { token: SIGNATURE_SIZE, padding: 0 })
    }

    fn mic(&mut self, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize> {
        let (keys, signer) = self.next()?;
        let place = room(token)?;
        let hmac = kernel::sign(&keys.signing, signer.seq, parts);
        *place = signer.signature(&hmac, |checksum| keys.sealing.apply(checksum));
        self.advance();
        Ok(SIGNATURE_SIZE)
    }

    fn list_mic(&mut self, list: &MechList) -> Result<ShortBytes> {
        let signature = self.list_signature(list)?;
        self.restart_key_stream();
        Ok(ShortBytes::from_slice(&signature))
    }

    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        self.write()
    }
}

impl Receiver for Half {
    fn unwrap(&mut self, parts: &mut [Part<'_>], token: &[u8], _padding: &[u8]) -> Result<Qop> {
        let (keys, signer) = self.next()?;
        let token = received(token)?;
        let qop = keys.open(signer, parts, token)?;
        self.advance();
        Ok(qop)
    }

    fn unwrap_stream(&mut self, stream: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        let length = stream.len();
        let (token, data) = stream
            .split_first_chunk_mut::<SIGNATURE_SIZE>()
            .ok_or_else(|| Error::new(Code::IncompleteMessage, "the stream is shorter than a signature"))?;
        let qop = self.unwrap(&mut [Part::Sealed(data)], token, &[])?;
        Ok((SIGNATURE_SIZE..length, qop))
    }

    fn verify(&mut self, parts: &[Part<'_>], token: &[u8]) -> Result<()> {
        let (keys, signer) = self.next()?;
        let token = received(token)?;
        if !keys.signed_as(signer, parts, token) {
            return Err(altered());
        }
        self.advance();
        Ok(())
    }

    fn list_verify(&mut self, list: &MechList, mic: &[u8]) -> Result<()> {
        if !equal(&self.list_signature(list)?, mic) {
            return Err(altered());
        }
        self.restart_key_stream();
        Ok(())
    }

    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        self.write()
    }
}

impl Keys {
    /// Decrypts and checks; a message that is not authentic leaves the key stream where it was and
    /// its sealed parts zero.
    fn open(&mut self, signer: Signer, parts: &mut [Part<'_>], token: &[u8; SIGNATURE_SIZE]) -> Result<Qop> {
        let before = self.sealing.clone();
        let hmac = kernel::unseal(&mut self.sealing, &self.signing, signer.seq, parts);
        if equal(&signer.signature(&hmac, |checksum| self.sealing.apply(checksum)), token) {
            return Ok(Qop::Encrypt);
        }
        self.sealing = before;
        // Decrypting once more gives the message as it came.
        let mut again = self.sealing.clone();
        for part in parts.iter_mut() {
            if let Part::Sealed(bytes) = part {
                again.apply(bytes);
            }
        }
        if self.signed_as(signer, parts, token) {
            return Ok(Qop::NoEncrypt);
        }
        for part in parts {
            if let Part::Sealed(bytes) = part {
                bytes.fill(0);
            }
        }
        Err(altered())
    }

    /// Checks a signature over plain parts; the key stream moves only if it is right.
    fn signed_as(&mut self, signer: Signer, parts: &[Part<'_>], token: &[u8; SIGNATURE_SIZE]) -> bool {
        let hmac = kernel::sign(&self.signing, signer.seq, parts);
        let mut sealing = self.sealing.clone();
        let right = equal(&signer.signature(&hmac, |checksum| sealing.apply(checksum)), token);
        if right {
            self.sealing = sealing;
        }
        right
    }
}
