"""Times, words of lists, digests and roots that nobody can read or that are another's: both verifiers name them."""

from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody import column_values, states
from chain_of_custody.ledger import Change
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.incident import IncidentKind
from forensics_app.model.offer import OfferState
from forensics_app.services import papers
from tests.chain_of_custody.chains import CASE, OTHER_CASE
from tests.chain_of_custody.test_rules import EMMA, OLGA, OTTO, Custody
from tests.second_verifier import rows, tellings
from tests.second_verifier.on_the_way import another
from tests.second_verifier.test_forged_hands import named
from tests.second_verifier.test_rows_agreement import IMAGE, of_exhibit_called, row
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit, raised

NOON = "2026-11-20T12:00:00+01:00"
TIMES = (
    NOON, "2026-11-20T12:00Z", "2026-11-20T12:00:00.123456Z", "2024-02-29T23:59:59.5-08:00", "1800-01-01T00:00+23:59",
    "9000-12-31T23:59:59-23:59",
    "1890-05-05T12:00:00+00:53:28",
)  # fmt: skip
NO_TIMES = (
    "yesterday", "", " ", "2026-11-20", "2026-11-20T12:00:00", "2026-11-20 12:00:00+01:00", "2026-11-31T12:00:00Z",
    "2023-02-29T00:00Z", "2026-13-01T00:00Z", "2026-11-20T24:00Z", "2026-11-20T12:60Z", "0000-01-01T00:00Z", f" {NOON}",
    "0001-01-01T00:00+14:00", "1799-12-31T23:59Z", "9001-01-01T00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-11-20T12:00:00+01:60", "2026-11-20T12:00:00-01:00:75",
    "2026-11-20T12:00:00+25:00", "2026-11-20T12:00:00+01", "20261120T120000Z", "2026-W47-5T12:00Z", f"{NOON}\n",
    "\uff12026-11-20T12:00:00Z", 20261120, True, 0,
)  # fmt: skip
Act = Callable[[Custody], object]


def stored(case: Custody, **told: Any) -> None:
    case.step("move", "STORED", (OTTO, "actor"), told={"shelf": "B-1", **told})


def papered(case: Custody, kind: str, digest: str, **told: Any) -> None:
    kept(case, row("paper", exhibit_id=CASE, kind=kind, sha256=digest), **told)


def kept(case: Custody, *papers: Change, **told: Any) -> None:
    """A step that keeps these papers and no others, whatever it tells."""
    facts = {"event": "move", "from_state": "STORED", "to_state": "STORED", **case.stated, **told}
    case.keeps_papers = False
    case.add("custody.move", (OTTO, "actor"), facts=facts, changes=(of_exhibit(state=("STORED", "STORED")), *papers))


def photographed(case: Custody, sha256: str, **more: Any) -> None:
    changed(case, "exhibit.photo", OTTO, row("photo", exhibit_id=CASE, sha256="aa", **more), sha256=sha256)


def imaged(case: Custody, **told: Any) -> None:
    new = of_exhibit_called(IMAGE, type="image", state="STORED", parent_id=CASE, case_id=CASE, number="LH/01-I1")
    image = row("image", IMAGE, exhibit_id=CASE, case_id=CASE, md5="aa", sha1="bb", sha256="cc")
    changed(case, "image.intake", EMMA, new, image, **told)


def misread(case: Custody, to: str) -> None:
    step = case.entries[3]
    facts = {"corrects": 4, "corrects_digest": step.digest.hex(), "corrected": {"occurred_at": ["", to]}}
    changed(case, "exhibit.correct_step", OTTO, **facts)


