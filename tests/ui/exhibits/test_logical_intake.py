"""Logical evidence through the window: a folder copied first, an archive, and what the steps say of them."""

import hashlib
import tarfile
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from forensics_app.model.acquisition import FolderRequest
from forensics_app.model.acquisition_record import acquisitions_of
from forensics_app.model.image import Integrity, WriteBlocker
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from ui.acquire.record_part import acquisition_part
from ui.exhibits.intake_wizard import CHECK, WORK, IntakeWizard
from ui.exhibits.watched_run import Phase
from ui.widgets.layout import plain, vbox

LETTER = b"Dear Sirs,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "handed over"
    (top / "docs").mkdir(parents=True)
    (top / "docs" / "letter.txt").write_bytes(LETTER)
    (top / "empty").write_bytes(b"")
    return top


def at_source(desk: Desk) -> IntakeWizard:
    desk.bench.exhibit(desk.case)
    desk.show()
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    fill(wizard, intakeExhibit="LH/01  Laptop, Lenovo ThinkPad T14")
    for _ in range(3):
        press(wizard, "nextButton")
    return wizard


def is_shown(wizard: IntakeWizard, name: str) -> bool:
    part = wizard.findChild(QWidget, name)
    return part is not None and part.isVisible()


def finish(desk: Desk, wizard: IntakeWizard) -> None:
    fill(wizard, noBlockerReason="Files handed over by the provider")
    press(wizard, "nextButton")
    assert wizard.current == WORK
    run = wizard.run
    assert run is not None
    desk.wait(lambda: not run.active)
    assert run.phase is Phase.DONE, run.error
    press(wizard, "nextButton")
    assert wizard.current == CHECK


def test_a_folder_is_copied_into_a_container_that_is_taken_in(desk: Desk, folder: Path, tmp_path: Path) -> None:
    wizard = at_source(desk)
    before = [(path.stat().st_mtime_ns, path.stat().st_atime_ns) for path in sorted(folder.rglob("*"))]
    wizard.source.take([folder])
    desk.wait(lambda: is_shown(wizard, "folderCopy"))
    assert "it is not taken in as it is" in said(wizard, "folderSaid")
    assert said(wizard, "whyNot") == "Say where the container is to be written."
    fill(wizard, containerPath=str(folder / "inside.zip"))
    assert said(wizard, "whyNot") == "The container must not lie in the folder that is copied."
    fill(wizard, containerPath=str(tmp_path / "nowhere" / "made.zip"))
    assert said(wizard, "whyNot") == f"There is no folder {tmp_path / 'nowhere'}."
    (tmp_path / "there.zip").touch()
    fill(wizard, containerPath=str(tmp_path / "there"))
    assert said(wizard, "whyNot") == "there.zip already exists; nothing is ever overwritten."
    fill(wizard, containerPath=str(tmp_path / "made"))
    assert said(wizard, "whyNot") == "Name the write blocker, or write why there was none."
    finish(desk, wizard)
    image = desk.bench.lab.intake.list(desk.case.id)[0]
    assert image.integrity is Integrity.MATCH
    assert image.source.paths == (tmp_path / "made.zip",)
    assert image.digests["sha256"] == hashlib.sha256((tmp_path / "made.zip").read_bytes()).digest()
    assert said(wizard, "integrityWords").endswith("equals the digests that the container stores of it.")
    found = said(wizard, "found0") + said(wizard, "found1")
    assert "2 of 2 files with digests in its manifest (manifest.jsonl) were read and equal them" in found
    assert [(path.stat().st_mtime_ns, path.stat().st_atime_ns) for path in sorted(folder.rglob("*"))] == before
    actions = [event.action for event in desk.bench.lab.custody.case_history(desk.case.id)]
    assert actions[-2:] == ["image.acquire_folders", "image.intake"]
    (record,) = acquisitions_of(desk.bench.lab.custody.history(image.exhibit_id))
    shown = plain(vbox(*acquisition_part(record, image, ZoneInfo("UTC"))))
    words = " ".join(part.text() for part in shown.findChildren(QLabel))
    assert "of content, 0 extended attributes" in words or "alternate streams were not copied" in words
    assert desk.errors == []


