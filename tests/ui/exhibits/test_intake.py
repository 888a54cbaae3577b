"""The intake from the first field to the catalogue, through the real page, services, keys and child processes."""

import hashlib
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from forensics_app.model.exhibit import ExhibitType, NewExhibit
from forensics_app.model.image import IntakeRequest, Integrity, WriteBlocker
from resources import path as resource
from tests.ui import room
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from ui.exhibits.intake_wizard import CHECK, SEIZURE, SOURCE, WORK, IntakeWizard
from ui.exhibits.watched_run import Phase
from ui.jobs import State
from ui.widgets.buttons import Button
from ui.widgets.notes import Note
from ui.widgets.sheet import ConfirmSheet

BLOCKER = "Tableau T8u, S/N 77012"


def to_source(wizard: IntakeWizard) -> None:
    """Fill in the first three steps for a new exhibit."""
    fill(wizard, exhibitDescription="Hard disk, WD Elements", exhibitCondition="No visible damage")
    fill(wizard, exhibitNumber="LH/05")
    press(wizard, "nextButton")
    fill(wizard, seizedPlace="Lindenhofstr. 12", seizedBy="Sgt. Duarte", seizureWitness="Insp. Haas")
    press(wizard, "nextButton")
    fill(wizard, sealNumber="0048817", noPhotoReason="Sealed bag")
    press(wizard, "nextButton")
    assert wizard.current == SOURCE


def name_source(desk: Desk, wizard: IntakeWizard, path: Path) -> None:
    wizard.source.take([path])
    desk.wait(lambda: wizard.source.source is not None)


@pytest.mark.req("REQ-24")
@pytest.mark.req("REQ-32")
def test_a_new_exhibit_is_registered_and_its_image_taken_in_to_the_catalogue(desk: Desk, demo: Path) -> None:
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    name_source(desk, wizard, demo)
    assert said(wizard, "whyNot") == "Name the write blocker, or write why there was none."
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    assert wizard.current == WORK
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    press(wizard, "nextButton")
    assert wizard.current == CHECK
    assert [said(wizard, f"compared-{name}") for name in ("sha256", "sha1", "md5")] == ["None stored", "Equal", "Equal"]
    assert said(wizard, "noUnreadable") == "Unreadable regions: none"
    press(wizard, "wizardFinish")
    desk.wait(
        lambda: any(job.card.title == "Catalogue LH/05-I1" and not job.active for job in desk.page.context.jobs.jobs)
    )
    image = desk.bench.lab.intake.list(desk.case.id)[0]
    exhibit = desk.exhibits()[0]
    assert (exhibit.number, exhibit.seal_number, exhibit.seized_by) == ("LH/05", "0048817", "Sgt. Duarte")
    assert (image.integrity, image.write_blocker.device) == (Integrity.MATCH, BLOCKER)
    assert image.catalogue_entries == 100
    assert desk.errors == []


def test_a_name_that_could_be_somebody_of_the_laboratory_is_asked_for_and_the_intake_goes_on(
    desk: Desk, demo: Path
) -> None:
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    wizard.go_to(SEIZURE)
    fill(wizard, seizedBy="Sgt. Ana Kovač")
    wizard.go_to(SOURCE)
    name_source(desk, wizard, demo)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    desk.wait(lambda: wizard.current == SEIZURE)
    assert "holds the name of Ana Kovač" in wizard.findChild(Note, "nameUnclear").text
    assert said(wizard, "whyNot") == "Choose who is meant."
    fill(wizard, nameMeans="somebody else, or a firm")
    assert said(wizard, "whyNot") == ""
    wizard.go_to(SOURCE)
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    exhibit = desk.exhibits()[0]
    assert (exhibit.number, exhibit.seized_by, exhibit.holder_id) == ("LH/05", "Sgt. Ana Kovač", None)
    assert desk.errors == []