DIGESTS = {"media_md5": "aa", "media_sha1": "bb", "media_sha256": "cc"}
RIGHT: dict[str, Act] = {
    "a note with its time": lambda case: changed(case, "note.read", OLGA, occurred_at=NOON),
    "a note without one": lambda case: changed(case, "note.read", OLGA, occurred_at=None),
    "a step with its time": lambda case: stored(case, occurred_at=NOON),
    "a time that is corrected": lambda case: misread(case, NOON),
    "a type": lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(type=(None, "computer"))),
    "an incident": lambda case: raised(case, kind=(None, "seal broken"), raised_at=(None, NOON)),
    "a form that is told": lambda case: papered(case, "form", "ab" * 32, form_sha256="ab" * 32),
    "a photograph that is told": lambda case: photographed(case, "aa", taken_at=NOON),
    "an image that is told": lambda case: imaged(case, **DIGESTS),
    "a root": lambda case: another(case, root_id=OTHER_CASE),
}
WRONG: dict[str, tuple[str, Act]] = {
    "a note that was yesterday": (
        "tells as the time at which it happened",
        lambda case: changed(case, "note.read", OLGA, occurred_at="yesterday"),
    ),
    "a step that was yesterday": (
        "tells as the time at which it happened", lambda case: stored(case, occurred_at="yesterday")
    ),
    "a step without a zone": (
        "tells as the time at which it happened", lambda case: stored(case, occurred_at="2026-11-20T12:00:00")
    ),
    "a time that is corrected to yesterday": (
        "corrects the time of a step", lambda case: misread(case, "yesterday")
    ),
    "back without a zone": (
        "into expected_back of exhibit",
        lambda case: case.step("check_out", "CHECKED_OUT", (OTTO, "actor"), expected_back="2026-12-01T12:00:00"),
    ),
    "since soon": (
        "into state_since of exhibit",
        lambda case: case.step("check_out", "CHECKED_OUT", (OTTO, "actor"), state_since="soon"),
    ),
    "seized yesterday": (
        "into seized_at of exhibit",
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(seized_at=(None, "yesterday"))),
    ),
    "a type of nobody's": (
        "into type of exhibit",
        lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(type=(None, "spaceship"))),
    ),
    "an incident of nobody's kind": (
        "into kind of incident", lambda case: raised(case, kind=(None, "spaceship"))
    ),
    "an incident raised soon": ("into raised_at of incident", lambda case: raised(case, raised_at=(None, "soon"))),
    "an offer until soon": (
        "into due of transfer_offer",
        lambda case: changed(case, "transfer.offer", OTTO, row("transfer_offer", exhibit_id=CASE, due="soon")),
    ),
    "a note told soon": (
        "into told_at of note",
        lambda case: changed(case, "note.add", OTTO, row("note", author_id=OTTO.person, told_at="soon")),
    ),
    "another form than is told": (
        "with another sha256 than it tells", lambda case: papered(case, "form", "cd" * 32, form_sha256="ab" * 32)
    ),
    "a form that is not told": ("with another sha256", lambda case: papered(case, "form", "cd" * 32)),
    "a form that is told and not kept": (
        "tells of one signed form where it makes no row", lambda case: kept(case, form_sha256="ab" * 32)
    ),
    "a receipt that is told as a number": (
        "tells of one signed receipt where it makes no row", lambda case: kept(case, receipt_sha256=7)
    ),
    "a form that is kept twice": (
        "tells of one signed form where it makes 2 row",
        lambda case: kept(case, *(
            row("paper", key, exhibit_id=CASE, kind="form", sha256="ab" * 32) for key in (OTHER_CASE, IMAGE)
        ), form_sha256="ab" * 32),
    ),
    **{
        f"a paper called {digest}": (
            "what is no SHA-256", lambda case, digest=digest: papered(case, "form", digest, form_sha256=digest)
        )
        for digest in ("soon", "../../x", "AB" * 32)
    },
    "a paper of a type that is none": (
        "none of the words", lambda case: kept(
            case, row("paper", exhibit_id=CASE, kind="form", sha256="ab" * 32, media_type="text/html"),
            form_sha256="ab" * 32,
        )
    ),
    "a paper of no kind": (
        "no signed paper which it tells", lambda case: kept(case, row("paper", exhibit_id=CASE, sha256=None))
    ),
    "a seal that is told and not recorded": (
        "records another number of the seal", lambda case: stored(case, seal_number="0048812")
    ),
    "a form as a receipt": (
        "with another sha256", lambda case: papered(case, "receipt", "ab" * 32, form_sha256="ab" * 32)
    ),
    "another photograph than is told": ("makes a row of photo", lambda case: photographed(case, "bb")),
    **{
        f"another {name} of an image": ("makes a row of image", lambda case, name=name: imaged(
            case, **{**DIGESTS, name: "dd"}
        ))
        for name in DIGESTS
    },
    "the root of another": ("comes from another exhibit", lambda case: another(case, root_id=CASE)),
    "another root than its parent's": (
        "comes from another exhibit",
        lambda case: [another(case, root_id=OTHER_CASE), _part(case, root_id=CASE)],
    ),
}  # fmt: skip


def _part(case: Custody, **columns: Any) -> None:
    new = {
        "state": "IDENTIFIED", "holder_id": OTTO.person, "holder": OTTO.name, "number": "LH/03", "case_id": CASE,
        "parent_id": OTHER_CASE, **columns,
    }  # fmt: skip
    part = Change(table="exhibit", id=IMAGE, set={name: (None, value) for name, value in new.items()})
    changed(case, "exhibit.add", OTTO, part, about=("exhibit", IMAGE), **case.stated)


@pytest.mark.req("REQ-13", "REQ-68")
@pytest.mark.parametrize("act", RIGHT.values(), ids=[*RIGHT])
def test_what_can_be_read_is_named_by_neither(act: Act) -> None:
    case = fifth(5)
    act(case)
    assert named(case) == []


@pytest.mark.req("REQ-13", "REQ-68")
@pytest.mark.parametrize(("words", "act"), WRONG.values(), ids=[*WRONG])
def test_what_nobody_can_read_or_is_anothers_is_named_by_both(words: str, act: Act) -> None:
    case, older = fifth(5), fifth(4)
    act(case)
    assert any(words in what for what in named(case)), named(case)
    act(older)
    assert not any(words in what for what in named(older)), "ledgers of before are judged by the rules of before"


@pytest.mark.req("REQ-13", "REQ-68")
def test_both_take_the_same_for_times() -> None:
    for is_time in (column_values.is_time, tellings.is_time):
        assert [one for one in TIMES if not is_time(one)] == []
        assert [one for one in NO_TIMES if is_time(one)] == []


@pytest.mark.req("REQ-09", "REQ-12", "REQ-68")
def test_the_words_of_columns_are_those_of_the_program_and_of_the_document() -> None:
    words = column_values.LISTS
    assert set(words["exhibit"]["type"]) == set(ExhibitType)
    assert set(words["exhibit"]["state"]) == set(states.State)
    assert set(words["incident"]["kind"]) == set(IncidentKind)
    assert set(words["transfer_offer"]["state"]) == set(OfferState)
    assert set(words["paper"]["kind"]) == set(PaperKind)
    assert set(words["paper"]["media_type"]) == {media_type for media_type, _ in papers.KINDS.values()}
    told = {(table, name): set[str]() for table, names in column_values.TIMES.items() for name in names}
    told |= {
        (table, name): {str(one) for one in some} for table, names in words.items() for name, some in names.items()
    }
    assert {(table, name): set(some) for table, name, some in rows.HOLDS} == told
