"""What names hidden content does not leave with a report, and what is left verifies all the same."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from chain_of_custody.file import read_lines
from chain_of_custody.rules import is_judged
from forensics_app.__main__ import main
from forensics_app.db.ledger import entries_of
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.mark import MarkKind
from forensics_app.model.note import NewNote
from forensics_app.model.proof import Answer, Checked
from forensics_app.model.report import ReportRequest
from forensics_app.proof.attached import attached_in
from forensics_app.proof.reading import opened
from forensics_app.reports.enclosures import LEDGER
from forensics_app.services.report_verifying import check_report
from forensics_app.services.withholding import NAMING
from tests.builders import Bench, make_bench
from tests.forensics_app.services.test_files_and_races import took_in
from tests.second_verifier.verdicts import verify


@dataclass
class Issued:
    """A report of a case in which one file is marked, and named by entries beside."""

    bench: Bench
    hidden: CatalogueEntry
    cited: CatalogueEntry
    pdf: bytes

    @property
    def ledger(self) -> bytes:
        return next(one.content for one in attached_in(opened(self.pdf)) if one.name == LEDGER)

    def check(self, what: str) -> Checked:
        found = check_report(self.pdf, at=self.bench.clock())
        return next(one for one in found.checks if one.what == what)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    bench = make_bench(tmp_path_factory.mktemp("withholding") / "lab")
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    with lab.catalogues.open(image) as catalogue:
        hidden, cited = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/jpeg"))[:2])
    lab.examine.marks.add(bench.examiner, image.id, hidden, MarkKind.SENSITIVE, "Not for everybody")
    name = hidden.path.rpartition("/")[2]
    for told in (f"The picture {name} was found first.", f"({name})"):
        lab.notes.add(bench.examiner, NewNote(case_id=image.case_id, text=told, told_at=bench.clock.at))
    lab.notes.add(bench.examiner, NewNote(case_id=image.case_id, text="The disk was warm.", told_at=bench.clock.at))
    lab.examine.choose(bench.examiner, image.id, cited)
    draft = bench.approved(ReportRequest(case_id=image.case_id))
    report = lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    yield Issued(bench, hidden, cited, lab.reporting.path(report).read_bytes())
    lab.close()


@pytest.mark.req("REQ-39", "REQ-40", "REQ-68")
def test_entries_that_name_hidden_content_do_not_leave_with_a_report_and_the_rest_verifies(issued: Issued) -> None:
    text = issued.ledger
    assert issued.hidden.path.rpartition("/")[2].encode() not in text
    assert issued.cited.path.rpartition("/")[2].encode() in text
    assert b"The disk was warm." in text
    parts = read_lines(io.BytesIO(text))
    withheld = [place for place, one in enumerate(parts[1].entries) if one.withheld is not None]
    with issued.bench.lab.database.reading() as connection:
        whole = list(entries_of(connection, parts[1].chain))[: len(parts[1].entries)]
    assert [one.digest for one in whole] == [one.digest for one in parts[1].entries]
    assert [whole[place].content.action for place in withheld] == ["file.mark", "note.add", "note.add"]
    assert not any(is_judged(whole[place].body) for place in withheld)
    status, verdicts = verify(text)
    assert status == 3
    assert [one.answers for one in verdicts] == [["yes", "yes", "yes"], ["yes", "unknown", "unknown"]]
    found = issued.check("Custody ledger inside")
    assert found.answer is Answer.UNKNOWN
    assert "3 are withheld: only their digests are in the file." in found.words
    assert issued.check("Cited digests").answer is Answer.GOOD


@pytest.mark.req("REQ-68")
def test_a_digest_that_stands_in_no_entry_cannot_be_compared_where_some_are_withheld(issued: Issued) -> None:
    lines = issued.ledger.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if b"file.choose" in line)
    digest = read_lines(io.BytesIO(issued.ledger))[1].entries
    names = [one for one in digest if one.withheld is None and one.content.action == "file.choose"]
    assert len(names) == 1
    lines[place] = b'{"withheld":"%s"}\n' % names[0].digest.hex().encode()
    status, _ = verify(b"".join(lines))
    assert status == 3, "whoever has a file can withhold more of it"
    lines[place] = b'{"withheld":"%s"}\n' % (b"ab" * 32)
    status, verdicts = verify(b"".join(lines))
    assert (status, verdicts[1].answers[0]) == (1, "no")


@pytest.mark.req("REQ-40", "REQ-64")
def test_who_approves_is_told_which_earlier_wordings_name_hidden_content_and_leave(
    issued: Issued, capsys: pytest.CaptureFixture[str]
) -> None:
    bench, name = issued.bench, issued.hidden.path.rpartition("/")[2]
    drafts, case = bench.lab.drafts, bench.lab.cases.list()[0]
    draft = drafts.begin(bench.examiner, ReportRequest(case_id=case.id))
    assert bench.lab.reporting.names_that_leave(draft) == ""
    drafts.edit(bench.examiner, draft.id, replace(draft.content, title=f"About {name}"))
    drafts.edit(bench.examiner, draft.id, replace(draft.content, limitations=(f"{name} was not opened.",)))
    drafts.edit(bench.examiner, draft.id, draft.content)
    draft = drafts.submit(bench.examiner, draft.id)
    told = bench.lab.reporting.names_that_leave(draft)
    assert told.startswith(NAMING)
    with bench.lab.database.reading() as connection:
        naming = [one for one in entries_of(connection, str(case.id)) if name.encode() in one.body]
    edits = [one.content.sequence for one in naming if one.content.action == "report.edit"]
    assert len(edits) >= 3
    assert all(f"entry {number} (report.edit, Ana Kovač)" in told for number in edits)
    assert name not in told
    lab = str(bench.lab.folder.root)
    assert main(["report", "show", "--lab", lab, "--case", case.number, "--draft", str(draft.number)]) == 0
    assert told in capsys.readouterr().out
    drafts.recall(bench.examiner, draft.id, "Only to be read")
