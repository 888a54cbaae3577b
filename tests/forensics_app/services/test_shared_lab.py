"""A lab on a server: who may do what there, how its folder leads there, and how it gets there."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select

from forensics_app.bootstrap import create_lab, join_lab, move_lab, open_lab
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.ledger import entries_of
from forensics_app.db.moving import begin_arrival
from forensics_app.db.server import server_url
from forensics_app.db.tables import ENTRY, METADATA
from forensics_app.errors import CancelledError, LabMovedError, LabUnusableError, NotALabError, RefusedError
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from forensics_app.services.folder import LabFolder
from tests.builders import PASSPHRASE, QUICK, Bench, make_bench, new_person
from tests.forensics_app.servers import Server

OLD_LAB = Path(__file__).parents[2] / "old_databases" / "0001.db"


def worked_in(bench: Bench) -> Exhibit:
    """An exhibit with a few entries, one of them a refused step."""
    exhibit = bench.exhibit(bench.case())
    fields = {
        "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
        "seal_number": "0048812",
    }  # fmt: skip
    request = bench.request(exhibit, "receive", outside_party="Sgt. Duarte", fields=fields)
    bench.lab.custody.perform(bench.custodian, request)
    with pytest.raises(RefusedError):
        bench.lab.custody.perform(bench.examiner, bench.request(exhibit, "check_out"))
    return exhibit


def all_rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of an SQLite lab with some work in it."""
    bench = make_bench(tmp_path / "lab")
    worked_in(bench)
    bench.lab.close()
    return tmp_path / "lab"


def test_a_moved_lab_has_the_same_rows_and_verifies_and_its_folder_leads_to_the_server(
    old: Path, server: Server
) -> None:
    source = Database(sqlite_url(old / "lab.db"))
    before = all_rows(source)
    url = server.empty_database()
    moved = move_lab(old, url)
    assert moved.entries == len(before["ledger_entry"])
    lab = open_lab(old, key_parameters=QUICK)
    assert not lab.database.is_sqlite
    assert all_rows(lab.database) == before
    assert lab.verification.verify().ok
    actor = lab.people.sign_in("Ana Kovač", PASSPHRASE)
    assert actor.person.name == "Ana Kovač"
    lab.close()
    assert all_rows(source) == before
    source.close()


def test_nobody_appends_to_a_lab_that_was_moved_not_even_a_window_that_has_it_open(
    tmp_path: Path, server: Server
) -> None:
    bench = make_bench(tmp_path / "lab")
    exhibit = worked_in(bench)
    move_lab(tmp_path / "lab", server.empty_database())
    with pytest.raises(LabMovedError, match="moved to postgresql://"):
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "X"}, "misread")
    with sqlite3.connect(tmp_path / "lab" / "lab.db") as plain, pytest.raises(sqlite3.DatabaseError, match="was moved"):
        plain.execute("INSERT INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1")
    assert bench.lab.verification.verify().ok
    bench.lab.close()


def test_a_move_that_is_stopped_leaves_the_old_lab_in_use_and_nothing_on_the_server(old: Path, server: Server) -> None:
    url = server.empty_database()

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        move_lab(old, url, on_progress=stop)
    open_lab(old, key_parameters=QUICK).close()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    move_lab(old, url)


def test_what_an_interrupted_move_left_on_the_server_cannot_be_opened_and_is_taken_anew(
    old: Path, server: Server, tmp_path: Path
) -> None:
    lab = open_lab(old, key_parameters=QUICK)
    info = lab.info
    lab.close()
    url = server.empty_database()
    owner = Database(server_url(url), as_owner=True)
    with owner.writing() as connection:
        begin_arrival(connection, str(info.id))
    owner.close()
    (tmp_path / "share").mkdir()
    with pytest.raises(LabMovedError, match="is being moved"):
        join_lab(url, tmp_path / "share")
    with pytest.raises(LabMovedError, match="is being moved"):
        create_lab(NewLab(folder=tmp_path / "n", name="N", server=url), new_person("Eve", Role.EXAMINER), PASSPHRASE)
    move_lab(old, url)
    lab = open_lab(old, key_parameters=QUICK)
    assert lab.verification.verify().ok
    lab.close()


