"""What a report says was done, and was not, follows the entries of a real case."""

from __future__ import annotations

import pytest

from forensics_app.model.case import CaseId
from forensics_app.model.dossier import Dossier
from forensics_app.model.report import ReportRequest
from forensics_app.model.search import SearchRequest, Space
from forensics_app.reports.weaknesses import knowledge
from tests.builders import Bench
from tests.forensics_app.services.test_files_and_races import took_in


def dossier_of(bench: Bench, case_id: CaseId) -> Dossier:
    return bench.lab.reporting.dossier(bench.examiner.person, ReportRequest(case_id=case_id))


@pytest.mark.req("REQ-62")
def test_operations_and_what_was_not_examined_follow_the_entries(bench: Bench) -> None:
    image = took_in(bench)
    bare = dossier_of(bench, image.case_id)
    assert [(one.kind, one.subject) for one in bare.operations][:1] == [("intake", "LH/01-I1")]
    assert bare.operations[-1].kind == "report"
    assert "LH/01-I1 was hashed; its file systems were not catalogued." in bare.not_examined
    assert "LH/01-I1: contents were not searched for words." in bare.not_examined

    image = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    request = SearchRequest(terms=("invoice",), spaces=(Space.FILES, Space.UNALLOCATED))
    bench.lab.searching.begin(bench.examiner, image.id, request)
    bench.lab.intake.recheck(bench.examiner, image.id)
    after = dossier_of(bench, image.case_id)

    done = {one.kind: one for one in after.operations}
    assert {"intake", "catalogue", "search", "check", "report"} <= set(done) <= set(knowledge().kinds)
    assert "Contents were not read: no types by content, no digests of files." in done["catalogue"].limits
    assert done["search"].by == bench.examiner.person.name
    left = set(after.not_examined)
    assert not left & {
        "LH/01-I1 was hashed; its file systems were not catalogued.",
        "LH/01-I1: contents were not searched for words.",
        "LH/01-I1: no search looked in: unallocated space.",
        "LH/01-I1 was not read again since it was taken in.",
    }
    assert "LH/01-I1: no search looked in: slack." in left
    gaps = [volume for volume in after.images[0].volumes if volume.kind == "unallocated"]
    assert all(volume.not_examined is None for volume in gaps)
