"""The lab's own storage media on the Lab page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from forensics_app.model.medium import Standing
from tests.builders import Bench
from tests.ui.desk import Desk, open_desk
from tests.ui.lab.tabs import turn_to
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.media_tab import MediaTab
from ui.lab.page import LabPage
from ui.preferences import Preferences
from ui.widgets.buttons import Button


@pytest.fixture(params=["custodian"])
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:  # fmt: skip
    """The Lab page over a lab with one case; the parameter says who looks at it."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make, prepare=Bench.case,
        who=lambda bench: getattr(bench, request.param),
    ) as made:  # fmt: skip
        yield made


def open_media(desk: Desk) -> MediaTab:
    tab = turn_to(desk, MediaTab, "media")
    desk.until(lambda: desk.seen("mediaEmpty"))
    return tab


def states(tab: MediaTab) -> list[str]:
    model = tab.table.model()
    return [model.index(row, 1).data() for row in range(model.rowCount())]


def allowed(desk: Desk, name: str) -> bool:
    return desk.part(Button, name).isEnabled()


def test_a_medium_is_registered_wiped_assigned_and_taken_back(desk: Desk) -> None:
    tab = open_media(desk)
    desk.open_dialog("registerMedium", "mediumSheet")
    desk.fill(mediumNumber="WD-01", mediumMake="Samsung", mediumModel="870 EVO", mediumSerial="S6PUNX0T")
    desk.fill(mediumPlace="Bench 2", mediumSize="two terabytes", mediumUse="Transport drive")
    desk.press("submitButton")
    assert "as a number of bytes" in desk.part(QLabel, "mediumSizeError").text()
    desk.fill(mediumSize="2,000,398,934,016")
    desk.press("submitButton")
    desk.until(lambda: states(tab) == ["To be wiped"])
    assert not allowed(desk, "assignMedium"), "it is not blank yet"
    desk.open_dialog("recordWipe", "wipeSheet")
    desk.fill(
        wipeMethod="Overwritten once with zeros", wipeTool="nwipe 0.36", wipeCheck="Read whole: every byte is zero"
    )
    desk.fill(wipedAt="2026-11-20 12:00:00 +01:00", wipeDigest="ab")
    desk.press("submitButton")
    assert "64 hexadecimal digits" in desk.part(QLabel, "wipeDigestError").text()
    assert "Choose what" in desk.part(QLabel, "wipeFoundError").text(), "nothing is taken for blank unasked"
    desk.fill(wipeDigest="ab" * 32, wipeFound="Blank: may be used again")
    desk.press("submitButton")
    desk.until(lambda: states(tab) == ["Wiped and verified"])
    desk.open_dialog("assignMedium", "assignMediumSheet")
    desk.fill(mediumPurpose="Carry the copies to court", mediumCase="2026-0147 · Lindenhof payment fraud")
    desk.press("submitButton")
    desk.until(lambda: states(tab) == ["For 2026-0147"])
    assert not allowed(desk, "recordWipe"), "what lies on it may be needed"
    desk.open_dialog("returnMedium", "returnMediumSheet")
    desk.fill(reason="Copies were handed in")
    desk.press("submitButton")
    desk.until(lambda: states(tab) == ["To be wiped"])
    (medium,) = desk.bench.lab.media.list()
    assert (medium.standing, medium.size_bytes) == (Standing.NOT_WIPED, 2_000_398_934_016)
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


def test_a_refused_wipe_is_told_in_the_dialog(desk: Desk) -> None:
    tab = open_media(desk)
    desk.open_dialog("registerMedium", "mediumSheet")
    desk.fill(mediumNumber="WD-01", mediumMake="Samsung", mediumModel="870 EVO", mediumSerial="S6PUNX0T")
    desk.fill(mediumPlace="Bench 2", mediumSize="4096")
    desk.press("submitButton")
    desk.until(lambda: states(tab) == ["To be wiped"])
    dialog = desk.open_dialog("recordWipe", "wipeSheet")
    desk.fill(wipeMethod="Zeros", wipeTool="nwipe 0.36", wipeCheck="Read whole", wipeFound="Not blank")
    desk.fill(wipedAt="2027-11-20T12:00:00+01:00")
    desk.press("submitButton")
    desk.until(lambda: any("has not come yet" in one.text() for one in dialog.findChildren(QLabel)))
    assert states(tab) == ["To be wiped"]
    assert desk.errors == []


@pytest.mark.parametrize("desk", ["supervisor"], indirect=True)
def test_who_keeps_no_media_sees_them_and_why_nothing_can_be_done(desk: Desk) -> None:
    open_media(desk)
    button = desk.part(Button, "registerMedium")
    desk.until(lambda: not button.isEnabled())
    assert "Examiners and exhibits officers" in button.toolTip()
    desk.laid_out(desk.window)
