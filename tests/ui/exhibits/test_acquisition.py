"""An acquisition that the last run of the program left unfinished."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from evidence.acquisition import Settings, acquire
from forensics_app.errors import CancelledError
from forensics_app.model.image import Integrity
from tests.evidence.images.ewf_builder import media_of
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import press, said
from tests.ui.exhibits.test_page import leave_running


def test_an_interrupted_acquisition_goes_on_where_it_stopped(desk: Desk, tmp_path: Path) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    source = tmp_path / "disk.img"
    source.write_bytes(media_of(4_000 * 512))

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        acquire(source, tmp_path / "image", Settings(), stop)
    parameters = {
        "exhibit_id": str(exhibit.id), "source": str(source), "target": str(tmp_path / "image"), "format": "e01",
        "write_blocker": "Tableau T8u", "reason_for_none": "", "compression": "fast", "segment_bytes": "2000000",
        "retries": "2", "notes": "",
    }  # fmt: skip
    leave_running(desk, "acquisition", parameters)
    desk.show()
    desk.wait(lambda: desk.page.findChild(QWidget, "interrupted0") is not None)
    assert "The acquisition of LH/01 was interrupted" in said(desk.page, "interrupted0")
    press(desk.page, "startAgain0")
    lab = desk.bench.lab
    desk.wait(lambda: lab.journal.interrupted() == () and len(lab.intake.list(desk.case.id)) == 1)
    (image,) = lab.intake.list(desk.case.id)
    assert image.integrity is Integrity.MATCH
    assert desk.errors == []
