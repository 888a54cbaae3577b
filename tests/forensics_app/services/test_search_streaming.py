"""A search of many files: hits are there before it is known what lies beside the files, and it can be gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.db.search_file import SearchFile
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.search import SearchId, SearchRequest
from tests.builders import make_bench
from tests.evidence.made_images import blank, need, run

_FILES = 2_100


class _StoppedError(Exception):
    """As when somebody stops it."""


@pytest.mark.req("REQ-57")
def test_hits_in_files_come_before_the_rest_is_divided_and_a_stopped_search_finds_the_rest(tmp_path: Path) -> None:
    need("mkfs.ext4")
    inside, image_path = tmp_path / "inside", blank(tmp_path / "image.dd", 24 << 20)
    inside.mkdir()
    for number in range(_FILES):
        (inside / f"{number:05}.bin").write_bytes(b"\x01 streamed %d" % number)
    run("mkfs.ext4", "-q", "-b", "1024", "-N", "3000", "-d", inside, image_path)
    with image_path.open("r+b") as file:
        file.seek(200)
        file.write(b"streamed in the boot block")
    bench = make_bench(tmp_path / "lab")
    lab, examiner = bench.lab, bench.examiner
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(image_path,), write_blocker=WriteBlocker(device="T8u"))
    image = lab.catalogues.build(examiner, lab.intake.take_in(examiner, request).id)
    begun: list[SearchId] = []

    def path() -> Path:
        return lab.folder.searches(image.case_id, image.id) / f"{begun[0]}.db"

    def stop_at_the_first_hits(done: int, total: int) -> None:
        assert 0 <= done <= total
        with SearchFile(path()) as file:
            if file.info("").hits:
                raise _StoppedError

    asked = SearchRequest(terms=("streamed",))
    with pytest.raises(_StoppedError):
        lab.searching.begin(examiner, image.id, asked, stop_at_the_first_hits, begun.append)
    with SearchFile(path()) as file:
        early = file.info("")
        assert file.spaces is None, "what lies beside the files is not known yet"
        assert 0 < early.hits < _FILES + 1
        assert not early.is_complete
    whole = lab.searching.resume(examiner, image.id, begun[0])
    assert (whole.is_complete, whole.hits, whole.missed) == (True, _FILES + 1, 0)
    with lab.searching.open(image, begun[0]) as found:
        assert {hit.offset_bytes for hit in found.all() if hit.space == "volume"} == {200}
    again = lab.searching.begin(examiner, image.id, asked)
    assert (again.units, again.hits, again.done) == (whole.units, whole.hits, again.units)
    lab.close()
