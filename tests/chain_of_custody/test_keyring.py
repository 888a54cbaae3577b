from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.ledger import Answer, Entry, KeyRing, utc_text, verify
from chain_of_custody.signing import key_id_of
from tests.chain_of_custody.chains import (
    ADA,
    BEN,
    CASE,
    EVE,
    LAB,
    NOON,
    STRANGER,
    Chain,
    Member,
    new_lab,
    replaced,
    ring_of,
)

LATER = utc_text(NOON)


def trusts(ring: KeyRing, who: Member, at: str = LATER) -> tuple[Answer, str]:
    return ring.trust(who.key.key_id, who.person, position=None, at=at)


@pytest.mark.req("REQ-15")
def test_the_root_is_the_key_of_the_first_administrator() -> None:
    ring = ring_of(new_lab(BEN))
    assert ring.root == ADA.key.key_id
    assert ring.lab_chain == LAB
    assert trusts(ring, ADA) == trusts(ring, BEN) == (Answer.YES, "")


def test_without_a_lab_chain_nobody_is_trusted() -> None:
    assert trusts(KeyRing(), ADA)[0] is Answer.NO
    assert "there is no lab chain" in trusts(KeyRing.from_lab([]), ADA)[1]
    assert "does not begin as it must" in trusts(KeyRing.from_lab([Entry(b"?", ())]), ADA)[1]


def test_a_root_that_is_not_the_expected_one_takes_all_trust_away() -> None:
    lab = new_lab(BEN)
    assert KeyRing.from_lab(lab.entries, root=ADA.key.key_id).refusal is None
    ring = KeyRing.from_lab(lab.entries, root=BEN.key.key_id)
    assert "not " + BEN.key.key_id in trusts(ring, ADA)[1]
    verdict = verify(lab.entries, ring)
    assert (verdict.signed, verdict.trusted) == (Answer.YES, Answer.NO)
    assert verdict.first_bad is not None
    assert verdict.first_bad.entry_index == 0


def test_an_unknown_key_is_not_trusted() -> None:
    assert trusts(ring_of(new_lab()), STRANGER) == (
        Answer.NO,
        f"the key {STRANGER.key.key_id[:16]}... was never enrolled",
    )


def test_a_key_is_not_trusted_in_the_hands_of_another_person() -> None:
    ring = ring_of(new_lab(BEN))
    answer, why = ring.trust(BEN.key.key_id, EVE.person, position=None, at=LATER)
    assert (answer, "another person" in why) == (Answer.NO, True)


def test_a_key_is_trusted_from_its_enrolment_on() -> None:
    lab = new_lab(BEN)
    since = lab.at
    assert trusts(ring_of(lab), BEN, utc_text(since))[0] is Answer.YES
    answer, why = trusts(ring_of(lab), BEN, utc_text(since - timedelta(microseconds=1)))
    assert (answer, "before it was enrolled" in why) == (Answer.NO, True)


def test_a_revoked_key_is_trusted_until_then_and_not_from_then_on() -> None:
    lab = new_lab(BEN)
    lab.revoke(BEN)
    ring = ring_of(lab)
    assert ring.objections == {}
    assert trusts(ring, BEN, utc_text(lab.at - timedelta(microseconds=1)))[0] is Answer.YES
    answer, why = trusts(ring, BEN, utc_text(lab.at))
    assert (answer, "revoked" in why) == (Answer.NO, True)


def test_a_revoked_key_may_be_enrolled_again_for_the_same_person() -> None:
    lab = new_lab(BEN)
    lab.revoke(BEN)
    gap = lab.at
    lab.enrol(BEN, "examiner")
    ring = ring_of(lab)
    assert trusts(ring, BEN, utc_text(gap))[0] is Answer.NO
    assert trusts(ring, BEN)[0] is Answer.YES


def test_a_person_replaces_their_own_key() -> None:
    lab, newer = new_lab(BEN), BEN.with_key("Ben's second key")
    lab.enrol(newer, "examiner", by=BEN, action="key.replace")
    ring = ring_of(lab)
    assert ring.objections == {}
    assert trusts(ring, newer)[0] is Answer.YES
    assert trusts(ring, BEN)[0] is Answer.NO
    assert verify(lab.entries, ring).first_bad is None


