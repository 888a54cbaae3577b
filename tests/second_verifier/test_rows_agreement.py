"""Who makes and changes which rows, and how incidents and disposals end: both verifiers name the same entries."""

from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody.ledger import Change, Draft, Entry, SignerRole, Subject, breaches, compose, sign
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, CASE, LAB, OTHER_CASE, Member
from tests.chain_of_custody.test_possession_rules import FORM
from tests.chain_of_custody.test_rules import EMMA, LAW, OLGA, OTTO, RING, SUSI, Custody, the_lab
from tests.second_verifier import acts
from tests.second_verifier.entries import Line
from tests.second_verifier.people import people_of
from tests.second_verifier.test_acts_agreement import lines_of
from tests.second_verifier.test_forged_hands import named
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit, raised

ROW = f"{LAB[:-6]}990002"
IMAGE = f"{LAB[:-6]}990003"
INCIDENT = f"{LAB[:-6]}990001"
STATED = {"custody_rules": 5}
Forgery = Callable[[Custody], object]
PROPOSAL = {
    "exhibit_id": CASE, "case_id": CASE, "way": "return_to_owner", "recipient": "Petra Vogel", "state": "proposed",
    "proposed_by": EMMA.person,
}  # fmt: skip


def row(table: str, key: str = ROW, **pairs: Any) -> Change:
    """A change of a row; a value that is no pair is that of a new row."""
    return Change(table=table, id=key, set={n: one if type(one) is tuple else (None, one) for n, one in pairs.items()})


PAPER = row("paper", f"{LAB[:-6]}990004", exhibit_id=CASE, kind="form", sha256=FORM["form_sha256"])


def taken_in(case: Custody) -> None:
    """An image whose digests were told at its intake."""
    new = of_exhibit_called(IMAGE, type="image", state="STORED", parent_id=CASE, case_id=CASE, number="LH/01-I1")
    image = row("image", IMAGE, exhibit_id=CASE, case_id=CASE, sha256="aa", integrity="intact")
    changed(case, "image.intake", EMMA, new, image, media_sha256="aa")


def of_exhibit_called(key: str, **columns: Any) -> Change:
    return row("exhibit", key, **columns)


def changed_by(case: Custody, action: str, first: Member, actor: Member, *changes: Change) -> None:
    """An entry that another than its first signer is told to have made."""
    signers: list[tuple[Member, SignerRole]] = [(first, "actor"), (actor, "witness")]
    draft = Draft(
        chain=CASE, chain_kind="case", actor=actor.party, signers=tuple(one.slot(as_) for one, as_ in signers),
        action=action, obj=Subject(kind="exhibit", id=CASE, label="LH/01"), facts={}, changes=changes, reason=None,
    )  # fmt: skip
    case.entries.append(sign(compose(draft, after=case.entries[-1], at=case.at), [one.key for one, _ in signers]))


def photographed(case: Custody, by: Member = OTTO, **more: Any) -> None:
    changed(
        case,
        "exhibit.photo",
        by,
        row("photo", exhibit_id=CASE, author_id=OTTO.person, sha256="aa", **more),
        sha256="aa",
    )


def rewritten(table: str, column: str, action: str = "note.add", by: Member = EMMA, key: str = ROW) -> Forgery:
    return lambda case: changed(case, action, by, row(table, key, **{column: ("aa", "bb")}))


def both(*acts: Forgery) -> Forgery:
    return lambda case: [act(case) for act in acts]


def proposed(case: Custody, *more: Change, told: str = "Petra Vogel", **columns: Any) -> None:
    facts = {"event": "propose_disposal", "from_state": "STORED", "to_state": "DISPOSAL_PENDING", "recipient": told}
    beside = (row("disposal", **{**PROPOSAL, **columns}), *more)
    case.put("custody.propose_disposal", (EMMA, "actor"), facts=facts | STATED, beside=beside, state="DISPOSAL_PENDING")
    case.disposal = {**PROPOSAL, **columns}


