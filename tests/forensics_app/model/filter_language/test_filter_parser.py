"""What is typed becomes a tree; what cannot be understood is named with its place and with what would be right."""

from zoneinfo import ZoneInfo

import pytest

from forensics_app.errors import explain
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.families import FAMILIES
from forensics_app.model.filter_language.keys import FLAGS, KEYS
from forensics_app.model.filter_language.parser import parse, said_alone
from forensics_app.model.filter_language.tree import (
    Both,
    ContentType,
    Digest,
    Either,
    InVolume,
    Is,
    Marked,
    NumberRange,
    OneOf,
    Opposite,
    Words,
)

ZONE = ZoneInfo("Europe/Berlin")
A, B, C = (Words(column="name", text=letter) for letter in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", None),
        ("  \t\u00a0", None),
        ("a", A),
        ("a b", Both(parts=(A, B))),
        ("a AND b and c", Both(parts=(A, B, C))),
        ("a or b c", Either(parts=(A, Both(parts=(B, C))))),
        ("(a or b) c", Both(parts=(Either(parts=(A, B)), C))),
        ("-a", Opposite(part=A)),
        ("not -a", Opposite(part=Opposite(part=A))),
        ("-(a b)or c", Either(parts=(Opposite(part=Both(parts=(A, B))), C))),
        ("a-b", Words(column="name", text="a-b")),
        ('"a b"', Words(column="name", text="a b")),
        ('"say ""or"" (1)*"', Words(column="name", text='say "or" (1)*')),
        ('"deleted"', Words(column="name", text="deleted")),
        ("*.jpg", Words(column="name", text="*.jpg", wild=True)),
        ("docs/2024", Words(column="path", text="docs/2024")),
        ('path:"*/Program Files/*"', Words(column="path", text="*/Program Files/*", wild=True)),
        ("NAME:x", Words(column="name", text="x")),
        ("note:readable", Words(column="note", text="readable")),
        ("Deleted", Opposite(part=Is(column="allocated"))),
        ("-mismatch", Opposite(part=Is(column="mismatch"))),
        ("encrypted", Marked(mark="encrypted")),
        ("mark:random", Marked(mark="random")),
        ("ext:.JPG,png", OneOf(column="extension", values=("jpg", "png"))),
        ('ext:""', OneOf(column="extension", values=("",))),
        ("kind:folder,link", OneOf(column="kind", values=("directory", "link"))),
        ("volume:v0.p1", InVolume(volume_id="v0.p1")),
        ("type:image", ContentType(prefixes=frozenset({"image/"}))),
        ("type:image/png,Audio/*", ContentType(types=frozenset({"image/png"}), prefixes=frozenset({"audio/"}))),
        ("type:unknown", ContentType(unknown=True)),
        ("size>10M", NumberRange(column="size_bytes", low=10 * 2**20 + 1, high=None)),
        ("size>=1.5KB", NumberRange(column="size_bytes", low=1536, high=None)),
        ("size<0.1k", NumberRange(column="size_bytes", low=None, high=102)),
        ("size<=4KiB", NumberRange(column="size_bytes", low=None, high=4096)),
        ("size:1K..2M", NumberRange(column="size_bytes", low=1024, high=2 * 2**20)),
        ("size:..7", NumberRange(column="size_bytes", low=None, high=7)),
        ("size:7", NumberRange(column="size_bytes", low=7, high=7)),
        ("entropy>7.5", NumberRange(column="entropy_head_millibits", low=7501, high=None)),
        ("hash:D41D8CD9", Digest(digits="d41d8cd9")),
        ('hash:"d41d8cd9 8f00"', Digest(digits="d41d8cd98f00")),
    ],
)
def test_what_is_typed_becomes_the_tree_that_it_means(text: str, tree: object) -> None:
    assert parse(text, ZONE) == tree


