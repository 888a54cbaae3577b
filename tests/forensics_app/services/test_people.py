import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from forensics_app.db.tables import PERSON_SECRET, SIGN_IN
from forensics_app.errors import PermissionRefusedError, RefusedError, SignInRefusedError, UnclearNameError
from forensics_app.model.person import Role
from tests.builders import PASSPHRASE, Bench, new_person

DATABASES = ("sqlite", "postgresql")


def test_the_wrong_name_and_the_wrong_passphrase_get_the_same_answer(bench: Bench) -> None:
    with pytest.raises(SignInRefusedError) as unknown:
        bench.lab.people.sign_in("Nobody Here", "some other words")
    with pytest.raises(SignInRefusedError) as wrong:
        bench.lab.people.sign_in("Ana Kovač", "some other words")
    assert str(unknown.value) == str(wrong.value)


def test_repeated_failures_wait_and_are_told_in_the_lab_chain(bench: Bench) -> None:
    bench.clock.step = timedelta(milliseconds=1)
    for _ in range(4):
        with pytest.raises(SignInRefusedError):
            bench.lab.people.sign_in("Ana Kovač", "some other words")
    with pytest.raises(SignInRefusedError) as early:
        bench.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    assert early.value.retry_after_s > 0

    bench.clock.at += timedelta(minutes=1)
    assert bench.lab.people.sign_in("Ana Kovač", PASSPHRASE).person.name == "Ana Kovač"
    with bench.lab.database.reading() as connection:
        failed = connection.execute(select(SIGN_IN).where(SIGN_IN.c.succeeded == 0)).all()
    assert len(failed) == 4
    told = [event for event in bench.lab.custody.lab_history() if event.action == "person.sign_in_failures"]
    assert [event.facts["failures"] for event in told] == [4]


def test_the_wait_is_the_same_for_a_name_that_nobody_bears(bench: Bench) -> None:
    bench.clock.step = timedelta(milliseconds=1)
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            bench.lab.people.sign_in("Ana Kovač", "some other words")
    waits = []
    for name in ("Ana Kovač", "Nobody Here"):
        with pytest.raises(SignInRefusedError) as refused:
            bench.lab.people.sign_in(name, "some other words")
        waits.append(refused.value.retry_after_s)
    assert waits[0] == waits[1] > 0


def test_nobody_tries_anothers_passphrases_for_ever_by_signing_in_as_themselves_in_between(bench: Bench) -> None:
    waits = waits_of(bench, "Ana Kovač")
    assert waits[:3] == [0, 0, 0]
    assert min(waits[3:]) > 0


def test_who_fails_again_and_again_does_not_learn_which_names_somebody_bears(bench: Bench) -> None:
    assert waits_of(bench, "Nobody Here") == waits_of(bench, "Ana Kovač")
    assert waits_of(bench, " Nobody  Here ")[0] > 0


def waits_of(bench: Bench, name: str) -> list[int]:
    """What six failures are told to wait, with somebody else signing in on this computer after each."""
    bench.clock.step = timedelta(milliseconds=1)
    waits = []
    for _ in range(6):
        with pytest.raises(SignInRefusedError) as refused:
            bench.lab.people.sign_in(name, "some other words")
        waits.append(refused.value.retry_after_s)
        bench.sign_in("Tomasz Lis")
    return waits


def test_what_was_typed_as_a_name_is_not_kept(bench: Bench) -> None:
    with pytest.raises(SignInRefusedError):
        bench.lab.people.sign_in("my secret passphrase", "Ana Kovač")
    with bench.lab.database.reading() as connection:
        rows = connection.execute(select(SIGN_IN)).all()
    assert "my secret passphrase" not in repr(rows)
    assert re.fullmatch("name:[0-9a-f]{4}", rows[-1].person_id)


def test_only_an_administrator_enrols(bench: Bench) -> None:
    with pytest.raises(PermissionRefusedError, match="administrator"):
        bench.lab.people.enrol(bench.examiner, new_person("New Person", Role.EXAMINER), PASSPHRASE)


def test_a_name_is_taken_only_once(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="already enrolled"):
        bench.lab.people.enrol(bench.admin, new_person(" Ana  Kovač ", Role.AUDITOR), PASSPHRASE)


