"""Letters beyond ASCII in addresses: no part of an address is told as a whole one (REQ-57)."""

import random

import pytest

from evidence.detectors.base import AMBIGUOUS, CUT, WELL_FORMED
from evidence.detectors.scanning import find_all, scan

MAIL = {
    "\u00fcser@example.com": ("\u00fcser@example.com", WELL_FORMED),
    "to jos\u00e9@example.com.": ("jos\u00e9@example.com", WELL_FORMED),
    "\u00f3'brien@x.ie": ("\u00f3'brien@x.ie", WELL_FORMED),
    "\u044eser@example.com": ("ser@example.com or \u044eser@example.com", AMBIGUOUS),
    "\u8bf7\u8054\u7cfbuser@example.com\u8c22\u8c22": (
        "user@example.com or \u8bf7\u8054\u7cfbuser@example.com",
        AMBIGUOUS,
    ),
    "user@ex\u00e4mple.com": ("user@ex\u00e4mple.com", WELL_FORMED),
    "\u0438\u0432\u0430\u043d@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444": (
        "\u0438\u0432\u0430\u043d@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        WELL_FORMED,
    ),
    "mail: ivan.\u043f\u0435\u0442\u0440\u043e\u0432@ukr.net x": (
        "ivan.\u043f\u0435\u0442\u0440\u043e\u0432@ukr.net",
        WELL_FORMED,
    ),
    "user@mail.\u043f\u0440\u0438\u043c\u0435\u0440.com": (
        "user@mail.\u043f\u0440\u0438\u043c\u0435\u0440.com",
        WELL_FORMED,
    ),
    "user@example.com\uc73c\ub85c": ("user@example.com", WELL_FORMED),
    "user@example.com-\u10d6\u10d4": ("user@example.com", WELL_FORMED),
    "user@example.com\u00c9cole": ("user@example.com or user@example.com\u00c9cole", AMBIGUOUS),
    "\u043f\u043e\u0448\u0442\u0430:user@example.com": ("user@example.com", WELL_FORMED),
    "\u00abuser@example.com\u00bb": ("user@example.com", WELL_FORMED),
}
KYIV = "\u041a\u0438\u0457\u0432"
WEB = {
    f"https://uk.wikipedia.org/wiki/{KYIV}": (
        f"https://uk.wikipedia.org/wiki/ or https://uk.wikipedia.org/wiki/{KYIV}",
        AMBIGUOUS,
    ),
    f"https://uk.wikipedia.org/wiki/ {KYIV} \u0446\u0435 \u0441\u0442\u043e\u043b\u0438\u0446\u044f.": (
        "https://uk.wikipedia.org/wiki/",
        WELL_FORMED,
    ),
    f"https://a.com/{KYIV}\u2019\u044f)": (f"https://a.com/ or https://a.com/{KYIV}\u2019\u044f", AMBIGUOUS),
    "http://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/a": (
        "http://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/a",
        WELL_FORMED,
    ),
    "https://ex\u00e4mple.com/x": ("https://ex\u00e4mple.com/x", WELL_FORMED),
    "http://u:p@ex\u00e4mple.com:80/": ("http://u:p@ex\u00e4mple.com:80/", WELL_FORMED),
    "https://fr.example.org/Rivi\u00e8re_du_Nord.": ("https://fr.example.org/Rivi\u00e8re_du_Nord", WELL_FORMED),
    "https://de.example.org/Baden\u2013Baden": ("https://de.example.org/Baden", CUT),
    "https://ka.example.org/\u10d7\u10d1\u10d8/x y": (
        "https://ka.example.org/ or https://ka.example.org/\u10d7\u10d1\u10d8/x",
        AMBIGUOUS,
    ),
    "x https://ja.example.org/\u6771\u4eac \u3067": (
        "https://ja.example.org/ or https://ja.example.org/\u6771\u4eac",
        AMBIGUOUS,
    ),
    f"http://example.com{KYIV} x": ("http://example.com", WELL_FORMED),
    "http://\ud55c\uad6d.kr\uc5d0": ("http://\ud55c\uad6d.kr", WELL_FORMED),
    "\u201chttps://x.com/a\u201d.": ("https://x.com/a", WELL_FORMED),
    "https://x.com/a\u3002\u8c22\u8c22": ("https://x.com/a", WELL_FORMED),
}
CODE_PAGES = {
    b"\xfcser@example.com": "ser@example.com",
    b"\x81ser@example.com": "ser@example.com",
    "\u044eser@example.com".encode("cp1251"): "ser@example.com",
    b"x jos\xe9@example.com": "@example.com",
    b"\xf3'brien@x.ie": "brien@x.ie",
    b"user@mail.ex\xe4mple.com": "user@mail.ex",
    b"https://exa.mple/caf\xe9": "https://exa.mple/caf",
    b"https://exa.mple/\xca\xe8\xbf\xe2": "https://exa.mple/",
}
REFUSED = (
    "user@\u00e4",
    "user@-\u00e4.com",
    "user@\u00e4-.com",
    "user@\u00e4..com",
    "\u00fc..x@example.com",
    "\u00fc" * 33 + "@a.com",
    "user@\u00e4.c",
    "http://\u00e4",
    "http://\u00e4.com:99999/",
    "http://-\u00e4.com/",
    "user@\u00e4\u00e4.1\u00e4",
)
NO_MAIL = (
    "https://user:pw@h.com/x",
    "postgres://user:pw@db.example.com",
    "https://ada@example.org/",
    "ftp://u:p@h.com",
)
STILL_MAIL = (
    "ftp://ada@example.org:pw@h.com",
    "mailto://ada@example.org",
    "http://h:80,ada@example.org",
    "a://b c:ada@example.org",
    "https://h.com/?q=ada@example.org",
    '"http://h":"ada@example.org"',
)


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("text", [*MAIL, *WEB])
def test_letters_of_an_address_are_told_with_it(text: str, encoding: str) -> None:
    kind, expected = ("e-mail address", MAIL[text]) if text in MAIL else ("URL", WEB[text])
    data = text.encode(encoding)
    (found,) = (one for one in find_all(data) if one.kind == kind)
    assert (found.text, found.validity) == expected
    assert data[found.start : found.end].decode(encoding) == found.text.split(" or ")[-1]


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("data", CODE_PAGES)
def test_what_letters_of_an_unknown_code_page_touch_is_told_as_cut(data: bytes) -> None:
    (found,) = find_all(b" " + data)
    assert (found.text, found.validity) == (CODE_PAGES[data], CUT)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address_with_letters_is_not_found(text: str) -> None:
    assert find_all(f" {text} ".encode()) == []


