"""Time stamps and verifying again on the Lab page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.lab import JobState
from tests.builders import Bench
from tests.time_authority import OPENSSL, Authority, running
from tests.ui.desk import Desk, open_desk
from tests.ui.lab.test_registers import open_tab, texts
from ui.appearance import Appearance
from ui.jobs import JobRunner, State
from ui.lab.page import LabPage
from ui.preferences import Preferences
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


@pytest.fixture(params=["admin"])
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:  # fmt: skip
    """The Lab page over a lab with one image; the parameter says who looks at it."""

    def prepared(bench: Bench) -> None:
        (tmp_path / "disk.dd").write_bytes(b"\xeb\x52\x90" + bytes(range(253)) * 64)
        asked = IntakeRequest(
            exhibit_id=bench.exhibit(bench.case()).id,
            paths=(tmp_path / "disk.dd",),
            write_blocker=WriteBlocker(device="T8u"),
        )
        bench.lab.intake.take_in(bench.examiner, asked)

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make, prepare=prepared,
        who=lambda bench: getattr(bench, request.param),
    ) as made:  # fmt: skip
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "authority").mkdir()
    with running(Authority(tmp_path / "authority")) as made:
        (made.folder / "published.pem").write_text(made.certificates)
        yield made


def named(desk: Desk, authority: Authority, url: str) -> None:
    desk.open_dialog("nameAuthority", "authoritySheet")
    desk.fill(authorityName="Test Time Authority", authorityUrl=url)
    desk.fill(authorityCertificates=str(authority.folder / "published.pem"))
    desk.press("submitButton")
    desk.until(lambda: desk.seen("stampNote") and url in desk.part(Note, "stampNote").text)


@pytest.mark.req("REQ-16")
def test_the_lab_chain_is_stamped_by_the_named_authority_and_waits_while_it_is_out_of_reach(
    desk: Desk, authority: Authority
) -> None:
    tab = open_tab(desk, "stamps")
    desk.until(lambda: desk.seen("stampsEmpty"))
    assert not desk.part(Button, "stampNow").isEnabled()
    named(desk, authority, "http://127.0.0.1:9/tsa")
    asked_at = len(desk.bench.lab.custody.lab_history())
    desk.press("stampNow")
    desk.until(lambda: texts(tab, 1) == ["Waits"])
    desk.until(lambda: "gave no time stamp" in desk.part(Note, "stampNote").text)
    assert texts(tab, 0) == [f"Entries 1 to {asked_at}"]
    assert "1 stamp waits" in desk.part(Note, "stampNote").text

    named(desk, authority, authority.url)
    desk.until(lambda: desk.part(Button, "stampFetch").isEnabled())
    desk.press("stampFetch")
    desk.until(lambda: texts(tab, 1) == ["Stamped"])
    desk.until(lambda: not desk.part(Button, "stampFetch").isEnabled())
    told = desk.bench.lab.time_stamps.authority()
    assert told is not None
    assert told.fingerprints[0] in desk.part(Note, "stampNote").text
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


@pytest.mark.req("REQ-16")
def test_a_file_that_holds_no_certificates_is_refused_in_the_dialog(desk: Desk, tmp_path: Path) -> None:
    open_tab(desk, "stamps")
    desk.until(lambda: desk.part(Button, "nameAuthority").isEnabled())
    desk.open_dialog("nameAuthority", "authoritySheet")
    desk.fill(authorityName="Nobody", authorityUrl="https://host/tsa", authorityCertificates=str(tmp_path / "none.pem"))
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    assert "cannot be read" in desk.part(Note, "refusal").text
    assert desk.bench.lab.time_stamps.authority() is None


@pytest.mark.req("REQ-29")
@pytest.mark.parametrize("desk", ["supervisor"], indirect=True)
def test_what_is_due_is_verified_as_one_job_and_what_cannot_be_read_is_named(desk: Desk, tmp_path: Path) -> None:
    tab = open_tab(desk, "schedule")
    desk.until(lambda: desk.seen("scheduleEmpty"))
    desk.open_dialog("setInterval", "intervalSheet")
    desk.fill(intervalDays="soon")
    desk.press("submitButton")
    assert not desk.bench.lab.schedule.interval_days()
    desk.fill(intervalDays="30")
    desk.press("submitButton")
    desk.until(lambda: texts(tab, 3) == ["Never verified", "Agreed"])
    assert "Every 30 days" in desk.part(Button, "setInterval").text()
    assert not desk.part(Button, "checkDue").isEnabled()

    desk.bench.clock.at += timedelta(days=31)
    (tmp_path / "disk.dd").rename(tmp_path / "away.dd")
    tab.refresh()
    desk.until(lambda: desk.part(Button, "checkDue").isEnabled())
    desk.press("checkDue")
    desk.until(lambda: desk.seen("scheduleNote"))
    assert "1 was verified and agrees.\nLH/01-I1 could not be verified" in desk.part(Note, "scheduleNote").text
    assert State.WARNED in [job.state for job in tab.context.jobs.jobs]
    assert any(job.state is JobState.FAILED for job in desk.bench.lab.journal.list())

    (tmp_path / "away.dd").rename(tmp_path / "disk.dd")
    desk.until(lambda: desk.part(Button, "checkDue").isEnabled())
    desk.press("checkDue")
    desk.until(lambda: desk.part(Note, "scheduleNote").text == "1 was verified and agrees.")
    desk.until(lambda: texts(tab, 4) == ["1", "2"])
    assert desk.bench.lab.schedule.due() == ()
    assert desk.errors == []
