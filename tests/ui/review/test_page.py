import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.image import IntakeRequest, Integrity, WriteBlocker
from forensics_app.model.incident import SealSeen
from forensics_app.model.person import SignedIn
from forensics_app.model.tool import NewValidation
from tests.builders import Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.record_keeper import RecordKeeper
from ui.review.figures import Figures
from ui.review.page import ReviewPage
from ui.widgets.buttons import Button
from ui.widgets.notes import Note

ROOT = Path(__file__).parents[3]
NEXT_WEEK = datetime(2026, 11, 27, 12, tzinfo=UTC)
DIE_AT_WORK = """
import os, sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
lab = open_lab(Path(sys.argv[1]))
with lab.journal.running("catalogue", "LH/01-I1", None, {}):
    os._exit(9)
"""


def with_everything(bench: Bench) -> Case:
    """An image that changed since its intake, an exhibit that is overdue, and a catalogue that was cut off."""
    case = bench.case()
    validated = NewValidation(
        validated_on=date(2026, 3, 2), scope="Intake", passed=True, result="As expected", validated_by="Dr. Noor"
    )
    bench.lab.tools.validate(bench.supervisor, bench.lab.tools.add_this_program(bench.examiner).id, validated)
    exhibit = stored(bench, case)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", "place": "Bench 2"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    source = bench.lab.folder.root.parent / "disk.dd"
    source.write_bytes(b"\xeb\x52\x90" + bytes(range(253)) * 4096)
    request = IntakeRequest(
        exhibit_id=exhibit.id,
        paths=(source,),
        write_blocker=WriteBlocker(device="T8u"),
        seal=SealSeen(condition="intact"),
    )
    image = bench.lab.intake.take_in(bench.examiner, request)
    source.write_bytes(b"\xeb\x52\x91" + bytes(range(253)) * 4096)
    bench.lab.intake.recheck(bench.examiner, image.id)
    command = [sys.executable, "-c", DIE_AT_WORK, str(bench.lab.folder.root)]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 9
    return case


@pytest.fixture(params=["supervisor"])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        return with_everything(bench), lambda made: getattr(made, request.param)

    def make(context: object) -> ReviewPage:
        return ReviewPage(context, now=lambda: NEXT_WEEK)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "review", make, prepare) as made:
        made.until(lambda: len(titles(made)) == 3)
        yield made


def titles(lab: LabWindow) -> list[str]:
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    model = page.table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def choose(lab: LabWindow, row: int) -> None:
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    page.table.selectRow(row)


def figures(lab: LabWindow) -> list[str]:
    return [lab.part(QLabel, f"figure{name}Number").text() for name in ("Decide", "Overdue", "Mismatch", "Chains")]


def test_nothing_is_counted_as_nought_before_it_was_counted(qtbot: QtBot) -> None:
    made = Figures()
    qtbot.addWidget(made)
    assert {one.text() for one in made.findChildren(QLabel) if one.objectName().endswith("Number")} == {"…"}


@pytest.mark.req("REQ-22")
def test_the_queue_counts_and_names_the_worst_first(lab: LabWindow) -> None:
    assert titles(lab) == ["Digest mismatch on LH/01-I1", "LH/01 is not back", "Catalogue was interrupted"]
    assert figures(lab)[:3] == ["3", "1", "1"]


@pytest.mark.req("REQ-28")
def test_a_supervisor_releases_an_image_with_a_reason_that_is_recorded(lab: LabWindow) -> None:
    lab.part(Button, "releaseImage").click()
    assert "State the reason" in lab.part(QLabel, "decisionReasonError").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "decisionReason"), "Only the boot code differs")
    lab.part(Button, "releaseImage").click()
    assert "Ingrid Solberg releases LH/01-I1" in lab.part(QLabel, "decisionStatement").text()
    lab.part(Button, "signDecision").click()
    lab.until(lambda: len(titles(lab)) == 2)
    image = lab.bench.lab.intake.list(lab.session.case.id)[0]
    assert (image.integrity, image.decision) == (Integrity.RELEASED, "Only the boot code differs")
    assert lab.bench.lab.custody.case_history(lab.session.case.id)[-1].action == "image.decision"
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