def approved(case: Custody, **columns: Any) -> None:
    proposed(case, **columns)
    states = {"state": ("proposed", "approved"), "decided_by": SUSI.person}
    changed(case, "disposal.approve", SUSI, row("disposal", **states))


def ended(
    case: Custody, *, actor: Member = OTTO, watch: Member = EMMA, told: Any = "Petra Vogel", by: Any = None, **more: Any
) -> None:
    """An end; `by` is whom the entry names as its actor where that is not the first signer."""
    event = str(case.disposal["way"])
    to = {"return_to_owner": "RETURNED", "destroy": "DESTROYED"}[event]
    facts = {"event": event, "from_state": "DISPOSAL_PENDING", "to_state": to, "recipient": told, **STATED, **FORM}
    done = row("disposal", state=("approved", "carried out"), **more)
    pairs = {"state": ("DISPOSAL_PENDING", to), "holder_id": (OTTO.person, None)}
    holder = (case.row.get("holder"), told)
    signers: list[tuple[Member, SignerRole]] = [(actor, "actor"), (watch, "witness")]
    draft = Draft(
        chain=CASE, chain_kind="case", actor=(by or actor).party, signers=tuple(one.slot(as_) for one, as_ in signers),
        action=f"custody.{event}", obj=Subject(kind="exhibit", id=CASE, label="LH/01"), facts=facts,
        changes=(done, of_exhibit(**pairs, holder=holder), PAPER), reason=None,
    )  # fmt: skip
    case.at += case.entries[-1].content.recorded_at - case.entries[-2].content.recorded_at
    body = compose(draft, after=case.entries[-1], at=case.at)
    case.entries.append(sign(body, [one.key for one, _ in signers]))


