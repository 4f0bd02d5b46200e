//! The messages of an established context: tokens of RFC 4121 (enctypes 17 to 20) and of RFC 4757
//! (enctype 23), one half for each direction.
//!
//! | file | holds |
//! |---|---|
//! | `half.rs` | what a direction keeps: key, grants, sequence numbers; export and import |
//! | `window.rs` | replay, gap and reorder detection |
//! | `header.rs` | the 16 bytes in front of a token of RFC 4121 |
//! | `rotation.rs` | RRC undone over several buffers |
//! | `cfx_sender.rs`, `cfx_receiver.rs` | RFC 4121 |
//! | `rc4_token.rs` | the framing and the fields of a token of RFC 4757 |
//! | `rc4_sender.rs`, `rc4_receiver.rs` | RFC 4757 |
//!
//! Decided here, where the protocols leave it open or implementations differ:
//! * A token is made as Windows makes it: all that is not data stands in SECBUFFER_TOKEN, and the
//!   data is encrypted where it lies. One that is received may be divided and turned as its sender
//!   liked, as long as the data buffers have the plaintext's length.
//! * In DCE style what follows the header is turned by RRC and EC together (MS-KILE 3.4.5.4.1),
//!   unless RRC is 0: that is a token with its trailer behind the data.
//! * RRC is the only field that no checksum covers (RFC 4121 4.2.4). It may be any number below the
//!   length of what it turns; a larger one, which would come to the same as a smaller one, is
//!   refused, so that no token that was changed on its way opens.
//! * Messages are checked first and counted then: a replay is SEC_E_OUT_OF_SEQUENCE, a message
//!   whose number was changed is SEC_E_MESSAGE_ALTERED. A refused message is zeroed and not counted.
//! * RFC 4757 does not protect the number of a message that is only signed: who carries it can give
//!   it another. Sealed messages do not have this weakness, nor have those of RFC 4121.
//! * The peer's tokens must name the key that both sides use (AcceptorSubkey).

#![forbid(unsafe_code)]

mod cfx_receiver;
mod cfx_sender;
mod half;
mod header;
mod rc4_receiver;
mod rc4_sender;
mod rc4_token;
mod rotation;
#[cfg(test)]
mod tests;
mod window;

use cfx_receiver::CfxReceiver;
use cfx_sender::CfxSender;
use half::Half;
use rc4_receiver::Rc4Receiver;
use rc4_sender::Rc4Sender;

use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::{Flags, Receiver, Sender, Sizes};
use crate::part::Part;

/// Which side of the context this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Initiator,
    Acceptor,
}

/// What a handshake leads to.
pub struct Parameters<'a> {
    pub role: Role,
    /// The acceptor's subkey, else the initiator's, else the ticket's session key.
    pub key: &'a Key,
    /// `key` is the acceptor's subkey. Says nothing to enctype 23.
    pub acceptor_subkey: bool,
    /// The sequence number of our first message.
    pub send_number: u64,
    /// The sequence number of the peer's first message.
    pub receive_number: u64,
    /// CONFIDENTIALITY, INTEGRITY, REPLAY_DETECT, SEQUENCE_DETECT and DCE_STYLE count here.
    pub grants: Flags,
}

/// Both halves of a context, as `Established` takes them.
pub type Halves = (Box<dyn Sender>, Box<dyn Receiver>);

/// The two halves of a new context. Keys are derived with the first message that needs them.
pub fn halves(parameters: Parameters<'_>) -> Halves {
    let Parameters { role, key, acceptor_subkey, send_number, receive_number, grants } = parameters;
    let half = |from_acceptor, first| Half::new(key, grants, from_acceptor, acceptor_subkey, first);
    let acceptor = role == Role::Acceptor;
    (
        sender(key.enctype(), half(acceptor, send_number)),
        receiver(key.enctype(), half(!acceptor, receive_number)),
    )
}

/// The halves again from what their `export` gave, and the enctype of their key; SEC_E_INVALID_TOKEN for anything else.
pub fn import(from_sender: &[u8], from_receiver: &[u8]) -> Result<(Halves, Enctype)> {
    let read = |blob| {
        let half = Half::import(blob);
        half.ok_or_else(|| Error::new(Code::InvalidToken, "not an exported half of a Kerberos context"))
    };
    let (sending, receiving) = (read(from_sender)?, read(from_receiver)?);
    let enctypes = (sending.key()?.enctype(), receiving.key()?.enctype());
    Ok(((sender(enctypes.0, sending), receiver(enctypes.1, receiving)), enctypes.0))
}

fn sender(enctype: Enctype, half: Half) -> Box<dyn Sender> {
    match enctype {
        Enctype::Rc4Hmac => Box::new(Rc4Sender::new(half)),
        _ => Box::new(CfxSender::new(half)),
    }
}

fn receiver(enctype: Enctype, half: Half) -> Box<dyn Receiver> {
    match enctype {
        Enctype::Rc4Hmac => Box::new(Rc4Receiver::new(half)),
        _ => Box::new(CfxReceiver::new(half)),
    }
}

/// cbMaxToken of the package, bytes.
const MAX_TOKEN: u32 = 48_000;

/// SECPKG_ATTR_SIZES of a context, as Windows has them.
///
/// A sealed token takes exactly `security_trailer` bytes, but for enctype 23 outside of DCE style:
/// there it takes 45 to 49, as long as the data's length is written.
pub fn sizes(enctype: Enctype, grants: Flags) -> Sizes {
    let dce = grants.has(Flags::DCE_STYLE);
    let (max_signature, security_trailer) = match enctype {
        Enctype::Rc4Hmac if dce => (37, 45),
        Enctype::Rc4Hmac => (37, 49),
        _ => {
            let checksum = u32::try_from(enctype.checksum_size()).unwrap_or(24);
            (16 + checksum, 48 + checksum + if dce { 16 } else { 0 })
        }
    };
    Sizes { max_token: MAX_TOKEN, max_signature, block_size: 1, security_trailer }
}

fn altered(reason: &'static str) -> Error {
    Error::new(Code::MessageAltered, reason)
}

fn too_small() -> Error {
    Error::new(Code::BufferTooSmall, "the token buffer is too small")
}

/// Zeroes what is not to be believed.
fn wipe(parts: &mut [Part<'_>]) {
    for part in parts {
        if let Part::Sealed(bytes) = part {
            bytes.fill(0);
        }
    }
}
