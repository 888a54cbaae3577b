"""Particulars of devices, places and people outside the lab, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.services.registers import LAPTOP

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process, as Tomasz Lis where a command signs."""
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")

    def run(*words: str, signs: bool = True) -> tuple[int, str]:
        who = ("--as", "Tomasz Lis", "--passphrase-file", str(tmp_path / "word")) if signs else ()
        capsys.readouterr()
        status = main([*words, "--lab", str(tmp_path / "lab"), *who])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


ADD = (
    "exhibit",
    "add",
    "--case",
    "2026-0147",
    "--type",
    "computer",
    "--description",
    "Laptop",
    "--place",
    "Desk",
    "--number",
)


@pytest.mark.req("REQ-07")
def test_a_device_is_registered_with_its_particulars_or_says_what_is_missing(call: Call) -> None:
    assert "drive_count" in call("exhibit", "fields", "--type", "computer", signs=False)[1]
    details = [word for name, value in LAPTOP.items() for word in ("--detail", f"{name}={value}")]
    status, said = call(*ADD, "LH/01", *details)
    assert (status, said) == (0, "Registered LH/01; it is IDENTIFIED.\n"), "nothing is asked of what was not seized"
    seized = ("--seized-at", "2026-11-19T13:00+01:00", "--seized-place", "Desk", "--seized-by", "Sgt. Duarte")
    status, said = call(*ADD, "LH/09", *seized)
    assert status == 2, "no seal and no witness"
    assert "Then into a tamper-evident bag" in said
    status, said = call(*ADD, "LH/02", "--detail", "marks=none")
    assert status == 2
    assert "Drives and bays" in said
    status, said = call(*ADD, "LH/02")
    assert status == 0
    assert "Not told yet: Colour, marks, damage (marks)" in said
    status, said = call("exhibit", "tell", "--case", "2026-0147", "--exhibit", "LH/02", "--detail", "nic_macs=xx")
    assert status == 0
    assert "xx (XX is no MAC address" in said
    shown = call("exhibit", "show", "--case", "2026-0147", "--exhibit", "LH/01", "--json", signs=False)[1]
    told = json.loads(shown)
    assert {name: one["value"] for name, one in told["particulars"].items()} == LAPTOP
    assert told["missing"] == []
    status, said = call(*ADD, "LH/03", "--detail", "marks")
    assert status == 2
    assert "FIELD=VALUE" in said


def test_places_are_added_listed_and_closed(call: Call) -> None:
    assert call("place", "add", "--kind", "site", "--code", "HQ", "--name", "Hafenstr. 3")[0] == 0
    assert call("place", "add", "--kind", "room", "--code", "R114", "--in", "HQ")[1] == "Added the room R114.\n"
    assert call("place", "list", signs=False)[1].splitlines()[1].startswith("  R114  room")
    assert call("place", "change", "--code", "R114", "--new-code", "R115", "--reason", "new plate")[0] == 0
    status, said = call("place", "close", "--code", "HQ", "--reason", "moved")
    assert status == 2
    assert "HQ is not empty: R115" in said
    assert call("place", "close", "--code", "R115", "--reason", "moved")[0] == 0
    listed = json.loads(call("place", "list", "--json", signs=False)[1])
    assert [one["path"] for one in listed] == ["HQ", "HQ / R115"]


def test_people_outside_the_lab_are_added_listed_and_ended(call: Call) -> None:
    add = ("outsider", "add", "--name", "Jan Novak", "--kind", "courier", "--organisation", "Secure Couriers")
    assert call(*add) == (0, "Added Jan Novak, Secure Couriers.\n")
    assert call("outsider", "change", "--name", "Jan Novak", "--function", "Driver", "--reason", "asked")[0] == 0
    assert "Jan Novak  courier  Driver" in call("outsider", "list", signs=False)[1]
    assert call("outsider", "end", "--name", "Jan Novak", "--reason", "left")[0] == 0
    assert call("outsider", "end", "--name", "Jan Novak", "--reason", "left")[0] == 2
