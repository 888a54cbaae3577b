import os
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.builders import Bench
from tests.ui.desk import open_desk
from ui.jobs import JobRunner, State
from ui.page import Page
from ui.preferences import Preferences


def test_the_tray_names_a_file_that_is_not_of_the_record_until_somebody_has_seen_it(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> None:
    def prepare(bench: Bench) -> None:
        left = bench.lab.folder.report(bench.case().id, bench.lab.info.id)
        left.write_bytes(b"%PDF-")
        os.utime(left, (0, 0))

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "custody",
        lambda context: Page(context, title="A page", name="page"), prepare=prepare,
    ) as desk:  # fmt: skip
        desk.until(lambda: any(job.state is State.INTERRUPTED for job in jobs.jobs))
        (job,) = (job for job in jobs.jobs if job.state is State.INTERRUPTED)
        assert job.card.title == "1 file in the lab folder is not of the record"
        assert f"{desk.bench.lab.info.id}.pdf. They stay there." in job.message
        job.acts[0].call()
        assert job not in jobs.jobs
        assert not desk.errors
