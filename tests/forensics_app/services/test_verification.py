"""An attacker with the database file: whatever they change is found, and named."""

import dataclasses
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.__main__ import run_command
from forensics_app.db.tables import PROJECTED
from forensics_app.errors import LabUnusableError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.competence import NewTraining
from forensics_app.model.custody import LabReport
from forensics_app.model.desk import MatterKind
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.image import EvidenceImage, IntakeRequest, Keys, WriteBlocker
from forensics_app.model.report import Block, FindingKind, ReportRequest
from forensics_app.model.tag import NewTag, TagColour
from forensics_app.model.target import entry_target
from forensics_app.model.tool import NewValidation
from forensics_app.services.verification import Verification
from resources import path as resource
from tests.builders import Bench, make_bench
from tests.evidence.volumes import luks_images
from tests.forensics_app.services.end_of_custody import (
    dispose_of_one_and_transfer_another,
    offer_one_and_audit_its_room,
)
from tests.forensics_app.services.registers import a_courier, a_shelf, told_of
from tests.forensics_app.services.scene_of_a_search import go_to_a_scene
from tests.forensics_app.services.test_hash_sets import listed, md5, sets
from tests.forensics_app.services.test_hash_sets import new as new_hash_set
from tests.forensics_app.services.written_notes import write_note

DATABASES = ("sqlite", "postgresql")

QUERY = CatalogueQuery(kinds=("file",))
CAN_ENCRYPT = shutil.which("cryptsetup") is not None
FILLED = {name: table for name, table in PROJECTED.items() if CAN_ENCRYPT or name != "sealed_key"}
"""The tables that have a row in the lab of these tests: to keep a key takes an encrypted volume."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A lab with a row in every table of ``FILLED``."""
    bench = make_bench(tmp_path_factory.mktemp("full") / "lab")
    lab = bench.lab
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.exhibit(case, "LH/02", parent=exhibit)
    photo = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)
    request = IntakeRequest(
        exhibit_id=exhibit.id,
        paths=(resource("demo/demo.E01"),),
        write_blocker=WriteBlocker(device="Tableau T8u"),
    )
    image = lab.intake.take_in(bench.examiner, request)
    image = lab.catalogues.build(bench.examiner, image.id, with_content=False)
    with lab.catalogues.open(image) as catalogue:
        entry = next(entry for entry in catalogue.rows(catalogue.ids(QUERY)[:200]) if 0 < entry.size_bytes < 10_000)
    if CAN_ENCRYPT:
        _keep_a_key(bench, tmp_path_factory.mktemp("luks"), request)
    lab.examine.choose(bench.examiner, image.id, entry)
    _tag_and_cite(bench, image, entry)
    lab.examine.exporting.file(bench.examiner, image.id, entry, lab.folder.root.parent / "exported.bin")
    go_to_a_scene(bench, case.id)
    incident = lab.incidents.report(bench.custodian, exhibit.id, "Water on the shelf")
    lab.incidents.close(bench.supervisor, incident.id, "Dried; nothing was hurt")
    dispose_of_one_and_transfer_another(bench, case)
    offer_one_and_audit_its_room(bench, case)
    write_note(bench, exhibit)
    _train(bench, tmp_path_factory.mktemp("training") / "certificate.pdf")
    _register_a_tool(bench)
    _import_a_hash_set(bench, tmp_path_factory.mktemp("hashes"))
    told_of(bench, case, "LH/30")
    a_shelf(bench)
    a_courier(bench)
    block = Block(id=uuid4(), kind=FindingKind.FACT, heading="Payee", text="It names the payee.")
    bench.issued(ReportRequest(case_id=case.id, zone="Europe/Berlin", blocks=(block,)))
    tool = next(matter for matter in lab.desk.waiting() if matter.kind is MatterKind.TOOL)
    lab.desk.decide(bench.supervisor, tool.key, approve=True, comment="Read")
    yield bench
    lab.close()


def _tag_and_cite(bench: Bench, image: EvidenceImage, entry: CatalogueEntry) -> None:
    lab, target = bench.lab, entry_target(image, entry)
    (tag,) = lab.tags.make(bench.examiner, NewTag(name="Invoice", colour=TagColour.BLUE, key=1))
    lab.tags.put(bench.examiner, tag.id, (target,))
    lab.findings.add(bench.examiner, CitedKind.FINDING, target, "It names the payee.")