@pytest.mark.req("REQ-26")
def test_the_source_has_the_same_bytes_and_times_afterwards(desk: Desk, demo: Path) -> None:
    os.utime(demo, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    before = (hashlib.sha256(demo.read_bytes()).digest(), demo.stat().st_mtime_ns)
    desk.bench.exhibit(desk.case)
    desk.show()
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    fill(wizard, intakeExhibit="LH/01  Laptop, Lenovo ThinkPad T14")
    for _ in range(3):
        press(wizard, "nextButton")
    name_source(desk, wizard, demo)
    fill(wizard, noBlockerReason="A copy on the lab's own disk")
    press(wizard, "nextButton")
    desk.wait(lambda: wizard.run is not None and wizard.run.phase is Phase.DONE)
    assert (hashlib.sha256(demo.read_bytes()).digest(), demo.stat().st_mtime_ns) == before


@pytest.mark.req("REQ-17")
def test_an_image_made_on_scene_of_something_that_stayed_there_is_told_with_the_source(
    desk: Desk, tmp_path: Path
) -> None:
    new = NewExhibit(
        case_id=desk.case.id, number="LH/01", type=ExhibitType.COMPUTER, description="Server", place="Server room"
    )
    exhibit = desk.bench.lab.exhibits.add(desk.bench.examiner, new)
    desk.show()
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    fill(wizard, intakeExhibit="LH/01  Server")
    for _ in range(3):
        press(wizard, "nextButton")
    path = tmp_path / "server.dd"
    path.write_bytes(bytes(1 << 16))
    name_source(desk, wizard, path)
    fill(wizard, writeBlocker=BLOCKER)
    box = wizard.findChild(QCheckBox, "madeOnScene")
    assert isinstance(box, QCheckBox)
    assert box.isVisible()
    box.click()
    press(wizard, "nextButton")
    desk.wait(lambda: wizard.run is not None and wizard.run.phase is Phase.DONE)
    after = desk.bench.lab.exhibits.get(exhibit.id)
    assert (after.state.value, after.holder_id) == ("IMAGED_ON_SCENE", None)


def test_what_was_typed_last_is_offered_at_the_next_intake(desk: Desk, demo: Path) -> None:
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    name_source(desk, wizard, demo)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.DONE)
    wizard.reject()
    desk.show()
    press(desk.page, "takeInImage")
    again = desk.wizard()
    assert again.source.write_blocker.device == BLOCKER
    assert (again.seizure.seizure.officer, again.seizure.seizure.witness) == ("Sgt. Duarte", "Insp. Haas")
    assert again.exhibit.identity.number == "LH/06"


