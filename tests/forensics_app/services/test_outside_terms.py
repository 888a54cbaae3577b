"""Filters that ask for tags and hash sets, which no catalogue knows of."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.completion import remarks
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from tests.builders import Bench
from tests.forensics_app.services.test_hash_sets import LETTER, PICTURE, image_of, listed, md5, new, sets

DATABASES = ("sqlite", "postgresql")

UTC = ZoneInfo("UTC")


def found(bench: Bench, image: EvidenceImage, text: str) -> set[str]:
    """The names that a filter leaves, asked in each of the three ways, which have to agree."""
    query = CatalogueQuery(filter=parse(text, UTC))
    with bench.lab.catalogues.open(image) as catalogue:
        ids = list(catalogue.ids(query))
        assert catalogue.count(query) == len(ids)
        assert [entry.id for entry in catalogue.page(query).entries] == ids
        return {entry.name for entry in catalogue.rows(ids)}


def said(bench: Bench, image: EvidenceImage, text: str) -> str:
    expression = parse(text, UTC)
    assert expression is not None
    with bench.lab.catalogues.open(image) as catalogue:
        return " ".join(remarks(expression, bench.lab.catalogues.with_outside(image, catalogue, Vocabulary())))


def test_tags_and_hash_sets_are_asked_for_as_everything_else_is(bench: Bench, tmp_path: Path) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    relevant, again, *_ = bench.lab.tags.make(bench.examiner, *FIRST_TAGS)
    with bench.lab.catalogues.open(image) as catalogue:
        by_name = {entry.name: entry for entry in catalogue.rows(catalogue.ids(CatalogueQuery()))}
    everything = set(by_name)
    assert "not looked up" in said(bench, image, "known:*")
    assert found(bench, image, "known:*") == found(bench, image, "-known:*") == set()  # that cannot be told
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER), name="a.txt")))
    wanted = new(listed(tmp_path, md5(PICTURE), name="b.txt"), HashSetKind.ALERT, "Hot list")
    sets(bench).add(bench.examiner, wanted)
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    bench.lab.tags.put(bench.examiner, relevant.id, [entry_target(image, by_name["other.txt"])])
    bench.lab.tags.put(bench.examiner, again.id, [entry_target(image, by_name["letter.txt"], 0, 4, "Dear")])
    for text, names in (
        ("tag:relevant", {"other.txt"}),
        ('tag:"look again"', {"letter.txt"}),
        ("tag:re*,look?again", {"other.txt", "letter.txt"}),
        ("tag:*", {"other.txt", "letter.txt"}),
        ("-tag:*", everything - {"other.txt", "letter.txt"}),
        ("tag:nothing", set()),
        ("known:nsrl", {"letter.txt"}),
        ("known:2026.09", {"letter.txt"}),
        ("known:*Hot*", set()),
        ("alert:*", {"picture.png"}),
        ("-known:* -alert:*", everything - {"letter.txt", "picture.png"}),
        ("alert:* or tag:relevant", {"picture.png", "other.txt"}),
    ):
        assert found(bench, image, text) == names, text
    assert "no tag nothing" in said(bench, image, "tag:nothing")
    assert "no alert hash set NSRL" in said(bench, image, "alert:NSRL")
    assert said(bench, image, "tag:relevant known:nsrl") == ""
    with bench.lab.catalogues.open(image) as catalogue:
        words = bench.lab.catalogues.with_outside(image, catalogue, Vocabulary())
    assert (words.tags["Relevant"], words.tags["Sensitive"]) == (1, 0)
    assert words.sets == {"known": {"NSRL 2026.09": 1}, "alert": {"Hot list 2026.09": 1}}
