//! The fuzzer's door to NTLM's messages (src/fuzzing). Only in test builds.

#![forbid(unsafe_code)]

use widestring::U16String;

use super::authenticate::{self, Authenticate};
use super::av_pair::{self, AvPairs};
use super::challenge::Challenge;
use super::decision::{self, Demand, Exchange, Policy, Response};
use super::flags::NegotiateFlags;
use super::keys::{self, Direction};
use super::negotiate::Negotiate;
use super::response::Ntlmv2Response;
use super::{message, messages};
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::package::{Flags, Receiver, Sender, bindings};
use crate::secret::Secret;
use crate::store::accounts::{Account, AccountKey};
use crate::store::bindings::ChannelBindings;

/// What the acceptor said, the same at every run.
const SERVER_CHALLENGE: [u8; 8] = *b"\x01\x23\x45\x67\x89\xAB\xCD\xEF";
/// NTOWFv1 of every account.
const NT_HASH: [u8; 16] = [0x5A; 16];
/// Unicode, signing, sealing, extended session security, 128 bits, key exchange.
const OFFERED: NegotiateFlags = NegotiateFlags(0xE28A_8235);

/// The exchange's first message.
pub fn negotiate(message: &[u8]) {
    let _ = Negotiate::parse(message);
}

/// A CHALLENGE, and what stands in it.
pub fn challenge(message: &[u8]) {
    if let Ok(challenge) = Challenge::parse(message) {
        list(&challenge.target_info);
    }
}

/// A list of pairs; writing what was read gives the list again.
pub fn av_pairs(bytes: &[u8]) {
    let Ok(pairs) = AvPairs::parse(bytes) else { return };
    list(&pairs);
    let mut written = Vec::new();
    for (av_id, value) in pairs.iter() {
        assert!(av_pair::push(&mut written, av_id, value).is_ok(), "a pair that was read can be written");
    }
    av_pair::end(&mut written);
    assert!(bytes.starts_with(&written), "reading and writing a list changed it");
}

fn list(pairs: &AvPairs<'_>) {
    for (av_id, value) in pairs.iter() {
        let _ = (pairs.find(av_id), message::read_utf16(value));
    }
}

/// The acceptor's decision on an AUTHENTICATE, for an account that is there whatever it is called.
///
/// The bits of `choices`: 0 makes the message prove the account, 1 gives it its MIC, 2 demands a
/// service, 3 a MIC, 4 and 5 channel bindings, 6 takes NTOWFv2 as the account's key, 7 allows null
/// sessions.
pub fn authenticate(choices: u8, message: &[u8]) {
    let chosen = |bit: u8| choices & (1 << bit) != 0;
    let mut message = message.to_vec();
    let (negotiate, challenge) = (Negotiate::build(OFFERED), [b"challenge", &SERVER_CHALLENGE[..]].concat());
    if chosen(0) {
        prove(&mut message);
    }
    if chosen(1) {
        sign(&negotiate, &challenge, &mut message);
    }
    let Ok(parsed) = Authenticate::parse(&message) else { return };
    let account = account(&parsed, chosen(6));
    let services = if chosen(2) { vec![U16String::from_str("HTTP/server")] } else { Vec::new() };
    let policy = Policy { services, require_mic: chosen(3) };
    let demand = Demand {
        requirements: Flags::when(chosen(7), Flags::NULL_SESSION)
            | Flags::when(chosen(5), Flags::ALLOW_MISSING_BINDINGS)
            | Flags::when(chosen(3), Flags::INTEGRITY),
        bindings: chosen(4).then(|| bindings::hash(&ChannelBindings::default())),
    };
    let exchange = Exchange {
        negotiate: &negotiate,
        challenge: &challenge,
        authenticate: &message,
        offered: OFFERED,
        server_challenge: SERVER_CHALLENGE,
    };
    let Ok(response) = decision::examine(&exchange, &parsed, demand) else { return };
    let Ok(admission) = decision::decide(&exchange, &parsed, &response, Some(&account), &policy, demand)
    else {
        return;
    };
    assert!(!policy.require_mic || parsed.mic.is_some(), "a MIC was demanded and is missing");
    if let Response::Anonymous = response {
        assert!(chosen(7) && !admission.flags.protects_messages(), "a null session with protection");
    }
    let (mut sender, _) =
        messages::halves(&admission.session_key, admission.flags, Direction::ServerToClient);
    let _ = sender.mic(&[], &mut [0; messages::SIGNATURE_SIZE]);
}

fn account(message: &Authenticate<'_>, ready: bool) -> Account {
    let key = match ready {
        true => AccountKey::NtowfV2(keys::ntowf_v2(&NT_HASH, &message.user, &message.domain)),
        false => AccountKey::NtHash(Secret::new(NT_HASH)),
    };
    Account { user: message.user.clone(), domain: message.domain.clone(), key }
}

/// The key that the account's response is made with.
fn response_key(message: &Authenticate<'_>) -> HmacMd5Key {
    HmacMd5Key::new(keys::ntowf_v2(&NT_HASH, &message.user, &message.domain).as_ref())
}

/// Writes the right NTProofStr into a message that has room for one.
fn prove(message: &mut [u8]) {
    let Ok(parsed) = Authenticate::parse(message) else { return };
    let Ok(response) = Ntlmv2Response::parse(parsed.nt_response) else { return };
    let proof = keys::nt_proof(&response_key(&parsed), &SERVER_CHALLENGE, response.client_challenge);
    let at = message::u32_at(message, 24).ok().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    if let Some(place) = message.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = proof;
    }
}

/// Writes the right MIC into a message that has room for one.
fn sign(negotiate: &[u8], challenge: &[u8], message: &mut [u8]) {
    let Ok(parsed) = Authenticate::parse(message) else { return };
    let Ok(response) = Ntlmv2Response::parse(parsed.nt_response) else { return };
    let base = keys::key_exchange_key(&response_key(&parsed), &response.nt_proof);
    let session_key = match parsed.encrypted_session_key.try_into() {
        Ok(encrypted) => keys::exchange(&base, encrypted),
        Err(_) => base,
    };
    if parsed.mic.is_some() {
        let mic = keys::mic(&session_key, negotiate, challenge, message);
        authenticate::set_mic(message, &mic);
    }
}

/// What a client sends with and what its server receives with.
pub fn halves() -> (Box<dyn Sender>, Box<dyn Receiver>) {
    let session_key = Secret::new([0x77; 16]);
    let (sender, _) = messages::halves(&session_key, OFFERED, Direction::ClientToServer);
    let (_, receiver) = messages::halves(&session_key, OFFERED, Direction::ServerToClient);
    (sender, receiver)
}
