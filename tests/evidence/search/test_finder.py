"""The finder against a naive search over the same bytes, window by window and all at once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from evidence.detectors.words import BIP39
from evidence.errors import UnreadableRegionError
from evidence.search import looking
from evidence.search.characters import ENCODINGS, USUAL_ENCODINGS, folded, inverted, pattern_of, ranges_of
from evidence.search.expressions import ExpressionError
from evidence.search.finder import MAX_HIT_BYTES, Finder, Wanted
from evidence.search.looking import Hit, Missed, look

LETTERS = "abKkїßéЖ ŞğГ12"


def naive(terms: tuple[str, ...], encodings: tuple[str, ...], data: bytes) -> set[tuple[int, int, int]]:
    """Every place of every encoded form, by bytes.find."""
    found = set()
    for number, term in enumerate(terms):
        for encoding in encodings:
            try:
                form = term.encode(encoding)
            except UnicodeEncodeError:
                continue
            at = data.find(form)
            while at >= 0:
                found.add((at, len(form), number))
                at = data.find(form, at + 1)
    return found


def hits(wanted: Wanted, data: bytes, begin: int = 0, end: int | None = None) -> list[Hit | Missed]:
    end = len(data) if end is None else end
    found = look(Finder(wanted), wanted, lambda at, size: data[at : at + size], begin, end, len(data))
    return [one for one in found if not isinstance(one, int)]


def places(found: list[Hit | Missed]) -> list[tuple[int, int, int]]:
    return [(one.offset_bytes, one.length_bytes, one.term) for one in found if isinstance(one, Hit)]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(st.text(LETTERS, max_size=6), st.sampled_from(USUAL_ENCODINGS)), max_size=12),
    st.binary(max_size=30),
)
def test_all_that_a_naive_search_finds_is_found_and_no_more(
    terms: list[str], parts: list[tuple[str, str]], noise: bytes
) -> None:
    data = noise.join(text.encode(encoding, "ignore") for text, encoding in parts) + noise
    wanted = Wanted(terms=tuple(terms), encodings=USUAL_ENCODINGS, any_case=False)
    assert places(hits(wanted, data)) == sorted(naive(wanted.terms, wanted.encodings, data))


def test_hits_across_the_borders_of_windows_and_parts_are_found_once() -> None:
    size = 2 * looking.WINDOW_BYTES + 100
    data = bytearray(size)
    for border in (looking.WINDOW_BYTES, 2 * looking.WINDOW_BYTES):
        for shift, word in ((-3, b"secret"), (-20, b"needle"), (0, b"border"), (-9, b"n\0e\0e\0d\0l\0e\0")):
            data[border + shift : border + shift + len(word)] = word
    wanted = Wanted(terms=("secret", "needle", "border"), encodings=USUAL_ENCODINGS, any_case=False)
    expected = sorted(naive(wanted.terms, wanted.encodings, bytes(data)))
    assert places(hits(wanted, bytes(data))) == expected
    half = looking.WINDOW_BYTES - 1
    assert places(hits(wanted, bytes(data), 0, half) + hits(wanted, bytes(data), half)) == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_set_of_characters_is_written_as_the_bytes_of_each_and_of_no_other(encoding: str) -> None:
    wide = ranges_of(((0x61, 0x7F), (0x410, 0x44F), (0x7FE, 0x902), (0xFFF0, 0x10010)))
    for ranges in (wide, inverted(wide)):
        pattern = pattern_of(ranges, encoding)
        assert pattern is not None
        compiled = re.compile(pattern.encode("ascii"), re.DOTALL)
        for point in (*range(0x20, 0x180), *range(0x400, 0x460), *range(0x7F0, 0x910), 0xFFEF, *range(0xFFFD, 0x10020)):
            char = chr(point)
            try:
                form = char.encode(encoding)
            except UnicodeEncodeError:
                continue
            inside = any(first <= point <= last for first, last in ranges)
            assert (compiled.fullmatch(form) is not None) == inside, (encoding, hex(point))


def test_case_is_folded_in_every_encoding_and_only_where_it_is_asked_for() -> None:
    data = "ПРИВІТ привіт".encode("cp1251") + "ПриВІТ".encode("utf-16-le") + "привіт ПРИВІТ".encode("koi8-u")
    wanted = Wanted(terms=("привіт",), encodings=USUAL_ENCODINGS)
    assert len(places(hits(wanted, data))) == 5
    assert len(places(hits(Wanted(terms=("привіт",), encodings=USUAL_ENCODINGS, any_case=False), data))) == 2
    assert folded(ranges_of(((ord("k"), ord("k")),))) == ranges_of(((0x4B, 0x4B), (0x6B, 0x6B), (0x212A, 0x212A)))


def test_a_set_that_is_turned_round_leaves_out_both_cases() -> None:
    wanted = Wanted(expressions=("x[^a]y",), encodings=("utf-8",))
    assert places(hits(wanted, b"xay xAy xby")) == [(8, 3, 0)]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"\d{2,3}-[д-я]+", "Б 12-дом 1-ж 1234-Я"),
        (r"a.{0,3}?b|ї", "a123b aїb ab"),
        (r"(?:foo|ba+r)\s*=\s*\w+", "foo = x1; baaar=Жук; foo="),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1251"])
def test_an_expression_finds_in_every_encoding_what_it_finds_in_the_text(
    expression: str, text: str, encoding: str
) -> None:
    wanted = Wanted(expressions=(expression,), encodings=(encoding,), any_case=False)
    found = [hit.text for hit in hits(wanted, text.encode(encoding)) if isinstance(hit, Hit)]
    assert found == [match[0] for match in re.finditer(expression, text)]


def test_a_match_without_an_end_is_told_as_far_as_it_may_go_and_takes_no_longer() -> None:
    wanted = Wanted(expressions=("a+b?",), encodings=("utf-8",))
    found = places(hits(wanted, b"a" * (3 * MAX_HIT_BYTES)))
    assert found == [(at * MAX_HIT_BYTES, MAX_HIT_BYTES, 0) for at in range(3)]


def test_an_expression_that_would_run_for_ever_elsewhere_ends() -> None:
    wanted = Wanted(expressions=("(?:a*)*b",), encodings=("utf-8",))
    assert places(hits(wanted, b"a" * 200_000)) == []


@pytest.mark.parametrize(
    ("expression", "at", "words"),
    [
        ("a(b", 2, "not closed"), ("a)", 1, "not opened"), ("*a", 0, "nothing before"), ("^a", 0, "edge"),
        (r"\bword", 1, "not looked for"), (r"(a)\1", 4, "not looked for"), ("(?=a)b", 1, "ahead"),
        ("a{2", 2, "numbers"),
        ("a{5000}", 2, "1000"), ("a*", 0, "one character at least"), ("[z-a]", 4, "later"), ("a\\", 1, "middle"),
        ("(a{999}){999}", 0, "too large"), ("[abc", 3, "middle"), (r"\xg1", 2, "hexadecimal"), ("", 0, "empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused_with_its_place(expression: str, at: int, words: str) -> None:
    with pytest.raises(ExpressionError, match=words) as caught:
        Finder(Wanted(expressions=(expression,), encodings=("utf-8",)))
    assert (caught.value.text, caught.value.at) == (expression, at)


def test_a_term_that_no_encoding_can_write_is_named() -> None:
    assert Finder(Wanted(terms=("дом", "house"), encodings=("cp1252",))).without_form == ("дом",)


def test_what_cannot_be_read_is_told_and_the_rest_is_searched_but_not_across_it() -> None:
    data = b"needle" + bytes(20_000) + b"nee" + b"!" * 4096 + b"dle needle"
    bad = (data.index(b"!"), data.index(b"!") + 4096)

    def read(at: int, size: int) -> bytes:
        if at < bad[1] and at + size > bad[0]:
            raise UnreadableRegionError(at, size, "the checksum does not fit")
        return data[at : at + size]

    wanted = Wanted(terms=("needle",), encodings=("utf-8",))
    found = [one for one in look(Finder(wanted), wanted, read, 0, len(data), len(data)) if not isinstance(one, int)]
    assert [one.offset_bytes for one in found if isinstance(one, Hit)] == [0]
    (missed,) = [one for one in found if isinstance(one, Missed)]
    assert missed.offset_bytes <= bad[0]
    assert missed.offset_bytes + missed.length_bytes >= bad[1]
    assert missed.length_bytes <= 3 * 4096
    assert "checksum" in missed.why


def test_too_many_hits_are_told_as_such_with_the_place_where_the_list_ends() -> None:
    wanted = Wanted(terms=("a",), encodings=("utf-8",))
    found = hits(wanted, b"a" * 50_000)
    assert len(places(found)) == 20_000
    assert [(one.offset_bytes, one.length_bytes) for one in found if isinstance(one, Missed)] == [(20_000, 30_000)]


@pytest.mark.req("REQ-58")
def test_a_seed_phrase_beside_a_hit_is_not_shown() -> None:
    phrase = b"abandon " * 11 + b"about"
    data = b"wallet: " + phrase + b" end of it"
    wanted = Wanted(terms=("wallet", "about", "end of"), encodings=("utf-8",))
    shown = [(one.before + one.text.encode() + one.after) for one in hits(wanted, data) if isinstance(one, Hit)]
    assert len(shown) == 3
    assert not any(b"aband" in one or b"about" in one for one in shown)
    assert any(one.text == "wallet" and b"***" in one.after for one in hits(wanted, data) if isinstance(one, Hit))


@pytest.mark.req("REQ-58")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("language", BIP39)
@pytest.mark.parametrize("between", [" ", "\n", "%20", " 1. ", ", "])
def test_a_phrase_of_every_list_is_hidden_at_both_ends_and_inside(encoding: str, language: str, between: str) -> None:
    words = Mnemonic(language).to_mnemonic(bytes(range(16))).replace("\u3000", " ").split(" ")
    phrase = between.join(words)
    text = f"needle {phrase} needle {'filler ' * 40}"
    wanted = Wanted(terms=("needle", words[5]), encodings=(encoding,))
    for hit in hits(wanted, text.encode(encoding)):
        assert isinstance(hit, Hit)
        shown = hit.before + hit.text.encode(encoding, "replace") + hit.after
        assert not any(word.encode(encoding) in shown for word in words if len(word) > 2), hit


def test_detectors_look_in_the_same_pass_and_show_no_secret() -> None:
    key = b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
    data = b"pay to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 or mail a@example.org key " + key
    found = [one for one in hits(Wanted(encodings=("utf-8",), detect=True), data) if isinstance(one, Hit)]
    assert {one.kind for one in found} == {"Bitcoin address", "e-mail address", "private key (WIF)"}
    assert not any(key[5:] in one.before + one.text.encode() + one.after for one in found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "GB82 WEST 1234 5698 7654 32", "ana@example.org"]
)
def test_what_lies_between_long_stretches_of_zeros_is_detected_as_between_short_ones(encoding: str, text: str) -> None:
    wanted = Wanted(encodings=("utf-8",), detect=True)

    def between(zeros: int) -> list[tuple[int, int, str, str]]:
        found = hits(wanted, bytes(zeros) + text.encode(encoding) + bytes(zeros) + text.encode(encoding))
        return [
            (one.offset_bytes % zeros, one.length_bytes, one.kind, one.text) for one in found if isinstance(one, Hit)
        ]

    assert between(5000) == between(4000)
    assert between(5000)
