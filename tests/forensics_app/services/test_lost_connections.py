"""The network to the server is lost in the middle of an act: both sides see the same truth afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, insert, make_url, select

from forensics_app.bootstrap import Lab, open_lab
from forensics_app.db import schema
from forensics_app.db.engine import Database
from forensics_app.db.server import server_url
from forensics_app.db.tables import ENTRY, SIGN_IN
from forensics_app.errors import LabUnusableError, OutcomeUnknownError
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import SignedIn
from tests.builders import PASSPHRASE, QUICK, Bench, Clock, make_bench
from tests.forensics_app.servers import Server
from tests.forensics_app.wires import Wire


@dataclass
class Far:
    """A workstation at the other end of a wire, and a bench beside the server."""

    bench: Bench
    exhibit: Exhibit
    lab: Lab
    custodian: SignedIn
    wire: Wire

    def correct(self, serial: str) -> None:
        self.lab.exhibits.correct(self.custodian, self.exhibit.id, {"serial": serial}, "misread")

    def serials(self) -> list[object]:
        """The serial numbers that the history tells, as the bench beside the server sees it."""
        events = self.bench.lab.custody.history(self.exhibit.id)
        return [
            change.after
            for event in events
            if event.action == "exhibit.correct"
            for change in event.changes
            if change.column == "serial"
        ]


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    wire = Wire(f"{server.url.query['host']}/.s.PGSQL.5432")
    yield wire
    wire.close()


@pytest.fixture
def far(server: Server, wire: Wire, tmp_path: Path) -> Iterator[Far]:
    url = server.wiped_database()
    bench = make_bench(tmp_path / "lab", url)
    exhibit = bench.exhibit(bench.case())
    told = json.loads((tmp_path / "lab" / "lab-server.json").read_text("utf-8"))
    (tmp_path / "far").mkdir()
    told["url"] = f"postgresql://postgres@127.0.0.1:{wire.port}/{make_url(url).database}"
    (tmp_path / "far" / "lab-server.json").write_text(json.dumps(told))
    lab = open_lab(tmp_path / "far", now=Clock(), key_parameters=QUICK)
    yield Far(bench=bench, exhibit=exhibit, lab=lab, custodian=lab.people.sign_in("Tomasz Lis", PASSPHRASE), wire=wire)
    lab.close()
    bench.lab.close()


@pytest.mark.parametrize("word", [b"COMMIT\0", b"INSERT INTO ledger_entry", b"UPDATE exhibit"])
def test_what_did_not_reach_the_server_is_not_recorded_and_can_be_done_again(far: Far, word: bytes) -> None:
    far.wire.cut_at = ("before", word)
    with pytest.raises(LabUnusableError, match="connection to the lab's server was lost") as lost:
        far.correct("X-1")
    assert "othing was recorded" in lost.value.kept
    assert far.wire.cuts == 1
    assert far.serials() == []
    assert far.bench.lab.exhibits.get(far.exhibit.id).serial == far.exhibit.serial
    far.correct("X-1")
    assert far.serials() == ["X-1"]
    assert far.bench.lab.verification.verify().ok


def test_an_act_whose_answer_was_lost_is_recorded_once_and_told_as_done(far: Far) -> None:
    far.wire.cut_at = ("after", b"COMMIT\0")
    far.correct("X-1")
    assert far.wire.cuts == 1
    assert far.serials() == ["X-1"]
    assert far.lab.exhibits.get(far.exhibit.id).serial == "X-1"
    far.correct("X-2")
    assert far.serials() == ["X-1", "X-2"]
    assert far.bench.lab.verification.verify().ok
    assert far.lab.verification.verify().ok


def test_a_transfer_whose_answer_was_lost_is_one_entry_with_both_signatures(far: Far) -> None:
    receiving = {
        "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
        "seal_number": "0048812",
    }  # fmt: skip
    far.bench.lab.custody.perform(
        far.bench.custodian, far.bench.request(far.exhibit, "receive", fields=receiving, outside_party="Sgt. Duarte")
    )
    examiner = far.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    fields = {**receiving, "purpose": "Imaging", "place": "Bench 2"}
    far.wire.cut_at = ("after", b"COMMIT\0")
    far.lab.custody.hand_over(far.custodian, examiner, far.bench.request(far.exhibit, "hand_over", fields=fields))
    assert far.wire.cuts == 1
    events = far.bench.lab.custody.history(far.exhibit.id)
    handed = [event for event in events if event.action == "custody.hand_over"]
    assert [[signature.name for signature in event.signatures] for event in handed] == [["Tomasz Lis", "Ana Kovač"]]
    assert far.bench.lab.exhibits.get(far.exhibit.id).holder == "Ana Kovač"
    assert far.bench.lab.verification.verify().ok


def test_an_attempt_to_sign_in_whose_answer_was_lost_is_noted_once(far: Far) -> None:
    with far.bench.lab.database.reading() as connection:
        before = connection.scalar(select(func.count()).select_from(SIGN_IN))
    far.wire.cut_at = ("after", b"COMMIT\0")
    far.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    assert far.wire.cuts == 1
    with far.bench.lab.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SIGN_IN)) == before + 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_while_the_server_does_not_answer_it_is_said_that_the_outcome_is_not_known(
    server: Server, wire: Wire, when: str
) -> None:
    url = server_url(server.wiped_database())
    schema.create(Database(url))
    far = Database(url.set(host="127.0.0.1", port=wire.port, query={}), settle_timeout_s=0.5)
    wire.stays_cut = True
    wire.cut_at = (when, b"COMMIT\0")  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknownError, match="cannot be asked"), far.writing() as connection:
        connection.execute(insert(SIGN_IN).values(person_id=None, succeeded=0, at="x", host="y"))
    far.close()
    near = Database(url)
    with near.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SIGN_IN)) == int(when == "after")
        assert connection.scalar(select(func.count()).select_from(ENTRY)) == 0
    near.close()
