"""A case that went out of one lab as CASE and into another: nothing lost, nothing invented, nothing half."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import func, select

from chain_of_custody.states import State
from forensics_app.db.ledger import entries_of
from forensics_app.db.tables import ENTRY
from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.case_export import CaseExport, ImportRequest
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_format import ReportFormat
from forensics_app.reports.case_reading import read_case
from forensics_app.services.folder import sha256_of
from forensics_app.services.left_behind import left_behind
from resources import path as resource
from tests.builders import Bench, make_bench
from tests.forensics_app.cli.calls import run
from tests.forensics_app.reports.test_case_uco import plain
from tests.forensics_app.services.test_possession import DRAWN, is_in_order, step


@pytest.fixture(scope="module")
def exported() -> Iterator[Path]:
    """A case with an exhibit, a part of it and an image, exported by the lab that worked on it."""
    with TemporaryDirectory() as name:
        root = Path(name)
        bench = make_bench(root / "lab")
        lab, case = bench.lab, bench.case()
        exhibit = bench.exhibit(case)
        bench.exhibit(case, "LH/01/A", parent=exhibit, seal="0048813")
        source = Path(shutil.copy(resource("demo/demo.E01"), root / "demo.E01"))
        blocker = WriteBlocker(device="Tableau T8u")
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
        image = lab.intake.take_in(bench.examiner, request)
        lab.catalogues.build(bench.examiner, image.id)
        with lab.catalogues.open(image) as catalogue:
            rows = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
        of_each = [next(row for row in rows if row.sha256 and row.allocated is here) for here in (True, False)]
        for row in of_each:
            lab.examine.choose(bench.examiner, image.id, row)
        asked = ReportRequest(case_id=case.id, zone="Europe/Warsaw")
        formats = [ReportFormat.CASE, ReportFormat.CSV]
        written = lab.report_exports.export(bench.examiner, asked, formats, root / "out")
        lab.close()
        yield next(one.path for one in written if one.path.suffix == ".jsonld")


def asked(bench: Bench, path: Path, number: str = "") -> ImportRequest:
    return ImportRequest(
        path=path,
        lead_examiner_id=bench.examiner.person.id,
        supervisor_id=bench.supervisor.person.id,
        number=number,
    )


@pytest.mark.req("REQ-56")
def test_an_imported_case_keeps_everything_that_the_other_record_said(bench: Bench, exported: Path) -> None:
    whole = read_case(exported.read_bytes())
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    kept = bench.lab.case_imports.imported(made.case.id)
    assert isinstance(kept, CaseExport)
    assert plain(kept) == plain(whole)
    assert len(kept.custody) >= 2
    assert {check.algorithm for check in kept.images[0].digests if check.computed} == {"MD5", "SHA-1", "SHA-256"}
    case = made.case
    assert (case.number, case.title, case.offence) == (whole.case.number, whole.case.title, whole.case.offence)
    assert case.questions == "Which invoices were altered?"
    assert case.legal_basis is not None
    assert case.legal_basis.number == whole.authorities[0].number
    assert made.custody_entries == sum(len(log.entries) for log in whole.custody)
    report = bench.lab.verification.verify()
    assert report.ok, [chain.findings for chain in report.chains]


@pytest.mark.req("REQ-56")
def test_every_digest_that_the_export_lists_is_kept_by_the_import(bench: Bench, exported: Path) -> None:
    (digests,) = exported.parent.rglob("*digests*.csv")
    with digests.open(encoding="utf-8-sig", newline="") as file:
        listed = {cell for row in csv.reader(file) for cell in row if re.fullmatch(r"[0-9a-f]{32,64}", cell)}
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    kept = bench.lab.case_imports.imported(made.case.id)
    assert kept is not None
    assert {(one.allocated, bool(one.volume and one.address and one.path)) for one in kept.files} == {
        (True, True), (False, True),
    }  # fmt: skip
    of_images = {one.computed.hex() for image in kept.images for one in image.digests if one.computed}
    of_files = {value.hex() for one in kept.files for _, value in one.digests}
    assert len(of_files) >= 4
    assert listed == of_images | of_files
    told = run("case", "imported", "--lab", bench.lab.folder.root, "--case", made.case.number).stdout
    assert all(value in told for value in listed)


@pytest.mark.req("REQ-56")
def test_imported_exhibits_are_seized_as_imported_and_their_entries_name_the_file(bench: Bench, exported: Path) -> None:
    whole = {one.number: one for one in read_case(exported.read_bytes()).exhibits}
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    exhibits = {one.number: one for one in bench.lab.exhibits.list(made.case.id)}
    assert set(exhibits) == {"LH/01", "LH/01/A"} == set(made.exhibits)
    assert made.only_told == tuple(number for number in whole if number not in exhibits)
    for number, one in exhibits.items():
        there = whole[number]
        assert (one.state, one.holder_id) == (State.SEIZED, None)
        assert (one.description, one.make, one.serial) == (there.description, there.make, there.serial)
        assert there.seizure is not None
        assert one.seized_at == there.seizure.at
    assert exhibits["LH/01/A"].parent_id == exhibits["LH/01"].id
    with bench.lab.database.reading() as connection:
        entries = list(entries_of(connection, str(made.case.id)))
    actions = [one.content.action for one in entries]
    assert actions == ["case.open", "case.import", *["exhibit.add"] * 2, *["custody.seize"] * 2]
    assert made.seized == made.exhibits
    sha256 = sha256_of(exported).hex()
    assert entries[1].content.facts["source_sha256"] == sha256 == made.sha256.hex()
    assert entries[2].content.facts["imported_from_sha256"] == sha256
    assert all(one.content.actor.name == bench.examiner.person.name for one in entries)


@pytest.mark.req("REQ-56")
def test_an_imported_case_goes_out_again_with_the_same_exhibits(bench: Bench, exported: Path, tmp_path: Path) -> None:
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    formats = [ReportFormat.CASE, ReportFormat.HTML]
    written = bench.lab.report_exports.export(
        bench.examiner, ReportRequest(case_id=made.case.id), formats, tmp_path / "out"
    )
    again, before = read_case(written[0].path.read_bytes()), read_case(exported.read_bytes())
    left_out = f"entries of custody, {made.custody_entries}; images with their digests, {len(before.images)}"
    assert all(left_out in one.path.read_text(encoding="utf-8") for one in written)
    assert {one.number for one in again.exhibits} == set(made.exhibits)
    assert again.authorities == before.authorities
    assert (again.case.number, again.case.title) == (before.case.number, before.case.title)


def test_what_cannot_be_imported_leaves_nothing(bench: Bench, exported: Path, tmp_path: Path) -> None:
    imports, before = bench.lab.case_imports, bench.lab.cases.list()
    bad = tmp_path / "bad.jsonld"
    for content in (b"{}", exported.read_bytes()[:-50], _with(exported, "case-investigation:focus", " ")):
        bad.write_bytes(content)
        with pytest.raises(RefusedError):
            imports.take_in(bench.examiner, asked(bench, bad))
    with pytest.raises(LabUnusableError, match="cannot be read"):
        imports.take_in(bench.examiner, asked(bench, tmp_path / "none"))
    with pytest.raises(PermissionRefusedError):
        imports.take_in(bench.custodian, asked(bench, exported))
    assert bench.lab.cases.list() == before
    first = imports.take_in(bench.examiner, asked(bench, exported))
    with pytest.raises(RefusedError, match="already in use"):
        imports.take_in(bench.examiner, asked(bench, exported))
    second = imports.take_in(bench.examiner, asked(bench, exported, "2026-0147 of Lindenhof"))
    assert first.case.id != second.case.id
    assert imports.imported(bench.case("2026-9").id) is None
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-09", "REQ-56")
def test_numbers_of_another_laboratory_may_look_like_each_other(bench: Bench, exported: Path, tmp_path: Path) -> None:
    alike = tmp_path / "alike.jsonld"
    alike.write_bytes(exported.read_bytes().replace(b'"LH/01/A"', b'"lh/01"'))
    case = bench.lab.case_imports.take_in(bench.examiner, asked(bench, alike)).case
    assert {"LH/01", "lh/01"} <= {one.number for one in bench.lab.exhibits.list(case.id)}


@pytest.mark.req("REQ-56")
def test_a_case_file_of_another_program_is_refused_with_what_to_do_and_leaves_nothing(
    bench: Bench, tmp_path: Path
) -> None:
    """After the shape of published examples: prefixes of UCO alone, a relation without an @id; a graph or a bundle."""
    computer = {
        "@id": "kb:computer-1",
        "@type": "uco-observable:Device",
        "uco-core:hasFacet": [{"@type": "uco-observable:DeviceFacet", "uco-observable:deviceType": "Computer"}],
    }
    case = {"@id": "kb:case-1", "@type": "case-investigation:Investigation", "uco-core:name": "Warehouse"}
    things = [case, computer, {"@type": "uco-observable:ObservableRelationship", "uco-core:isDirectional": True}]
    words = {"kb": "http://example.org/kb/", "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/"}
    path = tmp_path / "warehouse.jsonld"
    before = _rows_and_files(bench)
    for told in ({"@graph": things}, {"@type": "uco-core:Bundle", "uco-core:object": things}):
        path.write_text(json.dumps({"@context": words, **told}))
        with pytest.raises(RefusedError, match="was not written by this program's export") as refused:
            bench.lab.case_imports.take_in(bench.examiner, asked(bench, path))
        assert "warehouse.jsonld is no export" in str(refused.value)
        assert "Open the case by hand and take in the evidence itself" in refused.value.then
    assert _rows_and_files(bench) == before


def _rows_and_files(bench: Bench) -> tuple[list[int | None], list[str]]:
    """How many rows each table of the lab's database has, and the names of the files in its folder."""
    with bench.lab.case_imports.db.reading() as connection:
        rows = [connection.scalar(select(func.count()).select_from(one)) for one in ENTRY.metadata.sorted_tables]
    return rows, sorted(str(one) for one in bench.lab.folder.root.rglob("*") if one.is_file() and "-" not in one.suffix)