RIGHT: dict[str, Forgery] = {
    "an image": taken_in,
    "an act without a row, by whom it names second": lambda case: changed_by(case, "evidence.look", OTTO, EMMA),
    "its catalogue, a check that it fails, and the decision": both(
        taken_in,
        lambda case: changed(case, "image.catalogue", EMMA, row("image", IMAGE, catalogue_sha256="cc")),
        lambda case: changed(
            case, "image.check", OTTO, row("image", IMAGE, integrity=("intact", "integrity failed")),
            row("image_check", image_id=IMAGE),
        ),
        lambda case: changed(
            case, "image.decision", SUSI, row("image", IMAGE, integrity=("integrity failed", "released"), decision="ok")
        ),
    ),
    "a photograph": photographed,
    "a note and its addendum": both(
        lambda case: changed(case, "note.add", OTTO, row("note", exhibit_id=CASE, author_id=OTTO.person)),
        lambda case: changed(case, "note.addendum", EMMA, row("note", IMAGE, case_id=CASE, author_id=EMMA.person)),
    ),
    "a legal basis": both(
        lambda case: changed(case, "case.open", EMMA, row("case_file", CASE, title="LH"), row("assignment")),
        lambda case: changed(case, "case.legal_basis", SUSI, row("case_file", CASE, basis_expires_on="2036-01-01")),
    ),
    "a return as it was approved": both(approved, ended),
    "a return that its approver watches": both(approved, lambda case: ended(case, watch=SUSI)),
    "a destruction": both(
        lambda case: approved(case, way="destroy", recipient="", told=""), lambda case: ended(case, told="")
    ),
}  # fmt: skip
OF_PROPOSALS = "what was proposed"
WRONG: dict[str, tuple[str, Forgery]] = {
    "the digest of an image, by a note": (
        "told in a row of image", both(taken_in, rewritten("image", "sha256", key=IMAGE))
    ),
    "the digest of an image, by a check of it": (
        "told in a row of image", both(taken_in, rewritten("image", "sha256", "image.check", key=IMAGE))
    ),
    "an image that a check finds whole again": (
        "says that an image is whole",
        both(taken_in, lambda case: changed(
            case, "image.check", OTTO, row("image", IMAGE, integrity=("integrity failed", "unverified"))
        )),
    ),
    "a mark that a check takes off": (
        "says that an image is whole",
        both(*[
            lambda case, pair=pair: changed(case, "image.check", OTTO, of_exhibit(integrity_failed=pair))
            for pair in ((None, 1), (1, 0))
        ]),
    ),
    "integrity that is no more, by an auditor": (
        "told in a row of image",
        both(taken_in, lambda case: changed(case, "note.add", OLGA, row("image", IMAGE, integrity=("intact", None)))),
    ),
    "a catalogue by an auditor": (
        "Olga Auditor signs image.catalogue and did not hold the role",
        both(taken_in, lambda case: changed(case, "image.catalogue", OLGA, row("image", IMAGE, catalogue_sha256="c"))),
    ),
    "the digest of a photograph": ("told in a row of photo", both(photographed, rewritten("photo", "sha256"))),
    "the digest of a photograph, by a photograph": (
        "told in a row of photo", both(photographed, rewritten("photo", "sha256", "exhibit.photo"))
    ),
    "a photograph by a note": ("makes a row of photo", lambda case: changed(case, "note.add", OTTO, row("photo"))),
    "a photograph in the name of another": ("in the name of somebody", lambda case: photographed(case, EMMA)),
    "a note of whom it names second": (
        "is not the act of Otto Officer, who signs it first",
        lambda case: changed_by(case, "note.add", OTTO, EMMA, row("note", text="Seen")),
    ),
    "a photograph of nothing here": (
        "that is not in this case",
        lambda case: changed(case, "exhibit.photo", OTTO, row("photo", exhibit_id=OTHER_CASE)),
    ),
    "a photograph of a list": (
        "that is not in this case",
        lambda case: changed(case, "exhibit.photo", OTTO, row("photo", exhibit_id=[CASE])),
    ),
    "a photograph that was another": (
        "that was not there", lambda case: photographed(case, caption=("The bag", "The bag, sealed"))
    ),
    "a photograph by an auditor": (
        "Olga Auditor signs exhibit.photo", lambda case: changed(case, "exhibit.photo", OLGA, row("photo"))
    ),
    "a row before it is there": (
        "makes a row of chosen_file", rewritten("chosen_file", "withdrawn_at", "file.withdraw")
    ),
    "the words of a note": (
        "told in a row of note",
        both(lambda case: changed(case, "note.add", OTTO, row("note", text="aa")), rewritten("note", "text")),
    ),
    "a note of another case": (
        "of another case", lambda case: changed(case, "note.add", OTTO, row("note", case_id=OTHER_CASE))
    ),
    "a legal basis by a note": (
        "told in a row of case_file",
        both(
            lambda case: changed(case, "case.open", EMMA, row("case_file", CASE, basis_expires_on="aa")),
            rewritten("case_file", "basis_expires_on", key=CASE),
        ),
    ),
    "a legal basis by an auditor": (
        "Olga Auditor signs case.legal_basis",
        both(
            lambda case: changed(case, "case.open", EMMA, row("case_file", CASE, status="draft")),
            lambda case: changed(case, "case.legal_basis", OLGA, row("case_file", CASE, status=("draft", "open"))),
        ),
    ),
    "another case": (
        "another case than its own", lambda case: changed(case, "case.open", EMMA, row("case_file", OTHER_CASE))
    ),
    "a person of the laboratory in a case": (
        "a chain of another kind", lambda case: changed(case, "person.enrol", ADA, row("person"))
    ),
    "a table that nobody knows": (
        "no table of the record", lambda case: changed(case, "note.add", OTTO, row("verdict", text="Guilty"))
    ),
    "a column that no step has": (
        "told in a row of exhibit",
        lambda case: case.add(
            "custody.move", (OTTO, "actor"), changes=(of_exhibit(description=(None, "Another one")),),
            facts={"event": "move", "from_state": "STORED", "to_state": "STORED", **STATED},
        ),
    ),
    "a paper of another exhibit": (
        "about another exhibit than its own",
        both(taken_in, lambda case: case.add(
            "custody.move", (OTTO, "actor"), changes=(row("paper", exhibit_id=IMAGE),),
            facts={"event": "move", "from_state": "STORED", "to_state": "STORED", **STATED},
        )),
    ),
    "an exhibit that becomes an image": (
        "changes whether LH/01 is an image",
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(type=(case.row.get("type"), "image"))),
    ),
    "an image that is none any more": (
        "changes whether LH/01-I1 is an image",
        both(taken_in, lambda case: changed(
            case, "exhibit.correct", OTTO, row("exhibit", IMAGE, type=("image", "computer")), about=("exhibit", IMAGE)
        )),
    ),
    "an incident that is decided in the name of another": (
        "not in the name of who signs",
        both(raised, lambda case: changed(
            case, "incident.close", SUSI, row("incident", INCIDENT, decided_by=EMMA.person, decision="No harm")
        )),
    ),
    "an incident that is decided by nobody": (
        "not in the name of who signs",
        both(raised, lambda case: changed(case, "incident.close", SUSI, row("incident", INCIDENT, decided_at="now"))),
    ),
    "an incident that is decided twice": (
        "decides again about an incident",
        both(raised, *[lambda case: changed(
            case, "incident.close", SUSI, row("incident", INCIDENT, decided_by=SUSI.person)
        )] * 2),
    ),
    "two disposals at once": (
        "holds 2 disposals", lambda case: proposed(case, row("disposal", IMAGE, **PROPOSAL))
    ),
    "an approval of nothing": (
        "holds 0 disposals", both(proposed, lambda case: changed(case, "disposal.approve", SUSI))
    ),
    "a proposal that tells of another": ("who gets it; the disposal", lambda case: proposed(case, told="Max Crook")),
    "a return to somebody else, told": (
        "tells Max Crook as who gets it", both(approved, lambda case: ended(case, told="Max Crook"))
    ),
    "a return to nobody": (
        "does not say who gets it",
        both(lambda case: approved(case, told=" ", recipient=" "), lambda case: ended(case, told=" ")),
    ),
}  # fmt: skip
ALWAYS: dict[str, tuple[str, Forgery]] = {
    "an incident closed by a note": (
        "note.add decides about an incident",
        both(raised, lambda case: changed(case, "note.add", OTTO, row("incident", INCIDENT, decided_at="now"))),
    ),
    "an incident closed by who raised it": (
        "decides about an incident that comes from their own act",
        both(
            lambda case: raised(case, SUSI, raised_by=(None, SUSI.person)),
            lambda case: changed(case, "incident.close", SUSI, row("incident", INCIDENT, decision="No harm")),
        ),
    ),
    "an incident that begins with its decision": (
        "incident.raise decides about an incident", lambda case: raised(case, decision=(None, "No harm"))
    ),
    "a return to somebody else": (
        OF_PROPOSALS,
        both(approved, lambda case: ended(case, told="Max Crook", recipient=("Petra Vogel", "Max Crook"))),
    ),
    "a recipient with the approval": (
        OF_PROPOSALS,
        both(lambda case: proposed(case, told="", recipient=None), lambda case: changed(
            case, "disposal.approve", SUSI,
            row("disposal", state=("proposed", "approved"), decided_by=SUSI.person, recipient="Max Crook"),
        )),
    ),
    "an end by its approver in the name of the witness": (
        "is the act of its witness", both(approved, lambda case: ended(case, actor=SUSI, watch=EMMA, by=EMMA))
    ),
}  # fmt: skip


