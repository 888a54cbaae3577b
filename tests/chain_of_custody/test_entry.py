from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chain_of_custody.body import read_content, read_raw
from chain_of_custody.canonical import canonical, parse
from chain_of_custody.errors import BodyError, CanonicalError, ChainError, SignerError
from chain_of_custody.ledger import GENESIS, Change, Draft, Entry, Subject, compose, message_of, sign, utc_text
from tests.chain_of_custody.chains import ADA, BEN, CASE, EVE, NOON, OTHER_CASE, Chain, grown_case


def draft(**more: Any) -> Draft:
    fields: dict[str, Any] = {
        "chain": CASE,
        "chain_kind": "case",
        "actor": ADA.party,
        "signers": (ADA.slot(),),
        "action": "exhibit.add",
        "obj": Subject(kind="exhibit", id="e1", label="1"),
    }
    return Draft(**(fields | more))


def raw_with(**members: Any) -> bytes:
    raw: Any = parse(compose(draft(), after=None, at=NOON))
    return canonical(raw | members)


def test_utc_text_is_utc_with_microseconds_whatever_the_zone() -> None:
    assert utc_text(datetime(2026, 1, 31, 12, 30, tzinfo=timezone(timedelta(hours=3)))) == "2026-01-31T09:30:00.000000Z"
    assert utc_text(datetime(1, 2, 3, tzinfo=UTC)) == "0001-02-03T00:00:00.000000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        utc_text(datetime(2026, 1, 31))  # noqa: DTZ001


def test_the_first_entry_follows_nothing_and_the_second_the_first() -> None:
    chain = Chain()
    first, second = chain.add("case.open"), chain.add("exhibit.add")
    assert (first.content.sequence, first.content.previous) == (1, GENESIS)
    assert (second.content.sequence, second.content.previous) == (2, first.digest)


def test_content_gives_back_what_the_draft_said() -> None:
    change = Change(table="exhibit", id="e1", set={"shelf": (None, "A1"), "count": (1, 2)})
    said = draft(
        signers=(BEN.slot("giver"), ADA.slot("receiver")), facts={"purpose": "x"}, changes=(change,), reason="why"
    )
    content = Entry(compose(said, after=None, at=NOON), ()).content
    assert (content.chain, content.chain_kind, content.action) == (said.chain, "case", said.action)
    assert (content.actor, content.signers, content.object) == (said.actor, said.signers, said.obj)
    assert (content.facts, content.changes, content.reason) == ({"purpose": "x"}, (change,), "why")
    assert content.recorded_at == NOON


def test_content_is_read_once() -> None:
    entry = Chain().add("case.open")
    assert entry.content is entry.content


def test_the_digest_covers_the_signatures() -> None:
    entry = Chain().add("case.open")
    other = Entry(entry.body, (bytes(64),))
    assert entry.digest != other.digest


def test_every_signer_signs_the_prefixed_body_in_order() -> None:
    body = compose(draft(signers=(ADA.slot("giver"), BEN.slot("receiver"))), after=None, at=NOON)
    entry = sign(body, [ADA.key, BEN.key])
    for one, signature in zip((ADA, BEN), entry.signatures, strict=True):
        assert one.key.public_key.fits(message_of(body), signature)
        assert not one.key.public_key.fits(body, signature)


@pytest.mark.parametrize("offered", [[], [ADA], [BEN, ADA], [ADA, EVE], [ADA, BEN, EVE]])
def test_other_keys_than_the_named_ones_do_not_sign(offered: list[Any]) -> None:
    body = compose(draft(signers=(ADA.slot("giver"), BEN.slot("receiver"))), after=None, at=NOON)
    with pytest.raises(SignerError) as caught:
        sign(body, [one.key for one in offered])
    assert caught.value.expected == (ADA.key.key_id, BEN.key.key_id)


def test_an_entry_cannot_follow_one_of_another_chain() -> None:
    other = grown_case(1, OTHER_CASE).entries[0]
    with pytest.raises(ChainError) as caught:
        compose(draft(), after=other, at=NOON)
    assert (caught.value.chain, caught.value.after) == (CASE, OTHER_CASE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signers": ()},
        {"signers": (BEN.slot(),)},
        {"signers": (ADA.slot(), ADA.slot("witness"))},
        {"chain": "case-1"},
        {"action": ""},
        {"changes": (Change(table="t", id="1", set={}), Change(table="t", id="1", set={}))},
        {"changes": (Change(table="", id="1", set={}),)},
    ],
)
def test_a_draft_that_the_format_does_not_allow_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BodyError):
        compose(draft(**wrong), after=None, at=NOON)


def test_a_float_in_the_facts_is_refused() -> None:
    with pytest.raises(CanonicalError):
        compose(draft(facts={"size": 1.5}), after=None, at=NOON)


@pytest.mark.parametrize(
    "members",
    [
        {"version": 2},
        {"version": True},
        {"extra": 1},
        {"chain": CASE.replace("0", "A")},
        {"chain": 5},
        {"chain_kind": "lap"},
        {"chain_kind": ["lab"]},
        {"sequence": 0},
        {"sequence": "1"},
        {"sequence": True},
        {"previous": "00"},
        {"previous": "A" * 64},
        {"recorded_at": "2026-01-31T09:30:00Z"},
        {"recorded_at": "2026-02-30T09:30:00.000000Z"},
        {"recorded_at": "2026-01-31T09:30:00.000000+00:00"},
        {"recorded_at": "٢٠٢٦-01-31T09:30:00.000000Z"},
        {"recorded_at": None},
        {"actor": {"id": ADA.person, "name": "Ada"}},
        {"actor": {"id": ADA.person, "name": "Ada", "function": 1}},
        {"actor": {"id": "ada", "name": "Ada", "function": ""}},
        {"signers": {}},
        {"signers": ["Ada"]},
        {"signers": [{"role": "owner", "person": ADA.person, "name": "", "key": ADA.key.key_id}]},
        {"signers": [{"role": "actor", "person": "ada", "name": "", "key": ADA.key.key_id}]},
        {"signers": [{"role": "actor", "person": ADA.person, "name": "", "key": "00"}]},
        {"action": 1},
        {"object": {"kind": "exhibit", "id": 1, "label": ""}},
        {"facts": []},
        {"reason": 1},
        {"changes": {}},
        {"changes": [1]},
        {"changes": [{"table": "t", "id": "1"}]},
        {"changes": [{"table": "t", "id": "", "set": {}}]},
        {"changes": [{"table": 1, "id": "1", "set": {}}]},
        {"changes": [{"table": "t", "id": "1", "set": []}]},
        {"changes": [{"table": "t", "id": "1", "set": {"a": [1]}}]},
        {"changes": [{"table": "t", "id": "1", "set": {"a": 1}}]},
    ],
    ids=str,
)
def test_a_body_in_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(BodyError):
        read_raw(raw_with(**members))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'"text"', b"\xff", b'{"version":1}'])
def test_bytes_that_are_no_body_are_refused(body: bytes) -> None:
    with pytest.raises(BodyError):
        read_content(body)


def test_a_body_is_refused_when_only_white_space_was_added() -> None:
    body = compose(draft(), after=None, at=NOON)
    with pytest.raises(BodyError, match="canonical form"):
        read_raw(body.replace(b",", b", ", 1))