def test_a_missing_segment_is_named_under_the_field(desk: Desk, tmp_path: Path) -> None:
    part = tmp_path / "disk.dd.001"
    part.write_bytes(bytes(4096))
    (tmp_path / "disk.dd.003").write_bytes(bytes(4096))
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    wizard.source.take([part])
    desk.wait(lambda: "disk.dd.002" in said(wizard, "sourcePathError"))
    assert "Put the missing files beside the others" in said(wizard, "sourcePathError")
    assert said(wizard, "whyNot") == "This source cannot be taken in; choose another file."


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"These are notes about the seizure.\n" * 40, "is not an image"),
        ("empty.dd", b"", "is not an image"),
        ("disk.vmdk", b"KDMV" + bytes(4096), "does not read"),
    ],
)
def test_what_is_no_image_is_refused_in_words(
    desk: Desk, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    wizard.source.take([path])
    desk.wait(lambda: words in said(wizard, "sourcePathError"))
    wizard.source.take([tmp_path])
    desk.wait(lambda: "is a folder" in said(wizard, "folderSaid"))
    assert said(wizard, "sourcePathError") == ""


def test_a_stopped_intake_leaves_no_image_and_says_so_in_the_record(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.dd"
    with large.open("wb") as file:
        file.truncate(40_000_000_000)
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.intakes.open(desk.case, desk.exhibits(), exhibit=exhibit, paths=[large])
    wizard = desk.wizard()
    for _ in range(3):
        press(wizard, "nextButton")
    desk.wait(lambda: wizard.source.source is not None)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.RUNNING)
    assert run.pace.left_s is None
    press(wizard, "stopIntake")
    press(wizard.findChild(ConfirmSheet), "confirmButton")
    desk.wait(lambda: run.phase is Phase.STOPPED)
    assert said(wizard, "workSaid").startswith("Stopped. No image is recorded")
    assert desk.bench.lab.intake.list(desk.case.id) == ()
    assert desk.bench.lab.custody.history(exhibit.id)[-1].action == "image.intake_cancelled"


def test_a_window_that_was_closed_comes_back_from_the_job_tray(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.dd"
    with large.open("wb") as file:
        file.truncate(40_000_000_000)
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.intakes.open(desk.case, desk.exhibits(), exhibit=exhibit, paths=[large])
    wizard = desk.wizard()
    for _ in range(3):
        press(wizard, "nextButton")
    desk.wait(lambda: wizard.source.source is not None)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    run = wizard.run
    assert run is not None
    desk.wait(lambda: run.phase is Phase.RUNNING)
    wizard.reject()
    job = desk.page.context.jobs.active[0]
    assert job.card.title == "Take in large.dd for LH/01"
    next(act for act in job.acts if act.always).call()
    desk.wait(lambda: any(one.isVisible() for one in desk.page.findChildren(IntakeWizard)))
    again = desk.wizard()
    assert (again.run, again.current) == (run, WORK)
    job.cancel()
    desk.wait(lambda: job.state is State.CANCELLED)


def test_an_intake_that_ended_behind_a_closed_window_comes_back_with_its_result(desk: Desk, demo: Path) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.intakes.open(desk.case, desk.exhibits(), exhibit=exhibit, paths=[demo])
    wizard = desk.wizard()
    for _ in range(3):
        press(wizard, "nextButton")
    desk.wait(lambda: wizard.source.source is not None)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    wizard.reject()
    job = next(one for one in desk.page.context.jobs.jobs if one.card.title == "Take in demo.E01 for LH/01")
    desk.wait(lambda: job.state is State.DONE)
    demo.rename(demo.with_name("taken away.E01"))
    job.acts[0].call()
    desk.wait(lambda: any(one.isVisible() for one in desk.page.findChildren(IntakeWizard)))
    desk.wait(lambda: desk.wizard().current == CHECK)
    again = desk.wizard()
    assert said(again, "checkTitle") == "LH/01-I1 is recorded"
    desk.wait(lambda: said(again, "sourcePathError") != "")
    assert again.findChild(Button, "wizardFinish").isEnabled()


def test_what_was_typed_before_the_window_was_closed_is_offered_again(desk: Desk) -> None:
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    wizard.reject()
    note = desk.page.findChild(QWidget, "parkedIntake")
    assert note.isVisible()
    press(desk.page, "goOnWithDraft")
    again = desk.wizard()
    assert (again.current, again.exhibit.identity.number) == (SOURCE, "LH/05")
    assert again.seal.seal.seal_number == "0048817"
    again.reject()
    press(desk.page, "discardDraft")
    assert not note.isVisible()


def test_a_dropped_image_opens_the_intake_with_its_source_filled_in(desk: Desk, demo: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(demo))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    desk.page.dropEvent(event)
    wizard = desk.wizard()
    assert wizard.source.paths == (demo,)
    desk.wait(lambda: wizard.source.source is not None)
    assert said(wizard, "sourcePath") == str(demo)


@pytest.mark.req("REQ-28")
def test_a_mismatch_says_that_a_supervisor_decides(desk: Desk, demo: Path) -> None:
    content = bytearray(demo.read_bytes())
    chunk = content.index(b"sectors\x00") + 76 + 200
    content[chunk] ^= 0xFF
    demo.write_bytes(content)
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.intakes.open(desk.case, desk.exhibits(), exhibit=exhibit, paths=[demo])
    wizard = desk.wizard()
    for _ in range(3):
        press(wizard, "nextButton")
    desk.wait(lambda: wizard.source.source is not None)
    fill(wizard, writeBlocker=BLOCKER)
    press(wizard, "nextButton")
    desk.wait(lambda: wizard.run is not None and wizard.run.phase is Phase.DONE)
    press(wizard, "nextButton")
    assert "A supervisor decides on the Review page" in said(wizard, "supervisorDecides")
    assert "unreadableWords" in [part.objectName() for part in wizard.findChildren(QWidget)]
    image = desk.bench.lab.intake.list(desk.case.id)[0]
    press(wizard, "wizardFinish")
    assert desk.gone_to == [("review", image.id)]
    assert desk.bench.lab.exhibits.get(exhibit.id).integrity_failed


def test_every_step_is_named_reachable_and_uncut(desk: Desk, demo: Path) -> None:
    press(desk.page, "takeInImage")
    wizard = desk.wizard()
    to_source(wizard)
    name_source(desk, wizard, demo)
    for step in range(SOURCE + 1):
        wizard.go_to(step)
        assert room.unnamed(wizard) == []
        assert room.unreachable(wizard) == []
        desk.wait(lambda: room.cut_texts(wizard) == [])


def test_a_reading_again_is_a_job_and_agrees(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    source = resource("demo/demo.E01")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device=BLOCKER))
    image = desk.bench.lab.intake.take_in(desk.bench.examiner, request)
    desk.page.intakes.recheck(image)
    job = desk.page.context.jobs.jobs[0]
    desk.wait(lambda: not job.active)
    assert job.state is State.DONE
    assert [check.agrees for check in desk.bench.lab.intake.checks(image.id)] == [True, True]
