"""Reports and forms are PDF/A-3, level B, with their attachments, the same bytes for the same input."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from forensics_app.model.attachment import Attachment, Relationship
from forensics_app.model.dossier import Dossier
from forensics_app.reports.pdf import render
from tests.forensics_app.reports.archive_rules import breaches
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILES = (
    Attachment(
        name="digests.csv", content=b"a,b\r\n" * 900, media_type="text/csv", words="Digests",
        relationship=Relationship.DATA, as_of=AS_OF,
    ),
    Attachment(
        name="case.jsonld", content='{"é": 1}'.encode(), media_type="application/ld+json", words="The case",
        relationship=Relationship.SUPPLEMENT, as_of=AS_OF,
    ),
)  # fmt: skip


def with_files(dossier: Dossier, files: tuple[Attachment, ...] = FILES) -> bytes:
    target = BytesIO()
    render(dossier, target, files)
    return target.getvalue()


@pytest.fixture(scope="module")
def issued() -> bytes:
    return with_files(sample_dossier())


@pytest.mark.req("REQ-66")
def test_an_issued_report_breaks_no_rule_of_the_archive(issued: bytes) -> None:
    assert breaches(issued) == []


def test_drafts_break_none_either() -> None:
    assert breaches(rendered(sample_dossier(issued=False))) == []
    assert breaches(rendered(bare_dossier())) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"/GTS_PDFA1", b"/GTS_PDFX1", "6.2.3"),
        (b"<pdfaid:part>3<", b"<pdfaid:part>1<", "6.6.4"),
        (b"/AFRelationship /Data", b"/AFRelationship /Date", "6.8"),
        (b"/F 4", b"/F 6", "6.3.2"),
        (b"\nendstream", b" endstream", "6.1.7.1"),
        (b"%PDF-1.7", b"%PDF-2.0", "6.1.2"),
        (b"/Flags 262148", b"/Flags 262176", "6.2.11.6"),
    ],
)
def test_the_rules_find_what_breaks_them(issued: bytes, old: bytes, new: bytes, rule: str) -> None:
    assert old in issued
    assert any(rule in found for found in breaches(issued.replace(old, new, 1)))


def test_the_same_input_gives_the_same_bytes_and_other_attachments_give_others(issued: bytes) -> None:
    assert with_files(sample_dossier()) == issued
    assert with_files(sample_dossier(), tuple(reversed(FILES))) == issued
    assert with_files(sample_dossier(), FILES[:1]) != issued


def test_other_programs_read_the_attachments(issued: bytes, tmp_path: Path) -> None:
    oracle = Oracle(tmp_path)
    assert "No syntax or stream encoding errors found" in oracle.check(issued)
    path = tmp_path / "attached.pdf"
    path.write_bytes(issued)
    oracle._run("pdfdetach", "-saveall", "-o", str(tmp_path), str(path))
    for one in FILES:
        assert (tmp_path / one.name).read_bytes() == one.content
