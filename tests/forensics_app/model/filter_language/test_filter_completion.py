"""What is offered where the cursor is, and what is remarked of a filter."""

from zoneinfo import ZoneInfo

import pytest

from forensics_app.model.catalogue import TypeCount
from forensics_app.model.filter_language.completion import offer, quoted, remarks
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.filter_language.tree import OneOf
from forensics_app.model.filter_language.vocabulary import Vocabulary, vocabulary_of
from tests.forensics_app.db.catalogue_rows import HEADER

ZONE = ZoneInfo("UTC")
WORDS = Vocabulary(
    extensions={"jpg": 7, "jpeg": 2, "odd one": 1},
    types={"image/jpeg": 9},
    volumes={"v0.p1": "System, NTFS", "v0.p2": "TRANSFER, FAT16"},
    untold_zones={"modified": ("v0.p2",)},
    content_examined=False,
)


@pytest.mark.parametrize(
    ("text", "begun", "choices"),
    [
        ("mis", "mis", ["mismatch"]),
        ("a -mod", "mod", ["modified:", "fn_modified:"]),
        ("(type:ima", "ima", ["image", "image/jpeg"]),
        ("-type:text,vid", "vid", ["video"]),
        ("ext:jp", "jp", ["jpg", "jpeg"]),
        ("ext:odd", "odd", ['"odd one"']),
        ("ext:jpg,odd", "odd", []),
        ("volume:", "", ["v0.p1", "v0.p2"]),
        ("ext:jpeg", "jpeg", []),
        ('name:"a mod', "mod", []),
        ("size:1", "1", []),
    ],
)
def test_what_is_offered_fits_what_was_begun(text: str, begun: str, choices: list[str]) -> None:
    found = offer(text, len(text), WORDS)
    assert text[found.start : found.end] == begun
    assert [choice.text for choice in found.choices] == choices
    assert all(choice.says for choice in found.choices)


@pytest.mark.parametrize("extension", ["odd one", "a,b", "(x)", 'say"', "", "jpg"])
def test_an_offered_value_means_itself_when_it_is_taken(extension: str) -> None:
    assert parse(f"ext:{quoted(extension)}", ZONE) == OneOf(column="extension", values=(extension,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modified:2024", "compared as it is written"),
        ("a or -(modified>=2024-01-01T00:00Z)", "left out"),
        ("created:2024", ""),
        ("volume:v0.p9", "no volume v0.p9"),
        ("type:image", "not looked at"),
        ("type:unknown ext:jpg", ""),
        ("ext:jpgg", "extension jpgg"),
    ],
)
def test_what_a_reader_of_the_result_has_to_know_is_remarked(text: str, said: str) -> None:
    expression = parse(text, ZONE)
    assert expression is not None
    found = remarks(expression, WORDS)
    assert bool(found) == bool(said)
    assert said in " ".join(found)


def test_an_extension_that_only_folders_have_is_one_of_the_image() -> None:
    folders = TypeCount(volume_id="v0.p1", kind="directory", mime=None, extension="app", allocated=True, entries=2)
    words = vocabulary_of(HEADER, (), (folders,), ())
    expression = parse("ext:app", ZONE)
    assert expression is not None
    assert remarks(expression, words) == ()
    assert [choice.says for choice in offer("ext:ap", 6, words).choices] == ["2 entries"]