def test_who_could_be_somebody_enrolled_is_asked_for_and_the_answer_is_kept(bench: Bench) -> None:
    person = new_person("Sgt. Ana Kovač", Role.EXAMINER)
    with pytest.raises(
        UnclearNameError, match=r"'Sgt\. Ana Kovač' and 'Ana Kovač', who is enrolled already"
    ) as unclear:
        bench.lab.people.enrol(bench.admin, person, PASSPHRASE)
    assert "one person gets a new key instead" in unclear.value.then
    bench.lab.people.enrol(bench.admin, replace(person, is_another=True), PASSPHRASE)
    assert bench.lab.custody.lab_history()[-1].fact("another_than") == "Ana Kovač"
    with pytest.raises(UnclearNameError):
        bench.lab.people.enrol(bench.admin, new_person("Kovač Ana Maria", Role.EXAMINER), PASSPHRASE)


def test_a_short_passphrase_is_refused_in_words(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="at least 12"):
        bench.lab.people.enrol(bench.admin, new_person("New Person", Role.EXAMINER), "short")


def test_a_revoked_person_cannot_sign_in(bench: Bench) -> None:
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "left the laboratory")
    with pytest.raises(SignInRefusedError):
        bench.sign_in("Ana Kovač")


def test_a_key_that_ended_signs_nothing_more_though_its_window_is_still_open(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    told = {"place": "Desk", "purpose": "Test", "seal_number": "0048812", "seal_check": "intact", "condition": "good"}
    received = bench.request(exhibit, "receive", fields=told, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, received)
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "key was lost")
    before = len(bench.lab.custody.case_history(case.id))
    with pytest.raises(PermissionRefusedError, match="has ended"):
        bench.lab.cases.change(bench.examiner, case.id, {"title": "Another title"}, "to see")
    given = bench.request(exhibit, "hand_over", fields=told)
    with pytest.raises(PermissionRefusedError, match="has ended"):
        bench.lab.custody.hand_over(bench.custodian, bench.examiner, given)
    assert bench.lab.cases.get(case.id).title == case.title
    (tried,) = bench.lab.custody.case_history(case.id)[before:]
    assert (tried.action, tried.actor) == ("custody.refused", "Tomasz Lis"), "whose own key is in force"
    assert bench.lab.verification.verify().ok


def test_an_administrator_can_end_their_own_key_when_another_is_left(bench: Bench) -> None:
    bench.enrol("Second Admin", Role.ADMINISTRATOR)
    assert bench.lab.people.revoke(bench.admin, bench.admin.person.id, "leaves").revoked_at is not None
    with pytest.raises(PermissionRefusedError, match="has ended"):
        bench.enrol("Third Admin", Role.ADMINISTRATOR)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-13")
def test_a_clock_set_back_makes_no_true_signature_untrusted_and_what_it_said_is_kept(bench: Bench) -> None:
    bench.clock.at -= timedelta(days=2)
    said = bench.clock.at + bench.clock.step
    case = bench.case()
    first = bench.lab.custody.case_history(case.id)[0]
    assert first.recorded_at == bench.examiner.person.enrolled_at
    assert datetime.fromisoformat(str(first.facts["clock"])) - said < timedelta(seconds=10)
    report = bench.lab.verification.verify()
    assert report.ok, [chain.findings for chain in report.chains]


@pytest.mark.req("REQ-13")
def test_a_key_ended_by_a_clock_set_back_keeps_what_it_signed_before(bench: Bench) -> None:
    case = bench.case()
    bench.clock.at += timedelta(days=1)
    bench.lab.cases.change(bench.examiner, case.id, {"title": "Another title"}, "spelling")
    bench.clock.at -= timedelta(hours=23)
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "left the laboratory")
    report = bench.lab.verification.verify()
    assert report.ok, [chain.findings for chain in report.chains]
    told = bench.lab.custody.lab_history()[-1]
    assert datetime.fromisoformat(str(told.facts["clock"])) < told.recorded_at


def test_a_clock_that_goes_well_is_not_spoken_of(bench: Bench) -> None:
    case = bench.case()
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "left the laboratory")
    told = [*bench.lab.custody.case_history(case.id), *bench.lab.custody.lab_history()]
    assert not any("clock" in event.facts for event in told)


def test_the_last_administrator_cannot_be_revoked(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="only administrator"):
        bench.lab.people.revoke(bench.admin, bench.admin.person.id, "no reason")


def test_private_keys_are_sealed_and_never_in_the_ledger(bench: Bench) -> None:
    with bench.lab.database.reading() as connection:
        sealed = [row.sealed_key for row in connection.execute(select(PERSON_SECRET))]
    bodies = "".join(event.body for event in bench.lab.custody.lab_history())
    assert len(sealed) == 4
    assert not any(text in bodies for text in sealed)
    assert PASSPHRASE not in bodies
