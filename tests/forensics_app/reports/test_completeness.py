"""What the standards ask for: supplied by what, or printed as not supplied (REQ-62)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.model.dossier import Dossier, Section, Statement
from forensics_app.reports.completeness import RECORDS, checked, not_supplied
from forensics_app.reports.standards import standard_items, statable
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

pytestmark = pytest.mark.req("REQ-62")

LETTERS = {"iso17025": "abcdefghijklmnop", "crimpr-19.4": "abcdefghijk"}
TAKEN: dict[str, tuple[Callable[[Dossier], Dossier], set[str]]] = {
    "address": (lambda d: replace(d, laboratory=replace(d.laboratory, address=())), {"swgde-address", "iso17025-b"}),
    "place": (lambda d: replace(d, laboratory=replace(d.laboratory, place_of_work=None)), {"iso17025-c"}),
    "literature": (lambda d: replace(d, literature=()), {"crimpr-19.4-b"}),
    "summary": (lambda d: replace(d, summary=()), {"crimpr-19.4-i"}),
    "qualification": (lambda d: replace(d, author=replace(d.author, qualification=None)), {"crimpr-19.4-a"}),
    "authorities": (lambda d: replace(d, authorities=()), {"swgde-authority"}),
    "work": (lambda d: replace(d, head=replace(d.head, activity_from=None)), {"iso17025-i"}),
    "findings": (lambda d: replace(d, findings=()), {"swgde-results", "iso17025-m"}),
    "reviewer": (lambda d: replace(d, reviewer=None), {"swgde-authoriser", "iso17025-o"}),
    "condition": (
        lambda d: replace(d, exhibits=(replace(d.exhibits[0], condition=""), *d.exhibits[1:])),
        {"swgde-condition", "iso17025-g"},
    ),
}


def missing(dossier: Dossier) -> set[str]:
    return {one.item.id for one in checked(dossier) if not one.is_supplied}


def test_every_letter_of_the_two_lists_is_in_the_table_and_every_record_it_names_is_known() -> None:
    ids = [item.id for item in standard_items()]
    assert len(ids) == len(set(ids))
    for prefix, letters in LETTERS.items():
        assert [one for one in ids if one.startswith(prefix)] == [f"{prefix}-{letter}" for letter in letters]
    assert {name for item in standard_items() for name in item.records} == set(RECORDS)
    assert all(item.records or item.is_stated for item in standard_items()), "an item that nothing can supply"


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_from_a_full_dossier_is_missing_and_nothing_else(name: str) -> None:
    take, items = TAKEN[name]
    full = sample_dossier()
    assert not items & missing(full) or name == "condition"
    assert missing(take(full)) - missing(full) == items - missing(full)
    assert items <= missing(take(full))


def test_an_item_that_some_exhibits_lack_names_them() -> None:
    dossier = sample_dossier()
    first, *others = dossier.exhibits
    some = replace(dossier, exhibits=(replace(first, condition=None), *(replace(o, condition="good") for o in others)))
    found = next(one for one in checked(some) if one.item.id == "swgde-condition")
    assert found.lacking == (first.number,)
    assert not found.is_supplied


def test_a_bare_dossier_supplies_only_what_every_report_has() -> None:
    supplied = {one.item.id for one in checked(bare_dossier()) if one.is_supplied}
    assert supplied == {
        "swgde-title", "swgde-organisation", "swgde-pages", "swgde-date", "swgde-requester", "swgde-deviations",
        "swgde-opinions", "swgde-amendments", "iso17025-a", "iso17025-d", "iso17025-j", "iso17025-l", "iso17025-n",
        "crimpr-19.4-d", "crimpr-19.4-j", "crimpr-19.4-k",
    }  # fmt: skip


def test_the_author_supplies_by_a_statement_only_what_can_be_stated() -> None:
    every = tuple(Statement(item=item.id, text=f"said of {item.id}") for item in standard_items())
    left = missing(replace(bare_dossier(), statements=every))
    assert left == missing(bare_dossier()) - statable()
    assert missing(replace(bare_dossier(), statements=(Statement(item="crimpd-fees", text="  "),))) == missing(
        bare_dossier()
    )


def test_what_stands_in_a_section_that_is_not_printed_is_not_supplied() -> None:
    full = sample_dossier()
    without = replace(full, sections=tuple(one for one in full.printed if one is not Section.TOOLS))
    assert missing(without) - missing(full) == {"swgde-tools", "crimpr-19.4-b"}


def test_the_table_prints_every_item_its_answer_and_the_authors_own_words(tmp_path: Path) -> None:
    oracle = Oracle(tmp_path)
    dossier = replace(bare_dossier(), statements=(Statement(item="crimpd-fees", text="A salary; nothing else."),))
    text = oracle.flat(rendered(dossier))
    for item in standard_items():
        assert item.asks.replace(" ", "") in text, item.id
    assert "Statedbytheauthor:Asalary;nothingelse." in text
    count = len(missing(dossier))
    assert sum(1 for _ in not_supplied(dossier)) == count
    assert text.count("notsupplied") >= count
