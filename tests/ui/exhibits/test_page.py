"""The list, the details, and the dialogs of the Exhibits page, over a real lab."""

import csv
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from sqlalchemy import update

from forensics_app.db.tables import JOB
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import ExhibitType, NewExhibit, NewPhoto, PhotoView
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.lab import JobState
from forensics_app.model.note import NewNote
from resources import path as resource
from tests.forensics_app.services.registers import a_shelf
from tests.ui import room
from tests.ui.exhibits.conftest import Desk
from tests.ui.exhibits.parts import fill, press, said
from ui.exhibits.correct_sheet import CorrectSheet
from ui.exhibits.history_tab import HistoryTab
from ui.exhibits.identity_form import next_number, number_doubt
from ui.exhibits.photos_tab import Thumbnail
from ui.exhibits.reading import read_detail, read_exhibits
from ui.exhibits.register_sheet import RegisterSheet
from ui.models.cells import CellRole
from ui.place_field import PlaceField
from ui.widgets.buttons import Chip

S = TypeVar("S", bound=QWidget)
PHOTOS = 1


def cells(desk: Desk, row: int) -> list[str]:
    model = desk.page.list.table.model()
    return [model.index(row, at).data(CellRole).whole for at in range(6)]


def shown(desk: Desk, number: str) -> bool:
    return said(desk.page, "detailNumber") == number


def register_sheet(desk: Desk) -> RegisterSheet:
    return in_sight(desk, RegisterSheet)


def in_sight(desk: Desk, kind: type[S]) -> S:
    """The dialog in sight; it opens once the page has read what is recorded."""

    def found() -> list[S]:
        return [one for one in desk.page.findChildren(kind) if one.isVisible()]

    desk.wait(lambda: bool(found()))
    return found()[0]


def test_an_empty_case_offers_to_register_the_first_exhibit(desk: Desk) -> None:
    empty = desk.page.findChild(QWidget, "noExhibits")
    assert empty.isVisible()
    assert empty.accessibleName().startswith("No exhibits in this case yet.")
    press(desk.page, "emptyAct")
    assert register_sheet(desk).isVisible()


@pytest.mark.req("REQ-11")
def test_an_exhibit_is_registered_with_seal_seizure_and_photograph(desk: Desk) -> None:
    press(desk.page, "registerExhibit")
    sheet = register_sheet(desk)
    assert "tamper-evident bag" in said(sheet, "rule-packaging-seal")
    press(sheet, "registerPrimary")
    assert said(sheet, "exhibitDescriptionError").startswith("Write what it is")
    assert said(sheet, "noPhotoReasonError") == "Choose a photograph, or write why there is none."
    fill(sheet, exhibitType="Mobile device", exhibitNumber="LH/07", exhibitDescription="Phone, Samsung")
    fill(sheet, exhibitCondition="Screen cracked", exhibitSerial="35 209411 480216 7", sealNumber="0048813")
    fill(sheet, seizedPlace="Lindenhofstr. 12", seizedBy="Sgt. Duarte", seizureWitness="Sgt. Duarte")
    sheet.seal.picker.add([resource("demo/exhibit-photo-drive.jpg")])
    press(sheet, "registerPrimary")
    assert said(sheet, "seizureWitnessError").startswith("Name another person")
    fill(sheet, seizureWitness="Insp. Haas", seizedBy="Sgt. Ana Kovač")
    sheet.later.setChecked(True)
    assert not sheet.findChild(QWidget, "nameMeans").isVisible()
    press(sheet, "registerPrimary")
    desk.wait(lambda: sheet.findChild(QWidget, "nameMeans").isVisible())
    press(sheet, "registerPrimary")
    assert said(sheet, "nameMeansError") == "Choose who is meant."
    fill(sheet, nameMeans="somebody else, or a firm")
    press(sheet, "registerPrimary")
    desk.wait(lambda: shown(desk, "LH/07"))
    exhibit = desk.exhibits()[0]
    assert (exhibit.state, exhibit.type, exhibit.serial) == ("SEIZED", ExhibitType.MOBILE, "35 209411 480216 7")
    assert [photo.view for photo in desk.bench.lab.exhibits.photos(exhibit.id)] == [PhotoView.WHOLE]
    told = [one.fact("name_means") for one in desk.bench.lab.custody.history(exhibit.id) if one.is_step]
    assert told == ["somebody else, or a firm"]