KILLED = """
import os, sys
from pathlib import Path
from forensics_app.bootstrap import move_lab

def die(frame, event, _):
    if event == "call" and frame.f_code.co_name == sys.argv[3]:
        os._exit(9)

sys.setprofile(die)
move_lab(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize(
    ("step", "is_closed"),
    [("mark_moved", False), ("end_arrival", True), ("write_shared", True)],
)
def test_killed_before_any_of_its_last_steps_one_of_the_two_can_be_used_and_another_call_finishes(
    old: Path, server: Server, step: str, is_closed: bool
) -> None:
    url = server.empty_database()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(old), url, step], check=False)
    assert killed.returncode == 9
    if is_closed:
        with pytest.raises(LabMovedError, match="does not lead there"):
            open_lab(old)
    else:
        lab = open_lab(old, key_parameters=QUICK)
        lab.people.sign_in("Ana Kovač", PASSPHRASE)
        assert lab.database.is_sqlite
        lab.close()
        with pytest.raises(LabMovedError):
            join_lab(url, old.parent)
    move_lab(old, url)
    lab = open_lab(old, key_parameters=QUICK)
    assert not lab.database.is_sqlite
    assert lab.verification.verify().ok
    lab.close()


def test_a_lab_that_does_not_verify_stays_where_it_is(old: Path, server: Server) -> None:
    with sqlite3.connect(old / "lab.db") as connection:
        connection.execute("UPDATE exhibit SET serial = 'forged'")
    connection.close()
    with pytest.raises(RefusedError, match="does not verify"):
        move_lab(old, server.empty_database())
    open_lab(old, key_parameters=QUICK).close()


def test_a_lab_is_not_moved_over_another_one(old: Path, tmp_path: Path, server: Server) -> None:
    url = server.wiped_database()
    make_bench(tmp_path / "other", url).lab.close()
    with pytest.raises(RefusedError, match="not empty"):
        move_lab(old, url)
    open_lab(old, key_parameters=QUICK).close()


def test_a_lab_of_the_first_revision_is_moved(tmp_path: Path, server: Server) -> None:
    shutil.copyfile(OLD_LAB, tmp_path / "lab.db")
    move_lab(tmp_path, server.empty_database())
    lab = open_lab(tmp_path, key_parameters=QUICK)
    assert lab.verification.verify().ok
    lab.close()


def test_a_moved_lab_numbers_its_attempts_to_sign_in_after_those_that_came_along(old: Path, server: Server) -> None:
    move_lab(old, server.empty_database())
    lab = open_lab(old, key_parameters=QUICK)
    lab.people.sign_in("Ana Kovač", PASSPHRASE)
    assert lab.verification.verify().ok
    lab.close()


def test_another_workstation_joins_by_the_address_and_the_shared_folder(tmp_path: Path, server: Server) -> None:
    url = server.wiped_database()
    bench = make_bench(tmp_path / "lab", url)
    (tmp_path / "mounted").mkdir()
    second = join_lab(url, tmp_path / "mounted", key_parameters=QUICK)
    assert second.info == bench.lab.info
    second.close()
    again = open_lab(tmp_path / "mounted", key_parameters=QUICK)
    assert [person.name for person in again.people.list()] == [person.name for person in bench.lab.people.list()]
    again.close()
    bench.lab.close()


def test_a_folder_that_holds_another_lab_is_not_led_elsewhere(old: Path, tmp_path: Path, server: Server) -> None:
    url = server.wiped_database()
    make_bench(tmp_path / "shared", url).lab.close()
    with pytest.raises(NotALabError, match="a lab of its own"):
        join_lab(url, old)
    assert not LabFolder(old).server.exists()


def test_another_lab_in_the_place_of_the_one_that_a_folder_knows_is_refused(tmp_path: Path, server: Server) -> None:
    url = server.wiped_database()
    make_bench(tmp_path / "lab", url).lab.close()
    make_bench(tmp_path / "other", server.wiped_database()).lab.close()
    with pytest.raises(NotALabError, match="another lab"):
        open_lab(tmp_path / "lab")


@pytest.mark.parametrize("content", ["", "[]", '{"format": "forensics-lab-server/1"}', '{"format": "later"}', "\xff"])
def test_a_damaged_note_of_the_server_is_told_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "lab-server.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(LabUnusableError, match=r"damaged|does not know"):
        open_lab(tmp_path)


@pytest.mark.parametrize("url", ["postgresql://ana:secret@server/lab", "postgresql://server/lab?password=secret"])
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(RefusedError, match="password") as refused:
        join_lab(url, tmp_path)
    assert "secret" not in f"{refused.value} {refused.value.kept} {refused.value.then}"


@pytest.mark.parametrize("url", ["lab", "mysql://server/lab", "sqlite:///lab.db", "postgresql://server:port/lab", ""])
def test_what_is_no_address_of_a_server_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(RefusedError, match="not the address"):
        join_lab(url, tmp_path)


def test_a_server_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(LabUnusableError, match="cannot be reached"):
        join_lab("postgresql://127.0.0.1:1/lab", tmp_path)


def test_the_password_of_a_login_is_nowhere_in_the_lab(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "open-sesame-4711")
    bench = server.bench(tmp_path / "lab")
    worked_in(bench)
    for path in (tmp_path / "lab").rglob("*"):
        assert not path.is_file() or b"open-sesame-4711" not in path.read_bytes()
    assert "open-sesame-4711" not in repr(all_rows(bench.lab.database))
    bench.lab.close()


@pytest.mark.req("REQ-14", "REQ-38")
def test_a_workstation_may_add_to_the_ledger_and_nothing_more(tmp_path: Path, server: Server) -> None:
    url = server.empty_database()
    make_bench(tmp_path / "lab", url).lab.close()
    name = make_url(url).database or ""
    login = f"{name}_ws1"
    server.run(f"CREATE ROLE {login} LOGIN; GRANT {name}_workstation TO {login}")
    (tmp_path / "mounted").mkdir()
    lab = join_lab(server.of(name, login), tmp_path / "mounted", key_parameters=QUICK)
    examiner = lab.people.sign_in("Ana Kovač", PASSPHRASE)
    assert lab.verification.verify().ok
    lab.verification.sign_off(examiner, lab.verification.verify())
    lab.close()
    with psycopg.connect(server.of(name, login), autocommit=True) as plain:
        for statement in (
            "UPDATE ledger_entry SET action = 'x'",
            "DELETE FROM ledger_entry",
            "TRUNCATE ledger_entry",
            "DELETE FROM sign_in",
            "DELETE FROM exhibit",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
            "DROP TRIGGER ledger_entry_no_update ON ledger_entry",
            "DROP TABLE ledger_entry",
            "UPDATE alembic_version SET version_num = '0001'",
            "CREATE TABLE more (x int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                plain.execute(statement.encode())


def test_the_owner_works_with_the_rights_of_a_workstation_too(tmp_path: Path, server: Server) -> None:
    bench = server.bench(tmp_path / "lab")
    with bench.lab.database.reading() as connection:
        assert str(connection.scalar(select(func.current_user()))).endswith("_workstation")
    bench.lab.close()


def test_rights_that_somebody_added_to_the_ledger_are_found(tmp_path: Path, server: Server) -> None:
    url = server.empty_database()
    bench = make_bench(tmp_path / "lab", url)
    name = make_url(url).database
    server.run(f"GRANT DELETE ON ledger_entry TO {name}_workstation", name)
    report = bench.lab.verification.verify()
    assert any("DELETE on ledger_entry" in finding for finding in report.row_findings)
    bench.lab.close()


def test_a_login_that_is_no_member_of_the_lab_is_refused_in_words(tmp_path: Path, server: Server) -> None:
    url = server.empty_database()
    make_bench(tmp_path / "lab", url).lab.close()
    name = make_url(url).database or ""
    server.run(f"CREATE ROLE {name}_stranger LOGIN")
    (tmp_path / "mounted").mkdir()
    with pytest.raises(LabUnusableError, match="may not do that"):
        join_lab(server.of(name, f"{name}_stranger"), tmp_path / "mounted")


def test_a_note_of_the_server_holds_neither_password_nor_key(tmp_path: Path, server: Server) -> None:
    url = server.wiped_database()
    make_bench(tmp_path / "lab", url).lab.close()
    told = json.loads((tmp_path / "lab" / "lab-server.json").read_text("utf-8"))
    assert set(told) == {"format", "lab", "url", "root"}
    assert not (tmp_path / "lab" / "lab.db").exists()


def test_a_record_that_another_workstation_brought_up_to_date_is_not_written_by_an_older_program(
    tmp_path: Path, server: Server
) -> None:
    url = server.empty_database()
    bench = make_bench(tmp_path / "lab", url)
    exhibit = worked_in(bench)
    server.run("UPDATE alembic_version SET version_num = '9999'", make_url(url).database)
    with bench.lab.database.reading() as connection:
        before = len(list(entries_of(connection, str(exhibit.case_id))))
    with pytest.raises(Exception, match="revision 9999"):
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "X"}, "misread")
    with bench.lab.database.reading() as connection:
        assert connection.scalar(select(func.count()).where(ENTRY.c.chain == str(exhibit.case_id))) == before
    bench.lab.close()