def _keep_a_key(bench: Bench, folder: Path, request: IntakeRequest) -> None:
    paths = (luks_images.holding(folder, bytes(1 << 20)),)
    image = bench.lab.intake.take_in(bench.examiner, dataclasses.replace(request, paths=paths))
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.lab.unlocking.unlock(bench.examiner, image.id, Keys(passwords=(luks_images.PASSWORD,)))
    bench.lab.unlocking.keep(bench.examiner, image.id, "v0")


def _train(bench: Bench, certificate: Path) -> None:
    certificate.write_bytes(b"certificate")
    for person in (bench.examiner, bench.custodian):
        new = NewTraining(
            person_id=person.person.id,
            subject="Imaging",
            provider="ECTEG",
            achieved_on=date(2026, 1, 31),
            expires_on=date(2027, 1, 31),
            document=certificate,
        )
        bench.lab.competence.record(bench.supervisor, new)


def _register_a_tool(bench: Bench) -> None:
    tool = bench.lab.tools.add_this_program(bench.examiner)
    new = NewValidation(
        validated_on=date(2026, 3, 2),
        scope="Intake",
        passed=True,
        result="As expected",
        validated_by="Dr. Noor",
        next_due=date(2027, 3, 2),
        document=resource("demo/expected.json"),
    )
    bench.lab.tools.validate(bench.supervisor, tool.id, new)


def _import_a_hash_set(bench: Bench, folder: Path) -> None:
    sets(bench).add(bench.examiner, new_hash_set(listed(folder, md5(b"known"))))


@contextmanager
def tampered(bench: Bench) -> Iterator[sqlite3.Connection]:
    """The database as an attacker has it: triggers dropped, changes undone afterwards."""
    path = bench.lab.folder.database
    connection = sqlite3.connect(path, isolation_level=None)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    kept = sqlite3.connect(":memory:")
    connection.backup(kept)
    try:
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
    finally:
        kept.backup(connection)
        connection.close()
        kept.close()


def restore_guards(connection: sqlite3.Connection, bench: Bench) -> None:
    """Put the guards back, as a careful attacker does."""
    from forensics_app.db.migrations.triggers import append_only

    for table, key in (("ledger_entry", ("chain", "sequence")), ("sign_in", ("id",))):
        for statement in append_only("sqlite", table, key):
            connection.execute(statement)


def all_findings(report: LabReport) -> list[str]:
    return [
        *report.row_findings,
        *report.file_findings,
        *(finding for chain in report.chains for finding in chain.findings),
    ]


def verify(bench: Bench) -> LabReport:
    bench.lab.database.close()
    return Verification(db=bench.lab.database, lab=bench.lab.info, folder=bench.lab.folder, now=bench.clock).verify()


def test_an_untouched_lab_verifies(full: Bench) -> None:
    report = verify(full)
    assert report.ok, all_findings(report)
    assert set(FILLED) == _filled_tables(full)


def _filled_tables(bench: Bench) -> set[str]:
    with sqlite3.connect(bench.lab.folder.database) as connection:
        return {name for name in PROJECTED if connection.execute(f"SELECT 1 FROM {name}").fetchone()}


@pytest.mark.req("REQ-14")
@pytest.mark.parametrize("place", range(max(len(table.columns) for table in FILLED.values())))
def test_a_changed_column_is_found_and_named_in_each_table(full: Bench, place: int) -> None:
    """One column of one row of every table that has so many, for no table plays a part in how another is compared."""
    columns = {name: table.columns[place].name for name, table in FILLED.items() if place < len(table.columns)}
    with tampered(full) as connection:
        restore_guards(connection, full)
        connection.execute("PRAGMA foreign_keys=OFF")
        changed = {change_a_row(connection, table, column): table for table, column in columns.items()}
        report = verify(full)
    named = {finding.partition(" is ")[0] for finding in report.row_findings if "; the ledger says" in finding}
    assert named == {start for start, table in changed.items() if columns[table] != "id"}
    for start, table in changed.items():
        assert columns[table] != "id" or any(finding.startswith(start) for finding in report.row_findings), table


