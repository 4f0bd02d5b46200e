//! The acceptance oracle: of a million changed tokens for each leg only those are accepted that change
//! nothing that is protected, and each of them has a name here.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;

use super::*;
use crate::package::der::{Reader, element};

/// Changed tokens of each leg.
const TRIES: usize = 1_000_000;

/// Why a changed token may be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Harmless {
    /// The change came to nothing.
    Same,
    /// Fields that are not read: unknown ones, reqFlags and hints, a MIC before its time.
    NotRead,
    /// The optimistic token of a mechanism that is not chosen.
    OptimisticToken,
    /// Mechanisms behind the first choice, which was taken: no MIC is due then (RFC 4178 5).
    ListBehindFirstChoice,
    /// The other name of the mechanism that was chosen.
    OtherName,
    /// No name, where the answer is to the optimistic token.
    NoName,
    /// What the initiator says of the state, but for reject; RFC 4178 gives it no meaning.
    InitiatorsState,
    /// The acceptor's request for a MIC that is due anyway.
    RequestOfTheMic,
    /// No state where nothing is left to say, as some acceptors end.
    NoState,
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % end.max(1) as u64) as usize
    }
}

/// What is in a token, as far as anybody looks at it.
#[derive(Clone, PartialEq)]
enum Meaning {
    Init { list: Vec<u8>, oids: Vec<Vec<u8>>, token: Option<Vec<u8>> },
    Resp { state: Option<NegState>, mechanism: Option<Vec<u8>>, token: Option<Vec<u8>>, mic: Option<Vec<u8>> },
}

fn meaning(leg: usize, token: &[u8]) -> Meaning {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    match leg {
        0 => {
            let init = tokens::NegTokenInit::parse(token).unwrap();
            let oids = init.mech_types.oids.iter().map(|oid| oid.to_vec()).collect();
            Meaning::Init { list: init.mech_types.der.to_vec(), oids, token: owned(init.mech_token) }
        }
        _ => {
            let response = NegTokenResp::parse(token).unwrap();
            Meaning::Resp {
                state: response.neg_state,
                mechanism: owned(response.supported_mech),
                token: owned(response.response_token),
                mic: owned(response.mech_list_mic),
            }
        }
    }
}

