"""What is kept of a case is erased after its period only, with two people, listed with digests; the ledger stays."""

from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.ledger import entries_about
from forensics_app.errors import CancelledError, LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.case import Case
from forensics_app.model.desk import MatterKind
from forensics_app.model.disposal import NewHold
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.retention import Erasable, Erasure, ErasureState, NewErasure
from forensics_app.services.erased import ERASURES_ID
from forensics_app.services.folder import sha256_of
from forensics_app.services.record import Writer, case_chain
from resources import path as resource
from tests.builders import PASSPHRASE, Bench, new_person
from tests.forensics_app.services.test_forged_acts import not_allowed

DATABASES = ("sqlite", "postgresql")


def kept(bench: Bench) -> tuple[Case, Path]:
    """A case with a photograph, whose period is over."""
    case = bench.case()
    exhibit = bench.exhibit(case)
    photo = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    path = bench.lab.exhibits.photo_path(bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, photo))
    bench.lab.retentions.set(bench.supervisor, case.id, date(2026, 11, 25), "Lab rule 7.3")
    bench.clock.at += timedelta(days=10)
    return case, path


def proposed(bench: Bench, case: Case, *what: Erasable, by: SignedIn | None = None) -> Erasure:
    kinds = frozenset(what or Erasable)
    new = NewErasure(case_id=case.id, what=kinds, authority="Order 12/26", reason="The period is over")
    return bench.lab.erasing.propose(by or bench.custodian, new)


def second_supervisor(bench: Bench) -> SignedIn:
    bench.lab.people.enrol(bench.admin, new_person("Second Supervisor", Role.SUPERVISOR), PASSPHRASE)
    return bench.sign_in("Second Supervisor")


@pytest.mark.req("REQ-70")
def test_files_are_erased_by_two_people_and_listed_and_everything_still_verifies(bench: Bench) -> None:
    case, photo = kept(bench)
    size_bytes, lab = photo.stat().st_size, bench.lab
    assert [line.is_due for line in lab.retentions.all()] == [True]
    assert [one.kind for one in lab.desk.waiting(gaps=False)] == [MatterKind.RETENTION]
    erasure = proposed(bench, case)
    with pytest.raises(RefusedError, match="not approved"):
        lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    with pytest.raises(PermissionRefusedError, match="cannot carry it out"):
        lab.erasing.carry_out(bench.supervisor, case.id, erasure.id)
    assert photo.exists()
    before = lab.verification.verify()
    done = lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert not photo.exists()
    (file,) = done.files
    assert (Path(file.name).stem, file.sha256, file.size_bytes) == (photo.stem, photo.stem, size_bytes)
    assert (done.state, done.proposed_by, done.decided_by) == (
        ErasureState.CARRIED_OUT, "Tomasz Lis", "Ingrid Solberg",
    )  # fmt: skip
    after = lab.verification.verify()
    assert after.ok
    assert (before.files_compared, after.files_compared) == (1, 0)
    assert lab.erasing.list(case.id) == (done,)
    assert lab.desk.waiting(gaps=False) == ()
    assert [line.is_due for line in lab.retentions.all()] == [False]
    assert lab.exhibits.list(case.id)


def test_a_hold_on_the_case_or_one_exhibit_blocks_every_step(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case)
    exhibit = bench.lab.exhibits.list(case.id)[0]
    hold = NewHold(case_id=case.id, exhibit_id=exhibit.id, authority="Court, 4 Gs 1/26", reason="Appeal")
    bench.lab.holds.place(bench.supervisor, hold)
    with pytest.raises(RefusedError, match="legal hold"):
        bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    in_force = bench.lab.holds.list(case.id)[0]
    bench.lab.holds.lift(bench.supervisor, in_force.id, "Court", "Over")
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    bench.lab.holds.place(
        bench.supervisor, NewHold(case_id=case.id, exhibit_id=None, authority="Court", reason="Again")
    )
    with pytest.raises(RefusedError, match="legal hold"):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=False, words="Held")
    with pytest.raises(RefusedError, match="legal hold"):
        proposed(bench, case)