def test_two_addresses_with_text_between_are_both_found() -> None:
    found = find_all(f"https://a.com/{KYIV}https://b.com/x".encode())
    assert [one.text for one in found] == [f"https://a.com/ or https://a.com/{KYIV}", "https://b.com/x"]


def test_a_url_of_letters_that_is_longer_than_is_read_is_cut() -> None:
    found = [find_all(("http://a.com/" + "\u0439" * count).encode())[0] for count in (1021, 1022, 3000)]
    assert [one.validity for one in found] == [AMBIGUOUS, CUT, CUT]
    assert all(one.end - one.start <= 2055 for one in found)


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("text", NO_MAIL + STILL_MAIL)
def test_the_user_of_a_url_is_no_address_of_mail(text: str) -> None:
    found = [one.text for one in find_all(text.encode()) if one.kind == "e-mail address"]
    assert found == (["ada@example.org"] if text in STILL_MAIL else [])


def test_the_same_is_found_in_pieces_of_any_size() -> None:
    source = random.Random(7)
    for size in (1, 7, 64, 1000):
        lines = [*MAIL, *WEB, *CODE_PAGES, *STILL_MAIL, *NO_MAIL]
        source.shuffle(lines)
        data = bytearray()
        for line in lines[: 12 if size == 1 else None]:
            data += source.choice((b" ", b"\n")) * source.randrange(1, 300)
            data += line if isinstance(line, bytes) else line.encode(source.choice(("utf-8", "utf-16-le")))
            data += b"\n\0"
        whole = find_all(bytes(data))
        assert len(whole) >= 10
        assert list(scan(bytes(data[at : at + size]) for at in range(0, len(data), size))) == whole, size


@pytest.mark.parametrize(
    "unit",
    [
        "\u00e9@",
        "\u00e9@\u00e9.",
        "a@\u00e9.",
        "\u00e9.",
        "@\u00e9",
        "http://\u00e9",
        "http://a.\u00e9",
        "http://a/\u2019\u00e9",
        "\u8bf7@a.bc",
        "://a@",
        "a://b:c@d.ef",
        "\u10d7@",
        "N 50\u00b027.0 ",
        "E 30\u00b0",
        "lat:1.22,",
        "1,2345; ",
        "addr:",
        "a:b:",
        "ccnum4111",
        "B4111",
        "bitcoincasx:q",
        "001.",
    ],
)
def test_input_made_to_keep_detectors_busy_is_done_with(unit: str) -> None:
    for encoding in ("utf-8", "utf-16-le"):
        data = (unit.encode(encoding) * 40_000)[:40_000]
        assert all(0 <= one.start < one.end <= len(data) for one in find_all(data))
    assert find_all((unit.encode() + b"\xff") * 3_000) is not None
