"""Whether a report has what the standards ask for: each item with what supplies it, or "not supplied" (REQ-62)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from forensics_app.model.completeness import CheckedItem
from forensics_app.model.dossier import Dossier, Exhibit, FindingKind, Section
from forensics_app.model.told import Told
from forensics_app.reports.book import Book
from forensics_app.reports.layout import BODY_BOLD
from forensics_app.reports.lines import Piece
from forensics_app.reports.standards import standard_items
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_QUIET, Column, Table
from forensics_app.reports.values import number
from forensics_app.reports.words import as_told, say

_SECTIONS = {
    "Summary": Section.SUMMARY,
    "Request and authority": Section.REQUEST,
    "Persons": Section.PERSONS,
    "Exhibits": Section.EXHIBITS,
    "Acquisition and verification": Section.ACQUISITION,
    "Custody": Section.CUSTODY,
    "Findings and remarks": Section.FINDINGS,
    "Limitations": Section.LIMITATIONS,
    "Deviations": Section.DEVIATIONS,
    "Tools and versions": Section.TOOLS,
    "Declaration and signatures": Section.DECLARATION,
}
NO_OPINION = Told("no opinion is given in this report")


class Supply(NamedTuple):
    """What supplies an item, of what it is missing all the same, and in which section it stands, if in one."""

    by: str
    lacking: tuple[str, ...] = ()
    section: Section | None = None


_Supplies = Callable[[Dossier], Supply | None]


def checked(dossier: Dossier) -> tuple[CheckedItem, ...]:
    """Every item of the standards against the dossier; what nobody supplied stays so."""
    stated = {one.item: one.text for one in dossier.statements if one.text.strip()}
    found = []
    for item in standard_items():
        supplies = [supply for name in item.records if (supply := RECORDS[name](dossier)) is not None]
        printed = [one for one in supplies if one.section is None or one.section in dossier.printed]
        supply = next(iter(printed), Supply(""))
        found.append(
            CheckedItem(
                item=item,
                supplied_by=supply.by,
                lacking=supply.lacking,
                stated=stated.get(item.id, "") if item.is_stated else "",
            )
        )
    return tuple(found)


def not_supplied(dossier: Dossier) -> Iterator[Told]:
    """What is missing, one line each, with the standard that asks for it."""
    for one in checked(dossier):
        if not one.is_supplied:
            standard = one.item.standard.split(",")[0].split(" (")[0]
            source = Told("{standard} {clause}", standard=standard, clause=Told(one.item.clause))
            asks = Told("{asks}", asks=Told(one.item.asks))
            if one.lacking:
                words = "{asks}: missing of {what} ({source})"
                yield Told(words, asks=asks, what=", ".join(map(as_told, one.lacking)), source=source)
            else:
                yield Told("{asks} ({source})", asks=asks, source=source)


def draw_completeness(book: Book) -> None:
    """What is missing, then a table for each standard: the item, and what supplies it."""
    book.intro("completeness")
    missing = list(map(as_told, not_supplied(book.dossier)))
    if missing:
        book.sheet.paragraph(say("Not supplied:"), BODY_BOLD, after_pt=3.0)
        book.sheet.items(missing)
    else:
        book.absent("nothing that the standards ask for is missing")
    columns = (
        Column("Clause", 86.0, CELL),
        Column("What is asked for", 180.0, CELL),
        Column("Supplied by", 216.0, CELL),
    )
    found = checked(book.dossier)
    for standard in dict.fromkeys(one.item.standard for one in found):
        mine = [one for one in found if one.item.standard == standard]
        book.sheet.subtitle(standard, room_pt=60.0)
        table = Table(book.sheet, columns, name=say(standard))
        for one in mine:
            table.row((say(one.item.clause), say(one.item.asks), _answer(one)))
        lacking = sum(not one.is_supplied for one in mine)
        words = "Last item: {count} items, {missing} not supplied."
        table.finish(say(words, count=number(len(mine)), missing=number(lacking)))


def _answer(one: CheckedItem) -> list[Piece]:
    lines = []
    if one.supplied_by:
        lines.append(Piece(as_told(one.supplied_by), CELL))
    if one.lacking and not one.stated:
        lines.append(Piece(say("not supplied of {what}", what=", ".join(map(as_told, one.lacking))), CELL_BOLD))
    if one.stated:
        lines += [Piece(say("Stated by the author:"), CELL_QUIET), Piece(one.stated, CELL)]
    return lines or [Piece(say("not supplied"), CELL_BOLD)]


def _each(things: Mapping[str, bool], part: str) -> Supply | None:
    """Supplied of those that have it; None where none has."""
    lacking = tuple(name for name, has in things.items() if not has)
    if not things or len(lacking) == len(things):
        return None
    return _in(part, lacking)


def _in(title: str, lacking: tuple[str, ...] = ()) -> Supply:
    return Supply(Told("the part “{part}”", part=Told(title)), lacking, _SECTIONS[title])


def _where(title: str, there: object) -> Supply | None:
    return _in(title) if there else None


def _physical(dossier: Dossier) -> tuple[Exhibit, ...]:
    return tuple(one for one in dossier.exhibits if one.parent is None)


def _receipts(dossier: Dossier) -> Supply | None:
    logged = {log.exhibit: log.entries for log in dossier.custody}
    return _each(
        {
            one.number: one.received_at is not None
            or any(entry.to_state in ("received", "RECEIVED") for entry in logged.get(one.number, ()))
            for one in _physical(dossier)
        },
        "Custody",
    )


def _disposition(dossier: Dossier) -> Supply | None:
    return _each({one.number: bool(one.disposition or one.state) for one in _physical(dossier)}, "Exhibits")


def _opinions(dossier: Dossier) -> Supply | None:
    opinions = [one for one in dossier.findings if one.kind is FindingKind.OPINION]
    if not opinions:
        return Supply(NO_OPINION)
    return _each({one.heading: bool((one.basis or "").strip()) for one in opinions}, "Findings and remarks")


def _issue_date(dossier: Dossier) -> Supply | None:
    if dossier.head.issued_at is None:
        return Supply(Told("the first page, once the report is issued; this is a draft"))
    return Supply(Told("the first page"))


def _authoriser(dossier: Dossier) -> Supply | None:
    if dossier.reviewer is None:
        return None
    return _in("Declaration and signatures")


def _amendments(dossier: Dossier) -> Supply | None:
    head = dossier.head
    if head.replaces is None:
        return Supply(Told("the report replaces none"))
    return Supply(Told("the first page")) if head.changes else None


def _deviations(dossier: Dossier) -> Supply | None:
    if dossier.deviations:
        return _in("Deviations")
    none = Told("none is recorded: the part “{part}” says so", part=Told("Deviations"))
    return Supply(none, section=Section.DEVIATIONS)


def _work_dates(dossier: Dossier) -> Supply | None:
    head = dossier.head
    return Supply(Told("the first page")) if head.activity_from and head.activity_to else None


def _customer(dossier: Dossier) -> Supply | None:
    """The record has a name and no way to reach them."""
    if not dossier.request.requester.name.strip():
        return None
    return _in("Request and authority", (Told("contact"),))


def _others_work(dossier: Dossier) -> Supply | None:
    others = {one.name: bool(one.qualification) for one in dossier.people if one.name != dossier.author.name}
    return _each(others, "Persons")


RECORDS: Mapping[str, _Supplies] = {
    "title": lambda dossier: Supply(Told("the first page")) if dossier.head.title.strip() else None,
    "laboratory": lambda dossier: Supply(Told("the first page")) if dossier.laboratory.name.strip() else None,
    "address": lambda dossier: Supply(Told("the first page")) if any(dossier.laboratory.address) else None,
    "every_page": lambda _: Supply(Told("head and foot of every page, and the line at the end")),
    "issue_date": _issue_date,
    "request_date": lambda dossier: _where("Request and authority", dossier.request.requested_at),
    "requester": lambda dossier: _where("Request and authority", dossier.request.requester.name.strip()),
    "authority": lambda dossier: _where("Request and authority", dossier.authorities),
    "questions": lambda dossier: _where("Request and authority", dossier.request.questions),
    "scope": lambda dossier: _where("Request and authority", dossier.request.scope),
    "exhibits": lambda dossier: _where("Exhibits", dossier.exhibits),
    "receipts": _receipts,
    "conditions": lambda dossier: _each({one.number: bool(one.condition) for one in dossier.exhibits}, "Exhibits"),
    "photographs": lambda dossier: _each(
        {one.number: bool(one.photos or one.no_photo_reason) for one in _physical(dossier)}, "Exhibits"
    ),
    "digests": lambda dossier: _each(
        {one.exhibit: any(check.computed for check in one.digests) for one in dossier.images},
        "Acquisition and verification",
    ),
    "tools": lambda dossier: _where("Tools and versions", dossier.tools),
    "deviations": _deviations,
    "findings": lambda dossier: _where("Findings and remarks", dossier.findings),
    "opinions": _opinions,
    "disposition": _disposition,
    "authoriser": _authoriser,
    "amendments": _amendments,
    "place_of_work": lambda dossier: _where("Request and authority", dossier.laboratory.place_of_work),
    "customer_contact": _customer,
    "method": lambda dossier: _where("Limitations", dossier.operations),
    "work_dates": _work_dates,
    "sampling": lambda dossier: _where("Limitations", dossier.images),
    "only_items": lambda _: _in("Limitations"),
    "qualification": lambda dossier: _where("Persons", dossier.author.qualification),
    "literature": lambda dossier: _where("Tools and versions", dossier.literature),
    "own_knowledge": lambda _: _in("Request and authority"),
    "others_work": _others_work,
    "reliability": lambda dossier: _where("Limitations", dossier.operations),
    "summary": lambda dossier: _where("Summary", dossier.summary),
    "declaration": lambda _: Supply(Told("the declaration, valid when signed")),
}
"""What supplies an item, by the name that the table uses."""