@pytest.mark.req("REQ-19", "REQ-20", "REQ-68")
@pytest.mark.parametrize("act", RIGHT.values(), ids=[*RIGHT])
def test_rows_that_are_written_as_they_may_be_are_named_by_neither(act: Forgery) -> None:
    case = fifth(5)
    act(case)
    assert named(case) == []


@pytest.mark.req("REQ-19", "REQ-20", "REQ-29", "REQ-68")
@pytest.mark.parametrize(("words", "act"), WRONG.values(), ids=[*WRONG])
def test_rows_that_are_written_by_others_are_named_by_both(words: str, act: Forgery) -> None:
    case = fifth(5)
    act(case)
    assert any(words in what for what in named(case)), named(case)


@pytest.mark.req("REQ-12", "REQ-19", "REQ-68")
@pytest.mark.parametrize("rules", [4, 5])
@pytest.mark.parametrize(("words", "act"), ALWAYS.values(), ids=[*ALWAYS])
def test_what_no_program_of_ours_ever_wrote_is_named_under_all_rules(words: str, act: Forgery, rules: int) -> None:
    case = fifth(rules)
    act(case)
    assert any(words in what for what in named(case)), named(case)


@pytest.mark.req("REQ-20", "REQ-68")
def test_a_fact_that_looks_like_no_changes_hides_none() -> None:
    case = fifth(5)
    photographed(case)
    facts = {"a": {"chain_kind": "case", "changes": [], "facts": {}}}
    changed(case, "note.add", OLGA, row("photo", sha256=("aa", "bb")), **facts)
    assert any("told in a row of photo" in what for what in named(case))