def test_exhibits_that_are_parts_of_each_other_are_refused_and_nothing_is_there(bench: Bench, exported: Path) -> None:
    document = json.loads(exported.read_bytes())
    for node in document["@graph"]:
        if node.get("case-investigation:exhibitNumber") == "LH/01" and "fa:entries" not in node:
            node["fa:parent"] = "LH/01/A"
    bad = bench.lab.folder.root / "circle.jsonld"
    bad.write_text(json.dumps(document))
    before = bench.lab.cases.list()
    with pytest.raises(RefusedError, match="part of the other"):
        bench.lab.case_imports.take_in(bench.examiner, asked(bench, bad))
    assert bench.lab.cases.list() == before
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-56")
def test_imported_exhibits_are_in_nobodys_hands_here(bench: Bench, exported: Path, tmp_path: Path) -> None:
    lab, there = bench.lab, read_case(exported.read_bytes()).laboratory.name
    made = lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    for one in lab.exhibits.list(made.case.id):
        assert (one.holder, one.holder_id, one.place) == (there, None, f"not received here; with {there}")
    with lab.database.reading() as connection:
        assert left_behind(connection, bench.examiner.person.id).exhibits == ()
    request = ReportRequest(case_id=made.case.id)
    written = lab.report_exports.export(bench.examiner, request, [ReportFormat.CASE], tmp_path / "out")
    for told in read_case(written[0].path.read_bytes()).exhibits:
        assert (told.holder, told.place) == (there, f"not received here; with {there}")
    assert lab.verification.verify().ok