def change_a_row(connection: sqlite3.Connection, table: str, column: str) -> str:
    """Change a column of the first row; how the sentence about it begins."""
    rowid, key, old = connection.execute(f'SELECT rowid, id, "{column}" FROM {table} LIMIT 1').fetchone()
    match old:
        case None:
            new: object = "x"
        case int():
            new = old + 1
        case _:
            new = str(old)[:-1] + ("y" if str(old).endswith("x") else "x")
    connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', (new, rowid))
    return (
        f"The row {key} of {table}, which the ledger has, is missing"
        if column == "id"
        else f"{column} of {table} {key}"
    )


@pytest.mark.req("REQ-14")
@pytest.mark.parametrize("new", ["x", b"\xff\x00"], ids=["text", "bytes"])
@pytest.mark.parametrize("table", FILLED)
def test_the_command_line_names_the_table_whatever_stands_in_a_row(
    full: Bench, capsys: pytest.CaptureFixture[str], table: str, new: object
) -> None:
    full.lab.database.close()
    with tampered(full) as connection:
        restore_guards(connection, full)
        connection.execute("PRAGMA foreign_keys=OFF")
        rowid = connection.execute(f"SELECT rowid FROM {table} LIMIT 1").fetchone()[0]
        for column in (column.name for column in PROJECTED[table].columns if column.name != "id"):
            connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', (new, rowid))
        status = run_command(["verify", str(full.lab.folder.root)])
    told = capsys.readouterr()
    assert status == 1, told
    assert table in told.out + told.err


def test_a_verification_leaves_no_trace_in_how_text_is_read(full: Bench) -> None:
    with tampered(full) as connection:
        connection.execute("UPDATE case_file SET title = CAST(x'ff' AS TEXT)")
        verify(full)
        with pytest.raises(LabUnusableError):
            full.lab.cases.list()
        full.lab.database.close()


def entry_places(bench: Bench) -> list[tuple[str, int]]:
    with sqlite3.connect(bench.lab.folder.database) as connection:
        return connection.execute("SELECT chain, sequence FROM ledger_entry ORDER BY chain, sequence").fetchall()


@pytest.mark.req("REQ-15")
def test_any_changed_byte_of_any_body_is_found_and_its_entry_named(full: Bench) -> None:
    chance = random.Random("body")
    for place in entry_places(full):
        assert_found_in_each(full, "body", [place], chance)


@pytest.mark.req("REQ-15")
@pytest.mark.parametrize("column", ["signatures", "digest"])
@pytest.mark.parametrize("first", [0, 1])
def test_changed_bytes_of_every_other_entry_are_found_and_each_is_named(full: Bench, column: str, first: int) -> None:
    assert_found_in_each(full, column, entry_places(full)[first::2], random.Random(column))


def assert_found_in_each(bench: Bench, column: str, places: list[tuple[str, int]], chance: random.Random) -> None:
    """Change a byte of a column in the entries at these places, and look for each in what the verification says."""
    where = "WHERE chain = ? AND sequence = ?"
    with tampered(bench) as connection:
        restore_guards(connection, bench)
        connection.execute("DROP TRIGGER ledger_entry_no_update")
        for place in places:
            value = bytearray(connection.execute(f"SELECT {column} FROM ledger_entry {where}", place).fetchone()[0])
            value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            connection.execute(f"UPDATE ledger_entry SET {column} = ? {where}", (bytes(value), *place))
        restore_update_guard(connection)
        report = verify(bench)
    found = {str(chain.chain): " ".join(chain.findings) for chain in report.chains}
    for chain, sequence in places:
        assert re.search(rf"\b[Ee]ntry (at place )?{sequence}\b", found[chain]), (chain, sequence, column)


def restore_update_guard(connection: sqlite3.Connection) -> None:
    from forensics_app.db.migrations.triggers import append_only

    for statement in append_only("sqlite", "ledger_entry", ("chain", "sequence")):
        if "no_update" in statement:
            connection.execute(statement)


