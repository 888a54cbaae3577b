"""What a report prints out of catalogues and timelines is what the record tells of, or it says that it is not known."""

import hashlib
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.dossier import Dossier
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import Drawn, ReportDraft
from forensics_app.reports.case_uco import case_uco
from forensics_app.reports.docx import write_docx
from forensics_app.reports.html import write_html
from forensics_app.services.catalogue_checks import Digested
from tests.builders import Bench, make_bench, reopened
from tests.forensics_app.services.test_drafts import last
from tests.forensics_app.services.test_files_and_races import took_in

FORGED_NS = 20 * 365 * 86_400 * 10**9


@dataclass
class Made:
    """A lab with an image, as it is (``bare``) and with a catalogue and a timeline of it."""

    bench: Bench
    image: EvidenceImage

    @property
    def catalogue(self) -> Path:
        return self.bench.lab.catalogues.path(self.image)

    @property
    def timeline(self) -> Path:
        return self.bench.lab.timelines.path(self.image.case_id)

    @property
    def request(self) -> ReportRequest:
        sections = (*ReportRequest(case_id=self.image.case_id).printed, Section.TIMELINE)
        return ReportRequest(case_id=self.image.case_id, sections=sections)

    def dossier(self) -> Dossier:
        return self.bench.lab.reporting.dossier(self.bench.examiner.person, self.request)

    def issue(self, draft: ReportDraft) -> None:
        self.bench.lab.reporting.issue(self.bench.examiner, self.bench.supervisor, draft.id)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    bench = make_bench(tmp_path_factory.mktemp("bare") / "lab")
    yield Made(bench, took_in(bench))
    bench.lab.close()


