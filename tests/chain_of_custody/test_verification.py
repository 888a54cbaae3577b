"""Every change of a chain is found, and found where it stands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_of_custody.canonical import canonical, parse
from chain_of_custody.ledger import Answer, Entry, KeyRing, message_of, verify, verify_links
from tests.chain_of_custody.chains import (
    ADA,
    BEN,
    CASE,
    EVE,
    NOON,
    OTHER_CASE,
    STRANGER,
    Chain,
    Member,
    grown_case,
    new_lab,
    replaced,
    ring_of,
)

LAB = new_lab(BEN, EVE)
RING = ring_of(LAB)
ENTRIES = grown_case(9).entries
OTHERS = grown_case(9, OTHER_CASE).entries
PLACES = st.integers(0, len(ENTRIES) - 1)


def test_an_untouched_case_is_intact_signed_and_trusted() -> None:
    verdict = verify(ENTRIES, RING)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.YES, Answer.YES, Answer.YES)
    assert (verdict.entry_count, verdict.signature_count) == (9, 12)
    assert (verdict.chain, verdict.head) == (CASE, ENTRIES[-1].digest)
    assert (verdict.first_bad, verdict.findings, verdict.notices) == (None, (), ())


def test_an_untouched_lab_is_intact_signed_and_trusted() -> None:
    verdict = verify(LAB.entries, RING)
    assert verdict.first_bad is None
    assert verdict.signature_count == 3


def test_an_empty_chain_answers_nothing() -> None:
    for verdict in (verify([], RING, chain=CASE), verify_links([], chain=CASE)):
        assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.UNKNOWN, Answer.UNKNOWN, Answer.UNKNOWN)
        assert (verdict.chain, verdict.head, verdict.entry_count) == (CASE, None, 0)
        assert verdict.first_bad is not None


@pytest.mark.req("REQ-15")
@settings(max_examples=300)
@given(PLACES, st.data())
def test_a_changed_byte_of_a_body_is_found_where_it_stands(place: int, data: st.DataObject) -> None:
    body = bytearray(ENTRIES[place].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    verdict = verify(replaced(ENTRIES, place, Entry(bytes(body), ENTRIES[place].signatures)), RING)
    assert verdict.signed is not Answer.YES
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == place
    if place < len(ENTRIES) - 1:
        assert verdict.intact is Answer.NO


@pytest.mark.req("REQ-15")
@given(PLACES, st.data())
def test_a_changed_byte_of_a_signature_is_found_where_it_stands(place: int, data: st.DataObject) -> None:
    entry = ENTRIES[place]
    which = data.draw(st.integers(0, len(entry.signatures) - 1))
    signature = bytearray(entry.signatures[which])
    signature[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    changed = Entry(entry.body, (*entry.signatures[:which], bytes(signature), *entry.signatures[which + 1 :]))
    verdict = verify(replaced(ENTRIES, place, changed), RING)
    assert verdict.signed is Answer.NO
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == place


@pytest.mark.req("REQ-15")
@given(st.integers(0, len(ENTRIES) - 2))
def test_a_removed_entry_is_found_at_its_place(place: int) -> None:
    for verdict in (
        verify([*ENTRIES[:place], *ENTRIES[place + 1 :]], RING),
        verify_links([*ENTRIES[:place], *ENTRIES[place + 1 :]]),
    ):
        assert verdict.intact is Answer.NO
        assert verdict.first_bad is not None
        assert (verdict.first_bad.entry_index, verdict.first_bad.sequence) == (place, place + 2)


@pytest.mark.req("REQ-15")
@given(st.permutations(range(len(ENTRIES))))
def test_entries_in_another_order_are_found_at_the_first_that_moved(order: list[int]) -> None:
    verdict, links = verify([ENTRIES[one] for one in order], RING), verify_links([ENTRIES[one] for one in order])
    if order == sorted(order):
        assert verdict.first_bad is None
        return
    first_moved = next(place for place, one in enumerate(order) if place != one)
    for one in (verdict, links):
        assert one.intact is Answer.NO
        assert one.first_bad is not None
        assert one.first_bad.entry_index == first_moved
    assert verdict.signed is Answer.YES


@pytest.mark.req("REQ-15")
@given(PLACES, PLACES)
def test_an_entry_given_twice_is_found(place: int, source: int) -> None:
    verdict = verify([*ENTRIES[: place + 1], ENTRIES[source], *ENTRIES[place + 1 :]], RING)
    assert verdict.intact is Answer.NO
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == (place + 1 if source != place + 1 else place + 2)


@pytest.mark.req("REQ-16")
@given(st.integers(1, len(ENTRIES) - 1))
def test_a_chain_that_was_cut_off_shows_it_by_its_head_alone(kept: int) -> None:
    verdict = verify(ENTRIES[:kept], RING)
    assert verdict.first_bad is None
    assert verdict.head != ENTRIES[-1].digest


@pytest.mark.req("REQ-15")
@given(PLACES)
def test_an_entry_of_another_case_is_found_and_named(place: int) -> None:
    verdict = verify(replaced(ENTRIES, place, OTHERS[place]), RING, chain=CASE)
    assert verdict.intact is Answer.NO
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == place
    assert OTHER_CASE in verdict.first_bad.what


def test_a_whole_other_case_is_found_when_the_chain_is_known() -> None:
    for verdict in (verify(OTHERS, RING, chain=CASE), verify_links(OTHERS, chain=CASE)):
        assert verdict.intact is Answer.NO
        assert len(verdict.findings) == len(OTHERS)
        assert verdict.chain == CASE
    assert verify(OTHERS, RING).first_bad is None


@pytest.mark.req("REQ-15")
@given(PLACES)
def test_an_entry_signed_by_another_key_is_found(place: int) -> None:
    entry = ENTRIES[place]
    forged = Entry(entry.body, (STRANGER.key.sign(message_of(entry.body)), *entry.signatures[1:]))
    verdict = verify(replaced(ENTRIES, place, forged), RING)
    assert verdict.signed is Answer.NO
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == place
    assert "another key signed it" in verdict.first_bad.what


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize("forger", [STRANGER, Member(BEN.person, BEN.name, STRANGER.key)])
def test_an_entry_signed_by_a_key_that_was_never_enrolled_is_not_trusted(forger: Member) -> None:
    case = grown_case(4)
    case.add("exhibit.move", (forger, "actor"))
    verdict = verify(case.entries, RING)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.YES, Answer.UNKNOWN, Answer.NO)
    assert [one.entry_index for one in verdict.findings] == [4, 4]
    assert "is not in the lab chain" in verdict.findings[0].what
    assert "never enrolled" in verdict.findings[1].what


@pytest.mark.req("REQ-15")
def test_an_entry_in_the_name_of_another_person_is_not_trusted() -> None:
    case = grown_case(4)
    case.add("exhibit.move", (Member(BEN.person, BEN.name, EVE.key), "actor"))
    verdict = verify(case.entries, RING)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.YES, Answer.YES, Answer.NO)
    assert verdict.first_bad is not None
    assert "another person" in verdict.first_bad.what


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("change", [lambda s: s[:1], lambda s: (*s, s[0]), lambda s: (), lambda s: s[::-1]])
def test_a_hand_over_needs_both_signatures_in_their_order(
    change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]],
) -> None:
    handed_over = ENTRIES[1]
    assert [slot.role for slot in handed_over.content.signers] == ["giver", "receiver"]
    verdict = verify(replaced(ENTRIES, 1, Entry(handed_over.body, change(handed_over.signatures))), RING)
    assert verdict.signed is Answer.NO
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == 1


def test_bytes_that_are_no_entry_answer_none_of_the_questions() -> None:
    verdict = verify(replaced(ENTRIES, 3, Entry(b"not an entry", ())), RING)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.NO, Answer.UNKNOWN, Answer.UNKNOWN)
    assert [(one.entry_index, one.answer) for one in verdict.findings] == [
        (3, "intact"),
        (3, "signed"),
        (3, "trusted"),
        (4, "intact"),
    ]
    links = verify_links(replaced(ENTRIES, 3, Entry(b"not an entry", ())))
    assert [one.entry_index for one in links.findings] == [3, 4]


def test_a_chain_of_nothing_but_rubbish_is_judged_too() -> None:
    for verdict in (verify([Entry(b"?", ())] * 3, RING), verify_links([Entry(b"?", ())] * 3)):
        assert (verdict.intact, verdict.chain, verdict.entry_count) == (Answer.NO, None, 3)


def test_rubbish_before_the_first_entry_is_found_and_the_chain_still_recognised() -> None:
    verdict = verify([Entry(b"?", ()), *ENTRIES], RING)
    assert verdict.chain == CASE
    assert [one.entry_index for one in verdict.findings if one.answer == "intact"] == [0, 1]


def test_a_chain_whose_beginning_is_missing_is_found() -> None:
    verdict = verify(ENTRIES[2:], RING)
    assert verdict.first_bad is not None
    assert "the entries before it are missing" in verdict.first_bad.what


def test_an_entry_that_calls_its_chain_another_kind_is_found() -> None:
    case = grown_case(2)
    case.kind = "lab"
    case.add("exhibit.move", (EVE, "actor"))
    verdict = verify(case.entries, RING)
    assert verdict.first_bad is not None
    assert "calls its chain a lab chain" in verdict.first_bad.what


@pytest.mark.req("REQ-13")
def test_a_clock_that_went_back_is_noticed_but_accepted() -> None:
    case = grown_case(3)
    case.add("exhibit.move", (BEN, "actor"), at=NOON - timedelta(hours=1))
    for verdict in (verify(case.entries, RING), verify_links(case.entries)):
        assert verdict.intact is Answer.YES
        assert [(one.entry_index, one.state) for one in verdict.notices] == [(3, Answer.YES)]
        assert "the clock was set back" in verdict.notices[0].what
    assert verify(case.entries, RING).first_bad is None


def test_a_revoked_key_is_not_trusted_even_when_the_clock_was_set_back() -> None:
    lab = new_lab(BEN, EVE)
    case = grown_case(3)
    lab.at = case.at
    lab.revoke(BEN)
    case.add("exhibit.move", (EVE, "actor"), at=case.at + timedelta(hours=2))
    case.add("exhibit.move", (BEN, "actor"), at=NOON)
    verdict = verify(case.entries, ring_of(lab))
    assert verdict.trusted is Answer.NO
    assert [one.entry_index for one in verdict.findings] == [4]


def test_a_body_that_was_rewritten_in_another_form_is_not_intact_even_when_signed_anew() -> None:
    case = grown_case(1)
    body = case.entries[0].body.replace(b",", b" ,", 1)
    verdict = verify([Entry(body, (EVE.key.sign(message_of(body)),))], RING)
    assert verdict.intact is Answer.NO
    assert verdict.first_bad is not None
    assert "canonical form" in verdict.first_bad.what


def test_a_link_check_leaves_signatures_and_trust_open() -> None:
    verdict = verify_links(ENTRIES)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.YES, Answer.UNKNOWN, Answer.UNKNOWN)
    assert (verdict.head, verdict.first_bad) == (ENTRIES[-1].digest, None)


@given(PLACES)
def test_both_checks_find_a_changed_predecessor(place: int) -> None:
    raw = parse(ENTRIES[place].body)
    assert isinstance(raw, dict)
    body = canonical({**raw, "previous": "ab" * 32})
    changed = replaced(ENTRIES, place, Entry(body, ENTRIES[place].signatures))
    for verdict in (verify(changed, RING), verify_links(changed)):
        assert verdict.first_bad is not None
        assert (verdict.first_bad.entry_index, verdict.first_bad.answer) == (place, "intact")


class StoppedError(Exception):
    pass


def long_case() -> list[Entry]:
    case = Chain()
    for _ in range(2100):
        case.add("note.add", (BEN, "actor"))
    return case.entries


LONG = long_case()


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize("place", [0, 255, 256, 257, 1023, 1024, 2098])
def test_a_removed_entry_is_found_where_runs_of_entries_meet(place: int) -> None:
    verdict = verify([*LONG[:place], *LONG[place + 1 :]], RING)
    assert [one.entry_index for one in verdict.findings] == [place] * len(verdict.findings)
    assert verdict.intact is Answer.NO


def test_progress_is_told_in_order_and_up_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    assert verify(LONG, RING, lambda done, total: seen.append((done, total))).first_bad is None
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {2100}
    assert seen[-1] == (2100, 2100)


def test_what_the_progress_raises_ends_the_work() -> None:
    calls: list[int] = []

    def stop(done: int, _total: int) -> None:
        calls.append(done)
        raise StoppedError

    with pytest.raises(StoppedError):
        verify(LONG, RING, stop)
    assert len(calls) == 1


def test_entries_may_be_streamed() -> None:
    totals: list[int] = []
    assert verify(iter(LONG), RING, lambda _, total: totals.append(total)).entry_count == 2100
    assert verify((one for one in LONG), KeyRing(), lambda _, total: totals.append(total)).signed is Answer.UNKNOWN
    assert verify((one for one in LONG), RING).signature_count == 2100


def test_findings_come_in_the_order_of_the_entries() -> None:
    rubbish = Entry(b"?", ())
    verdict = verify([*LONG[:300], rubbish, *LONG[301:600], rubbish, *LONG[601:]], RING)
    assert [one.entry_index for one in verdict.findings] == [300, 300, 300, 301, 600, 600, 600, 601]


def test_signers_are_named_in_the_finding() -> None:
    verdict = verify(replaced(ENTRIES, 1, Entry(ENTRIES[1].body, ENTRIES[1].signatures[::-1])), RING)
    assert f"{BEN.name} (giver)" in verdict.findings[0].what
    assert f"{EVE.name} (receiver)" in verdict.findings[1].what


def test_the_administrator_is_trusted_in_a_case_too() -> None:
    case = Chain()
    case.add("case.open", (ADA, "actor"))
    assert verify(case.entries, RING).first_bad is None
