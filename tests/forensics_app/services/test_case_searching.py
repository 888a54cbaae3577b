"""One search over all images of a case: each has its own file and entry, and what cannot be searched is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.search import SearchRequest
from forensics_app.services.case_searching import CaseSearching
from tests.builders import PASSPHRASE, Bench, make_bench
from tests.forensics_app.cli.calls import run as call
from tests.forensics_app.services.searched_image import make_image

WORDS = b"words that stand in both"


class Desk:
    """A lab with three small images, of which the last has no catalogue."""

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = make_bench(folder / "lab")
        self.case = self.bench.case()
        made = make_image(folder)
        self.images: list[EvidenceImage] = []
        for number in range(3):
            path = folder / f"{number}.img"
            data = bytearray(made.read_bytes())
            data[-4096 : -4096 + len(WORDS)] = WORDS
            data[-1] = number
            path.write_bytes(data)
            exhibit = self.bench.exhibit(self.case, f"LH/{number + 1:02}")
            request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=WriteBlocker(device="T8u"))
            self.images.append(self.bench.lab.intake.take_in(self.bench.examiner, request))
        for image in self.images[:2]:
            self.bench.lab.catalogues.build(self.bench.examiner, image.id, with_content=False)

    @property
    def all(self) -> CaseSearching:
        return CaseSearching(searching=self.bench.lab.searching)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("case"))
    yield made
    made.bench.lab.close()


def test_every_image_is_searched_and_recorded_and_one_without_a_catalogue_is_told(desk: Desk) -> None:
    bench, steps = desk.bench, list[tuple[int, int]]()
    begun: list[str] = []
    made = desk.all.begin(
        bench.examiner,
        desk.case.id,
        SearchRequest(terms=(WORDS.decode(),)),
        lambda done, total: steps.append((done, total)),
        lambda image, search_id: begun.append(image.number),
    )
    numbers = [image.number for image in desk.images]
    assert begun == [number for number, _ in made.found] == numbers[:2]
    assert [(info.hits, info.is_complete) for _, info in made.found] == [(1, True)] * 2
    assert [(one.path, "no catalogue" in one.why) for one in made.left_out] == [(numbers[2], True)]
    assert steps == sorted(steps)
    assert steps[-1][0] <= steps[-1][1] == 3 * desk.images[0].source.media_bytes
    acts = [event for event in bench.lab.custody.case_history(desk.case.id) if event.action == "image.search"]
    assert [event.facts["image"] for event in acts[-2:]] == numbers[:2]
    assert bench.lab.verification.verify().ok


def test_what_nobody_may_or_nothing_can_be_searched_for_begins_nowhere(desk: Desk) -> None:
    request = SearchRequest(terms=("x",))
    with pytest.raises(PermissionRefusedError):
        desk.all.begin(desk.bench.custodian, desk.case.id, request)
    with pytest.raises(RefusedError, match="nothing to look for"):
        desk.all.begin(desk.bench.examiner, desk.case.id, SearchRequest())
    empty = desk.bench.case("2026-0999")
    with pytest.raises(NotFoundError, match="no image"):
        desk.all.begin(desk.bench.examiner, empty.id, request)


def test_the_command_searches_all_images_where_none_is_named_and_takes_secrets_from_a_file_only(
    desk: Desk, tmp_path: Path
) -> None:
    lab = desk.bench.lab.folder.root
    terms = tmp_path / "terms"
    terms.write_bytes(WORDS + b"\n")
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    who = ("--as", "Ana Kova\u010d", "--passphrase-file", secret)
    named = ("search", "run", "--lab", lab, *who, "--case", desk.case.number)
    done = call(*named, "--terms", terms, "--secret", "--json", status=1)
    told = json.loads(done.stdout)
    assert [(one["image"], one["hits"]) for one in told["searches"]] == [("LH/01-I1", 1), ("LH/02-I1", 1)]
    assert told["searches"][0]["request"]["terms"] == ["secret term 1"]
    assert WORDS.decode() not in done.stdout
    assert told["left_out"][0]["path"] == "LH/03-I1"
    call(*named, "--term", "x", "--secret", status=2)
