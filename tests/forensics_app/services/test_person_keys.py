"""Another passphrase for the same key, another key for the same person, and what stays behind when a key ends."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import select

from chain_of_custody.passphrase import Argon2Parameters
from forensics_app.bootstrap import Lab, open_lab
from forensics_app.db.tables import PERSON_SECRET, SIGN_IN
from forensics_app.errors import PermissionRefusedError, RefusedError, SignInRefusedError
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import LeftBehind, Person, Role
from forensics_app.model.report import ReportRequest
from tests.builders import NOON, PASSPHRASE, QUICK, Bench, Clock, new_person
from tests.forensics_app.services import end_of_custody
from tests.second_verifier.verdicts import verify

DATABASES = ("sqlite", "postgresql")
NEW = "quiet harbour with cranes"
WRONG = "some other words"
ANA = "Ana Kovač"


@pytest.fixture
def second(bench: Bench) -> Iterator[Lab]:
    """The same lab, opened by another workstation."""
    lab = open_lab(bench.lab.folder.root, now=Clock(at=NOON + timedelta(hours=1)), key_parameters=QUICK)
    yield lab
    lab.close()


def sealed_of(lab: Lab, person: Person) -> dict[str, Any]:
    with lab.database.reading() as connection:
        query = select(PERSON_SECRET.c.sealed_key).where(PERSON_SECRET.c.person_id == str(person.id))
        sealed: dict[str, Any] = json.loads(str(connection.scalar(query)))
    return sealed


def seed_in(sealed: dict[str, Any], passphrase: str) -> bytes:
    """The private half, out of the stored form by the primitives of ``cryptography`` alone."""
    cost = sealed["argon2id"]
    stretched = Argon2id(
        salt=bytes.fromhex(sealed["salt"]), length=32, iterations=cost["passes"], lanes=cost["lanes"],
        memory_cost=cost["memory_kib"],
    ).derive(passphrase.encode())  # fmt: skip
    bound = {name: sealed[name] for name in ("format", "person", "public_key")}
    data = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
    return AESGCM(stretched).decrypt(bytes.fromhex(sealed["nonce"]), bytes.fromhex(sealed["sealed_seed"]), data)


def give(bench: Bench, name: str = ANA, passphrase: str = NEW, reason: str = "Forgot the passphrase") -> Person:
    return bench.lab.person_keys.replace(bench.admin, bench.lab.people.named(name).id, passphrase, reason)


def check_by_both(bench: Bench, tmp_path: Path) -> None:
    """The program's own verification and the second verifier find nothing, in any chain."""
    report = bench.lab.verification.verify()
    assert report.ok, [*report.row_findings, *(chain.findings for chain in report.chains)]
    for case in bench.lab.cases.list():
        folder = tmp_path / f"custody-{case.id}"
        bench.lab.custody.export(case.id, folder, bench.admin)
        status, verdicts = verify((folder / "ledger.jsonl").read_bytes())
        assert status == 0, verdicts


def failures_of(lab: Lab, person: Person) -> int:
    with lab.database.reading() as connection:
        query = select(SIGN_IN).where(SIGN_IN.c.person_id == str(person.id), SIGN_IN.c.succeeded == 0)
        return len(connection.execute(query).all())


