from datetime import timedelta

import pytest
from sqlalchemy import select

from forensics_app.db.tables import PERSON_SECRET, SIGN_IN
from forensics_app.errors import PermissionRefusedError, RefusedError, SignInRefusedError
from forensics_app.model.person import Role
from tests.builders import PASSPHRASE, Bench, new_person


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


def test_what_was_typed_as_a_name_is_not_kept(bench: Bench) -> None:
    with pytest.raises(SignInRefusedError):
        bench.lab.people.sign_in("my secret passphrase", "Ana Kovač")
    with bench.lab.database.reading() as connection:
        rows = connection.execute(select(SIGN_IN)).all()
    assert "my secret passphrase" not in repr(rows)


def test_only_an_administrator_enrols(bench: Bench) -> None:
    with pytest.raises(PermissionRefusedError, match="administrator"):
        bench.lab.people.enrol(bench.examiner, new_person("New Person", Role.EXAMINER), PASSPHRASE)


def test_a_name_is_taken_only_once(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="already enrolled"):
        bench.lab.people.enrol(bench.admin, new_person(" Ana  Kovač ", Role.AUDITOR), PASSPHRASE)


def test_a_short_passphrase_is_refused_in_words(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="at least 12"):
        bench.lab.people.enrol(bench.admin, new_person("New Person", Role.EXAMINER), "short")


def test_a_revoked_person_cannot_sign_in(bench: Bench) -> None:
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "left the laboratory")
    with pytest.raises(SignInRefusedError):
        bench.sign_in("Ana Kovač")


def test_what_a_revoked_key_signs_afterwards_is_not_trusted(bench: Bench) -> None:
    case = bench.case()
    bench.lab.people.revoke(bench.admin, bench.examiner.person.id, "key was lost")
    bench.lab.cases.change(bench.examiner, case.id, {"title": "Another title"}, "to see")
    report = bench.lab.verification.verify()
    chain = next(chain for chain in report.chains if chain.chain == case.id)
    assert (chain.intact, chain.signed, chain.trusted) == (True, True, False)
    assert "revoked" in chain.findings[0]


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
