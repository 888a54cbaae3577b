"""An acquisition from the choice of the source to the image, through the real page, services and files."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from forensics_app.model.image import Integrity
from tests.evidence.acquisition.fake_system import made_system
from tests.evidence.images.ewf_builder import media_of
from tests.ui import room
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from ui.acquire.source_step import FILE, FOLDERS
from ui.acquire.wizard import CHECK, IMAGE, RESULT, WORK, AcquireWizard
from ui.exhibits.watched_run import Phase
from ui.jobs import State
from ui.widgets.buttons import Button
from ui.widgets.sheet import ConfirmSheet

BLOCKER = "Tableau T8u, S/N 77012"
IMAGES = 2
MEDIA = media_of(4_000 * 512)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(MEDIA)
    return path


def opened(desk: Desk) -> AcquireWizard:
    """The window of an acquisition for the exhibit in sight."""
    desk.page.details.show_tab(IMAGES)
    desk.wait(lambda: desk.page.findChild(Button, "acquireHere") is not None)
    press(desk.page, "acquireHere")
    return in_sight(desk)


def in_sight(desk: Desk) -> AcquireWizard:
    def shown() -> list[AcquireWizard]:
        return [one for one in desk.page.findChildren(AcquireWizard) if one.isVisible()]

    desk.wait(lambda: len(shown()) == 1)
    return shown()[0]


def to_check(desk: Desk, wizard: AcquireWizard, source: Path, **more: str) -> None:
    """Fill in source, write blocker and target."""
    wizard.source.take(FILE, [source])
    fill(wizard, acquireBlocker=BLOCKER)
    press(wizard, "nextButton")
    assert wizard.current == IMAGE
    target = source.parent / "images"
    target.mkdir(exist_ok=True)
    fill(wizard, targetFolder=str(target), **more)
    desk.wait(lambda: wizard.image.plan is not None)
    press(wizard, "nextButton")
    assert wizard.current == CHECK


@pytest.fixture
def with_exhibit(desk: Desk) -> Desk:
    desk.bench.exhibit(desk.case)
    desk.show()
    return desk


@pytest.mark.req("REQ-24", "REQ-32")
def test_a_source_becomes_an_image_of_the_exhibit(with_exhibit: Desk, source: Path) -> None:
    desk = with_exhibit
    os.utime(source, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    wizard = opened(desk)
    assert said(wizard, "whyNot") == "Choose the device that is imaged."
    to_check(desk, wizard, source, labelNotes="Label torn")
    assert "read once, through MD5, SHA-1 and SHA-256" in said(wizard, "acquirePromise")
    assert not list((source.parent / "images").iterdir())
    press(wizard, "nextButton")
    assert wizard.current == WORK
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    press(wizard, "nextButton")
    assert wizard.current == RESULT
    assert said(wizard, "acquiredTitle") == "LH/01-I1 is recorded"
    assert [said(wizard, f"compared-{name}") for name in ("sha1", "md5")] == ["Equal", "Equal"]
    assert said(wizard, "noReadErrors") == "Every sector of the source could be read."
    assert said(wizard, "acquisitionVerified") == "Yes, equal"
    (image,) = desk.bench.lab.intake.list(desk.case.id)
    assert image.source.paths == (source.parent / "images" / "LH-01.E01",)
    assert (image.integrity, image.write_blocker.device) == (Integrity.MATCH, BLOCKER)
    assert image.digests["sha256"] == hashlib.sha256(MEDIA).digest()
    assert image.source.metadata["notes"] == "Label torn"
    assert (source.read_bytes(), source.stat().st_mtime_ns) == (MEDIA, 1_700_000_000_000_000_000)
    (job,) = [job for job in desk.page.context.jobs.jobs if job.card.title == "Acquire LH/01"]
    assert job.pace.share == 1.0
    wizard.reject()
    desk.wait(lambda: desk.page.findChild(QWidget, "acquisitionVerified") is not None)
    assert desk.errors == []


def test_the_header_is_filled_in_from_the_record_and_the_description_can_be_changed(
    with_exhibit: Desk, source: Path
) -> None:
    wizard = opened(with_exhibit)
    to_check(with_exhibit, wizard, source, labelDescription="Disk of the kitchen laptop")
    wizard.go_to(IMAGE)
    assert [said(wizard, name) for name in ("labelCase", "labelExhibit", "labelExaminer")] == [
        with_exhibit.case.number, "LH/01", "Ana Kovač",
    ]  # fmt: skip
    order = wizard.order()
    assert order.request.write_blocker.device == BLOCKER
    with_exhibit.wait(lambda: wizard.image.plan is not None)
    press(wizard, "nextButton")
    press(wizard, "nextButton")
    with_exhibit.wait(lambda: wizard.run is not None and wizard.run.phase is Phase.DONE)
    (image,) = with_exhibit.bench.lab.intake.list(with_exhibit.case.id)
    assert image.source.metadata["description"] == "Disk of the kitchen laptop"


def test_a_target_that_is_refused_says_why_under_the_field(with_exhibit: Desk, source: Path) -> None:
    wizard = opened(with_exhibit)
    (source.parent / "LH-01.E01").write_bytes(b"another image")
    wizard.source.take(FILE, [source])
    fill(wizard, acquireNoBlocker="A copy on the lab's own disk", acquireBlocker="")
    press(wizard, "nextButton")
    fill(wizard, targetFolder=str(source.parent))
    with_exhibit.wait(lambda: "already exists" in said(wizard, "targetFolderError"))
    assert said(wizard, "whyNot") == "The image cannot be made like this."
    fill(wizard, targetName="second")
    with_exhibit.wait(lambda: wizard.image.plan is not None)
    assert said(wizard, "whyNot") == ""


def test_devices_are_listed_as_the_system_tells_of_them(with_exhibit: Desk, tmp_path: Path) -> None:
    desk = with_exhibit
    system = made_system(tmp_path / "system")
    lab = desk.bench.lab
    vars(lab)["acquisitions"] = replace(lab.acquisitions, system=system)
    desk.session.open_lab(lab)
    desk.session.sign_in(desk.bench.examiner)
    wizard = opened(desk)
    devices = wizard.source.devices
    desk.wait(lambda: devices.table.model().rowCount() == 9)
    assert devices.choose(str(system.nodes / "nvme0n1"))
    assert "the system writes to it" in said(wizard, "acquireSourceSaid")
    assert devices.choose(str(system.nodes / "sdb"))
    row = [str(devices.table.model().index(devices.table.currentIndex().row(), at).data()) for at in range(5)]
    assert row == [str(system.nodes / "sdb"), "4C530001240513", "34.4 GB", "USB", "Reads only"]
    assert wizard.source.sources == (system.nodes / "sdb",)
    assert room.unnamed(wizard) == []


def test_a_stopped_acquisition_goes_on_from_the_images_of_the_exhibit(with_exhibit: Desk, tmp_path: Path) -> None:
    desk = with_exhibit
    source = tmp_path / "disk.img"
    source.write_bytes(media_of(64_000 * 512))
    wizard = opened(desk)
    to_check(desk, wizard, source)
    press(wizard, "nextButton")
    press(wizard, "stopAcquisition")
    sheet = wizard.findChild(ConfirmSheet, "stopAcquisitionSheet")
    assert sheet is not None
    press(sheet, "confirmButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.STOPPED)
    assert "offers to go on" in said(wizard, "acquireSaid")
    wizard.reject()
    desk.wait(lambda: desk.page.findChild(QWidget, "unfinished0") is not None)
    assert "was not finished" in said(desk.page, "unfinished0")
    press(desk.page, "goOn0")
    again = in_sight(desk).run
    assert again is not None
    desk.wait(lambda: again.phase is Phase.DONE)
    (image,) = desk.bench.lab.intake.list(desk.case.id)
    assert image.integrity is Integrity.MATCH
    assert desk.bench.lab.acquisitions.unfinished(desk.exhibits()[0].id) == ()
    assert desk.bench.lab.verification.verify().ok


def test_folders_become_a_container_of_the_exhibit(with_exhibit: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear all")
    wizard = opened(with_exhibit)
    wizard.source.take(FOLDERS, [folder])
    fill(wizard, acquireNoBlocker="A share of a server", acquireBlocker="")
    press(wizard, "nextButton")
    fill(wizard, targetFolder=str(tmp_path))
    press(wizard, "nextButton")
    assert "copied into one container" in said(wizard, "acquirePromise")
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    with_exhibit.wait(lambda: not run.active)
    assert run.error is None
    press(wizard, "nextButton")
    assert said(wizard, "noReadErrors") == "Every file and folder could be read whole."
    assert (tmp_path / "LH-01.zip").exists()
    assert [job.state for job in with_exhibit.page.context.jobs.jobs] == [State.DONE]


def test_what_was_filled_in_is_there_when_the_window_is_opened_again(with_exhibit: Desk, source: Path) -> None:
    wizard = opened(with_exhibit)
    to_check(with_exhibit, wizard, source, targetName="kitchen", acquireRetries="5")
    wizard.reject()
    again = opened(with_exhibit)
    assert again.current == CHECK
    assert again.source.sources == (source,)
    assert (said(again, "targetName"), again.image.request().write_blocker.device) == ("kitchen", BLOCKER)