def test_nothing_is_erased_before_the_period_is_over_or_by_whoever_may_not(bench: Bench) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match="Nobody has said"):
        proposed(bench, case)
    with pytest.raises(PermissionRefusedError):
        bench.lab.retentions.set(bench.examiner, case.id, date(2036, 1, 1), "Rule")
    with pytest.raises(RefusedError, match="rule or the order"):
        bench.lab.retentions.set(bench.supervisor, case.id, date(2036, 1, 1), " ")
    bench.lab.retentions.set(bench.supervisor, case.id, date(2036, 1, 1), "Rule")
    with pytest.raises(RefusedError, match="already"):
        bench.lab.retentions.set(bench.supervisor, case.id, date(2036, 1, 1), "Rule")
    with pytest.raises(RefusedError, match="kept until 2036-01-01"):
        proposed(bench, case)
    with pytest.raises(PermissionRefusedError):
        proposed(bench, case, by=bench.examiner)
    # in the lab's zone the last day is over only when it is over there
    bench.lab.retentions.set(bench.supervisor, case.id, bench.clock.at.date(), "Order")
    with pytest.raises(RefusedError, match="kept until"):
        proposed(bench, case)
    bench.clock.at += timedelta(days=1)
    erasure = proposed(bench, case, by=bench.supervisor)
    with pytest.raises(RefusedError, match="waits already"):
        proposed(bench, case)
    with pytest.raises(PermissionRefusedError, match="own proposal"):
        bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="Yes")
    other = second_supervisor(bench)
    rejected = bench.lab.erasing.decide(other, case.id, erasure.id, approve=False, words="No")
    assert (rejected.state, rejected.decision) == (ErasureState.REJECTED, "No")
    assert bench.lab.verification.verify().ok


def test_an_erasure_that_is_stopped_removes_nothing_and_one_cut_off_is_finished(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case, Erasable.PHOTOS)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")

    def stop(*_: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id, stop)
    assert photo.exists()
    content = photo.read_bytes()
    bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    photo.write_bytes(content)  # as if it had been cut off before the file was removed
    assert "is still there" in bench.lab.verification.verify().file_findings[0]
    with pytest.raises(PermissionRefusedError, match="cannot carry it out"):
        bench.lab.erasing.carry_out(bench.supervisor, case.id, erasure.id)
    hold = NewHold(case_id=case.id, exhibit_id=None, authority="Court", reason="Appeal")
    held = bench.lab.holds.place(bench.supervisor, hold)
    with pytest.raises(RefusedError, match="legal hold"):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    bench.lab.holds.lift(bench.supervisor, held.id, "Court", "Over")
    for _ in range(2):
        done = bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert not photo.exists()
    assert bench.lab.erasing.list(case.id) == (done,)
    assert bench.lab.verification.verify().ok
    with bench.lab.database.reading() as connection:
        told = [entry.content for entry in entries_about(connection, [ERASURES_ID])]
    assert [one.action for one in told][-2:] == ["erasure.carry_out", "erasure.finish"]
    assert told[-1].facts["files"] == told[-2].facts["files"]


def test_a_photograph_that_was_kept_again_is_not_removed_by_finishing_its_erasure(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case, Erasable.PHOTOS)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    again = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(case, "LH/02", seal="0048813").id, again)
    bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    assert bench.lab.verification.verify().ok