@pytest.mark.req("REQ-28")
@pytest.mark.parametrize("lab", ["examiner"], indirect=True)
def test_others_see_why_they_cannot_decide(lab: LabWindow) -> None:
    assert not lab.part(Button, "releaseImage").isEnabled()
    assert not lab.part(Button, "quarantineImage").isEnabled()
    assert "Only a supervisor decides" in lab.part(Note, "mayNotDecide").text


def test_an_overdue_exhibit_leads_to_its_custody(lab: LabWindow) -> None:
    choose(lab, 1)
    lab.until(lambda: not lab.absent("openCustody"))
    lab.part(Button, "openCustody").click()
    exhibit = lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    assert lab.visited == [("custody", exhibit.id)]


def test_interrupted_work_is_given_up_and_the_record_says_so(lab: LabWindow) -> None:
    choose(lab, 2)
    lab.until(lambda: not lab.absent("giveUp"))
    lab.part(Button, "giveUp").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: len(titles(lab)) == 2)
    entry = lab.bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.fact("decision")) == ("job.interrupted", "given up")


def test_every_chain_is_verified_and_counted(lab: LabWindow) -> None:
    assert figures(lab)[3] == "Not checked:"
    lab.part(Button, "verifyEvery").click()
    lab.until(lambda: figures(lab)[3] == "2 of 2")


@pytest.mark.req("REQ-29")
def test_what_is_to_be_verified_again_waits_in_the_queue_until_it_was(lab: LabWindow) -> None:
    lab.bench.lab.schedule.set_interval(lab.bench.supervisor, 3)
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    page.refresh()
    lab.until(lambda: len(titles(lab)) == 5)
    choose(lab, titles(lab).index("LH/01-I1 is to be read back"))
    lab.until(lambda: not lab.absent("goToImage"))
    lab.part(Button, "goToImage").click()
    assert lab.visited == [("exhibits", lab.bench.lab.intake.list(lab.session.case.id)[0].id)]
    lab.bench.clock.at = NEXT_WEEK
    choose(lab, titles(lab).index("The chains are to be verified"))
    lab.until(lambda: not lab.absent("verifyDue"))
    lab.part(Button, "verifyDue").click()
    lab.until(lambda: "The chains are to be verified" not in titles(lab))


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)], ids=["1280x800", "200 %"])
def test_nothing_is_cut_unnamed_or_out_of_reach(lab: LabWindow, size: tuple[int, int]) -> None:
    lab.window.resize(*size)
    for row in range(3):
        choose(lab, row)
        lab.until(lambda: room.cut_texts(lab.window.page) == [])
        assert room.unnamed(lab.window.page) == []
        lab.until(lambda: room.unreachable(lab.window.page) == [])


def test_an_image_that_another_page_points_at_is_chosen(lab: LabWindow) -> None:
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    image = next(item.image for item in page._view.items if item.image)
    choose(lab, 2)
    page.open_target(image.id)
    current = page.table.current_record()
    assert current.image == image


def test_a_reason_that_is_being_typed_stays_when_the_queue_is_read_again(lab: LabWindow) -> None:
    choose(lab, 0)
    lab.part(QPlainTextEdit, "decisionReason").setPlainText("The disk was written to by mistake")
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    before = page.table.model()
    with lab.qtbot.waitSignal(before.modelReset):
        page.refresh()
    assert lab.part(QPlainTextEdit, "decisionReason").toPlainText() == "The disk was written to by mistake"


def test_what_waits_is_counted_in_the_rail_from_the_beginning(lab: LabWindow, preferences: Preferences) -> None:
    keeper = RecordKeeper(lab.window, preferences, now=lambda: NEXT_WEEK)
    keeper.enter()
    lab.until(lambda: lab.window.rail.button("review").accessibleName() == "Review, 3")
    supervisor, image = lab.bench.supervisor, lab.bench.lab.intake.list(lab.session.case.id)[0]
    lab.bench.lab.intake.decide(supervisor, image.id, release=False, reason="It differs")
    lab.session.tell_record_changed()
    lab.until(lambda: lab.window.rail.button("review").accessibleName() == "Review, 2")
    lab.until(lambda: not lab.jobs.active)
