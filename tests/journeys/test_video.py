"""A still of a video out of an archive, decoded by the process that the program starts for it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.builders import make_bench
from tests.evidence import made_videos


@pytest.mark.req("REQ-39")
def test_a_still_of_a_video_is_decoded(tmp_path: Path) -> None:
    bench, archive = make_bench(tmp_path / "lab"), tmp_path / "videos.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("moving.avi", made_videos.motion_jpeg(made_videos.pictures(40, black=6)))
    request = IntakeRequest(
        exhibit_id=bench.exhibit(bench.case()).id,
        paths=(archive,),
        write_blocker=WriteBlocker(reason_for_none="Handed over by the provider"),
        logical=True,
    )
    try:
        image = bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, request).id)
        with bench.lab.catalogues.open(image) as catalogue:
            (video,) = catalogue.page(CatalogueQuery(), None, 10).entries
        found = bench.lab.examine.still(image, video, made_videos.SIZE[0])
    finally:
        bench.lab.close()
    assert (found.container, found.length_ms, found.stills[0].at_us) == ("AVI", 4000, 1_200_000)
    with Image.open(io.BytesIO(found.stills[0].encoded)) as still:
        assert still.size == made_videos.SIZE
        right = still.convert("RGB").getpixel((made_videos.SIZE[0] - 5, 60))
    assert isinstance(right, tuple)
    assert all(abs(one - other) < 12 for one, other in zip(right, made_videos.BLUE, strict=True))
