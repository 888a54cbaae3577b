"""The same content on the images of a case: found by SHA-256, bounded, with what is hidden and what was left out."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from forensics_app.services import twins
from tests.builders import Bench, make_bench
from tests.evidence.made_images import need
from tests.evidence.made_images import run as tool
from tests.forensics_app.cli.calls import run as call

SAME = b"the same words on every disk\n"


class Desk:
    """Four disks: of the third the contents were not digested, the fourth has no catalogue."""

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = make_bench(folder / "lab")
        case = self.bench.case()
        self.images: list[EvidenceImage] = []
        for number in range(4):
            tree = folder / f"tree{number}"
            tree.mkdir()
            (tree / f"copy {number}.txt").write_bytes(SAME)
            (tree / "own.txt").write_bytes(SAME + bytes([number]))
            (tree / "empty").write_bytes(b"")
            if number == 1:
                with zipfile.ZipFile(tree / "pack.zip", "w") as packed:
                    packed.writestr("packed.txt", SAME)
            path = folder / f"{number}.raw"
            tool("mke2fs", "-q", "-t", "ext4", "-d", tree, path, "4M")
            exhibit = self.bench.exhibit(case, f"LH/{number + 1:02}")
            request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=WriteBlocker(device="T8u"))
            image = self.bench.lab.intake.take_in(self.bench.examiner, request)
            if number < 3:
                image = self.bench.lab.catalogues.build(self.bench.examiner, image.id, with_content=number < 2)
            self.images.append(image)

    def entry(self, number: int, path: str) -> CatalogueEntry:
        with self.bench.lab.catalogues.open(self.images[number]) as catalogue:
            (found,) = catalogue.at("v0", path)
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    need("mke2fs")
    made = Desk(tmp_path_factory.mktemp("twins"))
    yield made
    made.bench.lab.close()


def test_the_same_content_is_found_on_other_images_and_what_was_not_looked_through_is_named(desk: Desk) -> None:
    entry, steps = desk.entry(0, "/copy 0.txt"), list[tuple[int, int]]()
    found = desk.bench.lab.twins.find(desk.images[0], [entry], lambda done, total: steps.append((done, total)))
    assert [(one.image.number, one.entry.path) for one in found.twins] == [("LH/02-I1", "/copy 1.txt")]
    assert found.twins[0].entry.sha256 == hashlib.sha256(SAME).digest()
    assert found.images == 2
    told = {one.path: one.why for one in found.left_out}
    assert set(told) == {"LH/02-I1", "LH/03-I1", "LH/04-I1"}
    assert told["LH/02-I1"].startswith("what lies in its archives was not listed")
    assert "were not digested" in told["LH/03-I1"]
    assert told["LH/04-I1"].startswith("it has no catalogue")
    assert steps[-1][0] == steps[-1][1]


def test_several_are_looked_for_at_once_and_what_has_no_content_is_counted(desk: Desk) -> None:
    asked = [desk.entry(0, path) for path in ("/copy 0.txt", "/own.txt", "/empty", "/lost+found")]
    found = desk.bench.lab.twins.find(desk.images[0], asked)
    assert (found.contents, found.not_asked) == (2, 2)
    assert [one.entry.path for one in found.twins] == ["/copy 1.txt"]
    with pytest.raises(RefusedError, match="nothing of what was chosen has one"):
        desk.bench.lab.twins.find(desk.images[0], asked[2:])


def test_what_is_found_is_bounded_and_that_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = desk.entry(0, "/copy 0.txt")
    monkeypatch.setattr(twins, "MOST_AN_IMAGE", 0)
    found = desk.bench.lab.twins.find(desk.images[0], [entry])
    assert found.twins == ()
    assert {one.path for one in found.left_out} >= {"LH/01-I1", "LH/02-I1"}
    monkeypatch.setattr(twins, "MOST_CONTENTS", 0)
    with pytest.raises(RefusedError, match="too many"):
        desk.bench.lab.twins.find(desk.images[0], [entry])


def test_it_can_be_stopped(desk: Desk) -> None:
    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        desk.bench.lab.twins.find(desk.images[0], [desk.entry(0, "/copy 0.txt")], stop)


@pytest.mark.req("REQ-39", "REQ-40")
def test_what_is_marked_or_concealed_is_told_and_not_uncovered(desk: Desk) -> None:
    bench, lab = desk.bench, desk.bench.lab
    other, image = desk.entry(1, "/copy 1.txt"), desk.images[1]
    mark = lab.examine.marks.add(bench.examiner, image.id, other, MarkKind.PRIVILEGED, "To counsel")
    sensitive = next(one for one in lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    lab.tags.put(bench.examiner, sensitive.id, [entry_target(image, other)])
    (twin,) = lab.twins.find(desk.images[0], [desk.entry(0, "/copy 0.txt")]).twins
    assert twin.hidden == "marked as privileged, tagged Sensitive"
    assert not lab.examine.concealing.is_looked_at(image, other)
    assert mark.id not in lab.examine.seen.looking


def test_the_command_line_lists_them_with_their_images(desk: Desk) -> None:
    place = ["files", "--lab", desk.bench.lab.folder.root, "--case", "2026-0147", "--image", "LH/01-I1"]
    made = call(*place, "--volume", "v0", "--same-as", "/copy 0.txt")
    (line,) = made.stdout.splitlines()
    assert line.startswith("LH/02-I1")
    assert "/copy 1.txt" in line
    assert "LH/03-I1" in made.stderr
    told = json.loads(call(*place, "--filter", "copy", "--same-content", "--json").stdout)
    assert (told["contents"], told["count"]) == (1, 1)
    assert told["same"][0]["entry"]["path"] == "/copy 1.txt"
    assert len(told["left_out"]) == 3
