"""The vectors that ``ledger-format.md`` refers to: unchanged, judged as foretold, and confirmed by other tools."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.command import main
from chain_of_custody.file import read_lines
from chain_of_custody.ledger import message_of
from chain_of_custody.signing import OpenKey
from tests.chain_of_custody.vectors.make import make_files

VECTORS = Path(__file__).parent / "vectors"
EXPECTED: dict[str, dict[str, Any]] = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))
KEYS: list[dict[str, str]] = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))
FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"


@pytest.mark.parametrize("name", sorted(make_files()))
def test_the_vectors_come_out_as_they_were_checked_in(name: str) -> None:
    assert (VECTORS / name).read_bytes() == make_files()[name]


def test_every_vector_has_a_foretold_answer_and_stands_in_the_description() -> None:
    assert {path.stem for path in VECTORS.glob("*.jsonl")} == set(EXPECTED)
    described = FORMAT.read_text(encoding="utf-8")
    assert {name for name in EXPECTED if f"`{name}.jsonl`" not in described} == set()


@pytest.mark.req("REQ-15", "REQ-68")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_vector_is_judged_as_foretold(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    foretold = EXPECTED[name]
    assert main(["verify", str(VECTORS / f"{name}.jsonl"), "--json"]) == foretold["exit"]
    chains = json.loads(capsys.readouterr().out)["chains"]
    answers = {one["kind"]: [one["intact"], one["signed"], one["trusted"]] for one in chains}
    assert (answers.get("lab"), answers["case"]) == (foretold["lab"], foretold["case"])
    first = next((one for one in chains if one["first_bad"]), None)
    found = first and [first["kind"], first["first_bad"]["entry_index"], first["first_bad"]["answer"]]
    assert found == foretold["first"]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key["name"])
def test_a_key_comes_from_its_seed_and_its_id_from_the_key(key: dict[str, str]) -> None:
    opened = OpenKey(bytes.fromhex(key["seed"]))
    assert opened.public_key.raw.hex() == key["public_key"]
    assert hashlib.sha256(bytes.fromhex(key["public_key"])).hexdigest() == key["key"] == opened.key_id


def test_a_digest_is_sha_256_of_the_body_and_the_signatures_as_they_stand_in_the_file() -> None:
    digests = json.loads((VECTORS / "digests.json").read_text(encoding="utf-8"))
    _, *lines = (VECTORS / "good.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        raw = json.loads(line)
        body = json.loads(raw["body"])
        digest = hashlib.sha256(raw["body"].encode() + b"".join(map(bytes.fromhex, raw["signatures"]))).hexdigest()
        found.setdefault(body["chain"], []).append(digest)
    assert found == digests


@pytest.mark.req("REQ-68")
def test_openssl_finds_the_same_signatures_right_and_wrong(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    raw_keys = {key["key"]: bytes.fromhex(key["public_key"]) for key in KEYS}
    key, message, signature = tmp_path / "key.der", tmp_path / "message", tmp_path / "signature"
    command = [openssl, "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", str(key)]
    command += ["-in", str(message), "-sigfile", str(signature)]
    count = 0
    for part in read_lines((VECTORS / "good.jsonl").read_bytes().splitlines(keepends=True)):
        for entry in part.entries:
            for slot, made in zip(entry.content.signers, entry.signatures, strict=True):
                key.write_bytes(bytes.fromhex("302a300506032b6570032100") + raw_keys[slot.key])
                signature.write_bytes(made)
                message.write_bytes(message_of(entry.body))
                assert subprocess.run(command, capture_output=True, check=False).returncode == 0
                message.write_bytes(entry.body)
                assert subprocess.run(command, capture_output=True, check=False).returncode != 0
                count += 1
    assert count == 16


def test_the_description_shows_a_real_entry() -> None:
    shown = re.search(r"```json\n(\{\"body\":.*?)\n```", FORMAT.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] in (VECTORS / "good.jsonl").read_text(encoding="utf-8").splitlines()