def test_the_place_of_the_last_container_is_offered_again(desk: Desk, folder: Path, tmp_path: Path) -> None:
    wizard = at_source(desk)
    wizard.source.take([folder])
    desk.wait(lambda: is_shown(wizard, "folderCopy"))
    fill(wizard, containerPath=str(tmp_path / "made.zip"))
    finish(desk, wizard)
    wizard.reject()
    desk.show()
    press(desk.page, "takeInImage")
    again = desk.wizard()
    other = tmp_path / "other"
    other.mkdir()
    again.source.take([other])
    desk.wait(lambda: again.source.folder == other)
    assert again.source.paths == (tmp_path / "other.zip",)


@pytest.mark.parametrize("name", ["files.zip", "files.tar.gz"])
def test_an_archive_is_taken_in_as_logical_evidence_once_that_is_pressed(
    desk: Desk, folder: Path, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(source, "w") as archive:
            archive.write(folder / "docs" / "letter.txt", "docs/letter.txt")
    else:
        with tarfile.open(source, "w:gz") as tar:
            tar.add(folder / "docs", "docs")
    wizard = at_source(desk)
    wizard.source.take([source])
    desk.wait(lambda: is_shown(wizard, "takeLogical"))
    assert "is no image of a medium but an archive" in said(wizard, "archiveSaid")
    assert said(wizard, "whyNot") == "Say that the files in the archive are the evidence, or choose another file."
    press(wizard, "takeLogical")
    desk.wait(lambda: wizard.source.source is not None)
    assert not is_shown(wizard, "takeLogical")
    finish(desk, wizard)
    image = desk.bench.lab.intake.list(desk.case.id)[0]
    assert image.integrity is Integrity.NONE_STORED
    assert image.digests["sha256"] == hashlib.sha256(source.read_bytes()).digest()
    assert said(wizard, "integrityWords").startswith("It stores no digests of its files")
    press(wizard, "wizardFinish")
    desk.wait(lambda: (desk.bench.lab.intake.get(image.id).catalogue_entries or 0) >= 2)
    assert desk.errors == []


def test_another_source_forgets_the_folder_and_the_archive(desk: Desk, folder: Path, demo: Path) -> None:
    wizard = at_source(desk)
    wizard.source.take([folder])
    desk.wait(lambda: is_shown(wizard, "folderCopy"))
    wizard.source.take([demo])
    desk.wait(lambda: wizard.source.source is not None)
    assert (wizard.source.folder, wizard.source.logical, wizard.source.paths) == (None, False, (demo,))
    assert not is_shown(wizard, "folderCopy")


def test_a_container_whose_file_was_exchanged_is_told_with_the_name_of_the_file(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    exhibit = desk.bench.exhibit(desk.case, "LH/07")
    blocker = WriteBlocker(reason_for_none="Files of a test")
    request = FolderRequest(
        exhibit_id=exhibit.id, folders=(folder,), target=tmp_path / "made.zip", write_blocker=blocker
    )
    desk.bench.lab.acquisitions.acquire_folders(desk.bench.examiner, request)
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, b"Dear Madam\n" if name.endswith("letter.txt") else content)
    wizard = at_source(desk)
    wizard.source.take([tmp_path / "forged.zip"])
    desk.wait(lambda: is_shown(wizard, "takeLogical"))
    press(wizard, "takeLogical")
    desk.wait(lambda: wizard.source.source is not None)
    finish(desk, wizard)
    assert said(wizard, "integrityWords").startswith("What the container holds is not what the digests stored of it")
    assert said(wizard, "found0").startswith("/1/docs/letter.txt is not what was copied")
    assert is_shown(wizard, "supervisorDecides")
