"""What the benchmark of the window says that it measures is all that the window has."""

from tests.architecture.tree import ROOT
from tests.benchmarks.bench_window_jobs import MEASURED, NOT_MEASURED


def test_every_place_where_the_window_starts_a_job_is_measured_or_says_why_not() -> None:
    places = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ui").rglob("*.py")
        if "JobCard(" in path.read_text(encoding="utf-8")
    }
    assert places == {*MEASURED, *NOT_MEASURED}
    assert not {*MEASURED} & {*NOT_MEASURED}