def test_an_administrator_replaces_the_key_of_somebody_who_forgot_the_passphrase() -> None:
    lab, newer = new_lab(BEN), BEN.with_key("Ben's second key")
    lab.enrol(newer, "examiner", "supervisor", action="key.replace")
    assert trusts(ring_of(lab), newer)[0] is Answer.YES


def test_a_new_person_may_sign_their_own_enrolment_beside_the_administrator() -> None:
    lab = new_lab()
    facts = {
        "person": BEN.person,
        "key": BEN.key.key_id,
        "public_key": BEN.key.public_key.raw.hex(),
        "roles": ["examiner"],
    }
    lab.add("person.enrol", (ADA, "actor"), (BEN, "witness"), facts=facts)
    assert verify(lab.entries, ring_of(lab)).first_bad is None


def test_later_roles_of_the_same_key_count() -> None:
    lab = new_lab(BEN)
    lab.enrol(BEN, "administrator")
    lab.enrol(EVE, "examiner", by=BEN)
    assert trusts(ring_of(lab), EVE)[0] is Answer.YES


def objection_to_the_last(lab: Chain) -> str:
    ring = ring_of(lab)
    verdict = verify(lab.entries, ring)
    assert verdict.trusted is Answer.NO
    return ring.objections[len(lab.entries) - 1]


def test_only_an_administrator_enrols_and_revokes() -> None:
    lab = new_lab(BEN, EVE)
    lab.enrol(STRANGER, "examiner", by=BEN)
    assert "not made by an administrator" in objection_to_the_last(lab)
    lab.revoke(EVE, by=BEN)
    assert "not made by an administrator" in objection_to_the_last(lab)
    assert trusts(ring_of(lab), EVE)[0] is Answer.YES
    assert trusts(ring_of(lab), STRANGER)[0] is Answer.NO


def test_a_revoked_administrator_enrols_nobody() -> None:
    lab = new_lab(BEN)
    lab.enrol(BEN, "administrator")
    lab.revoke(BEN)
    lab.enrol(EVE, "examiner", by=BEN)
    assert "not made by an administrator" in objection_to_the_last(lab)


def test_somebody_else_cannot_replace_a_key() -> None:
    lab = new_lab(BEN, EVE)
    lab.enrol(BEN.with_key("forged"), "examiner", by=EVE, action="key.replace")
    assert "neither by the person nor by an administrator" in objection_to_the_last(lab)


def test_a_person_cannot_replace_a_key_with_one_that_was_revoked() -> None:
    lab = new_lab(BEN)
    lab.revoke(BEN)
    lab.enrol(BEN.with_key("next"), "examiner", by=BEN, action="key.replace")
    assert "neither by the person" in objection_to_the_last(lab)


def test_a_person_cannot_make_themselves_an_administrator() -> None:
    lab = new_lab(BEN)
    lab.enrol(BEN.with_key("next"), "examiner", "administrator", by=BEN, action="key.replace")
    assert "own roles" in objection_to_the_last(lab)


def test_the_key_of_a_person_who_is_not_enrolled_cannot_be_replaced() -> None:
    lab = new_lab()
    lab.enrol(BEN, "examiner", action="key.replace")
    assert "not enrolled" in objection_to_the_last(lab)


def test_a_key_belongs_to_one_person() -> None:
    lab = new_lab(BEN)
    lab.enrol(Member(EVE.person, EVE.name, BEN.key), "examiner")
    assert "another person" in objection_to_the_last(lab)


def test_only_a_key_of_the_person_is_revoked() -> None:
    lab = new_lab(BEN)
    lab.revoke(EVE)
    assert "not a key of that person" in objection_to_the_last(lab)
    lab.revoke(Member(EVE.person, EVE.name, BEN.key))
    assert "not a key of that person" in objection_to_the_last(lab)
    lab.revoke(BEN)
    lab.revoke(BEN)
    assert "not a key of that person" in objection_to_the_last(lab)


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": EVE.key.public_key.raw.hex()},
        {"public_key": "not hexadecimal"},
        {"public_key": "00"},
        {"public_key": BEN.key.public_key.raw.hex().upper()},
        {"public_key": None},
        {"public_key": "01" + "00" * 31, "key": key_id_of(bytes([1, *bytes(31)]))},
        {"roles": "examiner"},
        {"roles": [1]},
    ],
    ids=str,
)
def test_an_enrolment_needs_a_key_that_fits_and_roles(wrong: dict[str, Any]) -> None:
    lab = new_lab()
    lab.enrol(BEN, "examiner", **wrong)
    assert "does not hold a public key" in objection_to_the_last(lab)


