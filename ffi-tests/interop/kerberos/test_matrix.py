"""Every implementation against every other: enctypes, modes, protections, both directions."""

import pytest
from conftest import REALMS, SIDES
from matrix import BACK, FORWARD, MODES, PROTECTIONS, TAGS, is_listed, listed, run_cell

PEERS = [name for name in SIDES if name != "ours"]
PAIRS = [(one, other) for one in SIDES for other in SIDES]


def demanded(initiator, acceptor, tag, mode, protection, direction):
    """Whether a direction of a cell has to work.

    Between peers it does unless peers.txt says otherwise. Where ours is an end,
    it does if it works for that peer with anyone.
    """
    if initiator != "ours" and acceptor != "ours":
        return not is_listed(initiator, acceptor, tag, mode, protection, direction)
    starts = PEERS if initiator == "ours" else [initiator]
    ends = PEERS if acceptor == "ours" else [acceptor]
    cells = [(one, other, tag, mode, protection, direction) for one in starts for other in ends]
    return any(not is_listed(*cell) for cell in cells)


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("initiator, acceptor", PAIRS, ids=["-to-".join(pair) for pair in PAIRS])
@pytest.mark.parametrize("realm", REALMS)
def test_cell(realm, initiator, acceptor, tag, mode, protection):
    failed = run_cell(SIDES[initiator], SIDES[acceptor], REALMS[realm], tag, mode, protection)
    cell = (initiator, acceptor, tag, mode, protection)
    wrong = {way: error for way, error in failed.items() if demanded(*cell, way)}
    assert not wrong
    if "ours" not in (initiator, acceptor):
        # The list must be true: what it names does fail.
        works = [way for way in (FORWARD, BACK) if way not in failed]
        assert not [way for way in works if not demanded(*cell, way)]


def test_the_list_names_peers_only():
    for row in listed():
        assert len(row) == 6 and "ours" not in row[:2]
