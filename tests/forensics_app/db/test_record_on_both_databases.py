"""The record's guards and transactions, on SQLite and on PostgreSQL."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from chain_of_custody.ledger import Subject
from forensics_app.bootstrap import open_lab
from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.server import server_url
from forensics_app.db.tables import ENTRY, EXHIBIT, METADATA, PERSON, SIGN_IN
from forensics_app.errors import LabLockedError, LabUnusableError, NewerLabError, NotALabError, RefusedError
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role
from forensics_app.services.people import create_lab_record
from forensics_app.services.record import Writer, lab_chain
from tests.builders import NOON, PASSPHRASE, QUICK, new_person
from tests.forensics_app.servers import Server

ROOT = Path(__file__).parents[3]


DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def empty(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Database]:
    if database_kind == "sqlite":
        url = sqlite_url(tmp_path / "lab.db")
    else:
        url = server_url(request.getfixturevalue("server").empty_database())
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    schema.create(empty)
    return empty


@pytest.fixture
def filled(database: Database) -> Database:
    lab = LabInfo(id=uuid4(), name="Lab", address="", zone="UTC", created_at=NOON)
    with database.writing() as connection:
        create_lab_record(Writer(connection, NOON), lab, new_person("Ada", Role.EXAMINER), PASSPHRASE, QUICK)
        connection.execute(insert(SIGN_IN).values(person_id=None, succeeded=0, at="x", host="y"))
    return database


def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert schema.missing_triggers(connection) == set()
        assert schema.revision_of(connection) == schema.REVISIONS[-1]


@pytest.mark.req("REQ-14")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET action = 'x'",
        "DELETE FROM ledger_entry",
        "UPDATE sign_in SET succeeded = 1",
        "DELETE FROM sign_in",
    ],
)
def test_the_ledger_can_only_be_appended_to(filled: Database, statement: str) -> None:
    with filled.reading() as connection:
        before = connection.execute(select(ENTRY)).all()
    owner = Database(filled.url, as_owner=True)
    with pytest.raises((DatabaseError, LabUnusableError), match="append-only"):
        run(owner, statement, {})
    owner.close()
    with filled.reading() as connection:
        assert connection.execute(select(ENTRY)).all() == before


def run(database: Database, statement: str, values: dict[str, object]) -> None:
    with database.writing() as connection:
        connection.execute(text(statement), values)


@pytest.mark.req("REQ-14")
def test_an_entry_cannot_be_replaced_by_inserting_over_it(filled: Database) -> None:
    with filled.reading() as connection:
        row = dict(connection.execute(select(ENTRY).where(ENTRY.c.sequence == 1)).mappings().one())
    row["body"] = b"forged"
    verb = "INSERT OR REPLACE" if filled.is_sqlite else "INSERT"
    places = ", ".join(f":{name}" for name in row)
    with pytest.raises((DatabaseError, LabUnusableError)):
        run(filled, f"{verb} INTO ledger_entry ({', '.join(row)}) VALUES ({places})", row)
    with filled.reading() as connection:
        assert b"forged" not in connection.scalars(select(ENTRY.c.body)).all()


def test_the_newest_time_of_a_ledger_is_looked_up_not_searched_for(filled: Database) -> None:
    words = "EXPLAIN QUERY PLAN" if filled.is_sqlite else "EXPLAIN"
    with filled.reading() as connection:
        if not filled.is_sqlite:  # which reads so small a table as a whole
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(text(f"{words} SELECT max(recorded_at) FROM ledger_entry")).all()
    assert "ix_ledger_entry_recorded_at" in str(plan)


def test_a_text_that_the_server_cannot_keep_is_refused_in_words(tmp_path: Path, server: Server) -> None:
    database = Database(server_url(server.wiped_database()))
    with pytest.raises(RefusedError, match="value zero"), database.writing() as connection:
        connection.execute(insert(SIGN_IN).values(person_id="a\0b", succeeded=0, at="x", host="y"))
    database.close()


def test_a_failed_transaction_leaves_neither_row_nor_entry(filled: Database) -> None:
    lab = LabInfo(id=uuid4(), name="Second", address="", zone="UTC", created_at=NOON)

    def interrupted() -> None:
        with filled.writing() as connection:
            create_lab_record(Writer(connection, NOON), lab, new_person("Eve", Role.EXAMINER), PASSPHRASE, QUICK)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    with filled.reading() as connection:
        assert [row.name for row in connection.execute(select(PERSON))] == ["Ada"]
        assert {row.chain for row in connection.execute(select(ENTRY))}.isdisjoint({str(lab.id)})


def test_a_row_must_point_at_rows_that_are_there(filled: Database) -> None:
    columns = {column.name: "" for column in EXHIBIT.columns} | {"integrity_failed": 0}
    values = columns | {"id": "a", "case_id": "nowhere", "root_id": "a", "parent_id": None, "holder_id": None}
    with pytest.raises(LabUnusableError, match="rule of the record"), filled.writing() as connection:
        connection.execute(insert(EXHIBIT).values(values))


def test_one_entry_explains_several_changes_of_one_row(filled: Database) -> None:
    lab = LabInfo(id=uuid4(), name="Second", address="", zone="UTC", created_at=NOON)
    with filled.writing() as connection:
        writer = Writer(connection, NOON)
        actor = create_lab_record(writer, lab, new_person("Eve", Role.EXAMINER), PASSPHRASE, QUICK)
        for digest in ("01" * 32, "02" * 32):
            writer.update(PERSON, actor.person.id, {"sealed_key_sha256": digest})
        subject = Subject(kind="person", id=str(actor.person.id), label="Eve")
        entry = writer.append(lab_chain(lab), "person.passphrase", subject, {}, [("actor", actor)])
    (change,) = entry.content.changes
    ((name, (before, after)),) = change.set.items()
    assert (name, after) == ("sealed_key_sha256", "02" * 32)
    assert before not in ("01" * 32, after)


def test_a_database_that_somebody_else_holds_is_told_in_words(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "lab.db"))
    schema.create(database)
    holder = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    impatient = Database(sqlite_url(tmp_path / "lab.db"), busy_timeout_ms=100)
    with pytest.raises(LabLockedError), impatient.writing():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with impatient.writing() as connection:
        connection.execute(insert(SIGN_IN).values(person_id=None, succeeded=0, at="x", host="y"))
    impatient.close()
    database.close()


def test_a_record_of_a_newer_program_is_refused_in_words(database: Database) -> None:
    owner = Database(database.url, as_owner=True)
    run(owner, "UPDATE alembic_version SET version_num = '9999'", {})
    owner.close()
    with pytest.raises(NewerLabError, match="revision 9999"):
        schema.bring_up_to_date(database, None)


def test_a_database_without_a_record_is_no_lab(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE x (y)").connection.close()
    database = Database(sqlite_url(tmp_path / "other.db"))
    with pytest.raises(NotALabError):
        schema.bring_up_to_date(database, None)
    database.close()


def upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "forensics_app.db:migrations")
    owner = Database(database.url, as_owner=True)
    with owner.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    owner.close()


def test_an_older_record_is_brought_up_to_date_with_everything_in_it(empty: Database) -> None:
    upgrade(empty, "0001")
    lab = LabInfo(id=uuid4(), name="Lab", address="", zone="UTC", created_at=NOON)
    with empty.writing() as connection:
        create_lab_record(Writer(connection, NOON), lab, new_person("Ada", Role.EXAMINER), PASSPHRASE, QUICK)
    tables = [METADATA.tables[name] for name in ("lab", "person", "person_secret", "ledger_entry")]
    with empty.reading() as connection:
        assert "check_part" not in inspect(connection).get_table_names()
        before = [connection.execute(select(table)).all() for table in tables]
    assert schema.bring_up_to_date(empty, None) == "0001"
    with empty.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert schema.missing_triggers(connection) == set()
        assert [connection.execute(select(table)).all() for table in tables] == before
    assert schema.bring_up_to_date(empty, None) == schema.REVISIONS[-1]


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_a_lab_of_an_earlier_revision_is_copied_then_opened_and_still_verifies(tmp_path: Path, revision: str) -> None:
    shutil.copyfile(ROOT / "tests" / "old_databases" / f"{revision}.db", tmp_path / "lab.db")
    lab = open_lab(tmp_path, key_parameters=QUICK)
    assert lab.verification.verify().ok
    image = lab.intake.list(lab.cases.list()[0].id)[0]
    checks = lab.intake.checks(image.id)
    assert [check.agrees for check in checks] == [True, True, False]
    knew_parts = revision != "0001"
    assert [(len(check.parts), check.part_bytes is not None) for check in checks] == [(int(knew_parts), knew_parts)] * 3
    assert lab.part_checks.status(image.id).comparable is knew_parts
    lab.close()
    copy = Database(sqlite_url(tmp_path / f"lab-before-{schema.REVISIONS[-1]}.db"))
    with copy.reading() as connection:
        assert schema.revision_of(connection) == revision
        assert connection.scalar(text("SELECT count(*) FROM image_check")) == 3
    copy.close()


def test_no_message_of_the_database_quotes_what_was_to_be_recorded(empty: Database) -> None:
    kept = "paper tiger lantern"
    with pytest.raises((DatabaseError, LabUnusableError)) as raised, empty.reading() as connection:
        connection.execute(text("SELECT 1 FROM not_there WHERE name = :name"), {"name": kept})
    error: BaseException | None = raised.value
    while error is not None:
        assert kept not in str(error)
        error = error.__cause__ or error.__context__