TAKING = {"purpose": "Imaging", "expected_return": "2026-12-01T12:00+00:00"}


@pytest.mark.req("REQ-18", "REQ-56")
def test_work_with_an_imported_exhibit_goes_on_where_it_was_there(bench: Bench, exported: Path, tmp_path: Path) -> None:
    there = read_case(exported.read_bytes())
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    exhibit = bench.lab.exhibits.numbered(made.case.id, "LH/01")
    last = bench.lab.custody.history(exhibit.id)[-1]
    remarks = last.fact("remarks")
    assert remarks.startswith(f"As imported from {there.laboratory.name} on 2026-11-20 ")
    assert "not verified: the export holds no signatures" in remarks
    assert "There it was SEIZED, held by Sgt. Duarte" in remarks
    assert exhibit.seized_at is not None
    assert last.fact("occurred_at") == exhibit.seized_at.isoformat()
    with pytest.raises(RefusedError, match="no signature of theirs"):
        step(bench, exhibit, "receive", bench.custodian, outside_party=there.laboratory.name)
    step(bench, exhibit, "receive", bench.custodian, outside_party=there.laboratory.name, papers=DRAWN)
    assert bench.lab.incidents.open() == ()
    step(bench, exhibit, "store", bench.custodian, told={"shelf": "A-07"})
    step(bench, exhibit, "check_out", bench.custodian, bench.examiner, told=TAKING)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-18", "REQ-20", "REQ-56")
