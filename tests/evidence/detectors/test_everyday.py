"""Addresses, numbers and places as people write them; in pieces, in UTF-16, and as somebody writes them to break us."""

import random
from collections.abc import Iterator

import pytest

from evidence.detectors.base import AMBIGUOUS, CHECKED, CUT, UNCHECKED, WELL_FORMED
from evidence.detectors.cards import has_check_digit
from evidence.detectors.scanning import find_all, scan
from evidence.detectors.table import DETECTORS

FOUND = {
    "mail ada.lovelace+x@example.co.uk.": ("e-mail address", "ada.lovelace+x@example.co.uk"),
    "<user_name@sub.xn--bcher-kva.example>": ("e-mail address", "user_name@sub.xn--bcher-kva.example"),
    "/?email=ada@example.org&x": ("e-mail address", "ada@example.org"),
    "/home/ada@example.org": ("e-mail address", "ada@example.org"),
    "on smb://fileserver/share.": ("URL", "smb://fileserver/share"),
    "call + 1  2  3  4  5  6  7  8  9  0  1  2  3  4  5": ("telephone number", "+123456789012345"),
    "see https://example.org/a_(b)?q=1&r=%20#top, or": ("URL", "https://example.org/a_(b)?q=1&r=%20#top"),
    "(http://user:pw@192.0.2.7:8080/x)": ("URL", "http://user:pw@192.0.2.7:8080/x"),
    "ftp://[2001:db8::7]/file": ("URL", "ftp://[2001:db8::7]/file"),
    "from 192.0.2.255.": ("IPv4 address", "192.0.2.255"),
    "via 2001:db8:0:0:8:800:200c:417a,": ("IPv6 address", "2001:db8:0:0:8:800:200c:417a"),
    "via ::ffff:192.0.2.1 ": ("IPv6 address", "::ffff:192.0.2.1"),
    "via fe80::1.": ("IPv6 address", "fe80::1"),
    "call +49 (30) 1234-567!": ("telephone number", "+49301234567"),
    "call +380 44 123 45 67": ("telephone number", "+380441234567"),
    "call +12025550123": ("telephone number", "+12025550123"),
    "call +44 (0)20 7946 0958": ("telephone number", "+442079460958"),
    "call +44(0)20 7946 0958": ("telephone number", "+442079460958"),
    "call +49-(0)30-1234567": ("telephone number", "+49301234567"),
    "call +49 (0)(30) 1234567": ("telephone number", "+49301234567"),
    "call +420 (0)123456789012": ("telephone number", "+420123456789012"),
    "call +39 (0)6 6982 1234": ("telephone number", "+390669821234"),
    "call +49\u00a030\u20111234567": ("telephone number", "+49301234567"),
    "call +33\u202f1\u202f42\u202f68\u202f53\u202f00": ("telephone number", "+33142685300"),
    "IBAN DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000": ("IBAN", "DE89370400440532013000"),
    "IBAN FR14\u202f2004\u202f1010\u202f0505\u202f0001\u202f3M02\u202f606": ("IBAN", "FR1420041010050500013M02606"),
    "IBAN NO93\u20078601\u20071117\u2007947": ("IBAN", "NO9386011117947"),
    "iban de89 3704 0044 0532 0130 00 und": ("IBAN", "DE89370400440532013000"),
    "iban gb82west12345698765432": ("IBAN", "GB82WEST12345698765432"),
    "Iban De89370400440532013000": ("IBAN", "DE89370400440532013000"),
    "card 4111\u00a01111\u00a01111\u00a01111": ("card number (Visa)", "4111111111111111"),
    "card 3782\u202f822463\u202f10005": ("card number (American Express)", "378282246310005"),
    "card 5555\u20075555\u20075555\u20074444": ("card number (Mastercard)", "5555555555554444"),
    "IBAN: DE89 3704 0044 0532 0130 00 und": ("IBAN", "DE89370400440532013000"),
    "GB82WEST12345698765432": ("IBAN", "GB82WEST12345698765432"),
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S.": ("IBAN", "MT84MALT011000012345MTLCAST001S"),
    "NO93 8601 1117 947": ("IBAN", "NO9386011117947"),
    "card 4111 1111 1111 1111 123": ("card number (Visa)", "4111111111111111"),
    "card 4111111111111111 12/26": ("card number (Visa)", "4111111111111111"),
    "card 5555-5555-5555-4444": ("card number (Mastercard)", "5555555555554444"),
    "card 3782 822463 10005": ("card number (American Express)", "378282246310005"),
    "card 6011000990139424": ("card number (Discover)", "6011000990139424"),
    "card 3530111333300000": ("card number (JCB)", "3530111333300000"),
    "card 3056 930902 5904": ("card number (Diners Club)", "30569309025904"),
    "card 2200000000000004": ("card number (Mir)", "2200000000000004"),
    "card 6703111111111110": ("card number (Bancontact)", "6703111111111110"),
    "card 6799111111111115": ("card number (Maestro)", "6799111111111115"),
    "card 6061111111111116": ("card number (RuPay)", "6061111111111116"),
    "card 8171111111111119": ("card number (RuPay)", "8171111111111119"),
    "card 5081111111111114": ("card number (RuPay)", "5081111111111114"),
    "card 8600111111111110": ("card number (Uzcard)", "8600111111111110"),
    "card 9112111111111119": ("card number (Belkart)", "9112111111111119"),
    "card 9792111111111116": ("card number (Troy)", "9792111111111116"),
    "card 9804111111111112": ("card number (PROSTIR)", "9804111111111112"),
    "card 9860111111111113": ("card number (Humo)", "9860111111111113"),
    "4111111111111111,12/27,123": ("card number (Visa)", "4111111111111111"),
    "n,4111111111111111,1227": ("card number (Visa)", "4111111111111111"),
    "%B4111111111111111^DOE/J^2712": ("card number (Visa)", "4111111111111111"),
    "B3782 822463 10005^DOE/J^2712": ("card number (American Express)", "378282246310005"),
    "pan4111111111111111": ("card number (Visa)", "4111111111111111"),
    "CardNumber4111 1111 1111 1111": ("card number (Visa)", "4111111111111111"),
    "Received: from x ([IPv6:2001:db8::1]) by y": ("IPv6 address", "2001:db8::1"),
    "addr:2001:db8::1": ("IPv6 address", "2001:db8::1"),
    "from 2001:db8::1: refused": ("IPv6 address", "2001:db8::1"),
    "net 2001:db8::": ("IPv6 address", "2001:db8::"),
    "at 52.520008, 13.404954!": ("coordinates", "52.520008, 13.404954"),
    "geo:48.198634,16.371648;crs=wgs84": ("coordinates", "48.198634, 16.371648"),
    "\xa9xyz +48.8577+002.2950/": ("coordinates", "48.857700, 2.295000"),
    "at 52\u00b031'12.0\"N 13\u00b024'18.0\"E ": ("coordinates", "52.520000, 13.405000"),
    "at 33\u00b051'36\u2033S, 151\u00b012'36\u2033E ": ("coordinates", "-33.860000, 151.210000"),
}
NOT_FOUND = (
    "nobody@localhost", "a..b@example.org", ".a@example.org", f"{'a' * 65}@example.org", "@example.org", "a@-x.org",
    "http://", "http://nothing", "https://exa mple", "http://example.org:99999/", "http://[2001::db8::1]/",
    "256.1.1.1", "1.2.3.4.5", "01.2.3.4", "1.2.3", "12:30:45", "std::vector", "1:2:3:4:5:6:7:8:9", "::",
    "+999 123 456 789", "+49 12", "+0 123 456 789", "x+491234567890123456",
    "00442079460958", "0044 123", "0099 123 456 789", "12.0044 20 7946 0958", "1 0044 20 7946 0958", "+44 (0)20794",
    "gb82West12345698765432", "de88 3704 0044 0532 0130 00", "4111\u00a01111\u202f1111\u00a01111",
    "DE99370400440532010007", "DE01370400440532010025",
    "DE88370400440532013000", "DE8937040044053201300", "XX89370400440532013000", "DE893704004405320130001",
    "4111111111111112", "9111111111111111", "41111111111111110000", "0.4111111111111111", "4111 11111111 1111",
    "B4111111111111111 DOE", "AB4111111111111111^D", "span4111111111111111", "4111111111111111.12",
    "%B4111111111111112^D",
    "9804111111111113", "9805111111111110", "std::vector", "foo::dead::beef", "at 12:34:56: x", "x:1:2:3:4:5:6:7:8:9",
    "HWaddr:00:11:22:33:44:55", "addr:2001::db8::1", "256.001.001.001", "1.2.3.04", "01.002.003.004",
    "98.520008, 13.404954", "52.52, 13.40", "52.520008, 193.404954", "52\u00b061'12\"N 13\u00b024'18\"E",
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOUND.items())
def test_what_people_write_is_found_where_it_stands(text: str, expected: tuple[str, str]) -> None:
    data = text.encode()
    kind, shown = expected
    found = [one for one in find_all(data) if one.kind == kind]
    assert [one.text for one in found] == [shown]
    assert found[0].validity == (CHECKED if kind == "IBAN" or kind.startswith("card") else WELL_FORMED)
    if kind in ("URL", "e-mail address", "IPv4 address", "IPv6 address"):
        assert data[found[0].start : found[0].end].decode() == shown


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_like_it_is_not_found(text: str) -> None:
    assert find_all(f" {text} ".encode()) == []


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("encoding", ["utf-16-le", "cp1252", "iso8859-15"])
def test_fixed_blanks_hold_groups_together_in_other_encodings(encoding: str) -> None:
    blanks = "\u00a0" if encoding != "utf-16-le" else "\u00a0\u2007\u202f\u2011"
    for blank in blanks:
        for text, shown in (
            ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"), ("4111 1111 1111 1111", "4111111111111111"),
            ("+44 20 7946 0958", "+442079460958"),
        ):  # fmt: skip
            found = find_all(f"Nr. {text.replace(' ', blank)}, ".encode(encoding))
            assert [one.text for one in found] == [shown], (encoding, blank)


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0044 20 7946 0958", "+442079460958"), ("Tel.:0049-(0)30/1234567", "+49301234567"),
        ("00420\u00a0123\u00a0456\u00a0789", "+420123456789"), ("00 44 20 7946 0958", None),
        ("DE89 3704 0044 0532 0130 00", None), ("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", None),
    ],
)  # fmt: skip
def test_two_zeros_stand_for_the_plus_sign_where_the_country_code_stands_apart(text: str, shown: str | None) -> None:
    found = [one for one in find_all(f"x {text}.".encode()) if one.kind == "telephone number"]
    assert [(one.text, one.validity) for one in found] == ([(shown, UNCHECKED)] if shown else [])


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize(
    ("text", "shown", "validity"),
    [
        ("192.168.001.001", "192.168.1.1", WELL_FORMED), ("010.080.030.040", "10.80.30.40", WELL_FORMED),
        ("010.020.030.040", "10.20.30.40 or 8.16.24.32 (octal)", AMBIGUOUS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_zeros_before_the_numbers_of_an_address_are_read_in_both_ways(
    text: str, shown: str, validity: str, encoding: str
) -> None:
    (found,) = find_all(f"from {text}, ".encode(encoding))
    assert (found.text, found.validity) == (shown, validity)


def test_every_changed_digit_of_an_iban_and_of_a_card_is_refused() -> None:
    for word in ("DE89370400440532013000", "4111111111111111"):
        for at, char in enumerate(word):
            if char.isdigit():
                assert find_all(f" {word[:at]}{(int(char) + 1) % 10}{word[at + 1 :]} ".encode()) == []
    assert has_check_digit("79927398713")


def test_a_url_that_is_longer_than_is_read_is_told_as_cut() -> None:
    for count, validity in ((2036, WELL_FORMED), (2037, CUT)):
        (found,) = find_all(b"see https://example.org/" + b"a" * count + b" ")
        assert (found.validity, len(found.text)) == (validity, 2056)


def test_no_find_is_longer_than_its_detector_says() -> None:
    text = "\n".join([*FOUND, " ".join(["abandon"] * 23 + ["art"]), "https://example.org/" + "a" * 3000]).encode()
    for detector in DETECTORS:
        assert all(one.end - one.start <= detector.longest_bytes for one in detector.find(text)), detector.kinds


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def test_the_same_is_found_in_pieces_of_any_size() -> None:
    phrase = " ".join(["abandon"] * 11 + ["about"])
    lines = [
        *FOUND,
        phrase,
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "r" * 300,
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    ]
    source = random.Random(5)
    text = b"".join(
        line.encode() + b"\n" + bytes(source.choices(b"abc .,:", k=source.randrange(1200))) for line in lines
    )
    data = text + "wide: ada@example.org 4111111111111111".encode("utf-16-le") + text
    whole = find_all(data)
    assert len({one.kind for one in whole}) > 12
    for size in (1999, 16384, len(data)):
        assert list(scan(pieces(data, size))) == whole


def test_utf_16_is_looked_through_too_with_the_places_of_its_bytes() -> None:
    before = b"\xff\xfe\x01"
    data = before + "to ada@example.org at once".encode("utf-16-le")
    (found,) = find_all(data)
    assert found.text == "ada@example.org"
    assert data[found.start : found.end].decode("utf-16-le") == found.text


@pytest.mark.parametrize(
    "unit",
    [
        b"a", b"@", b"a@", b"a.", b"a@a.", b"-", b"http://", b"http://a.", b"1.", b"1:", b":", b"+1 ", b"+", b"( ",
        b"4", b"4111 ", b"1-", b"DE89 ", b"DE89", b"1A", b"bc1q", b"0x0", b"abandon ", b"zoo about ", b"\xe3\x80\x80",
        "\u7684".encode(), b"+48.", b"52.5200,", b"1\xc2\xb0", b"addr1q", b"q", b"r", b"a\0", b"\xff", b"\x80a",
    ],
)  # fmt: skip
def test_input_made_to_keep_detectors_busy_is_done_with(unit: bytes) -> None:
    """With a pattern that goes back and forth, or time that grows with the square, this would not end."""
    data = (unit * 40_000)[:40_000]
    for detector in DETECTORS:
        assert all(0 <= one.start < one.end <= len(data) for one in detector.find(data))