def test_a_changed_passphrase_opens_the_same_key_and_the_old_one_opens_nothing(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    before = sealed_of(bench.lab, bench.examiner.person)
    person = bench.lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    with pytest.raises(SignInRefusedError):
        bench.lab.people.sign_in(ANA, PASSPHRASE)
    signed_in = bench.lab.people.sign_in(ANA, NEW)
    assert signed_in.key.key_id == person.key_id == bench.examiner.key.key_id
    after = sealed_of(bench.lab, person)
    assert seed_in(before, PASSPHRASE) == seed_in(after, NEW)
    with pytest.raises(InvalidTag):
        seed_in(after, PASSPHRASE)
    for name in ("salt", "nonce", "sealed_seed"):
        assert before[name] != after[name]
    bench.lab.cases.change(signed_in, case.id, {"title": "Another title"}, "spelling")
    check_by_both(bench, tmp_path)


def test_that_a_passphrase_was_changed_is_told_in_the_lab_chain_and_no_secret_is(bench: Bench) -> None:
    before = sealed_of(bench.lab, bench.examiner.person)
    bench.lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    told = bench.lab.custody.lab_history()[-1]
    assert (told.action, told.actor, told.object_label) == ("person.passphrase", ANA, ANA)
    assert told.facts == {
        "person": str(bench.examiner.person.id),
        "key": bench.examiner.key.key_id,
    }
    assert [(change.table, change.column) for change in told.changes] == [("person", "sealed_key_sha256")]
    for sealed in (before, sealed_of(bench.lab, bench.examiner.person)):
        assert not [name for name in ("salt", "nonce", "sealed_seed") if sealed[name] in told.body]
    assert NEW not in told.body


def test_a_window_that_was_open_before_the_passphrase_was_changed_goes_on_signing(bench: Bench, second: Lab) -> None:
    second.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    case = bench.case()
    assert bench.lab.custody.case_history(case.id)[0].actor == ANA
    assert bench.lab.verification.verify().ok


def test_a_wrong_old_passphrase_is_recorded_and_waits_as_at_signing_in(bench: Bench) -> None:
    bench.clock.step = timedelta(milliseconds=1)
    waits = []
    for _ in range(5):
        with pytest.raises(SignInRefusedError) as refused:
            bench.lab.person_keys.change_passphrase(ANA, WRONG, NEW)
        waits.append(refused.value.retry_after_s)
    assert waits[:3] == [0, 0, 0]
    assert min(waits[3:]) > 0
    with pytest.raises(SignInRefusedError):
        bench.lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    assert failures_of(bench.lab, bench.examiner.person) == 4
    bench.clock.at += timedelta(minutes=1)
    assert bench.sign_in(ANA).key.key_id == bench.examiner.key.key_id
    actions = [event.action for event in bench.lab.custody.lab_history()]
    assert "person.passphrase" not in actions
    assert actions[-1] == "person.sign_in_failures"


def test_somebody_who_is_not_enrolled_gets_the_same_answer_as_a_wrong_passphrase(bench: Bench) -> None:
    answers = []
    for name in (ANA, "Nobody Here"):
        with pytest.raises(SignInRefusedError) as refused:
            bench.lab.person_keys.change_passphrase(name, WRONG, NEW)
        answers.append(str(refused.value))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("chosen", "why"), [("short", "at least 12"), (PASSPHRASE, "is the old one")])
