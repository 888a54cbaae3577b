"""A lab with many exhibits and a long history: real entries, each signed, whose sum the rows are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, update

from chain_of_custody.ledger import Change, Draft, Entry, Party, SignerSlot, Subject, compose, sign, utc_text
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.ledger import last_entry
from forensics_app.db.moving import begin_arrival, copy_rows, end_arrival
from forensics_app.db.server import server_url, shown
from forensics_app.db.tables import ENTRY, EXHIBIT
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit
from forensics_app.services.exhibits import exhibit_subject, insert_exhibit
from forensics_app.services.folder import LabFolder
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.shared import shared_lab, write_shared
from tests.builders import Bench, make_bench

CASES = 100
BATCH = 1000


def make_big_lab(folder: Path, *, exhibits: int, entries: int) -> None:
    """Make a lab in ``folder`` with 100 cases, so many exhibits in all, and so many entries in their chains."""
    bench = make_bench(folder)
    for number in range(CASES):
        case = bench.case(f"2026-{number:04}", expires_on=None)
        made = list(_exhibits(bench, case, exhibits // CASES))
        _fill(bench, case, made, entries // CASES - exhibits // CASES)
    bench.lab.close()


def copy_to_server(folder: Path, target: Path, url: str) -> None:
    """Copy the lab in ``folder`` to a server, and let the folder ``target`` lead there."""
    old, new = Database(sqlite_url(folder / "lab.db")), Database(server_url(url), as_owner=True)
    with old.reading() as source, new.writing() as connection:
        begin_arrival(connection, "copy")
        copy_rows(source, connection, lambda done, total: None)
        end_arrival(connection)
    new.learn_sizes()
    target.mkdir()
    write_shared(LabFolder(target), shared_lab(new, shown(new.url)))
    old.close()
    new.close()


def _exhibits(bench: Bench, case: Case, count: int) -> Iterator[Exhibit]:
    with bench.lab.database.writing() as connection:
        writer = Writer(connection, bench.clock())
        for number in range(count):
            new = NewExhibit(
                case_id=case.id,
                number=f"LH/{number:04}",
                type=ExhibitType.COMPUTER,
                description="Laptop",
                no_photo_reason="Not photographed in this benchmark",
            )
            exhibit = insert_exhibit(writer, new, None, bench.custodian)
            signers = [("actor", bench.custodian)]
            writer.append(case_chain(case), "exhibit.add", exhibit_subject(exhibit), {}, signers)  # type: ignore[arg-type]
            yield exhibit


def _fill(bench: Bench, case: Case, exhibits: list[Exhibit], count: int) -> None:
    """Append so many corrections of the serial number of the exhibits, in turn."""
    person, key = bench.custodian.person, bench.custodian.key
    actor = Party(id=str(person.id), name=person.name, function=person.function)
    slot = SignerSlot(role="actor", person=str(person.id), name=person.name, key=key.key_id)
    with bench.lab.database.writing() as connection:
        last, at = last_entry(connection, str(case.id)), bench.clock()
        serials = {exhibit.id: exhibit.serial for exhibit in exhibits}
        rows: list[dict[str, object]] = []
        for number in range(count):
            exhibit, at = exhibits[number % len(exhibits)], at + timedelta(seconds=1)
            change = Change(
                table="exhibit", id=str(exhibit.id), set={"serial": (serials[exhibit.id], f"PF-{number % 977}")}
            )
            serials[exhibit.id] = f"PF-{number % 977}"
            draft = Draft(
                chain=str(case.id), chain_kind="case", actor=actor, signers=(slot,), action="exhibit.correct",
                obj=Subject(kind="exhibit", id=str(exhibit.id), label=exhibit.number),
                facts={"purpose": "examination", "remarks": "read anew while the store was being put in order"},
                changes=(change,), reason="put in order",
            )  # fmt: skip
            last = sign(compose(draft, after=last, at=at), [key])
            rows.append(_row(last))
            if len(rows) == BATCH:
                connection.execute(insert(ENTRY), rows)
                rows.clear()
        if rows:
            connection.execute(insert(ENTRY), rows)
        for exhibit_id, serial in serials.items():
            connection.execute(update(EXHIBIT).where(EXHIBIT.c.id == str(exhibit_id)).values(serial=serial))
    bench.clock.at = max(bench.clock.at, at)


def _row(entry: Entry) -> dict[str, object]:
    content = entry.content
    return {
        "chain": content.chain, "sequence": content.sequence, "chain_kind": content.chain_kind,
        "recorded_at": utc_text(content.recorded_at), "actor_id": content.actor.id, "action": content.action,
        "object_id": content.object.id, "body": entry.body, "signatures": b"".join(entry.signatures),
        "digest": entry.digest,
    }  # fmt: skip