def test_nothing_is_erased_while_another_operation_of_the_case_runs(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    journal, carry_out = bench.lab.journal, bench.lab.erasing.carry_out
    with (
        journal.running("search", "LH/01", case.id, {}),
        pytest.raises(RefusedError, match="being worked on: search of LH/01"),
    ):
        carry_out(bench.custodian, case.id, erasure.id)
    with ExitStack() as begun:

        def begin(*_: int) -> None:
            begun.enter_context(journal.running("second reader", "LH/01", case.id, {}))

        with pytest.raises(RefusedError, match="second reader of LH/01"):
            carry_out(bench.custodian, case.id, erasure.id, begin)
    assert photo.exists()
    with journal.running("search", "LH/09", uuid4(), {}):
        carry_out(bench.custodian, case.id, erasure.id)
    assert not photo.exists()


def test_a_file_that_changed_after_it_was_listed_is_named_and_not_said_to_be_erased(bench: Bench) -> None:
    case, _ = kept(bench)
    found = bench.lab.folder.catalogue(case.id, uuid4()).with_suffix(".searches") / "one.db"
    found.parent.mkdir()
    found.write_bytes(b"found")
    erasure = proposed(bench, case)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")

    def write(*_: int) -> None:
        found.write_bytes(b"found more")

    carry_out = bench.lab.erasing.carry_out
    for _ in range(2):
        with pytest.raises(LabUnusableError, match=f"Changed since it was listed, and not removed: .*{found.name}"):
            carry_out(bench.custodian, case.id, erasure.id, write)
    report = bench.lab.verification.verify()
    assert report.file_findings == (f"A file was erased by the record and is still there: {found}.",)
    assert found.exists()
    other = proposed(bench, case)
    bench.lab.erasing.decide(bench.supervisor, case.id, other.id, approve=True, words="As ordered")
    carry_out(bench.custodian, case.id, other.id)
    assert not found.exists()
    assert bench.lab.verification.verify().ok


def written(bench: Bench, case: Case, action: str, facts: dict[str, Json], by: SignedIn) -> None:
    """An entry as another program would write it."""
    with bench.lab.database.writing() as connection:
        subject = Subject(kind="erasure", id=ERASURES_ID, label=case.number)
        Writer(connection, bench.clock()).append(case_chain(case), action, subject, facts, [("actor", by)], "Over")  # type: ignore[arg-type]


def carried_out_alone(bench: Bench, case: Case, erasure: Erasure, *files: tuple[str, Path]) -> None:
    """The custodian alone says that files were erased, under names that they choose."""
    listed: list[Json] = [
        {"name": name, "size_bytes": path.stat().st_size, "sha256": sha256_of(path).hex()} for name, path in files
    ]
    what: list[Json] = [kind.value for kind in Erasable if kind in erasure.what]
    facts: dict[str, Json] = {"erasure": str(erasure.id), "what": what, "files": listed}
    written(bench, case, "erasure.carry_out", facts, bench.custodian)


@pytest.mark.req("REQ-70")
def test_an_approved_erasure_hides_no_file_of_another_kind_or_case(bench: Bench) -> None:
    case, photo = kept(bench)
    other = bench.case("2026-0200")
    new = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    held = bench.lab.exhibits.photo_path(
        bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(other, "YY/01").id, new)
    )
    hold = NewHold(case_id=other.id, exhibit_id=None, authority="Court", reason="Appeal")
    bench.lab.holds.place(bench.supervisor, hold)
    erasure = proposed(bench, case, Erasable.REPORTS)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="Old reports may go")
    root = bench.lab.folder.root
    carried_out_alone(bench, case, erasure, *((path.relative_to(root).as_posix(), path) for path in (photo, held)))
    with pytest.raises(RefusedError, match="none of what was approved"):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    assert held.exists()
    photo.unlink()
    held.unlink()
    report = bench.lab.verification.verify()
    acts = [act for chain in report.chains for act in chain.not_allowed]
    assert [path.name in act for path, act in zip((photo, held), acts, strict=False)] == [True, True]
    assert [path.name in found for path, found in zip((photo, held), report.file_findings, strict=True)] == [True, True]


@pytest.mark.req("REQ-70")
def test_carrying_out_again_removes_nothing_outside_of_the_case(bench: Bench) -> None:
    case, _ = kept(bench)
    erasure = proposed(bench, case, Erasable.PHOTOS)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    outside = bench.lab.folder.root.parent / "outside.txt"
    outside.write_text("somebody else's")
    carried_out_alone(bench, case, erasure, ("../outside.txt", outside), (str(outside), outside))
    with pytest.raises(RefusedError, match="none of what was approved"):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert outside.exists()
    report = bench.lab.verification.verify()
    assert any("outside.txt" in act for chain in report.chains for act in chain.not_allowed)


