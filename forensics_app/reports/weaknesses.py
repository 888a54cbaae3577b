"""What was done, the weaknesses that SOLVE-IT knows of it, and the mitigations that the records show.

A weakness is printed whether or not it came true; a mitigation only where a record shows it, with of what.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import resources
from forensics_app.model.dossier import Dossier, ImageFacts, Operation
from forensics_app.model.told import Told
from forensics_app.reports.acquisition import differing
from forensics_app.reports.book import Book
from forensics_app.reports.layout import BODY_BOLD
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_QUIET, Column, Table
from forensics_app.reports.values import joined, number
from forensics_app.reports.words import as_told, say, spoken

_ERRORS = {
    "ASTM_INCOMP": "incomplete",
    "ASTM_INAC_EX": "something that is not there",
    "ASTM_INAC_AS": "wrongly associated",
    "ASTM_INAC_ALT": "altered",
    "ASTM_INAC_COR": "corrupt",
    "ASTM_MISINT": "misinterpreted",
}
"""Classes of error of ASTM E3016 as SOLVE-IT names them."""


class Weakness(NamedTuple):
    """A weakness by its id, in the words of SOLVE-IT."""

    id: str
    name: str
    errors: tuple[str, ...]
    mitigations: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of operation of this program, and the techniques that it is."""

    name: str
    techniques: tuple[tuple[str, str], ...]
    weaknesses: tuple[Weakness, ...]


class Knowledge(NamedTuple):
    """The part of SOLVE-IT that is shipped, by our kinds of operations."""

    version: str
    kinds: Mapping[str, Kind]
    mitigations: Mapping[str, str]
    shown_by: Mapping[str, str]


class Shown(NamedTuple):
    """A mitigation that records show: its id, by what, and of which subjects; of none where it is of the report."""

    mitigation: str
    by: str
    subjects: tuple[str, ...]


@cache
def knowledge() -> Knowledge:
    """The tables."""
    known = json.loads(resources.path("solve-it/solve-it.json").read_text(encoding="utf-8"))
    ours = tomllib.loads(resources.path("solve-it/operations.toml").read_text(encoding="utf-8"))
    techniques = {one["id"]: one for one in known["techniques"]}
    weaknesses = {
        one["id"]: Weakness(one["id"], one["name"].strip(), tuple(one["categories"]), tuple(one["mitigations"]))
        for one in known["weaknesses"]
    }
    kinds = {}
    for name, told in ours["operations"].items():
        mine = [techniques[one] for one in told["techniques"]]
        ids = dict.fromkeys(weakness for technique in mine for weakness in technique["weaknesses"])
        named = tuple((technique["id"], technique["name"]) for technique in mine)
        kinds[name] = Kind(told["name"], named, tuple(weaknesses[one] for one in ids))
    mitigations = {one["id"]: one["name"].strip() for one in known["mitigations"]}
    return Knowledge(known["version"], kinds, mitigations, ours["shown_by"])


@cache
def translated(language: str) -> Mapping[str, str]:
    """Weaknesses in a language by their id, of the version that is shipped; empty where nobody translated them."""
    path = resources.path(f"solve-it/weaknesses-{language}.toml")
    if not path.is_file():
        return {}
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return told["weaknesses"] if told["of_version"] == knowledge().version else {}


def shown(dossier: Dossier, weakness: Weakness, subjects: tuple[str, ...]) -> Iterator[Shown]:
    """The mitigations of a weakness that records show, each with the subjects of which they do."""
    for mitigation in weakness.mitigations:
        name = knowledge().shown_by.get(mitigation)
        if name is None:
            continue
        words, proves = PROOFS[name]
        proved = tuple(one for one in subjects if proves(dossier, one))
        if proved:
            yield Shown(mitigation, words, proved)


def draw_work(book: Book) -> None:
    """Each kind of operation with its techniques, its weaknesses, and what the records show against them."""
    book.intro("limitations", "work")
    dossier = book.dossier
    kinds = knowledge().kinds
    for kind in kinds:
        mine = [one for one in dossier.operations if one.kind == kind]
        if mine:
            _operation(book, kinds[kind], mine)
    if not dossier.operations:
        book.absent("no operation is recorded")