@pytest.mark.parametrize("column", ["chain_kind", "recorded_at", "actor_id", "action", "object_id"])
def test_a_changed_index_column_is_found(full: Bench, column: str) -> None:
    with tampered(full) as connection:
        connection.execute(f"UPDATE ledger_entry SET {column} = {column} || 'x' WHERE sequence = 3")
        report = verify(full)
    assert any(column in finding and "Entry 3" in finding for finding in all_findings(report))


@pytest.mark.req("REQ-15")
def test_a_deleted_entry_is_found_wherever_it_stood(full: Bench) -> None:
    for chain, sequence in entry_places(full):
        with tampered(full) as connection:
            connection.execute("DELETE FROM ledger_entry WHERE chain = ? AND sequence = ?", (chain, sequence))
            report = verify(full)
        assert not report.ok, (chain, sequence)


@pytest.mark.req("REQ-16")
def test_a_tail_cut_off_with_its_rows_put_back_is_found_by_the_anchor(full: Bench) -> None:
    """The attacker removes the report's entry and its row: the lab chain still holds the anchor."""
    with tampered(full) as connection:
        chain, last = connection.execute(
            "SELECT chain, sequence FROM ledger_entry WHERE action = 'report.issue'"
        ).fetchone()
        connection.execute("DELETE FROM ledger_entry WHERE chain = ? AND sequence >= ?", (chain, last))
        connection.execute("DELETE FROM report")
        restore_guards(connection, full)
        report = verify(full)
    assert [finding for finding in report.row_findings if "cut off" in finding]


def test_two_entries_that_change_places_are_found(full: Bench) -> None:
    with tampered(full) as connection:
        (chain,) = connection.execute("SELECT chain FROM ledger_entry WHERE action = 'case.open'").fetchone()
        for old, new in ((2, -1), (3, 2), (-1, 3)):
            connection.execute(
                "UPDATE ledger_entry SET sequence = ? WHERE chain = ? AND sequence = ?", (new, chain, old)
            )
        assert not verify(full).ok


@pytest.mark.req("REQ-14")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET action = 'x' WHERE sequence = 1",
        "DELETE FROM ledger_entry WHERE sequence = 1",
        "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE sequence = 1",
        "UPDATE sign_in SET succeeded = 1",
        "DELETE FROM sign_in",
    ],
)
def test_the_database_itself_refuses_changes_of_the_ledger(full: Bench, statement: str) -> None:
    with sqlite3.connect(full.lab.folder.database) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
        connection.rollback()


def test_a_missing_guard_is_a_finding(full: Bench) -> None:
    with tampered(full) as connection:
        restore_guards(connection, full)
        connection.execute("DROP TRIGGER ledger_entry_no_delete")
        report = verify(full)
    assert report.row_findings == ("The database's guard ledger_entry_no_delete is missing.",)


def test_a_sealed_key_that_was_exchanged_is_found(full: Bench) -> None:
    with tampered(full) as connection:
        connection.execute("UPDATE person_secret SET sealed_key = sealed_key || ' ' WHERE rowid = 2")
        report = verify(full)
    assert any("sealed key" in finding for finding in report.row_findings)


def test_an_extra_row_and_a_missing_row_are_found(full: Bench) -> None:
    with tampered(full) as connection:
        restore_guards(connection, full)
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM photo")
        report = verify(full)
    assert any("photo" in finding and "missing" in finding for finding in report.row_findings)


def test_text_that_is_no_text_any_more_is_a_finding_not_a_crash(full: Bench) -> None:
    with tampered(full) as connection:
        restore_guards(connection, full)
        connection.execute("UPDATE exhibit SET description = CAST(x'ff00fe' AS TEXT)")
        connection.execute("UPDATE person SET public_key = 'not hex'")
        connection.execute("UPDATE report SET id = 'no id'")
        report = verify(full)
    named = " ".join(report.row_findings)
    assert "description of exhibit" in named
    assert "public_key of person" in named


def test_a_changed_report_file_is_found(full: Bench) -> None:
    path: Path = next((full.lab.folder.root / "cases").rglob("*.pdf"))
    kept = path.read_bytes()
    try:
        path.write_bytes(kept[:-1])
        assert "Report" in verify(full).file_findings[0]
    finally:
        path.write_bytes(kept)