@pytest.mark.parametrize("wrong", [{"person": None}, {"key": 1}])
def test_an_enrolment_says_whose_key_it_is(wrong: dict[str, Any]) -> None:
    lab = new_lab()
    lab.enrol(BEN, "examiner", **wrong)
    assert "whose key" in objection_to_the_last(lab)


@pytest.mark.parametrize(
    ("roles", "facts", "by", "action"),
    [
        (["examiner"], {}, ADA, "person.enrol"),
        (["administrator"], {"roles": None}, ADA, "person.enrol"),
        (["administrator"], {"public_key": "00"}, ADA, "person.enrol"),
        (["administrator"], {"person": BEN.person}, ADA, "person.enrol"),
        (["administrator"], {}, ADA, "key.replace"),
    ],
)
def test_a_lab_chain_that_does_not_begin_with_its_root_is_not_trusted(
    roles: list[str], facts: dict[str, Any], by: Member, action: str
) -> None:
    lab = Chain(LAB, "lab")
    lab.enrol(ADA, *roles, by=by, action=action, **facts)
    ring = ring_of(lab)
    assert ring.root is None
    assert verify(lab.entries, ring).trusted is Answer.NO


def test_a_lab_chain_that_begins_with_something_else_is_not_trusted() -> None:
    lab = Chain(LAB, "lab")
    lab.add("lab.create")
    lab.enrol(ADA, "administrator")
    assert "does not begin with the enrolment" in trusts(ring_of(lab), ADA)[1]


def test_a_case_chain_cannot_stand_in_for_the_lab_chain() -> None:
    case = Chain(CASE, "case")
    case.enrol(ADA, "administrator")
    assert ring_of(case).root is None


def test_an_enrolment_whose_signature_does_not_fit_has_no_effect() -> None:
    lab = new_lab(BEN)
    forged = replaced(lab.entries, 1, Entry(lab.entries[1].body, lab.entries[0].signatures))
    ring = KeyRing.from_lab(forged)
    assert trusts(ring, BEN)[0] is Answer.NO
    assert ring.objections[1] == "the entry is not signed by the keys that it names"
    missing = replaced(lab.entries, 1, Entry(lab.entries[1].body, ()))
    assert 1 in KeyRing.from_lab(missing).objections


@pytest.mark.parametrize("place", [1, 2])
def test_an_entry_that_cannot_be_read_breaks_the_lab_chain(place: int) -> None:
    lab = new_lab(BEN)
    lab.add("lab.setting")
    broken = Entry(lab.entries[place].body.replace(b'"facts":', b'"facts": '), lab.entries[place].signatures)
    ring = KeyRing.from_lab(replaced(lab.entries, place, broken))
    assert ring.broken_at == place
    assert trusts(ring, BEN)[0] is (Answer.NO if place == 1 else Answer.UNKNOWN)


def test_after_a_break_in_the_lab_chain_trust_is_not_known() -> None:
    lab = new_lab(BEN)
    lab.add("lab.setting")
    between = utc_text(lab.at)
    lab.add("lab.setting")
    lab.revoke(BEN)
    lab.enrol(EVE, "examiner")
    cut = [*lab.entries[:-2], lab.entries[-1]]
    ring = KeyRing.from_lab(cut)
    assert ring.broken_at == 4
    assert trusts(ring, BEN, between)[0] is Answer.YES
    answer, why = trusts(ring, BEN)
    assert (answer, "may hide a revocation" in why) == (Answer.UNKNOWN, True)
    assert trusts(ring, EVE)[0] is Answer.NO
    verdict = verify(cut, ring)
    assert (verdict.intact, verdict.signed, verdict.trusted) == (Answer.NO, Answer.YES, Answer.UNKNOWN)