def _operation(book: Book, kind: Kind, done: list[Operation]) -> None:
    sheet = book.sheet
    sheet.skip(6.0)
    sheet.need(90.0)
    sheet.paragraph(say(kind.name), BODY_BOLD, after_pt=1.0)
    sheet.paragraph("; ".join(f"{name} {words}" for name, words in kind.techniques), CELL_QUIET, after_pt=2.0)
    for one in done:
        sheet.paragraph(_done_words(book, one), CELL, after_pt=1.0)
    if not kind.weaknesses:
        sheet.paragraph(say("SOLVE-IT lists no weakness of these techniques."), CELL_QUIET, after_pt=4.0)
        return
    sheet.skip(3.0)
    columns = (
        Column("Weakness, as SOLVE-IT words it", 222.0, CELL),
        Column("The result could be", 92.0, CELL),
        Column("Mitigation that the records show", 168.0, CELL),
    )
    table = Table(sheet, columns, name=say(kind.name))
    own = translated(spoken().language)
    subjects = tuple(one.subject for one in done)
    for weakness in kind.weaknesses:
        errors = ", ".join(say(_ERRORS.get(error, error)) for error in weakness.errors)
        found = [_shown_piece(one, len(subjects)) for one in shown(book.dossier, weakness, subjects)]
        named = [Piece(weakness.id, CELL_BOLD), Piece(own.get(weakness.id, weakness.name), CELL)]
        table.row((named, errors, found or Piece(say("none"), CELL_QUIET)))
    table.finish()


def _shown_piece(one: Shown, count: int) -> Piece:
    words = f"{one.mitigation}: {say(one.by)}"
    of = "" if len(one.subjects) == count else f" ({', '.join(one.subjects)})"
    return Piece(words + of, CELL)


def _done_words(book: Book, one: Operation) -> str:
    times = say("{count} times", count=number(one.times)) if one.times > 1 else None
    entry = say("entry {entry}", entry=number(one.entry)) if one.entry is not None else None
    when = book.clock.both(one.at) if one.at else None
    words = joined((as_told(one.subject), times, when, one.by, entry)) or one.kind
    return " ".join([f"{words}.", *map(as_told, one.limits)])


def _image(dossier: Dossier, subject: str) -> ImageFacts | None:
    return next((one for one in dossier.images if subject in (one.exhibit, one.source)), None)


def _equal(dossier: Dossier, subject: str) -> bool:
    image = _image(dossier, subject)
    if image is None or differing(image):
        return False
    return any(check.stored is not None and check.stored == check.computed for check in image.digests)


def _acquired_equal(dossier: Dossier, subject: str) -> bool:
    image = _image(dossier, subject)
    acquired = {one.subject for one in dossier.operations if one.kind == "acquire"}
    return image is not None and image.source in acquired and _equal(dossier, subject)


def _computed(dossier: Dossier, subject: str) -> set[str]:
    image = _image(dossier, subject)
    return {check.algorithm for check in image.digests if check.computed is not None} if image else set()


def _blocked(dossier: Dossier, subject: str) -> bool:
    image = _image(dossier, subject)
    return image is not None and bool(image.write_block.device)


def _compared(dossier: Dossier, subject: str) -> bool:
    return any(one.kind == "compare" and one.subject == subject for one in dossier.operations)


def _read_again(dossier: Dossier, subject: str) -> bool:
    image = _image(dossier, subject)
    return image is not None and bool(image.verifications)


PROOFS: Mapping[str, tuple[str, Callable[[Dossier, str], bool]]] = {
    "acquired_equal": (
        Told("digests of what was read from the source are equal to those of the container read again"),
        _acquired_equal,
    ),
    "write_blocker": (Told("a write blocker is recorded"), _blocked),
    "stored_digests_equal": (
        Told("the digest stored in the container is equal to the one calculated at the intake"),
        _equal,
    ),
    "several_digests": (
        Told("more than one digest was calculated"),
        lambda dossier, subject: len(_computed(dossier, subject)) > 1,
    ),
    "second_reader": (Told("a second reader listed a volume of it, and the two were compared"), _compared),
    "sha_256": (
        Told("SHA-256 was calculated"),
        lambda dossier, subject: "SHA-256" in _computed(dossier, subject),
    ),
    "read_again": (Told("it was read again later and compared with the digest in the ledger"), _read_again),
    "report_digest": (
        Told("its SHA-256 is an entry of the case chain"),
        lambda dossier, _: not dossier.is_draft,
    ),
}
"""How a record shows a mitigation: in words, and the test of one subject."""