@pytest.mark.parametrize(
    ("text", "wrong", "what", "right"),
    [
        ("a typ:image", "typ", 'no key "typ"', "Did you mean type:?"),
        ("http://x", "http", 'no key "http"', 'put it in quotes: "http://x"'),
        ("type:imag", "imag", 'no type "imag"', "Did you mean type:image?"),
        ("kind:flie", "flie", 'no kind "flie"', "Did you mean kind:file?"),
        ("size>tenM", "tenM", '"tenM" is no size', "size>10M"),
        ("size:2M..1K", "2M..1K", "ends before it begins", "size:1K..2M"),
        ("size>1..2", "1..2", ".. does not go with >", "size:1K..2M"),
        ("size:9999999999T", "9999999999T", "more than any file", "8,388,608T"),
        ("x size:", "size:", "nothing behind size:", "size:1K..2M"),
        ("name:", "name:", "nothing behind name:", "name:*.jpg"),
        ("ext:a,,b", "a,,b", "comma", "ext:jpg,png"),
        ("entropy>8.1", "8.1", "no entropy", "0 to 8"),
        ("hash:xyz", "xyz", "no digest", "0-9, a-f"),
        (f"hash:{'a' * 40}", "a" * 40, "SHA-1", "MD5 or SHA-256"),
        (f"hash:{'a' * 65}", "a" * 65, "at most 64 digits", "32 or 64"),
        ("type>image", "type>image", "cannot be compared", "type:image"),
        ("modified:2024-13", "2024-13", "no day or time that there is", "modified:2024-03"),
        ("modified:2023-02-29", "2023-02-29", "no day or time that there is", "modified:2024-03"),
        ("modified:soon", "soon", "not written like a time", "modified:2024-03"),
        ("modified:2024-05..2024-03", "2024-05..2024-03", "ends before it begins", "2024-03..2024-04"),
        (
            "modified:2024-07-01T14:30Z..2024-07-01T15:30+02:00",
            "2024-07-01T14:30Z..2024-07-01T15:30+02:00",
            "ends",
            "lesser",
        ),
        ("modified:2024-03-05 14:30", "14:30", "apart from its day", "modified:2024-03-05T14:30"),
        ("modified:2024-03-05T10+99:00", "2024-03-05T10+99:00", "offset that no zone has", "modified:2024-03"),
        ("(a b", "(", "not closed", "Close it"),
        ("a b)", ")", "never opened", "Take it out"),
        ("a or", "or", 'follows "or"', "quotes"),
        ("or a", "or", 'before "or"', "quotes"),
        ("a (and b)", "and", 'before "and"', "quotes"),
        ("()", ")", 'before ")"', "quotes"),
        ("a -", "-", 'follows "-"', "quotes"),
        ("- a", "-", 'follows "-"', "quotes"),
        ('a "b', '"b', "not closed", "behind what belongs"),
        ('a"b"', '"', "middle of a word", "Put all of it in quotes"),
        ('"a"b', "b", "without a blank", "Put a blank"),
        ('""', '""', "nothing between these quotes", "my report"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_would_be_right(
    text: str, wrong: str, what: str, right: str
) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, ZONE)
    error = caught.value
    assert text[error.start : error.end] == wrong
    assert what in str(error)
    assert right in error.then
    explanation = explain(error)
    assert explanation is not None
    assert explanation.exit_status == 2


@pytest.mark.parametrize(
    "text", ["(" * 5000, "(" * 60 + "a" + ")" * 60, "-" * 60 + "a", "a " * 201, "x" * 4001, 'name:"' * 600]
)
def test_a_filter_without_measure_is_refused_in_words(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, ZONE)
    assert caught.value.then


def test_every_example_of_the_help_and_every_word_it_names_is_understood() -> None:
    for name, key in KEYS.items():
        assert parse(key.example, ZONE) is not None
        for value in key.values:
            assert parse(f"{name}:{value}", ZONE) is not None
    assert set(KEYS["type"].values) == set(FAMILIES)
    assert all(parse(flag, ZONE) is not None for flag in FLAGS)


def test_words_that_stand_for_a_state_can_be_told_from_names() -> None:
    assert said_alone('deleted "orphan" x.Encrypted -mismatch deleted:2024') == ("deleted", "mismatch")


@pytest.mark.parametrize("text", ["a\udcff", '"a\udcff"', "e\ud83d"])
def test_half_a_character_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(FilterError, match="no character") as refused:
        parse(text, ZoneInfo("UTC"))
    assert text[refused.value.start : refused.value.end] in "\udcff\ud83d"
    assert refused.value.end == refused.value.start + 1
