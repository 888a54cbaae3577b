"""What is asked of a device, the numbers it bears, and the order of a live capture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.guidance.devices import NOT_AVAILABLE, Device, Field, doubt, fault, missing
from chain_of_custody.guidance.identifiers import (
    iccid_doubt,
    imei_doubt,
    luhn_holds,
    mac_doubt,
    phones_doubt,
    serial_doubt,
)
from chain_of_custody.guidance.library import load
from chain_of_custody.guidance.volatility import out_of_order
from resources import path as resource

DEVICES = load(resource("guidance")).devices
PHONE = DEVICES["mobile device"]


def field(device: Device, name: str) -> Field:
    return next(one for one in device.fields if one.id == name)


@pytest.mark.req("REQ-07")
def test_mandatory_fields_are_asked_until_they_are_answered_or_cannot_be() -> None:
    asked = {one.id for one in missing(PHONE, {})}
    assert {"marks", "find_spot", "imei", "isolation"} <= asked
    values = dict.fromkeys(asked, "x") | {"imei": NOT_AVAILABLE + "a tablet without a radio"}
    assert missing(PHONE, values) == ()
    assert [one.id for one in missing(PHONE, values | {"imei": NOT_AVAILABLE + " "})] == ["imei"]


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("battery_percent", "83", True),
        ("battery_percent", "about half", False),
        ("battery_percent", "٨٣", False),
        ("isolation", "Faraday", True),
        ("isolation", "a drawer", False),
        ("isolated_at", "2026-03-01T14:05:00+02:00", True),
        ("isolated_at", "2026-03-01T14:05:00", False),
        ("isolated_at", NOT_AVAILABLE + "nobody looked", True),
    ],
)
def test_a_value_stands_only_where_it_is_what_the_field_holds(name: str, value: str, right: bool) -> None:
    assert (fault(field(PHONE, name), value) is None) is right


@pytest.mark.req("REQ-08")
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("490154203237518", True),
        ("49-015420-323751-8", True),
        ("490154203237519", False),
        ("49015420323751", False),
        ("4901542032375107", True),
        ("٤٩٠١٥٤٢٠٣٢٣٧٥١٨", False),
    ],
)
def test_an_imei_has_fifteen_digits_and_a_check_digit(text: str, right: bool) -> None:
    assert (imei_doubt(text) is None) is right


@pytest.mark.req("REQ-08")
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("490154203237518", True),
        ("SIM 1: 490154203237518, SIM 2: 49-015420-323751-8", True),
        ("490154203237518\nA0000000002329", True),
        ("490154203237518; 490154203237519", False),
        ("not readable", False),
    ],
)
def test_each_of_several_imei_and_meid_is_checked(text: str, right: bool) -> None:
    assert (phones_doubt(text) is None) is right


@pytest.mark.req("REQ-08")
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("8991101200003204514", True),
        ("8991 1012 0000 3204 514", True),
        ("8991101200003204514F", True),
        ("8991101200003204511", False),
        ("7991101200003204510", False),
        ("899110120000320451", False),
    ],
)
def test_an_iccid_begins_with_89_and_has_a_check_digit(text: str, right: bool) -> None:
    assert (iccid_doubt(text) is None) is right


@pytest.mark.req("REQ-08")
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("00:1A:2B:3C:4D:5E", True),
        ("00-1a-2b-3c-4d-5e", True),
        ("001a.2b3c.4d5e", True),
        ("001A2B3C4D5E, 02:1A:2B:3C:4D:5E", True),
        ("00:1A:2B:3C:4D", False),
        ("00:1A:2B:3C:4D:5G", False),
        ("00:1A-2B:3C-4D:5E", False),
        ("01:00:5E:00:00:01", False),
        ("FF:FF:FF:FF:FF:FF", False),
        ("00:00:00:00:00:00", False),
    ],
)
def test_a_mac_address_is_that_of_one_device(text: str, right: bool) -> None:
    assert (mac_doubt(text) is None) is right


@pytest.mark.req("REQ-08")
def test_a_serial_number_with_a_character_of_no_plate_is_doubted() -> None:
    assert serial_doubt("WD-WCC4N0123456") is None
    assert "'?'" in (serial_doubt("WD-WCC4N01?3456") or "")


@pytest.mark.req("REQ-08")
def test_a_doubtful_number_can_still_be_recorded_and_says_so() -> None:
    imei = field(PHONE, "imei")
    assert fault(imei, "490154203237519") is None
    assert "check digit" in (doubt(imei, "490154203237519") or "")
    assert doubt(imei, NOT_AVAILABLE + "worn off") is None
    assert doubt(field(PHONE, "os_version"), "Android 15") is None


@given(st.text(alphabet="0123456789", min_size=14, max_size=18), st.integers(0, 13), st.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(body: str, place: int, by: int) -> None:
    digits = next(body + check for check in "0123456789" if luhn_holds(body + check))
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert not luhn_holds(wrong)


@pytest.mark.req("REQ-06")
def test_a_capture_that_comes_too_late_is_flagged() -> None:
    assert out_of_order([1, 2, 2, 4]) == ()
    assert out_of_order([4, 2, 1, 5, 4]) == (1, 2, 4)
    assert out_of_order([]) == ()
