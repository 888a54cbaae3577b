import csv
import hashlib

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from forensics_app.model.filter_language.tree import Words
from forensics_app.services.verification import Verification
from tests.ui.examine.conftest import Desk
from tests.ui.examine.test_tagging import with_tags
from ui.examine.places import Place, View
from ui.examine.viewers import PREVIEW
from ui.widgets.buttons import Button, IconButton


def actions(desk: Desk) -> list[str]:
    """What the case's chain tells, the oldest first."""
    return [entry.action for entry in desk.lab.custody.case_history(desk.case.id)]


def press(desk: Desk, name: str) -> None:
    desk.child(Button, name).click()


def test_an_exported_file_has_the_right_bytes_an_entry_in_the_record_and_its_digest_on_screen(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2043.jpg")
    press(desk, "exportFile")
    messages = desk.page.browser.messages
    desk.settle(lambda: "Exported to" in messages.text)
    target = desk.out / "IMG_2043.jpg"
    assert hashlib.sha256(target.read_bytes()).digest() == entry.sha256
    assert entry.sha256 is not None
    assert entry.sha256.hex() in messages.text.replace(" ", "")
    press(desk, "copyExportDigest")
    assert QGuiApplication.clipboard().text() == entry.sha256.hex()
    assert actions(desk)[-1] == "file.export"
    desk.child(IconButton, "closeMessage").click()
    assert messages.text == ""


def test_nothing_is_ever_overwritten_by_an_export(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/transfers.png")
    (desk.out / "transfers.png").write_bytes(b"mine")
    before = actions(desk)
    press(desk, "exportFile")
    desk.settle(lambda: desk.errors)
    assert "already exists" in str(desk.errors[0][1])
    assert (desk.out / "transfers.png").read_bytes() == b"mine"
    assert actions(desk) == before


def test_several_files_are_exported_under_names_that_do_not_collide(desk: Desk) -> None:
    desk.go(Place(image_id=desk.image.id), desk.found(CatalogueQuery(sort=SortColumn.NAME)))
    desk.page.browser.files.filter.box.setText("INV-2026-0417.pdf")
    wanted = desk.found(CatalogueQuery(filter=Words(column="name", text="INV-2026-0417.pdf"), sort=SortColumn.NAME))
    desk.shows(wanted)
    assert len(wanted) == 3
    desk.page.browser.files.table.selectAll()
    press(desk, "exportFile")
    desk.settle(lambda: "3 files exported" in desk.page.browser.messages.text)
    names = {path.name for path in (desk.out / "LH-01-I1 export" / "files").iterdir()}
    assert names == {"INV-2026-0417.pdf", "INV-2026-0417 (2).pdf", "INV-2026-0417.pdf_Zone.Identifier"}
    assert actions(desk)[-1:] == ["file.export"]
    assert actions(desk).count("file.export") == 1


def test_a_folder_is_exported_from_the_tree_and_from_the_list_with_all_that_is_in_it(desk: Desk) -> None:
    folder = desk.entry("/Users/l.mirel/Documents/Invoices")
    place = Place(image_id=desk.image.id, volume_id="v0.p1", folder_id=folder.id)
    desk.page.browser.tree.export_asked.emit(place)
    messages = desk.page.browser.messages
    desk.settle(lambda: "2 files and 1 folder exported to" in messages.text)
    assert {path.name for path in (desk.out / "LH-01-I1 export" / "files" / "Invoices").iterdir()} == {
        "INV-2026-0417.pdf",
        "INV-2026-0417 new account.pdf",
    }
    desk.go_to("/Users/l.mirel/Pictures")
    assert desk.child(Button, "exportFile").isEnabled()
    press(desk, "exportFile")
    desk.settle(lambda: "5 files and 2 folders exported to" in messages.text)
    assert (desk.out / "LH-01-I1 export (2)" / "manifest.csv").is_file()


def test_a_file_is_chosen_for_the_report_with_a_note_and_taken_back_with_a_reason(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    press(desk, "chooseForReport")
    sheet = desk.sheet()
    note = sheet.findChild(QPlainTextEdit, "chooseNote")
    assert note is not None
    note.setPlainText("Archive under the name of a picture")
    sheet.submit()
    desk.settle(lambda: desk.lab.examine.chosen(desk.case.id))
    chosen = desk.lab.examine.chosen(desk.case.id)[0]
    assert (chosen.entry_id, chosen.note) == (entry.id, "Archive under the name of a picture")
    back = desk.child(Button, "withdrawChosen")
    desk.settle(back.isVisible)
    assert not desk.child(Button, "chooseForReport").isVisible()
    files = desk.page.browser.files
    report = next(at for at, column in enumerate(files.columns) if column.key == "report")
    cell = files.columns[report].cell(entry)
    assert cell.tags == ("Chosen",)
    back.click()
    sheet = desk.sheet()
    sheet.submit()
    assert sheet.isVisible()
    reason = sheet.findChild(QPlainTextEdit, "withdrawReason")
    assert reason is not None
    reason.setPlainText("Not asked for")
    sheet.submit()
    desk.settle(lambda: not desk.lab.examine.chosen(desk.case.id))
    desk.settle(desk.child(Button, "chooseForReport").isVisible)
    assert actions(desk)[-2:] == ["file.choose", "file.withdraw"]


def test_the_shown_list_is_written_as_csv_as_it_is_shown(desk: Desk) -> None:
    query = CatalogueQuery(deleted=True, sort=SortColumn.NAME)
    desk.go(Place(image_id=desk.image.id, view=View(title="Deleted", deleted=True)), desk.found(query))
    names = desk.names()
    desk.child(IconButton, "exportCsv").click()
    desk.settle(lambda: "16 rows" in desk.page.browser.messages.text)
    with (desk.out / "Deleted.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:6] == ["Name", "Folder", "State", "Tags", "Size, bytes", "Modified, Europe/Berlin"]
    assert [row[0] for row in rows[1:]] == names
    assert {row[2].split(",")[0] for row in rows[1:]} == {"Deleted", "Orphan"}


def test_the_catalogue_tells_how_it_was_made_and_can_be_built_again_to_the_same_content(desk: Desk) -> None:
    before = desk.image.catalogue_sha256
    press(desk, "aboutCatalogue")
    sheet = desk.sheet()
    words = "\n".join(part.text() for part in sheet.findChildren(QLabel))
    assert "sleuthkit" in words
    assert "The content of files was digested, and its type found out." in words
    sheet.submit()
    desk.settle(lambda: "is complete: 100 entries" in desk.page.browser.messages.text)
    desk.settle(lambda: desk.ids())
    assert desk.lab.intake.get(desk.image.id).catalogue_sha256 == before
    assert actions(desk)[-1] == "image.catalogue"


def test_the_chain_still_verifies_after_all_of_it(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    press(desk, "exportFile")
    desk.settle(lambda: "Exported to" in desk.page.browser.messages.text)
    verification: Verification = desk.lab.verification
    assert verification.verify().ok


def test_export_and_choice_follow_their_keys_whatever_viewer_is_in_front_of_the_buttons(desk: Desk) -> None:
    desk.page.resize(1204, 700)  # at 1280 pixels preview and details share a row of tabs
    desk.go_to("/Users/l.mirel/Pictures/transfers.png")
    browser = desk.page.browser
    browser.viewers.show_tab(PREVIEW)
    assert not desk.child(Button, "exportFile").isVisible()
    desk.qtbot.keySequence(browser.files.table, "Ctrl+E")
    desk.settle(lambda: "Exported to" in browser.messages.text)
    browser.viewers.enlarge()
    desk.qtbot.keySequence(browser.viewers, "Ctrl+R")
    assert desk.sheet().objectName() == "chooseSheet"
    press(desk, "chooseButton")
    desk.settle(lambda: "Chosen for the report" in browser.messages.text)
    desk.settle(lambda: browser.case.chosen)
    desk.qtbot.keySequence(browser.viewers, "Ctrl+R")
    desk.settle(lambda: "is chosen for the report" in browser.messages.text)


def test_an_act_that_follows_another_one_at_once_takes_its_place_behind_it(desk: Desk) -> None:
    with_tags(desk)
    entry = desk.go_to("/Users/l.mirel/Pictures/transfers.png")
    browser = desk.page.browser
    browser.files.table.setFocus()
    desk.qtbot.keyClick(browser.files.table, Qt.Key.Key_1)
    desk.qtbot.keySequence(browser.files.table, "Ctrl+E")
    desk.settle(lambda: "file.export" in actions(desk) and "tag.put" in actions(desk))
    assert (desk.out / "transfers.png").stat().st_size == entry.size_bytes
