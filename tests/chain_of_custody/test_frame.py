"""The short way through a body accepts nothing that the long way refuses, and reads the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_of_custody.body import read_raw
from chain_of_custody.canonical import canonical, parse
from chain_of_custody.errors import BodyError
from chain_of_custody.frame import Frame, Slot, place_in, read_frame, read_frames
from chain_of_custody.ledger import Change, Entry, compose
from chain_of_custody.links import quick_place
from tests.chain_of_custody.chains import ADA, BEN, EVE, NOON, Chain, grown_case
from tests.chain_of_custody.test_entry import draft

BODIES = [entry.body for entry in grown_case(3).entries]
TEXTS = st.text(max_size=8) | st.sampled_from(
    ['","object":{"id":"', '"previous":"', '},"facts":{', "\\", '"', "\n", "\x00", "\U0001f600", "ნინო", "", " "]
)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | TEXTS
KEYS = TEXTS | st.sampled_from(["previous", "object", "chain", "chain_kind", "facts", "changes", "sequence"])
FREE = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def the_long_way(body: bytes) -> Frame | None:
    try:
        raw = read_raw(body)
    except BodyError:
        return None
    return Frame(place_in(raw), tuple(Slot(**slot) for slot in raw["signers"]))


def the_short_way(body: bytes) -> Frame | None:
    try:
        return read_frame(body)
    except BodyError:
        return None


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    said = draft(
        action=draw(TEXTS.filter(bool)),
        signers=draw(
            st.sampled_from(
                [
                    (ADA.slot(),),
                    (BEN.slot("giver"), ADA.slot("receiver")),
                    (ADA.slot(), BEN.slot(), EVE.slot("witness")),
                ]
            )
        ),
        facts=draw(st.dictionaries(KEYS, FREE, max_size=3)),
        changes=tuple(
            Change(table="t", id=str(number), set=columns)
            for number, columns in enumerate(
                draw(st.lists(st.dictionaries(KEYS, st.tuples(FREE, FREE), max_size=3), max_size=3))
            )
        ),
        reason=draw(st.none() | TEXTS),
    )
    after = draw(st.sampled_from([None, Chain().add("case.open")]))
    return compose(said, after=after, at=NOON)


@given(bodies())
def test_both_ways_and_the_quick_look_read_the_same(body: bytes) -> None:
    frame = the_long_way(body)
    assert frame is not None
    assert the_short_way(body) == frame
    assert quick_place(body) == frame.place


@settings(max_examples=400)
@given(st.sampled_from(BODIES), st.data())
def test_both_ways_agree_about_a_body_with_one_byte_changed(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255))
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    assert the_short_way(changed) == the_long_way(changed)


@settings(max_examples=200)
@given(st.lists(bodies() | st.sampled_from(BODIES), min_size=2, max_size=4), st.data())
def test_bodies_read_together_are_read_as_each_alone(several: list[bytes], data: st.DataObject) -> None:
    which, start = data.draw(st.integers(0, len(several) - 1)), data.draw(st.integers(0, 600))
    several[which] = several[which][:start] + data.draw(st.binary(max_size=2)) + several[which][start + 1 :]
    together = [None if isinstance(one, BodyError) else one for one in read_frames(several)]
    assert together == [the_long_way(one) for one in several]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b'"facts":{"a":[{"x":"', b'"}]}'),
        (b'"facts":{}},{"changes":[],"facts":{}', b'"facts":{}'),
        (b'"facts":{}},{"changes":[],"facts":{', b'"x":1}'),
        (b'"facts":{"b":1,"a":2}', b'"facts":{}'),
        (b'"facts":{"a":1,"a":1}', b'"facts":{}'),
        (b'"facts":{} ', b'"facts":{}'),
        (b'"facts":{}', b'"facts": {}'),
    ],
)
def test_no_body_lends_another_what_it_lacks(first: bytes, second: bytes) -> None:
    several = [BODIES[0].replace(b'"facts":{}', one) for one in (first, second)]
    for order in (several, several[::-1]):
        together = [None if isinstance(one, BodyError) else one for one in read_frames([*order, BODIES[1]])]
        assert together == [the_long_way(one) for one in (*order, BODIES[1])]
        assert None in together


@settings(max_examples=400)
@given(st.sampled_from(BODIES), st.data())
def test_both_ways_agree_about_a_body_with_a_piece_moved(body: bytes, data: st.DataObject) -> None:
    start, end, target = (data.draw(st.integers(0, len(body))) for _ in range(3))
    piece = body[start:end]
    changed = body[:target] + piece + body[target:]
    assert the_short_way(changed) == the_long_way(changed)


@pytest.mark.parametrize(
    "members",
    [
        {"sequence": 9007199254740991},
        {"recorded_at": "2026-02-30T09:30:00.000000Z"},
        {"recorded_at": "2026-01-31T24:30:00.000000Z"},
        {"actor": {"id": EVE.person, "name": "Eve", "function": ""}},
        {"changes": [1]},
        {"changes": {}},
        {"facts": []},
        {"facts": {"nested": {"object": {"id": "x", "kind": "y", "label": "z"}}}},
        {"reason": '","object":{"id":"'},
        {"action": ""},
        {"signers": [{"role": "actor", "person": ADA.person, "name": 'A "quoted" name', "key": ADA.key.key_id}]},
        {
            "signers": [
                {"role": role, "person": ADA.person, "name": "", "key": ADA.key.key_id} for role in ("actor", "witness")
            ]
        },
    ],
    ids=str,
)
def test_both_ways_agree_about_a_body_with_other_members(members: dict[str, Any]) -> None:
    raw: Any = parse(BODIES[0])
    raw["actor"]["id"] = raw["signers"][0]["person"] = ADA.person
    body = canonical(raw | members)
    assert the_short_way(body) == the_long_way(body)


def test_a_number_beyond_the_exact_ones_is_refused() -> None:
    body = BODIES[0].replace(b'"sequence":1,', b'"sequence":9007199254740993,')
    assert the_short_way(body) is None


def test_the_quick_look_gives_up_where_the_form_is_unknown() -> None:
    with pytest.raises(BodyError):
        quick_place(b"not a body")
    assert quick_place(Entry(BODIES[2], ()).body).sequence == 3


def test_a_place_is_read_out_of_no_body_that_is_no_text() -> None:
    with pytest.raises(BodyError):
        quick_place(BODIES[2].replace(b'"label":"', b'"label":"\xff'))