def test_a_new_passphrase_that_will_not_do_is_refused_and_the_old_one_stays(
    bench: Bench, chosen: str, why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        bench.lab.person_keys.change_passphrase(ANA, PASSPHRASE, chosen)
    assert bench.sign_in(ANA).person.name == ANA
    assert "person.passphrase" not in [event.action for event in bench.lab.custody.lab_history()]


def test_of_two_workstations_that_change_a_passphrase_at_once_one_does(bench: Bench, second: Lab) -> None:
    """However they meet, the old passphrase opens the key for one of them only, and the other is told."""
    together = threading.Barrier(2)

    def change(work: tuple[Lab, str, str]) -> str:
        lab, old, new = work
        together.wait()
        try:
            lab.person_keys.change_passphrase(ANA, old, new)
        except (RefusedError, SignInRefusedError):
            return ""
        return new

    old = PASSPHRASE
    for turn in range(8):
        with ThreadPoolExecutor(2) as pool:
            work = [(lab, old, f"{turn} words of {lab.info.name} {at}") for at, lab in enumerate((bench.lab, second))]
            (old,) = filter(None, pool.map(change, work))
        assert second.people.sign_in(ANA, old).key.key_id == bench.examiner.key.key_id
    actions = [event.action for event in bench.lab.custody.lab_history()]
    assert actions.count("person.passphrase") == 8
    assert bench.lab.verification.verify().ok


def test_a_changed_passphrase_is_sealed_at_the_cost_of_today(bench: Bench) -> None:
    dearer = Argon2Parameters(passes=2, memory_kib=128, lanes=1)
    lab = open_lab(bench.lab.folder.root, now=bench.clock, key_parameters=dearer)
    person = lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    lab.close()
    assert sealed_of(bench.lab, person)["argon2id"] == dearer.to_json()
    assert bench.lab.people.sign_in(ANA, NEW).person.id == person.id


def test_who_forgot_the_passphrase_gets_a_new_key_and_what_the_old_one_signed_stays_valid(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    person = give(bench)
    assert person.key_id != bench.examiner.key.key_id
    assert (person.id, person.enrolled_at) == (bench.examiner.person.id, bench.examiner.person.enrolled_at)
    with pytest.raises(SignInRefusedError):
        bench.sign_in(ANA)
    signed_in = bench.lab.people.sign_in(ANA, NEW)
    assert signed_in.person.roles == bench.examiner.person.roles
    bench.lab.cases.change(signed_in, case.id, {"title": "Another title"}, "spelling")
    keys = [event.signatures[0].key_id for event in bench.lab.custody.case_history(case.id)]
    assert keys == [bench.examiner.key.key_id, person.key_id]
    check_by_both(bench, tmp_path)


def test_a_new_key_is_signed_by_who_gives_it_and_by_itself_and_nobody_gets_one_unseen(bench: Bench) -> None:
    person = give(bench)
    told = bench.lab.custody.lab_history()[-1]
    assert (told.action, told.reason, told.facts["roles"]) == ("key.replace", "Forgot the passphrase", ["examiner"])
    assert told.facts["replaces"] == bench.examiner.key.key_id
    signed = [(one.role, one.name, one.key_id) for one in told.signatures]
    assert signed == [("actor", "Ada Admin", bench.admin.key.key_id), ("receiver", ANA, person.key_id)]
    (lab,) = [chain for chain in bench.lab.verification.verify().chains if chain.kind == "lab"]
    (notice,) = lab.notices
    assert notice.startswith(f"Entry {told.sequence}: Ada Admin gave {ANA} a new key on 2026-11-20")
    assert "Reason: Forgot the passphrase." in notice


def test_the_next_act_of_a_workstation_with_the_old_key_is_refused_in_a_sentence(
    bench: Bench, second: Lab, tmp_path: Path
) -> None:
    case, old = bench.case(), second.people.sign_in(ANA, PASSPHRASE)
    person = give(bench)
    for lab, signed_in in ((second, old), (bench.lab, bench.examiner)):
        with pytest.raises(PermissionRefusedError, match="Ada Admin gave Ana Kovač a new one on 2026-11-20") as refused:
            lab.cases.change(signed_in, case.id, {"title": "Another title"}, "to see")
        assert "somebody else may sign in your name" in refused.value.then
    with pytest.raises(PermissionRefusedError, match="has ended"):
        bench.lab.person_keys.replace(bench.examiner, person.id, "words of the old key", "to see")
    assert bench.lab.people.named(ANA).key_id == person.key_id
    assert len(bench.lab.custody.case_history(case.id)) == 1
    check_by_both(bench, tmp_path)


def test_people_replace_their_own_key_but_nobody_elses_unless_they_are_administrators(
    bench: Bench, tmp_path: Path
) -> None:
    with pytest.raises(PermissionRefusedError, match="administrator"):
        bench.lab.person_keys.replace(bench.examiner, bench.custodian.person.id, NEW, "to see")
    bench.case()
    for signed_in in (bench.examiner, bench.admin):
        bench.lab.person_keys.replace(signed_in, signed_in.person.id, NEW, "Somebody looked on")
        told = bench.lab.custody.lab_history()[-1]
        assert [one.name for one in told.signatures] == [signed_in.person.name] * 2
        assert not [one for chain in bench.lab.verification.verify().chains for one in chain.notices]
        with pytest.raises(PermissionRefusedError, match="took a new one"):
            bench.lab.person_keys.replace(signed_in, signed_in.person.id, NEW, "once more")
    admin = bench.lab.people.sign_in("Ada Admin", NEW)
    assert bench.lab.people.enrol(admin, new_person("Mira Holm", Role.EXAMINER), PASSPHRASE).revoked_at is None
    bench.admin = admin
    check_by_both(bench, tmp_path)


@pytest.mark.parametrize(("chosen", "reason", "why"), [(NEW, "  ", "needs a reason"), ("short", "lost", "at least 12")])
def test_a_new_key_without_a_reason_or_with_a_short_passphrase_is_refused_and_the_old_one_stays(
    bench: Bench, chosen: str, reason: str, why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        give(bench, ANA, chosen, reason)
    assert bench.sign_in(ANA).key.key_id == bench.examiner.key.key_id


def test_who_comes_back_gets_a_new_key_and_their_roles(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "left the laboratory")
    assert give(bench, reason="Came back").revoked_at is None
    signed_in = bench.lab.people.sign_in(ANA, NEW)
    bench.lab.cases.change(signed_in, case.id, {"title": "Another title"}, "spelling")
    check_by_both(bench, tmp_path)


@pytest.mark.req("REQ-13")
def test_a_new_key_given_by_a_clock_set_back_spoils_nothing_that_was_signed(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    bench.clock.at += timedelta(days=1)
    bench.lab.cases.change(bench.examiner, case.id, {"title": "Another title"}, "spelling")
    bench.clock.at -= timedelta(hours=30)
    give(bench)
    signed_in = bench.lab.people.sign_in(ANA, NEW)
    bench.lab.cases.change(signed_in, case.id, {"title": "A third title"}, "spelling")
    first, last = bench.lab.custody.lab_history()[-1], bench.lab.custody.case_history(case.id)[-1]
    assert datetime.fromisoformat(str(first.facts["clock"])) < first.recorded_at <= last.recorded_at
    check_by_both(bench, tmp_path)


@pytest.mark.req("REQ-13")
def test_who_was_enrolled_by_a_clock_set_back_signs_nothing_before_their_enrolment(
    bench: Bench, tmp_path: Path
) -> None:
    bench.clock.at -= timedelta(days=3)
    bench.enrol("Mira Holm", Role.EXAMINER)
    bench.examiner = bench.sign_in("Mira Holm")
    bench.case()
    check_by_both(bench, tmp_path)


def test_an_offer_signed_with_the_old_key_is_still_accepted(bench: Bench, tmp_path: Path) -> None:
    exhibit = end_of_custody.stored(bench, bench.case())
    fields = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out", due=NOON + timedelta(days=2),
        fields=fields,
    )  # fmt: skip
    offer = bench.lab.offers.offer(bench.custodian, new)
    give(bench, "Tomasz Lis")
    seal = {"seal_number": "0048812", "seal_check": "intact"}
    bench.lab.offers.accept(bench.examiner, offer.id, bench.clock(), seal)
    assert bench.lab.exhibits.get(exhibit.id).holder == ANA
    check_by_both(bench, tmp_path)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
def test_forms_and_reports_know_who_signed_with_a_key_that_was_replaced_since(bench: Bench) -> None:
    case = bench.case()
    exhibit = end_of_custody.stored(bench, case)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}
    request = bench.request(exhibit, "check_out", fields=taking)
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, request)
    old = bench.examiner.key.key_id
    new = bench.lab.person_keys.replace(bench.examiner, bench.examiner.person.id, NEW, "Somebody looked on").key_id
    (item,) = bench.lab.custody_forms.gather(case.id).items
    receiver = item.events[-1].receiver
    assert receiver is not None
    assert (receiver.key_id, receiver.function) == (old, "Officer")
    pdf = bench.lab.reporting.preview(bench.lab.people.named(ANA), ReportRequest(case_id=case.id, zone="UTC"))
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    words = "".join(done.stdout.decode().split())
    assert old in words
    assert new in words


def test_what_somebody_leaves_behind_is_named_before_their_key_ends_and_in_the_entry_that_ends_it(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = end_of_custody.stored(bench, case)
    held = end_of_custody.stored(bench, case, "LH/02")
    end_of_custody.transferred(bench, case, "LH/03")
    fields = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out", due=NOON + timedelta(days=2),
        fields=fields,
    )  # fmt: skip
    bench.lab.offers.offer(bench.custodian, new)
    first, both = f"{case.number} {exhibit.number}", (f"{case.number} {exhibit.number}", f"{case.number} {held.number}")
    left = bench.lab.person_keys.left_behind(bench.custodian.person.id)
    assert left == LeftBehind(exhibits=both, offers_made=(first,), offers_awaited=())
    examiner = bench.lab.person_keys.left_behind(bench.examiner.person.id)
    assert examiner == LeftBehind(exhibits=(), offers_made=(), offers_awaited=(first,))
    bench.lab.people.revoke(bench.admin, bench.custodian.person.id, "left the laboratory")
    facts = bench.lab.custody.lab_history()[-1].facts
    assert (facts["held"], facts["held_count"], facts["offers_made"]) == ([*both], 2, [first])
    assert "offers_awaited" not in facts
    check_by_both(bench, tmp_path)
