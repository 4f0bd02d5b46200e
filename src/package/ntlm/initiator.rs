//! The initiator: NEGOTIATE, then AUTHENTICATE for the acceptor's CHALLENGE (MS-NLMP 3.1.5.1).

#![forbid(unsafe_code)]

use std::sync::Arc;

use widestring::{U16Str, U16String};

use super::authenticate::{self, Reply};
use super::av_pair::{AvPairs, id};
use super::challenge::Challenge;
use super::flags::{self, NegotiateFlags};
use super::keys::{self, Direction, Key};
use super::message::{invalid, read_utf16, utf16le};
use super::negotiate::Negotiate;
use super::response::{self, ClientPairs};
use super::{INFO, KEY_INFO, SIZES, messages, progress};
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::crypto::random;
use crate::error::{Code, Error, Result};
use crate::package::facts::BindingsVerdict;
use crate::package::{Established, Facts, Fixed, Flags, Handshake, HandshakeSetting, In};
use crate::package::{Progress, Step, bindings, time};
use crate::secret::Secret;
use crate::store::accounts::AccountSource;
use crate::store::names::down_level;

/// UTF-16 units of a user, a domain or a target. Three of them fit into a message.
pub const LONGEST_NAME: usize = 8192;

/// Who logs on, with NTOWFv2 computed once.
pub struct Outbound {
    pub user: U16String,
    pub domain: U16String,
    pub workstation: U16String,
    pub response_key: HmacMd5Key,
    /// User and password are both empty: the caller means no one.
    pub anonymous: bool,
    /// Why there is nobody to log on as.
    pub missing: Option<Error>,
}

/// A handshake from the initiator's side.
pub struct Initiator {
    outbound: Arc<Outbound>,
    target: U16String,
    /// What an application calls its computer, and the values of a test vector.
    own: Own,
    state: State,
    grants: Flags,
}

#[derive(Default)]
struct Own {
    workstation: Option<U16String>,
    time: Option<[u8; 8]>,
    client_challenge: Option<[u8; 8]>,
}

enum State {
    Start,
    Negotiated(Negotiated),
    Over,
}

/// What was said and asked with the NEGOTIATE.
struct Negotiated {
    message: Vec<u8>,
    offered: NegotiateFlags,
    requirements: Flags,
    bindings: Option<[u8; 16]>,
}

/// What AUTHENTICATE needs to be computed.
struct Reading<'a> {
    negotiate: &'a [u8],
    token: &'a [u8],
    challenge: Challenge<'a>,
    flags: NegotiateFlags,
}

impl Initiator {
    pub fn new(outbound: Arc<Outbound>, target: Option<&U16Str>) -> Result<Self> {
        let target = target.map(U16Str::to_ustring).unwrap_or_default();
        if target.len() > LONGEST_NAME {
            return Err(Error::new(Code::TargetUnknown, "the target name is too long for NTLM"));
        }
        if is_marshalled(&target) {
            // Such a name makes a host authenticate to itself under another name.
            return Err(Error::new(Code::TargetUnknown, "the target name carries marshalled data"));
        }
        Ok(Self { outbound, target, own: Own::default(), state: State::Start, grants: Flags::NONE })
    }

    fn negotiate(&mut self, input: &In<'_>) -> Result<Step> {
        if input.token.is_some() {
            return Err(invalid("NTLM's first message answers none"));
        }
        let requirements = input.requirements;
        if requirements.has(Flags::DATAGRAM) {
            return Err(unsupported("datagram style is not supported"));
        }
        if let Some(error) = self.outbound.missing.as_ref().filter(|_| !self.anonymous(requirements)) {
            return Err(error.clone());
        }
        let protection = Flags::INTEGRITY | Flags::CONFIDENTIALITY;
        if self.anonymous(requirements) && requirements.any(protection) {
            return Err(unsupported("a null session has no protection"));
        }
        let offered = match self.anonymous(requirements) {
            true => flags::offer(requirements & Flags::IDENTIFY),
            false => flags::offer(requirements),
        };
        let message = Negotiate::build(offered);
        let answer = message.clone();
        let bindings = input.bindings.as_ref().map(bindings::hash);
        self.state = State::Negotiated(Negotiated { message, offered, requirements, bindings });
        Ok(Step::Continue(answer))
    }

    fn anonymous(&self, requirements: Flags) -> bool {
        self.outbound.anonymous || requirements.has(Flags::NULL_SESSION)
    }

