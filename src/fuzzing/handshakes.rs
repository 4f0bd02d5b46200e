//! Tokens of handshakes: made by the fuzzer, and real ones that are changed on their way.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::input::{Edit, Input};
use super::world::{self, wide};
use crate::object::context::{Context, Role, Status};
use crate::package::negotiate::NEGOTIATE;
use crate::package::ntlm::{self, Ntlm};
use crate::package::{Established, Flags, Handshake, In, Package, Qop, Step};
use crate::part::Part;

/// More legs than any handshake has.
const LEGS: usize = 12;

fn initiator(package: &dyn Package) -> Box<dyn Handshake> {
    let target = wide("host/server.example.test");
    let credential = world::credential(package, true);
    credential.initiate(Some(&target)).expect("the world's credential initiates")
}

fn acceptor(package: &dyn Package) -> Box<dyn Handshake> {
    world::credential(package, false).accept().expect("the world's credential accepts")
}

fn step(side: &mut dyn Handshake, token: Option<&[u8]>) -> Step {
    let asks = Flags::INTEGRITY | Flags::CONFIDENTIALITY | Flags::REPLAY_DETECT | Flags::MUTUAL_AUTH;
    let step = side.step(In { token, bindings: None, requirements: asks });
    let _ = side.progress();
    step
}

/// A side that has come as far as `legs` real tokens take it.
fn after(legs: usize, package: &dyn Package) -> Box<dyn Handshake> {
    let (mut ours, mut theirs) = (initiator(package), acceptor(package));
    let mut token = None;
    for _ in 0..legs {
        let Step::Continue(made) = step(&mut *ours, token.as_deref()) else { return theirs };
        token = Some(made);
        std::mem::swap(&mut ours, &mut theirs);
    }
    ours
}

/// What an acceptor gets first.
pub fn spnego_init(token: &[u8]) {
    let mut acceptor = acceptor(&NEGOTIATE);
    if let Step::Continue(_) = step(&mut *acceptor, Some(token)) {
        let _ = step(&mut *acceptor, Some(token));
    }
}

/// What both sides get later: the first byte says after how many legs.
pub fn spnego_resp(data: &[u8]) {
    let mut input = Input(data);
    // The acceptor's second token is the third of the handshake.
    let mut side = match input.byte() % 3 {
        0 => after_own_first(&NEGOTIATE),
        1 => after(2, &NEGOTIATE),
        _ => after(1, &NEGOTIATE),
    };
    let _ = step(&mut *side, Some(input.0));
}

/// An initiator that has sent its first token.
fn after_own_first(package: &dyn Package) -> Box<dyn Handshake> {
    let mut side = initiator(package);
    let _ = step(&mut *side, None);
    side
}

/// A CHALLENGE, read and answered.
pub fn ntlm_challenge(token: &[u8]) {
    ntlm::fuzzing::challenge(token);
    let _ = step(&mut *after_own_first(&Ntlm), Some(token));
}

/// The first byte chooses, the rest is an AUTHENTICATE.
pub fn ntlm_authenticate(data: &[u8]) {
    let (choices, message) = data.split_first().unwrap_or((&0, &[]));
    ntlm::fuzzing::authenticate(*choices, message);
}

/// What a handshake came to: both sides, if both are satisfied, and every token.
struct Talk {
    both: Option<[Box<Established>; 2]>,
    tokens: Vec<Vec<u8>>,
}

/// Lets both sides talk. `on_the_way` gets each token and its number.
fn talk(package: &dyn Package, on_the_way: &mut dyn FnMut(usize, &mut Vec<u8>)) -> Talk {
    let mut sides = [initiator(package), acceptor(package)];
    let mut done = [None, None];
    let (mut token, mut tokens): (Option<Vec<u8>>, Vec<Vec<u8>>) = (None, Vec::new());
    for leg in 0..LEGS {
        let made = match step(&mut *sides[leg % 2], token.as_deref()) {
            Step::Continue(made) => Some(made),
            Step::Done(made, established) => {
                done[leg % 2] = Some(established);
                made
            }
            Step::NeedAccount | Step::Failed(..) => return Talk { both: None, tokens },
        };
        let Some(mut made) = made else { break };
        on_the_way(leg, &mut made);
        tokens.push(made.clone());
        token = Some(made);
    }
    let both = match done {
        [Some(client), Some(server)] => Some([client, server]),
        _ => None,
    };
    Talk { both, tokens }
}