@pytest.fixture(scope="module")
def whole(bare: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Nobody works in it."""
    folder = tmp_path_factory.mktemp("whole") / "lab"
    shutil.copytree(bare.bench.lab.folder.database.parent, folder)
    bench = reopened(folder, bare.bench.clock.at + timedelta(days=1))
    image = bench.lab.catalogues.build(bench.examiner, bare.image.id, with_content=False)
    bench.lab.timelines.make(bench.examiner, image.case_id)
    bench.lab.close()
    return Made(bench, image)


@pytest.fixture
def made(whole: Made, tmp_path: Path) -> Iterator[Made]:
    shutil.copytree(whole.bench.lab.folder.database.parent, tmp_path / "lab")
    bench = reopened(tmp_path / "lab", whole.bench.clock.at + timedelta(days=1))
    yield Made(bench, whole.image)
    bench.lab.close()


def words_of(dossier: Dossier) -> str:
    out = io.BytesIO()
    write_html(dossier, out)
    return unescape(out.getvalue().decode())


def forge(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(statement).rowcount > 0
        db.commit()


Steps = dict[str, Callable[[OnProgress], object]]


def steps_of(made: Made, step: str) -> tuple[ReportDraft, Callable[[OnProgress], object]]:
    """A draft that is ready for a step, and what takes it."""
    bench, drafts = made.bench, made.bench.lab.drafts
    draft = drafts.begin(bench.examiner, made.request)
    if step != "submit":
        draft = drafts.submit(bench.examiner, draft.id)
    if step == "issue":
        draft = drafts.approve(bench.supervisor, draft.id, seen=draft.content_sha256)
    takes: Steps = {
        "submit": lambda tell: drafts.submit(bench.examiner, draft.id, on_progress=tell),
        "approve": lambda tell: drafts.approve(bench.supervisor, draft.id, seen=draft.content_sha256, on_progress=tell),
        "issue": lambda tell: bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id, on_progress=tell),
    }
    return draft, takes[step]


@pytest.mark.req("REQ-64")
@pytest.mark.parametrize("step", ["submit", "approve", "issue"])
def test_a_step_tells_how_far_it_is_and_records_nothing_when_it_is_stopped(made: Made, step: str) -> None:
    lab = made.bench.lab
    draft, take = steps_of(made, step)
    before = lab.custody.case_history(made.image.case_id)
    stops = [1, 450, 700, 999] if step == "issue" else [1, 700]
    for stop in stops:

        def tell(done: int, total: int, stop: int = stop) -> None:
            assert total == 1000
            if done >= stop:
                raise CancelledError

        with pytest.raises(CancelledError):
            take(tell)
        assert lab.drafts.get(draft.id) == draft
        assert lab.custody.case_history(made.image.case_id) == before
        assert lab.reporting.list(made.image.case_id) == ()
        assert not list(lab.folder.report(made.image.case_id, draft.id).parent.glob("*"))
        assert not list(lab.folder.scratch.iterdir())
    told: list[int] = []
    take(lambda done, total: told.append(done))
    assert told == sorted(told)
    assert len(set(told)) >= 3
    assert len(lab.custody.case_history(made.image.case_id)) == len(before) + 1


def test_an_issue_reads_each_catalogue_once_and_again_where_it_was_written_meanwhile(made: Made) -> None:
    told: list[int] = []
    _, take = steps_of(made, "issue")
    take(lambda done, total: told.append(done))
    assert not [one for one in told if 500 < one <= 600], "the catalogue was compared when the lab was verified"
    digested, read = Digested(), list[int]()
    sha256 = digested.sha256(made.catalogue, lambda done, total: read.append(done))
    assert sha256 == made.image.catalogue_sha256
    assert read
    read.clear()
    assert digested.sha256(made.catalogue, lambda done, total: read.append(done)) == sha256
    assert not read
    forge(made.catalogue, "UPDATE volumes SET start_bytes = 0 WHERE start_bytes > 0")
    assert digested.sha256(made.catalogue, lambda done, total: read.append(done)) != sha256
    assert read


def forge_times(made: Made) -> None:
    forge(made.timeline, f"UPDATE events SET at_ns = at_ns - {FORGED_NS}")


@pytest.mark.req("REQ-62")
def test_an_image_without_a_catalogue_is_not_said_to_have_no_partitions(bare: Made) -> None:
    told = "Partition table, volumes and file systems were not examined: no catalogue was built."
    dossier = bare.dossier()
    words = words_of(dossier)
    assert told in words
    for false in ("none found", "o volume was found"):
        assert false not in words
    assert told in case_uco(dossier).decode()
    out = io.BytesIO()
    write_docx(dossier, out)
    assert dossier.images[0].not_catalogued == told
    assert "LH/01-I1 was hashed; its file systems were not catalogued." in dossier.not_examined


@pytest.mark.req("REQ-62")
def test_a_catalogue_that_is_elsewhere_is_told_with_its_digest_and_nobody_denies_that_it_was_built(made: Made) -> None:
    assert "Partition table: gpt." in words_of(made.dossier())
    made.catalogue.unlink()
    assert made.image.catalogue_sha256 is not None
    told = (
        "Partition table, volumes and file systems are not reported: the catalogue that was recorded with the SHA-256 "
        f"{made.image.catalogue_sha256.hex()} of its content is not on this computer."
    )
    dossier = made.dossier()
    words = words_of(dossier)
    assert words.count(told) == 2, "where the volumes would be, and among what was not examined"
    for false in ("none found", "o volume was found", "were not catalogued"):
        assert false not in words
    made.issue(made.bench.approved(made.request))


def test_a_catalogue_that_cannot_be_used_is_told_as_such(made: Made) -> None:
    made.catalogue.write_bytes(b"no catalogue")
    words = words_of(made.dossier())
    assert "Partition table, volumes and file systems are not reported: the catalogue cannot be used." in words
    assert "were not catalogued" not in words


def close(bench: Bench, case_id: CaseId) -> None:
    known = bench.lab.cases.left_open(case_id)
    bench.lab.cases.close(bench.supervisor, case_id, "Ended", known_open=known)


@pytest.mark.req("REQ-64")
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda made: made.catalogue.unlink(), Drawn.CATALOGUES),
        (lambda made: made.catalogue.write_bytes(b""), Drawn.CATALOGUES),
        (lambda made: made.timeline.unlink(), Drawn.TIMELINE),
        (forge_times, Drawn.TIMELINE),
        (lambda made: close(made.bench, made.image.case_id), Drawn.CASE),
    ],
)
def test_what_becomes_another_after_the_approval_is_not_issued(
    made: Made, change: Callable[[Made], None], kind: Drawn
) -> None:
    draft = made.bench.approved(made.request)
    change(made)
    assert f"The {kind} changed since it was submitted" in " ".join(made.bench.lab.drafts.get(draft.id).differs)
    with pytest.raises(RefusedError, match=f"is not what was approved.* The {kind} changed|prints from is not what"):
        made.issue(draft)
    assert last(made.bench)[0] == "report.refused"
    assert made.bench.lab.reporting.list(made.image.case_id) == ()


@pytest.mark.req("REQ-64")
def test_a_timeline_that_is_made_after_the_approval_is_not_issued_with_it(made: Made) -> None:
    made.timeline.unlink()
    draft = made.bench.approved(made.request)
    made.bench.lab.timelines.make(made.bench.examiner, made.image.case_id)
    with pytest.raises(RefusedError, match=r"The timelines changed since it was submitted \(then 0, now 1\)"):
        made.issue(draft)


@pytest.mark.req("REQ-64")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (forge_times, "The figure of the timeline is not what the catalogues give"),
        (
            lambda made: forge(made.catalogue, "UPDATE volumes SET start_bytes = 0 WHERE start_bytes > 0"),
            "The catalogue of LH/01-I1 is not the one that was recorded",
        ),
    ],
)
@pytest.mark.parametrize("step", ["submit", "approve", "issue"])
def test_nobody_signs_for_a_file_that_was_changed_by_hand(
    made: Made, change: Callable[[Made], None], told: str, step: str
) -> None:
    bench, drafts = made.bench, made.bench.lab.drafts
    draft = drafts.begin(bench.examiner, made.request)
    if step != "submit":
        draft = drafts.submit(bench.examiner, draft.id)
    if step == "issue":
        drafts.approve(bench.supervisor, draft.id, seen=draft.content_sha256)
    change(made)
    seen = drafts.get(draft.id).content_sha256
    steps: dict[str, Callable[[], object]] = {
        "submit": lambda: drafts.submit(bench.examiner, draft.id),
        "approve": lambda: drafts.approve(bench.supervisor, draft.id, seen=seen),
        "issue": lambda: made.issue(draft),
    }
    with pytest.raises(RefusedError) as refused:
        steps[step]()
    assert told in str(refused.value) or "The timelines changed since" in str(refused.value)
    assert refused.value.kept == "Nothing was changed; the attempt was recorded."
    assert last(bench)[0] == "report.refused"


@pytest.mark.req("REQ-64")
def test_a_timeline_in_the_zone_of_another_is_found(made: Made) -> None:
    """The zone by which wall times are put to UTC is no part of the content of a catalogue, but of its entry."""
    forge(made.catalogue, "UPDATE meta SET value = replace(value, 'Europe/Berlin', 'Pacific/Honolulu')")
    made.bench.lab.timelines.make(made.bench.examiner, made.image.case_id)
    draft = made.bench.lab.drafts.begin(made.bench.examiner, made.request)
    with pytest.raises(RefusedError, match="The figure of the timeline is not what the catalogues give"):
        made.bench.lab.drafts.submit(made.bench.examiner, draft.id)


def test_what_is_unchanged_is_issued_also_after_the_catalogue_and_the_timeline_are_made_again(made: Made) -> None:
    draft = made.bench.approved(made.request)
    made.timeline.unlink()
    made.bench.lab.timelines.make(made.bench.examiner, made.image.case_id)
    made.issue(draft)
    assert made.bench.lab.verification.verify().ok
    assert not any(made.bench.lab.folder.scratch.iterdir())


CHANGES_OF_EVENTS = (
    f"UPDATE events SET at_ns = at_ns - {FORGED_NS}",
    "UPDATE events SET at_ns = at_ns + 1 WHERE id = (SELECT max(id) FROM events)",
    "DELETE FROM events WHERE id = 1",
    "INSERT INTO events SELECT max(id) + 1, at_ns, image, entry, stamps FROM events",
    "UPDATE meta SET value = replace(value, 'Europe/Berlin', 'Pacific/Honolulu') WHERE key = 'sources'",
)


@pytest.mark.req("REQ-17")
def test_a_timeline_that_was_changed_by_hand_is_found_when_the_lab_is_verified(made: Made) -> None:
    lab, as_made = made.bench.lab, made.timeline.read_bytes()
    sound = lab.verification.verify()
    assert sound.ok
    for statement in CHANGES_OF_EVENTS:
        made.timeline.write_bytes(as_made)
        forge(made.timeline, statement)
        found = lab.verification.verify()
        assert not found.ok
        assert found.files_compared == sound.files_compared
        (words,) = found.file_findings
        assert words.startswith("The timeline of 2026-0147 is not one that was recorded: the SHA-256 of its ")
    lab.timelines.make(made.bench.examiner, made.image.case_id)
    assert lab.verification.verify().ok


def test_who_makes_a_timeline_signs_for_the_digest_of_its_events_which_another_tool_computes(made: Made) -> None:
    (entry,) = [one for one in made.bench.lab.custody.case_history(made.image.case_id) if one.action == "timeline.make"]
    with closing(sqlite3.connect(made.timeline)) as db:
        (sources,) = db.execute("SELECT value FROM meta WHERE key = 'sources'").fetchone()
        rows = db.execute("SELECT id, at_ns, image, entry, stamps FROM events ORDER BY id").fetchall()
    lines = [sources, *(" ".join(map(str, row)) for row in rows)]
    sha256 = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert (entry.fact("timeline_sha256"), entry.fact("events")) == (sha256, str(len(rows)))
    assert [one.name for one in entry.signatures] == ["Ana Kovač"]


def test_a_timeline_from_before_they_were_recorded_is_told_and_no_failure(bare: Made, made: Made) -> None:
    timeline = bare.timeline
    shutil.copy(made.timeline, timeline)
    try:
        report = bare.bench.lab.verification.verify()
    finally:
        timeline.unlink()
    assert report.ok
    told = [words for chain in report.chains for words in chain.notices]
    assert told == [
        "The timeline of 2026-0147 was made before timelines were recorded, and was not compared: make it again."
    ]