    /// Callers that use one variable for what they ask and what they get ask for less the second
    /// time: what the first call asked holds.
    fn authenticate(&mut self, negotiated: &Negotiated, input: &In<'_>) -> Result<Step> {
        let Negotiated { message: negotiate, offered, requirements, bindings } = negotiated;
        let (offered, requirements) = (*offered, *requirements);
        let bindings = input.bindings.as_ref().map(bindings::hash).or(*bindings);
        let token = input.token.ok_or_else(|| invalid("the CHALLENGE is missing"))?;
        let challenge = Challenge::parse(token)?;
        let flags = agreed(offered, challenge.flags, requirements | input.requirements)?;
        let reading = Reading { negotiate, token, challenge, flags };
        let (message, session_key) = match self.anonymous(requirements) {
            true => anonymous(&reading)?,
            false => self.prove(&reading, bindings.unwrap_or_default())?,
        };
        let anonymous = NegotiateFlags::when(self.anonymous(requirements), NegotiateFlags::ANONYMOUS);
        let flags = flags | anonymous;
        self.grants = flags::grants(flags, requirements);
        let facts = self.facts(&reading.challenge, flags, &session_key);
        let (sender, receiver) = messages::halves(&session_key, flags, Direction::ClientToServer);
        Ok(Step::Done(Some(message), Box::new(Established { sender, receiver, facts })))
    }

    /// AUTHENTICATE and the ExportedSessionKey.
    fn prove(&self, reading: &Reading<'_>, channel_bindings: [u8; 16]) -> Result<(Vec<u8>, Key)> {
        let Reading { challenge, flags, .. } = reading;
        // One call for both: the client's challenge and the session key.
        let mut random = Secret::new([0; 24]);
        random::fill(random.as_mut())?;
        let challenge_from_client = random.as_ref().first_chunk().unwrap_or(&[0; 8]);
        let challenge_from_client = self.own.client_challenge.as_ref().unwrap_or(challenge_from_client);
        let time = self.own.time.or(challenge.target_info.timestamp);
        let time = time.unwrap_or_else(|| time::now().to_le_bytes());
        let target_name = utf16le(&self.target);
        let own = ClientPairs { channel_bindings, target_name: &target_name };
        let blob = response::client_challenge(&time, challenge_from_client, &challenge.target_info, &own)?;
        let key = &self.outbound.response_key;
        let nt_proof = keys::nt_proof(key, &challenge.server_challenge, &blob);
        let key_exchange_key = keys::key_exchange_key(key, &nt_proof);
        let (session_key, encrypted) = match flags.has(NegotiateFlags::KEY_EXCH) {
            true => {
                let session_key = Secret::new(*random.as_ref().last_chunk().unwrap_or(&[0; 16]));
                let encrypted = keys::exchange(&key_exchange_key, session_key.as_ref());
                (session_key, Some(encrypted))
            }
            false => (key_exchange_key, None),
        };
        let mut message = Reply {
            flags: *flags,
            lm_response: &[0; 24],
            nt_response: &[&nt_proof[..], &blob].concat(),
            domain: &self.outbound.domain,
            user: &self.outbound.user,
            workstation: self.own.workstation.as_ref().unwrap_or(&self.outbound.workstation),
            encrypted_session_key: encrypted.as_ref().map_or(&[][..], |key| key.as_ref()),
            with_mic: true,
        }
        .build()?;
        // Also where the CHALLENGE has no timestamp: somebody may have taken it out.
        let mic = keys::mic(&session_key, reading.negotiate, reading.token, &message);
        authenticate::set_mic(&mut message, &mic);
        Ok((message, session_key))
    }

    fn facts(&self, challenge: &Challenge<'_>, flags: NegotiateFlags, session_key: &Key) -> Facts {
        let some = |name: &U16String| Some(name.clone()).filter(|name| !name.is_empty());
        let Outbound { user, domain, .. } = &*self.outbound;
        let anonymous = flags.has(NegotiateFlags::ANONYMOUS);
        Facts {
            package: &INFO,
            sizes: SIZES,
            grants: self.grants,
            client: if anonymous { None } else { some(&down_level(domain, user)) },
            server: some(&challenge.target_name),
            authority: some(domain).filter(|_| !anonymous).or_else(|| domain_of(&challenge.target_info)),
            target: some(&self.target),
            start: time::now(),
            expiry: time::NEVER,
            session_key: Secret::new(session_key.as_ref().to_vec()),
            key_info: &KEY_INFO,
            bindings: BindingsVerdict::Unchecked,
            extra: None,
        }
    }
}