def test_the_officer_who_seized_what_another_laboratory_has_is_corrected_and_they_still_have_it(
    bench: Bench, exported: Path, tmp_path: Path
) -> None:
    there = read_case(exported.read_bytes()).laboratory.name
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported))
    exhibit = bench.lab.exhibits.numbered(made.case.id, "LH/01")
    seizure = bench.lab.custody.history(exhibit.id)[-1].sequence
    right = {"seizing_officer": "Sgt. Anna Duarte"}
    entry = bench.lab.custody.correct(bench.examiner, exhibit.id, seizure, right, "Misspelt")
    assert entry.facts["corrected"] == {"seizing_officer": ["Sgt. Duarte", "Sgt. Anna Duarte"]}
    now = bench.lab.exhibits.get(exhibit.id)
    assert (now.seized_by, now.holder) == ("Sgt. Anna Duarte", there)
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-56")
@pytest.mark.parametrize(
    ("state", "here"),
    [("IN TRANSIT", State.SEIZED), ("STORED", State.SEIZED), ("IDENTIFIED", State.IDENTIFIED),
     ("RETURNED", State.IDENTIFIED), ("DESTROYED", State.IDENTIFIED), ("Nonsense", State.IDENTIFIED)],
)  # fmt: skip
def test_what_never_was_or_is_no_more_with_the_other_laboratory_cannot_be_received_from_it(
    bench: Bench, exported: Path, state: str, here: State
) -> None:
    path = bench.lab.folder.root / "told.jsonld"
    content = exported.read_text()
    assert '"SEIZED"' in content
    path.write_text(content.replace('"SEIZED"', json.dumps(state)))
    made = bench.lab.case_imports.take_in(bench.examiner, asked(bench, path))
    assert {one.state for one in bench.lab.exhibits.list(made.case.id)} == {here}
    assert bench.lab.verification.verify().ok


WRONG = (
    ("fa:seizure", "fa:at", "9999-12-31T23:59:59-14:00", "has not come yet"),
    ("fa:seizure", "fa:at", "0001-01-01T00:00:00+14:00", "before 1990"),
    ("fa:seizure", "fa:place", "a\x00b", "control characters"),
    ("case-investigation:exhibitNumber", None, "9" * 5000, "at most 100 characters"),
    ("case-investigation:exhibitNumber", None, "LH\u202e/01", "control characters"),
    ("case-investigation:exhibitNumber", None, "LH\n01", "control characters"),
    ("uco-core:description", None, "x" * 10_001, "at most 10,000 characters"),
    ("uco-core:description", None, "a\x1b[2J", "control characters"),
)


def test_what_no_exhibit_is_registered_with_is_not_imported(bench: Bench, exported: Path, tmp_path: Path) -> None:
    before, bad = bench.lab.cases.list(), tmp_path / "bad.jsonld"
    for name, inner, value, why in WRONG:
        document = json.loads(exported.read_bytes())
        for node in document["@graph"]:
            if node.get("@type") == "case-investigation:ProvenanceRecord" and "fa:entries" not in node and name in node:
                if inner is None:
                    node[name] = value
                elif inner in node[name]:
                    whole = node[name][inner]
                    node[name][inner] = {**whole, "@value": value} if isinstance(whole, dict) else value
        bad.write_text(json.dumps(document))
        with pytest.raises(RefusedError, match=why):
            bench.lab.case_imports.take_in(bench.examiner, asked(bench, bad))
    assert bench.lab.cases.list() == before


def test_the_command_line_says_that_an_import_is_no_proof(bench: Bench, exported: Path) -> None:
    bench.lab.case_imports.take_in(bench.examiner, asked(bench, exported, "2026-77"))
    said = run("case", "imported", "--lab", bench.lab.folder.root, "--case", "2026-77").stdout
    assert "unverified statement of the file; compare it with the signed report" in said
    shown = run("exhibit", "show", "--lab", bench.lab.folder.root, "--case", "2026-77", "--exhibit", "LH/01").stdout
    assert "not received here; with " in shown


def _with(exported: Path, name: str, value: object) -> bytes:
    document = json.loads(exported.read_bytes())
    for node in document["@graph"]:
        if name in node:
            node[name] = value
    return json.dumps(document).encode()