@pytest.mark.req("REQ-70")
def test_a_photograph_that_came_after_the_proposal_is_not_erased_with_it(bench: Bench) -> None:
    case, photo = kept(bench)
    exhibit = bench.lab.exhibits.list(case.id)[0]
    erasure = proposed(bench, case, Erasable.CATALOGUES, Erasable.PHOTOS)
    assert erasure.listed is not None
    assert erasure.listed[0] == 1
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    new = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    later = bench.lab.exhibits.photo_path(bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, new))
    with pytest.raises(RefusedError, match="not what was there when this erasure was proposed"):
        bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    assert photo.exists()
    assert later.exists()
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=False, words="Proposed anew")
    again = proposed(bench, case, Erasable.CATALOGUES, Erasable.PHOTOS)
    bench.lab.erasing.decide(bench.supervisor, case.id, again.id, approve=True, words="As ordered")
    catalogue = bench.lab.folder.catalogue(case.id, uuid4())
    catalogue.write_bytes(b"made of an image again")
    assert len(bench.lab.erasing.carry_out(bench.custodian, case.id, again.id).files) == 3
    assert [path.exists() for path in (photo, later, catalogue)] == [False, False, False]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-70")
def test_a_proposal_that_does_not_say_which_files_it_is_about_is_not_approved(bench: Bench) -> None:
    case, photo = kept(bench)
    facts: dict[str, Json] = {"erasure": str(uuid4()), "what": ["photos"], "authority": "Order 12/26"}
    written(bench, case, "erasure.propose", facts, bench.custodian)
    (old,) = bench.lab.erasing.list(case.id)
    with pytest.raises(RefusedError, match="proposed with an earlier version"):
        bench.lab.erasing.decide(bench.supervisor, case.id, old.id, approve=True, words="As ordered")
    written(bench, case, "erasure.approve", {"erasure": str(old.id)}, bench.supervisor)
    bench.lab.erasing.carry_out(bench.custodian, case.id, old.id)
    assert not photo.exists()
    (found,) = not_allowed(bench)
    assert found.endswith("erasure.propose does not say which files it is about."), "the newest rules hold in this lab"


def test_a_file_under_a_name_that_no_erasure_lists_stops_it_before_anything_is_recorded(bench: Bench) -> None:
    case, photo = kept(bench)
    strange = photo.with_name("...")
    strange.write_bytes(b"")
    with pytest.raises(RefusedError, match="no name of a file that the program keeps"):
        proposed(bench, case, Erasable.PHOTOS)
    strange.unlink()
    assert proposed(bench, case, Erasable.PHOTOS).state is ErasureState.PROPOSED


def test_an_entry_that_nobody_else_approved_hides_no_missing_file(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case, Erasable.PHOTOS)
    name = photo.relative_to(bench.lab.folder.root).as_posix()
    facts: dict[str, Json] = {"erasure": str(erasure.id), "files": [{"name": name, "sha256": photo.stem}]}
    photo.unlink()
    with bench.lab.database.writing() as connection:
        subject = Subject(kind="erasure", id=ERASURES_ID, label=case.number)
        signers = [("actor", bench.custodian)]
        Writer(connection, bench.clock()).append(case_chain(case), "erasure.carry_out", subject, facts, signers)  # type: ignore[arg-type]
    report = bench.lab.verification.verify()
    assert not report.ok
    assert any("nobody else approved" in act for chain in report.chains for act in chain.not_allowed)
    assert "cannot be read" in report.file_findings[0]


def test_a_photograph_that_is_kept_again_after_its_erasure_is_one_of_the_record_again(bench: Bench) -> None:
    case, photo = kept(bench)
    erasure = proposed(bench, case, Erasable.PHOTOS)
    bench.lab.erasing.decide(bench.supervisor, case.id, erasure.id, approve=True, words="As ordered")
    bench.lab.erasing.carry_out(bench.custodian, case.id, erasure.id)
    with pytest.raises(RefusedError, match="it was erased, or is missing"):
        bench.lab.exhibits.thumbnail(bench.lab.exhibits.photos(bench.lab.exhibits.list(case.id)[0].id)[0], 64)
    exhibit = bench.exhibit(case, "LH/02", seal="0048813")
    again = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, again)
    report = bench.lab.verification.verify()
    assert (report.ok, photo.exists(), report.files_compared) == (True, True, 2)
    photo.unlink()
    assert "cannot be read" in bench.lab.verification.verify().file_findings[0]