@pytest.mark.req("REQ-20", "REQ-68")
def test_behind_what_is_withheld_a_row_may_have_been_there() -> None:
    case = fifth(5)
    changed(case, "note.add", OTTO, row("photo"))
    changed(case, "file.withdraw", EMMA, row("chosen_file", withdrawn_at="now"))
    changed(case, "exhibit.photo", OTTO, row("photo", IMAGE, sha256=("aa", "bb"), exhibit_id=OTHER_CASE), sha256="bb")
    changed(case, "note.add", OTTO, row("photo", IMAGE, sha256=("bb", "cc")))
    lab, lines = lines_of(LAW.entries), lines_of(case.entries)
    for is_withheld, found in ((False, [4, 5, 6, 7]), (True, [7])):
        entries = [*case.entries]
        if is_withheld:
            entries[4] = Entry(b"", (), withheld=case.entries[4].digest)
            lines[4] = Line(b"", [], case.entries[4].digest.hex())
        assert sorted({one.entry_index for one in breaches(entries, RING, Begun())}) == found
        assert acts.breaches(lines, people_of(lab, set(), None), lab) == found


@pytest.mark.req("REQ-38", "REQ-68")
@pytest.mark.parametrize(
    ("action", "by", "change", "words"),
    [
        ("tool.add", EMMA, row("tool", recorded_by=EMMA.person), ""),
        ("tool.add", OLGA, row("tool", recorded_by=OLGA.person), "did not hold the role"),
        ("tool.add", EMMA, row("tool", recorded_by=OLGA.person), "in the name of somebody"),
        ("note.add", EMMA, row("note", author_id=EMMA.person), "a chain of another kind"),
        ("image.check", OTTO, row("image", sha256=("aa", "bb")), "a chain of another kind"),
        ("tag.change", ADA, row("tag", name=("a", "b")), "makes a row of tag"),
    ],
)
def test_tables_of_the_laboratory_are_written_in_its_chain(action: str, by: Member, change: Change, words: str) -> None:
    for rules in (4, 5):
        lab = the_lab()
        lab.add("lab.rules", (ADA, "actor"), facts={"custody_rules": rules, "chains": []}, about=("lab", LAB))
        lab.add(action, (by, "actor"), changes=(change,), about=("thing", ROW))
        ours, lines = breaches(lab.entries, RING, Begun()), lines_of(lab.entries)
        assert sorted({one.entry_index for one in ours}) == acts.breaches(lines, people_of(lines, set(), None), lines)
        assert bool(ours) == (rules == 5 and bool(words))
        assert all(words in one.what for one in ours)