/// Why `changed` may be accepted in the place of `good`; `None`: it may not.
fn harmless(leg: usize, good: &[u8], changed: &[u8], switches: bool) -> Option<Harmless> {
    use Harmless::*;
    if good == changed {
        return Some(Same);
    }
    let (before, after) = (meaning(leg, good), meaning(leg, changed));
    if before == after {
        return Some(NotRead);
    }
    match (before, after) {
        (Meaning::Init { list, oids, token }, Meaning::Init { list: l, oids: o, token: t }) => {
            if list == l && switches {
                return (token != t).then_some(OptimisticToken);
            }
            let same_choice = TWO.is(&oids[0]) && TWO.is(&o[0]);
            (!switches && token == t && same_choice).then_some(ListBehindFirstChoice)
        }
        (
            Meaning::Resp { state, mechanism, token, mic },
            Meaning::Resp { state: s, mechanism: m, token: t, mic: c },
        ) => {
            if (&token, &mic) != (&t, &c) {
                return None;
            }
            if mechanism != m {
                return match m {
                    Some(other) if leg == 1 && TWO.is(&other) => Some(OtherName),
                    None if leg == 1 && !switches => Some(NoName),
                    _ => None,
                };
            }
            match (leg % 2, state, s) {
                (0, _, Some(NegState::Reject | NegState::RequestMic)) => None,
                (0, ..) => Some(InitiatorsState),
                (_, Some(NegState::RequestMic), Some(NegState::AcceptIncomplete)) => Some(RequestOfTheMic),
                (_, Some(NegState::AcceptCompleted | NegState::AcceptIncomplete), None) if leg > 1 => {
                    Some(NoState)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The bytes of tags and states, more often than chance would.
const TELLING: [u8; 16] = [0, 1, 2, 3, 4, 6, 10, 0x1B, 0x30, 0x60, 0x7F, 0x80, 0x81, 0xA0, 0xA1, 0xA3];

/// One or two changes of bytes.
fn scratched(numbers: &mut Numbers, good: &[u8]) -> Vec<u8> {
    let mut token = good.to_vec();
    for _ in 0..1 + numbers.below(2) {
        let at = numbers.below(token.len());
        match numbers.below(6) {
            0 | 1 => token[at] ^= 1 << numbers.below(8),
            2 => token[at] = TELLING[numbers.below(TELLING.len())],
            3 => token.insert(at, TELLING[numbers.below(TELLING.len())]),
            4 if token.len() > 1 => _ = token.remove(at),
            _ => {
                let end = at + numbers.below(token.len() - at);
                let copy = token[at..end].to_vec();
                let place = numbers.below(token.len());
                token.splice(place..place, copy);
            }
        }
    }
    token
}

/// A change of one element inside, with all lengths put right.
fn rebuilt(numbers: &mut Numbers, good: &[u8]) -> Vec<u8> {
    let mut elements = Vec::new();
    let mut reader = Reader::new(good);
    while !reader.is_empty() {
        let Ok(element) = reader.next() else { return scratched(numbers, good) };
        elements.push((element.tag, element.body.to_vec()));
    }
    if elements.is_empty() {
        return vec![TELLING[numbers.below(TELLING.len())], 0];
    }
    let at = numbers.below(elements.len());
    match numbers.below(12) {
        0 => elements[at].0 = TELLING[numbers.below(TELLING.len())],
        1 => elements[at].0 = 0xA0 + numbers.below(8) as u8,
        2 => _ = elements.remove(at),
        3 => elements.push((0xA0 + numbers.below(9) as u8, scratched(numbers, good))),
        4 => elements.insert(at, elements[at].clone()),
        5 => elements.reverse(),
        6 if !elements[at].1.is_empty() => elements[at].1 = scratched(numbers, &elements[at].1.clone()),
        _ => elements[at].1 = rebuilt(numbers, &elements[at].1.clone()),
    }
    elements.iter().flat_map(|(tag, body)| element(*tag, body)).collect()
}

/// One negotiation, again and again up to a leg.
struct Run {
    ours: Arc<dyn Credential>,
    theirs: Arc<dyn Credential>,
    tokens: Vec<Vec<u8>>,
    switches: bool,
}

impl Run {
    fn new(ours: Mechanisms, theirs: Mechanisms) -> Run {
        let tokens = negotiate(ours, theirs).unwrap().tokens;
        let (ours, theirs) = (client(ours, "spnego"), server(theirs));
        Run { ours, theirs, switches: tokens.len() > 2, tokens }
    }

    /// Whether the side that gets the token of that leg goes on.
    fn is_taken(&self, leg: usize, token: &[u8]) -> bool {
        let to_server = leg.is_multiple_of(2);
        let mut side = match to_server {
            true => Side::new(self.theirs.accept().unwrap(), Flags::NONE),
            false => Side::new(self.ours.initiate(None).unwrap(), protected()),
        };
        if !to_server {
            side.step(None).unwrap();
        }
        for earlier in (leg % 2..leg).step_by(2) {
            side.step(Some(&self.tokens[earlier])).unwrap();
        }
        side.step(Some(token)).is_ok()
    }

    /// Whether both are satisfied in the end.
    fn is_accepted(&self, leg: usize, token: &[u8]) -> bool {
        let mut client = Side::new(self.ours.initiate(None).unwrap(), protected());
        let mut server = Side::new(self.theirs.accept().unwrap(), Flags::NONE);
        let mut swap = |at, good| if at == leg { token.to_vec() } else { good };
        talk(&mut client, &mut server, None, &mut swap).is_ok()
    }

    /// The names of what was accepted.
    fn judge(&self, leg: usize, tries: usize) -> BTreeSet<Harmless> {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ (leg as u64 + 1));
        let good = &self.tokens[leg];
        let mut names = BTreeSet::new();
        for round in 0..tries {
            let changed = match round % 3 {
                0 => rebuilt(&mut numbers, good),
                _ => scratched(&mut numbers, good),
            };
            if self.is_taken(leg, &changed) && self.is_accepted(leg, &changed) {
                let name = harmless(leg, good, &changed, self.switches);
                names.insert(name.unwrap_or_else(|| panic!("leg {leg} accepted {changed:02x?}")));
            }
        }
        names
    }
}

/// Judges each leg in a thread of its own.
fn judged(run: &Run, tries: usize) -> Vec<BTreeSet<Harmless>> {
    std::thread::scope(|scope| {
        let legs = (0..run.tokens.len()).map(|leg| scope.spawn(move || run.judge(leg, tries)));
        let legs: Vec<_> = legs.collect();
        legs.into_iter().map(|leg| leg.join().unwrap()).collect()
    })
}

/// The first choice is refused, the second signs the list both ways.
#[test]
fn what_is_accepted_after_a_switch_changes_nothing_protected() {
    use Harmless::*;
    let run = Run::new(these![NTLMSSP, TWO], these![TWO]);
    assert_eq!(run.tokens.len(), 5);
    let names = judged(&run, TRIES);
    assert_eq!(names[0], BTreeSet::from([Same, NotRead, OptimisticToken]));
    assert_eq!(names[1], BTreeSet::from([Same, NotRead, OtherName, RequestOfTheMic]));
    assert_eq!(names[2], BTreeSet::from([Same, NotRead, InitiatorsState]));
    assert_eq!(names[3], BTreeSet::from([Same, NotRead, NoState]));
    assert_eq!(names[4], BTreeSet::from([Same, NotRead, InitiatorsState]));
}

/// The first choice is taken: no MIC is due, and what the mechanism says is its own to protect.
#[test]
fn what_is_accepted_of_the_first_choice_is_its_list_and_its_name() {
    use Harmless::*;
    let run = Run::new(these![TWO, NTLMSSP], these![NTLMSSP, TWO]);
    assert_eq!(run.tokens.len(), 2);
    let names = judged(&run, TRIES);
    assert_eq!(names[0], BTreeSet::from([Same, NotRead, ListBehindFirstChoice]));
    assert_eq!(names[1], BTreeSet::from([Same, NotRead, OtherName, NoName]));
}