/// MsvAvNbDomainName.
fn domain_of(target_info: &AvPairs<'_>) -> Option<U16String> {
    target_info
        .find(id::NB_DOMAIN_NAME)
        .and_then(|name| read_utf16(name).ok())
        .filter(|name| !name.is_empty())
}

/// The protection that both sides have, or why that will not do (a CHALLENGE is not protected:
/// whoever is on the way could have taken flags out of it or of the NEGOTIATE).
fn agreed(offered: NegotiateFlags, answered: NegotiateFlags, requirements: Flags) -> Result<NegotiateFlags> {
    use NegotiateFlags as N;
    if answered.has(N::LM_KEY) || !answered.has(N::EXTENDED_SESSIONSECURITY | N::NTLM) {
        return Err(unsupported("the server wants an older NTLM than NTLMv2 with session security"));
    }
    if !answered.has(N::UNICODE) {
        return Err(unsupported("the server does not take Unicode names"));
    }
    if answered.has(N::DATAGRAM) {
        return Err(unsupported("datagram style is not supported"));
    }
    let flags = offered.and(answered) | answered.and(N::TARGET_INFO);
    // SEAL would do for integrity; but who takes SIGN out of an offer is not to be trusted with it.
    let sign_was_taken = requirements.has(Flags::INTEGRITY) && !flags.has(N::SIGN);
    if sign_was_taken || !flags::satisfy(flags, requirements) {
        return Err(unsupported("the server does not offer the protection that was asked for"));
    }
    if !flags.protects_messages() {
        return Ok(flags.without(N::KEY_EXCH));
    }
    if !flags.has(N::STRENGTH_128) {
        return Err(unsupported("the server does not offer 128-bit keys"));
    }
    Ok(flags)
}

fn unsupported(reason: &'static str) -> Error {
    Error::new(Code::UnsupportedFunction, reason)
}

/// AUTHENTICATE of nobody: no names, no responses, a session key of zeros.
fn anonymous(reading: &Reading<'_>) -> Result<(Vec<u8>, Key)> {
    let empty = U16Str::from_slice(&[]);
    let reply = Reply {
        flags: reading.flags | NegotiateFlags::ANONYMOUS,
        lm_response: &[0],
        nt_response: &[],
        domain: empty,
        user: empty,
        workstation: empty,
        encrypted_session_key: &[],
        with_mic: false,
    };
    Ok((reply.build()?, Secret::new([0; 16])))
}

/// Whether a name ends in what CredMarshalTargetInfo appends.
fn is_marshalled(target: &U16Str) -> bool {
    const MARK: [u16; 6] = [b'1' as u16, b'U' as u16, b'W' as u16, b'h' as u16, b'R' as u16, b'C' as u16];
    target.as_slice().windows(MARK.len()).any(|window| window == MARK)
}

impl Handshake for Initiator {
    fn step(&mut self, input: In<'_>) -> Step {
        let step = match std::mem::replace(&mut self.state, State::Over) {
            State::Start => self.negotiate(&input),
            State::Negotiated(negotiated) => self.authenticate(&negotiated, &input),
            State::Over => Err(Error::new(Code::OutOfSequence, "the handshake is over")),
        };
        step.unwrap_or_else(|error| Step::Failed(error, None))
    }

    fn supply(&mut self, _accounts: Option<&dyn AccountSource>) -> Step {
        Step::Failed(Error::new(Code::UnsupportedFunction, "an initiator needs no accounts"), None)
    }

    fn set(&mut self, setting: HandshakeSetting) -> Result<()> {
        match setting {
            HandshakeSetting::Workstation(name) => self.own.workstation = Some(name),
            HandshakeSetting::Fixed(Fixed::Time(time)) => self.own.time = Some(time),
            HandshakeSetting::Fixed(Fixed::ClientChallenge(value)) => self.own.client_challenge = Some(value),
            // The acceptor's come with its CHALLENGE.
            HandshakeSetting::Fixed(_) => {}
            HandshakeSetting::Accounts(_) => return Err(unsupported("an initiator needs no accounts")),
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        progress(self.grants)
    }
}
