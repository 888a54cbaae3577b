import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.canonical import MAX_DEPTH, MAX_INTEGER, canonical, parse
from chain_of_custody.errors import CanonicalError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def test_keys_are_ordered_as_in_rfc_8785_section_3_2_3() -> None:
    given = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    written = json.loads(canonical(given))
    assert list(written.values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]
    assert parse(canonical(given)) == given


def test_strings_and_literals_are_written_as_in_rfc_8785_section_3_2_2() -> None:
    given = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    expected = '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(given) == expected.encode()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('[56,{"d":true,"10":null,"1":[ ]}]', '[56,{"1":[],"10":null,"d":true}]'),
        (
            '{"peach":"This sorting order","péché":"is wrong","pêche":"but MUST","sin":"ignore locale"}',
            '{"peach":"This sorting order","péché":"is wrong","pêche":"but MUST","sin":"ignore locale"}',
        ),
        (
            '{"1":{"f":{"f":"hi","F":5},"\\n":56},"10":{},"":"empty","a":{},"111":[{}],"A":{}}',
            '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}',
        ),
        (
            '{"\\u20ac":"Euro Sign","1":"One","\\u0080":"Control\\u007f","\\ud83d\\ude02":"Smiley","\\ufb33":"Dalet",'
            '"</script>":"Browser"}',
            '{"1":"One","</script>":"Browser","\u0080":"Control\u007f","€":"Euro Sign",'
            '"\U0001f602":"Smiley","\ufb33":"Dalet"}',
        ),
        ('{"Unnormalized Unicode":"A\\u030a"}', '{"Unnormalized Unicode":"A\u030a"}'),
    ],
)
def test_the_test_data_of_the_authors_of_rfc_8785(source: str, expected: str) -> None:
    assert canonical(json.loads(source)) == expected.encode()
    assert canonical(parse(expected.encode())) == expected.encode()


@given(VALUES)
def test_what_was_written_is_read_back(value: Any) -> None:
    assert parse(canonical(value)) == value


@given(st.text())
def test_only_canonical_text_is_read(text: str) -> None:
    try:
        value = parse(text.encode())
    except CanonicalError:
        return
    assert canonical(value) == text.encode()


@given(VALUES, st.sampled_from([{"indent": 1}, {"ensure_ascii": True}, {"separators": (", ", ":")}]))
def test_the_same_value_written_otherwise_is_refused(value: Any, style: dict[str, Any]) -> None:
    otherwise = json.dumps(value, **({"ensure_ascii": False, "separators": (",", ":")} | style)).encode()
    if otherwise == canonical(value):
        assert parse(otherwise) == value
    else:
        with pytest.raises(CanonicalError):
            parse(otherwise)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1,]",
        b"[1] ",
        b" [1]",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"\xef\xac\xb3":1,"\xf0\x9f\x98\x80":2}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000F"',
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b"-0",
        b"01",
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    ],
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse(data)


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, {"a": b"bytes"}, {1, 2}, [[1.0]]],
)
def test_a_value_without_a_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


def test_nesting_is_allowed_up_to_the_limit_and_not_beyond() -> None:
    deepest: Any = []
    for _ in range(MAX_DEPTH - 1):
        deepest = [deepest]
    assert parse(canonical(deepest)) == deepest
    with pytest.raises(CanonicalError, match="64 levels"):
        canonical([deepest])


def test_many_brackets_side_by_side_are_not_deep() -> None:
    wide: list[Any] = [[] for _ in range(MAX_DEPTH * 2)]
    assert parse(canonical(wide)) == wide


def test_a_tuple_is_written_as_an_array() -> None:
    assert canonical({"pair": (None, 1)}) == b'{"pair":[null,1]}'


def test_the_largest_numbers_are_kept_exactly() -> None:
    assert parse(canonical([MAX_INTEGER, -MAX_INTEGER, 0])) == [MAX_INTEGER, -MAX_INTEGER, 0]
