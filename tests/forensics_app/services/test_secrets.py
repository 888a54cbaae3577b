"""A passphrase is in nobody's file, log, entry or error (THREAT_MODEL.md, 19)."""

import base64
import logging
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics_app.bootstrap import create_lab
from forensics_app.errors import RefusedError, SignInRefusedError
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from forensics_app.model.report import ReportRequest
from tests.builders import PASSPHRASE, QUICK, Bench, make_bench, new_person
from tests.forensics_app.services.test_files_and_races import took_in

WRONG = "wrong horse battery"
CHANGED, OF_A_NEW_KEY = "quiet harbour with cranes", "eleven wooden ladders"
SECRETS = (PASSPHRASE, WRONG, CHANGED, OF_A_NEW_KEY)


def spellings(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield from (plain, secret.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain)[:-4])


def those_who_hold(folder: Path, secret: str) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [path for spelling in spellings(secret) if spelling in content or secret in path.name]
    return found


def whole_path(bench: Bench) -> None:
    image = took_in(bench)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.issued(ReportRequest(case_id=image.case_id, zone="UTC"))
    bench.lab.custody.export(image.case_id, bench.lab.folder.root / "custody", bench.examiner)
    bench.lab.verification.sign_off(bench.examiner, bench.lab.verification.verify())
    bench.lab.person_keys.change_passphrase("Tomasz Lis", PASSPHRASE, CHANGED)
    bench.lab.person_keys.replace(bench.admin, bench.supervisor.person.id, OF_A_NEW_KEY, "forgotten")
    for name, passphrase in (("Tomasz Lis", CHANGED), ("Ingrid Solberg", OF_A_NEW_KEY)):
        assert bench.lab.people.sign_in(name, passphrase).person.name == name


def test_a_passphrase_reaches_no_file_no_log_and_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    caplog.set_level(logging.DEBUG)
    bench = make_bench(tmp_path / "lab", of_its_own=True)
    for name in ("Ana Kovač", WRONG):
        with pytest.raises(SignInRefusedError) as refused:
            bench.lab.people.sign_in(name, WRONG)
        assert WRONG not in "".join(traceback.format_exception(refused.value))
    whole_path(bench)
    assert those_who_hold(tmp_path, "Ana Kova"), "what is looked for in this way is found"
    assert not [path for secret in SECRETS for path in those_who_hold(tmp_path, secret)]
    bench.lab.close()
    assert not [path for secret in SECRETS for path in those_who_hold(tmp_path, secret)]
    assert caplog.text, "the libraries log at this level"
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_a_passphrase_that_is_too_short_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    new = NewLab(folder=tmp_path / "lab", name="Laboratory", address="", zone="UTC")
    short = PASSPHRASE[:11]
    with pytest.raises(RefusedError) as refused:
        create_lab(new, new_person("Ada Admin", Role.ADMINISTRATOR), short, key_parameters=QUICK)
    assert short not in "".join(traceback.format_exception(refused.value))
    assert not those_who_hold(tmp_path, short)