def test_where_it_was_found_is_offered_from_the_register_and_an_address_is_told_as_not_in_it(desk: Desk) -> None:
    a_shelf(desk.bench)
    desk.show()
    press(desk.page, "registerExhibit")
    field = register_sheet(desk).findChild(PlaceField, "seizedPlaceField")
    for words, told in (("A-07", "HQ / R114 / A / A-07"), ("Lindenhofstr. 12", "Not in the register of places")):
        field.set_text(words)
        assert any(told in part.text() for part in field.findChildren(QLabel) if part.isVisible())


@pytest.mark.req("REQ-09")
def test_a_number_in_use_is_refused_under_its_field(desk: Desk) -> None:
    desk.bench.exhibit(desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    press(desk.page, "registerExhibit")
    sheet = register_sheet(desk)
    assert sheet.identity.number == "LH/02"
    fill(sheet, exhibitNumber="LH/01")
    press(sheet, "registerPrimary")
    assert "LH/01 is in use in this case" in said(sheet, "exhibitNumberError")


def test_a_file_that_is_no_picture_is_refused_by_the_picker(desk: Desk, tmp_path: Path) -> None:
    text = tmp_path / "seal.jpg"
    text.write_text("not a picture", encoding="utf-8")
    press(desk.page, "registerExhibit")
    sheet = register_sheet(desk)
    sheet.seal.picker.add([text])
    assert "seal.jpg" in said(sheet, "photoRefused")
    assert sheet.seal.photos() == ()


@pytest.mark.req("REQ-20")
def test_a_correction_shows_the_old_value_and_needs_a_reason(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    press(desk.page, "correctHere")
    sheet = in_sight(desk, CorrectSheet)
    assert said(sheet, "old-serial") == "PF-3X7K2M"
    counted = "at least three letters or digits; a character that is a syllable or a word counts as two."
    shown_words = [one.text() for one in sheet.findChildren(QLabel) if one.isVisible()]
    assert any(words.endswith(counted) for words in shown_words)
    press(sheet, "submitButton")
    assert said(sheet, "whyNot") == "Nothing differs from what is recorded."
    fill(sheet, **{"new-serial": "PF-3X7K2N"})
    press(sheet, "submitButton")
    assert said(sheet, "correctionReasonError").startswith("Write why it is corrected")
    fill(sheet, correctionReason="x.")
    press(sheet, "submitButton")
    assert said(sheet, "correctionReasonError").endswith(counted), "it is refused here, and was told before"
    seizure = next(one.sequence for one in desk.bench.lab.custody.history(exhibit.id) if one.fact("event") == "seize")
    words = f"Who seized and saw it, when and where is corrected with entry {seizure} on the Custody page."
    assert words in said(sheet, "correctionStays")
    assert sheet.findChild(QLineEdit, "new-seized_by") is None
    right = {"new-seal_number": "0048822", "new-type": "Storage medium"}
    fill(sheet, correctionReason="Misread label", **right)
    press(sheet, "submitButton")
    desk.wait(lambda: desk.bench.lab.exhibits.get(exhibit.id).serial == "PF-3X7K2N")
    entry = desk.bench.lab.custody.history(exhibit.id)[-1]
    changed = {change.column: (change.before, change.after) for change in entry.changes}
    assert (entry.reason, changed["serial"]) == ("Misread label", ("PF-3X7K2M", "PF-3X7K2N"))
    assert (changed["type"], changed["seal_number"]) == (("computer", "storage medium"), ("0048812", "0048822"))
    told = "Serial number was “PF-3X7K2M”, is “PF-3X7K2N”"
    desk.page.details.show_tab(3)
    desk.page.refresh()
    tab = desk.page.findChild(HistoryTab)
    desk.wait(lambda: any(told in one.text() for one in tab.findChildren(QLabel)))


def test_the_list_says_state_holder_time_with_zone_and_image(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    new = NewExhibit(
        case_id=desk.case.id,
        number="LH/02",
        type=ExhibitType.PAPER,
        description="Seed words",
        no_photo_reason="Secret",
        place="Safe",
    )
    desk.bench.lab.exhibits.add(desk.bench.custodian, new)
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(resource("demo/demo.E01"),), write_blocker=blocker)
    desk.bench.lab.intake.take_in(desk.bench.examiner, request)
    desk.show()
    assert [cells(desk, row)[0] for row in range(3)] == ["LH/01", "LH/01-I1", "LH/02"]
    first = cells(desk, 0)
    assert first[1:4] == ["Laptop, Lenovo ThinkPad T14, S/N PF-3X7K2M", "Seized", "Sgt. Duarte, Lindenhofstr. 12"]
    assert first[4].endswith("+01:00")
    assert [cells(desk, row)[5] for row in range(3)] == ["Verified", "Verified", "Not imaged"]
    assert cells(desk, 1)[1].endswith("69,206,016 bytes")


def test_chips_count_and_the_filter_leaves_what_fits(desk: Desk, tmp_path: Path) -> None:
    desk.bench.exhibit(desk.case)
    desk.bench.exhibit(desk.case, "LH/02")
    desk.show()
    names = ("chipAll", "chipAttention", "chipInStore", "chipOut")
    chips = [desk.page.findChild(Chip, name).accessibleName() for name in names]
    assert chips == ["All 2", "Needs attention 0", "In store 0", "Out 2"]
    fill(desk.page, filterBox="lh/02 lenovo")
    assert [cells(desk, row)[0] for row in range(desk.page.list.table.model().rowCount())] == ["LH/02"]
    desk.page.list.write_csv(tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert (rows[0][:2], [row[0] for row in rows[1:]]) == (["No.", "Exhibit"], ["LH/02"])
    fill(desk.page, filterBox="nothing like it")
    assert desk.page.findChild(QWidget, "nothingFits").isVisible()


def test_photographs_are_shown_as_thumbnails_made_elsewhere(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.LABEL)
    kept = desk.bench.lab.exhibits.add_photo(desk.bench.custodian, exhibit.id, photo)
    assert desk.bench.lab.exhibits.thumbnail(kept, 64).startswith(b"\x89PNG\r\n\x1a\n")
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    desk.page.details.show_tab(PHOTOS)
    thumb = desk.page.details.photos.findChild(Thumbnail)
    picture = thumb.findChild(QLabel)
    desk.wait(lambda: not picture.pixmap().isNull())
    assert thumb.accessibleName() == "Photograph, Label, time not recorded: enlarge"


def test_a_photograph_that_breaks_its_reader_is_said_in_its_place(desk: Desk, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.png"
    hostile.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    exhibit = desk.bench.exhibit(desk.case)
    desk.bench.lab.exhibits.add_photo(desk.bench.custodian, exhibit.id, NewPhoto(path=hostile, view=PhotoView.SEAL))
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    desk.page.details.show_tab(PHOTOS)
    thumb = desk.page.details.photos.findChild(Thumbnail)
    desk.wait(lambda: "cannot be shown" in thumb.findChild(QLabel).text())


def test_custody_acts_of_the_state_lead_to_the_custody_page(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    possible = [step.event for step in desk.bench.lab.custody.possible(exhibit.id)]
    assert Event.RECEIVE in possible
    press(desk.page, f"step-{Event.RECEIVE}")
    assert desk.gone_to == [("custody", (exhibit.id, Event.RECEIVE))]


@pytest.mark.parametrize("again", [True, False])
def test_an_interrupted_intake_is_offered_again_and_the_decision_recorded(
    desk: Desk, demo: Path, *, again: bool
) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    journal = desk.bench.lab.journal
    parameters = {
        "exhibit_id": str(exhibit.id), "paths": f'["{demo}"]', "write_blocker": "Tableau T8u", "reason_for_none": "",
    }  # fmt: skip
    leave_running(desk, "intake", parameters)
    desk.show()
    desk.wait(lambda: desk.page.findChild(QWidget, "interrupted0") is not None)
    assert "The intake of LH/01 was interrupted: it began 2026-11-20 13:" in said(desk.page, "interrupted0")
    press(desk.page, "startAgain0" if again else "giveUp0")
    lab = desk.bench.lab
    desk.wait(lambda: journal.interrupted() == () and len(lab.intake.list(desk.case.id)) == int(again))
    desk.wait(lambda: not desk.page.interrupted.isVisible())
    entry = next(one for one in lab.custody.case_history(desk.case.id) if one.action == "job.interrupted")
    assert entry.fact("decision") == ("started again" if again else "given up")
    assert desk.errors == []


def leave_running(desk: Desk, kind: str, parameters: dict[str, str]) -> None:
    """Leave an operation in the journal as a killed program does: marked as running, its lock let go."""
    lab = desk.bench.lab
    with lab.journal.running(kind, "LH/01", desk.case.id, parameters):
        pass
    newest = lab.journal.list(1)[0]
    with lab.database.writing() as connection:
        values = {"state": JobState.RUNNING.value, "ended_at": None}
        connection.execute(update(JOB).where(JOB.c.id == str(newest.id)).values(values))


def test_nothing_is_cut_unnamed_or_out_of_reach_at_the_least_width(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.LABEL)
    desk.bench.lab.exhibits.add_photo(desk.bench.custodian, exhibit.id, photo)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    for tab in range(5):
        desk.page.details.show_tab(tab)
        assert room.unnamed(desk.page) == []
        assert room.unreachable(desk.page) == []
        desk.wait(lambda: room.cut_texts(desk.page) == [])


def test_the_next_number_follows_the_series() -> None:
    assert next_number(["LH/01", "LH/09"]) == "LH/10"
    assert next_number(["LH/2", "LH/10"]) == "LH/11"
    assert next_number([]) == ""
    assert next_number(["K3-red"]) == ""


@pytest.mark.req("REQ-08")
def test_an_imei_with_a_wrong_check_digit_is_doubted_and_a_right_one_is_not() -> None:
    assert number_doubt(ExhibitType.MOBILE, "49 015420 323751 8") == ""
    assert number_doubt(ExhibitType.MOBILE, "49 015420 323751 7").startswith("The check digit does not fit")
    assert number_doubt(ExhibitType.COMPUTER, "490154203237517") == ""


def test_an_exhibit_that_did_not_change_is_not_made_anew_when_it_is_read_again(desk: Desk) -> None:
    lab = desk.bench.lab
    desk.bench.exhibit(desk.case)
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    pane, actor = desk.page.details, desk.page.session.actor.person

    def show() -> list[QLabel]:
        line = read_exhibits(lab, desk.case.id).lines[0]
        pane.show_detail(read_detail(lab, line), ZoneInfo(lab.info.zone), actor)
        return pane.facts.findChildren(QLabel)

    before = show()
    pane.show_nothing()
    assert show() == before
    assert pane.facts.isVisible()
    new = NewNote(case_id=desk.case.id, text="Looked at.", told_at=desk.bench.clock(), exhibit_id=desk.exhibits()[0].id)
    lab.notes.add(desk.bench.examiner, new)
    assert show() != before