/// A whole handshake of which some tokens are changed: whoever is let in shares a key.
///
/// Input: number of the leg, edits, how many bytes are cut off, what is put there.
fn tampered(package: &dyn Package, data: &[u8]) {
    let mut input = Input(data);
    let at = usize::from(input.byte() % 6);
    let (edits, cut, end) = (input.edits(), usize::from(input.word()), input.take(64).to_vec());
    let mut untouched = true;
    let talk = talk(package, &mut |leg, token| {
        if leg == at {
            let before = token.clone();
            edits.iter().for_each(|edit: &Edit| edit.apply(token));
            token.truncate(token.len().saturating_sub(cut));
            token.extend_from_slice(&end);
            untouched = before == *token;
        }
    });
    assert!(talk.both.is_some() || !untouched, "a handshake that nobody changed fails");
    if let Some(mut both) = talk.both {
        messages_pass(&mut both);
    }
}

fn messages_pass([client, server]: &mut [Box<Established>; 2]) {
    assert_eq!(client.facts.session_key.as_ref(), server.facts.session_key.as_ref(), "two session keys");
    if !client.facts.grants.has(Flags::INTEGRITY) || !server.facts.grants.has(Flags::INTEGRITY) {
        return;
    }
    let (mut data, mut token, mut padding) = (b"message".to_vec(), [0; 128], [0; 64]);
    let parts = &mut [Part::Sealed(&mut data)];
    let wrapped = client.sender.wrap(parts, &mut token, &mut padding, Qop::Encrypt);
    let wrapped = wrapped.expect("a message can be sent");
    let (token, padding) = (&token[..wrapped.token], &padding[..wrapped.padding]);
    let taken = server.receiver.unwrap(parts, token, padding);
    assert!(taken.is_ok() && data == b"message", "a message does not arrive");
}

pub fn spnego(data: &[u8]) {
    tampered(&NEGOTIATE, data);
}

pub fn ntlm(data: &[u8]) {
    tampered(&Ntlm, data);
}

/// Changes of each leg, and none.
pub fn edits() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0, 0]];
    for leg in 0..6 {
        seeds.push(vec![leg, 1, 20, 0, 0x01]);
        seeds.push(vec![leg, 2, 3, 0, 0x80, 90, 0, 0xFF]);
        seeds.push(vec![leg, 0, 1, 0]);
        seeds.push(vec![leg, 0, 0, 0, 0]);
    }
    seeds
}

/// The tokens of an untouched handshake.
fn tokens(package: &dyn Package) -> Vec<Vec<u8>> {
    talk(package, &mut |_, _| {}).tokens
}

pub fn spnego_inits() -> Vec<Vec<u8>> {
    // The bare token of a client that does not speak SPNEGO is taken as well.
    tokens(&NEGOTIATE).into_iter().take(1).chain(ntlm_token(0)).collect()
}

pub fn spnego_resps() -> Vec<Vec<u8>> {
    let tokens = tokens(&NEGOTIATE);
    let marked =
        |token: &Vec<u8>| (0..3).map(|mark| [&[mark], token.as_slice()].concat()).collect::<Vec<_>>();
    tokens.iter().skip(1).flat_map(marked).collect()
}

/// The token of NTLM's leg `leg`.
pub fn ntlm_token(leg: usize) -> Vec<Vec<u8>> {
    tokens(&Ntlm).into_iter().skip(leg).take(1).collect()
}

pub fn ntlm_authenticates() -> Vec<Vec<u8>> {
    let token = ntlm_token(2).concat();
    [0x00, 0x01, 0x03, 0x0B, 0x33, 0x13, 0x43, 0x07]
        .map(|choices| [&[choices], token.as_slice()].concat())
        .to_vec()
}

/// The pairs of a CHALLENGE: the last field of it.
pub fn av_pairs() -> Vec<Vec<u8>> {
    let challenge = ntlm_token(1).concat();
    let list = challenge.windows(2).position(|unit| unit == [2, 0]);
    let whole = challenge.get(56 + 12..).unwrap_or_default().to_vec();
    vec![whole, list.and_then(|at| challenge.get(at..)).unwrap_or_default().to_vec(), vec![0; 4]]
}

/// Two established contexts of one handshake.
pub fn contexts(package: &'static dyn Package) -> [Context; 2] {
    let side = |role, outbound| {
        let credential = world::acquired(package, outbound);
        let target = wide("host/server");
        let context = Context::begin(Arc::new(credential), role, Some(&target));
        context.expect("the world's credential begins")
    };
    let pair: [(Context, Role); 2] =
        [(side(Role::Initiator, true), Role::Initiator), (side(Role::Acceptor, false), Role::Acceptor)];
    let mut token = None;
    for leg in 0..LEGS {
        let (context, role) = &pair[leg % 2];
        let mut made = None;
        let input = In { token: token.as_deref(), bindings: None, requirements: Flags::INTEGRITY };
        let outcome = context.step(*role, input, &mut |token| {
            made = token.map(<[u8]>::to_vec);
            Ok(())
        });
        let finished = outcome.is_ok_and(|outcome| outcome.status == Status::Ok);
        match made {
            Some(made) => token = Some(made),
            None if finished => break,
            None => panic!("a handshake that nobody changed fails"),
        }
    }
    pair.map(|(context, _)| context)
}
