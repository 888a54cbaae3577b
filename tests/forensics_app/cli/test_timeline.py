"""``timeline`` makes, lists and exports the timeline of a case."""

import json
from pathlib import Path

import pytest

from forensics_app.model.image import IntakeRequest, WriteBlocker
from resources import path as resource
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.cli.calls import run


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed lab with the demonstration disk, catalogued without contents."""
    folder = tmp_path_factory.mktemp("timeline") / "lab"
    bench = make_bench(folder)
    request = IntakeRequest(
        exhibit_id=bench.exhibit(bench.case()).id,
        paths=(Path(str(resource("demo/demo.E01"))),),
        write_blocker=WriteBlocker(device="Tableau T35u"),
    )
    image = bench.lab.intake.take_in(bench.examiner, request)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.lab.close()
    (folder.parent / "passphrase").write_text(PASSPHRASE)
    return folder


def signing(lab: Path, person: str) -> list[object]:
    return ["--lab", lab, "--case", "2026-0147", "--as", person, "--passphrase-file", lab.parent / "passphrase"]


def test_a_timeline_is_made_listed_and_exported(lab: Path, tmp_path: Path) -> None:
    person = "Ana Kovač"
    assert "1 image" in run("timeline", "make", *signing(lab, person)).stdout
    listed = ["--lab", lab, "--case", "2026-0147"]
    lines = run("timeline", "list", *listed, "--filter", "volume:v0.p2", "--zone", "UTC").stdout.splitlines()
    assert any("2026-02-25  " in line and " .A... " in line for line in lines)
    lines = run(
        "timeline", "list", *listed, "--filter", "volume:v0.p2", "--zone", "America/New_York"
    ).stdout.splitlines()
    assert any("-05:00 (wall time taken as Europe/Berlin)" in line for line in lines)
    assert not any("-05:00 (Europe" in line or "-05:00  " in line for line in lines)
    told = [
        json.loads(line) for line in run("timeline", "list", *listed, "--json", "--time", "created").stdout.splitlines()
    ]
    assert told
    assert all("created" in one["stamps"] for one in told)
    later = run("timeline", "list", *listed, "--json", "--from", "2026-02-25", "--before", "2026-02-26").stdout
    assert all(json.loads(line)["time"].startswith("2026-02-25") for line in later.splitlines())
    said = run("timeline", "export", *signing(lab, person), "--form", "bodyfile", tmp_path / "body").stdout
    assert "midnight of the zone" in said
    assert len((tmp_path / "body").read_text().splitlines()) > 100


def test_wrong_zones_times_and_images_are_told_in_words(lab: Path) -> None:
    listed = ["timeline", "list", "--lab", lab, "--case", "2026-0147"]
    assert "There is no zone" in run(*listed, "--zone", "Mars/Base", status=2).stderr
    assert "is not a time" in run(*listed, "--from", "yesterday", status=2).stderr
    assert "There is no image" in run(*listed, "--image", "X", status=2).stderr
