"""Words and phrases in extracted text that lines, fixed blanks and soft hyphens part."""

from __future__ import annotations

import random
from pathlib import Path

from evidence.search.extraction import text_of
from evidence.search.finder import Wanted
from evidence.search.flowing import Flowed, flowing, flowing_term
from tests.evidence.search.searched_files import found_in_texts

PARTED = {
    "lines.htm": "<p>a quiet\n   harbour at night</p>",
    "fixed.htm": "<p>a quiet&nbsp;harbour at\u202fnight</p>",
    "soft.htm": "<p>a qui&shy;et har&shy;\nbour at night</p>",
    "hyphen.htm": "<pre>a quiet har-\nbour at night</pre>",
    "crlf.htm": "<pre>a quiet\r\n\r\nharbour at\r\nnight</pre>",
    "wide.htm": "<p>a quiet\u3000har\u200bbour at \u00a0 night</p>",
}
QUOTED = b"From: a@example.org\r\nSubject: x\r\n\r\n> a quiet\r\n> > harbour at\r\n> night\r\n"
PHRASE = "quiet harbour at night"


def test_phrases_are_found_across_lines_fixed_blanks_and_hyphens_once_with_their_place(tmp_path: Path) -> None:
    files = {name: ("html", page.encode()) for name, page in PARTED.items()}
    files |= {"quoted.eml": ("mail", QUOTED), "plain.htm": ("html", f"<p>a {PHRASE}, a {PHRASE}</p>".encode())}
    terms = (PHRASE, "quiet\u00a0harbour", "HAR\u00adBOUR")
    hits, missed = found_in_texts(tmp_path, files, Wanted(terms=terms, encodings=("utf-8",)))
    assert missed == {name: [] for name in files}
    for name, (kind, data) in files.items():
        text, _ = text_of(kind, data)
        times = 2 if name == "plain.htm" else 1
        assert sorted(term for term, *_ in hits[name]) == [0] * times + [1] * times + [2] * times, name
        for term, offset, length, shown in hits[name]:
            assert Flowed(text[offset : offset + length]).text == Flowed(shown).text, (name, term)
        assert {shown for term, *_, shown in hits[name] if term == 0} == {PHRASE}


def test_a_word_with_a_hyphen_at_the_end_of_a_line_is_found_with_it_and_without(tmp_path: Path) -> None:
    files = {"a.htm": ("html", b"<pre>well-\nknown - and dark -\nlight, X-\nray, 12-\n34</pre>")}
    terms = ("wellknown", "well-known", "x-ray", "dark - light", "known - and", "12-34")
    wanted = Wanted(terms=terms, expressions=("well.known", r"well\W+known"), encodings=("utf-8",))
    hits, _ = found_in_texts(tmp_path, files, wanted)
    assert sorted(term for term, *_ in hits["a.htm"]) == [0, 1, 2, 3, 4, 5, 7], "expressions see lines as they are"


def test_every_character_of_a_text_that_flows_is_told_where_it_stood() -> None:
    chance = random.Random(3)
    signs = "ab-\n \r\t\u00a0\u00ad\u2010\u200b>"
    for _ in range(2_000):
        text = "".join(chance.choices(signs, k=chance.randrange(30)))
        for flowed, _ in flowing(text):
            assert not set(flowed.text) & set("\n\r\t\u00a0\u00ad\u200b")
            kept = [(flowed.origin(at), sign) for at, sign in enumerate(flowed.text) if sign in "ab"]
            assert kept == [(at, sign) for at, sign in enumerate(text) if sign in "ab"]
    assert [flowing_term(term) for term in ("a\u00a0 b", "\u00ad", "a\u00adb", " ", "\n")] == [
        "a b",
        "\u00ad",
        "ab",
        " ",
        "\n",
    ]


def test_a_long_text_flows_in_parts_that_lose_nothing_and_tell_nothing_twice(tmp_path: Path) -> None:
    line = f"{'0123456789 ' * 400}quiet\nharbour at night\n"
    text = line * (2_500_000 // len(line))
    files = {"a.htm": ("html", f"<pre>{text}</pre>".encode())}
    hits, missed = found_in_texts(tmp_path, files, Wanted(terms=(PHRASE,), encodings=("utf-8",)))
    whole, _ = text_of(*files["a.htm"])
    assert missed["a.htm"] == []
    assert [offset for _, offset, *_ in hits["a.htm"]] == [
        at for at in range(len(whole)) if whole.startswith("quiet\nharbour at night", at)
    ]
