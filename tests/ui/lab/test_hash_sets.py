"""Hash sets on the Lab page."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.desk import Desk, open_desk
from tests.ui.lab.tabs import turn_to
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.hash_sets_tab import HashSetsTab
from ui.lab.page import LabPage
from ui.preferences import Preferences

MD5 = hashlib.md5(b"letter").hexdigest()


@pytest.fixture
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> Iterator[Desk]:
    """The Lab page as a supervisor sees it."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(tmp_path / "lab", qtbot, jobs, preferences, "lab", make, who=lambda bench: bench.supervisor) as made:
        yield made


def test_a_set_is_imported_shown_and_removed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{MD5}\nwrong\n")
    tab = turn_to(desk, HashSetsTab, "hashSets")
    desk.until(lambda: desk.seen("hashSetsEmpty"))
    desk.open_dialog("hashSetsBegin", "hashSetSheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "hashSetNameError").text() == "Write what the set is called."
    assert desk.part(QLabel, "hashSetKindError").text().startswith("Choose whether the files are known")
    desk.fill(hashSetFile=str(tmp_path / "list.txt"), hashSetName="Wanted", hashSetVersion="7")
    desk.fill(hashSetSource="Example", hashSetKind="Alert: somebody is to look at the files")
    desk.press("submitButton")
    desk.until(lambda: desk.seen("importedSheet"))
    assert "line 2: there is no digest at its beginning" in desk.part(QLabel, "importTold").text()
    desk.press("cancelButton")
    model = tab.table.model()
    desk.until(lambda: model.rowCount() == 1)
    assert [model.index(0, column).data() for column in range(3)] == ["Wanted 7", "Alert", "1 MD5"]
    desk.open_dialog("removeHashSet", "removeHashSetSheet")
    desk.fill(reason="replaced by 8")
    desk.press("submitButton")
    desk.until(lambda: desk.seen("hashSetsEmpty"))
    assert desk.errors == []
    assert desk.bench.lab.hash_sets.list() == ()
    assert desk.bench.lab.verification.verify().ok
