"""A scene and the principles on the command line, as a script at a search would call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from resources import path as resource
from tests.builders import PASSPHRASE, make_bench

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process, as Tomasz Lis where a command signs."""
    bench = make_bench(tmp_path / "lab")
    bench.case(expires_on=None)
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")

    def run(*words: str, signs: bool = True) -> tuple[int, str]:
        who = ("--as", "Tomasz Lis", "--passphrase-file", str(tmp_path / "word")) if signs else ()
        capsys.readouterr()
        status = main([*words, "--lab", str(tmp_path / "lab"), *who])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


IN = ("--case", "2026-0147", "--scene", "1")


def begin(call: Call) -> None:
    status, said = call(
        "scene", "begin", "--case", "2026-0147", "--flow", "live-box", "--subject", "Desktop", "--place", "Office",
        "--led-by", "Sgt. Duarte", "--at", "2026-11-20T09:00:00+01:00",
    )  # fmt: skip
    assert (status, said) == (0, "Scene 1: Desktop; 13 questions to answer.\n")


@pytest.mark.req("REQ-04")
def test_a_scene_is_begun_answered_and_shown(call: Call) -> None:
    begin(call)
    assert call("scene", "answer", *IN, "--step", "live-encryption", "--value", "yes")[0] == 0
    picture = str(resource("demo/exhibit-photo-laptop.jpg"))
    assert call("scene", "photo", *IN, "--step", "live-screen", "--view", "screen", picture)[0] == 0
    status, said = call("scene", "show", "--case", "2026-0147", "--scene", "1", "--json", signs=False)
    shown = json.loads(said)
    answers = {one["step"]: one["answer"]["value"] for one in shown["questions"] if one["answer"]}
    assert (status, answers) == (0, {"live-screen": "1", "live-encryption": "yes"})
    assert "live-encryption: Signs of encryption" in call("scene", "show", *IN, signs=False)[1]
    assert "live-box  open  Desktop" in call("scene", "list", "--case", "2026-0147", signs=False)[1]


@pytest.mark.req("REQ-05", "REQ-06")
def test_a_capture_too_late_is_flagged_and_an_open_scene_is_not_closed(call: Call) -> None:
    begin(call)
    reason = ("--reason", "An encrypted volume is open")
    assert call("scene", "answer", *IN, "--step", "live-decision", "--value", "live-capture", *reason)[0] == 0
    told = (
        "--step", "live-capture", "--tool", "avml", "--tool-version", "0.14", "--command", "avml m.lime",
        "--started-at", "2026-11-20T09:05:00", "--ended-at", "2026-11-20T09:25:00",
    )  # fmt: skip
    assert call("scene", "capture", *IN, *told, "--order", "volatile-disk", "--what", "Open volume")[1].startswith(
        "Recorded as step 1 of the capture."
    )
    assert "which is flagged" in call("scene", "capture", *IN, *told, "--order", "volatile-memory", "--what", "RAM")[1]
    status, said = call("scene", "close", *IN)
    assert status != 0
    assert "questions are open" in said


@pytest.mark.req("REQ-02")
def test_the_principles_say_what_departs_and_who_explained_it(call: Call) -> None:
    begin(call)
    status, said = call("principles", "show", "--case", "2026-0147", signs=False)
    assert status == 1
    gap = next(line for line in said.splitlines() if "[specialist:" in line)
    key = gap.split("[")[1].split("]")[0]
    told = ("--principle", "principle-3", "--what", "No specialist", "--reason", "None within two hours", "--gap", key)
    assert call("principles", "deviate", "--case", "2026-0147", *told)[0] == 0
    status, said = call("principles", "show", "--case", "2026-0147", signs=False)
    assert status == 0
    assert "No specialist Reason: None within two hours (Tomasz Lis)" in said


@pytest.mark.req("REQ-03", "REQ-06")
def test_the_rules_of_a_step_of_custody_are_listed_with_their_sources(call: Call) -> None:
    status, said = call("principles", "guidance", "--step", "dispatch", signs=False)
    assert status == 0
    assert "Electronic parts go into an antistatic bag" in said
    assert "packaging-antistatic; structured to follow Electronic Evidence Guide" in said


@pytest.mark.req("REQ-03")
def test_rules_past_their_review_are_listed(call: Call, tmp_path: Path) -> None:
    own = tmp_path / "lab" / "guidance"
    own.mkdir()
    for name in ("sources", "principles", "scenes", "devices", "practice"):
        text = resource(f"guidance/{name}.toml").read_text("utf-8")
        (own / f"{name}.toml").write_text(text.replace("2027-06-30", "2020-06-30", 1), "utf-8")
    status, said = call("principles", "guidance", signs=False)
    assert status == 1
    assert said.startswith("principle-1: to be looked at by 2020-06-30; structured to follow Electronic Evidence Guide")
    assert len(said.splitlines()) == 4


def test_a_scene_that_is_not_there_is_told(call: Call) -> None:
    begin(call)
    status, said = call("scene", "show", "--case", "2026-0147", "--scene", "2", signs=False)
    assert status == 2
    assert "there is no number 2" in said


@pytest.mark.req("REQ-01")
def test_an_authority_in_force_is_not_overridden(call: Call) -> None:
    status, said = call("case", "override", "--case", "2026-0147", "--until", "2026-11-25", "--reason", "danger")
    assert status != 0
    assert "expired" in said
