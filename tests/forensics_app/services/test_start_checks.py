"""Digests, ciphers and signatures are tried against published answers before a lab is opened."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chain_of_custody.self_test
import evidence.self_test
from forensics_app.errors import SelfTestFailedError, explain
from forensics_app.services.start_checks import TESTS, check_start, refuse_wrong

WRONG_DIGESTS = """
import hashlib, sys
from forensics_app.__main__ import main
real = hashlib.new
def wrong(name, data=b"", **options):
    return real(name, data + b"?" if name == "sha1" else data, **options)
hashlib.new = wrong
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.req("REQ-35")
def test_the_digests_and_ciphers_of_this_computer_give_the_published_answers() -> None:
    assert [name for test in TESTS for name in test()] == []
    check_start()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl computes the digests that are compared")
def test_the_known_digests_are_those_of_another_implementation() -> None:
    """OpenSSL's own command, which shares no code with hashlib's built-in fall-backs, computes the same ones."""
    for name, message, digest in evidence.self_test.DIGESTS:
        done = subprocess.run(["openssl", "dgst", f"-{name}", "-r"], input=message, capture_output=True, check=True)
        assert done.stdout.split()[0].decode() == digest


def test_a_program_that_computes_wrongly_opens_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRONG_DIGESTS, "inspect", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == 3
    assert "computes wrongly here: sha1 of 3 bytes, sha1 of 56 bytes differ from the published answers" in done.stderr
    assert "Do not use the program on this computer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["_XTS_PLAIN", "_CBC_PLAIN"])
def test_a_cipher_with_another_answer_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence.self_test, name, bytes(32))
    with pytest.raises(SelfTestFailedError) as failed:
        refuse_wrong([evidence.self_test.failures])
    assert failed.value.wrong == ("AES-128-XTS" if "XTS" in name else "AES-128-CBC",)
    assert explain(failed.value) is not None


@pytest.mark.parametrize(("name", "wrong"), [("_TAG", "Argon2id"), ("_SIGNATURE", "Ed25519")])
def test_a_key_or_a_signature_with_another_answer_is_named(
    name: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        chain_of_custody.self_test, name, hashlib.sha512(b"other").digest()[: 64 if wrong == "Ed25519" else 32]
    )
    assert wrong in list(chain_of_custody.self_test.failures())
