"""Two verifiers that share no code say the same of every vector and of thousands of forgeries (REQ-15, REQ-68)."""

import ast
import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.errors import LedgerFileError
from chain_of_custody.file import read_lines
from chain_of_custody.report import judge
from tests.chain_of_custody.chains import ADA, BEN
from tests.second_verifier import mutations
from tests.second_verifier.form import NotCanonicalError, value_of
from tests.second_verifier.mutations import ALWAYS_FOUND, MUTATIONS, Ledger, damaged_file, good
from tests.second_verifier.verdicts import verify

HERE = Path(__file__).parent
VECTORS = HERE.parent / "chain_of_custody" / "vectors"
EXPECTED: dict[str, dict[str, Any]] = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))
EACH = 170
GOOD = good()


def ours(content: bytes, root: str | None = None) -> tuple[int, list[Any]]:
    try:
        parts = read_lines(lines_by_line_feed(content))
    except LedgerFileError:
        return 3, []
    report = judge(parts, root=root, on_progress=lambda *_: None)
    status = 0 if report.all_yes else 3 if report.is_good_as_far_as_it_stands else 1
    return status, [
        (
            one.part.chain,
            one.part.kind,
            [one.verdict.intact.value, one.verdict.signed.value, one.verdict.trusted.value],
            sorted({(found.entry_index, found.answer, found.state.value) for found in one.verdict.findings}),
            (one.verdict.first_bad.entry_index, one.verdict.first_bad.answer) if one.verdict.first_bad else None,
            one.anchored.sequence if one.anchored else None,
            one.allowed.value,
            sorted({breach.entry_index for breach in one.breaches}),
        )
        for one in report.chains
    ]


def lines_by_line_feed(content: bytes) -> list[bytes]:
    *lines, last = content.split(b"\n")
    return [line + b"\n" for line in lines] + ([last] if last else [])


def theirs(content: bytes, root: str | None = None) -> tuple[int, list[Any]]:
    status, verdicts = verify(content, root)
    return status, [
        (
            one.chain,
            one.kind,
            one.answers,
            sorted(one.found),
            one.first,
            one.anchored_until,
            one.allowed,
            one.breaches,
        )
        for one in verdicts
    ]


def test_the_second_verifier_imports_nothing_of_ours() -> None:
    for name in ("form", "entries", "people", "acts", "desk", "stamps", "verdicts"):
        tree = ast.parse((HERE / f"{name}.py").read_text("utf-8"))
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {one for one in modules if one.split(".")[0] in ("chain_of_custody", "forensics_app", "evidence")}


@pytest.mark.req("REQ-15", "REQ-68")
@pytest.mark.parametrize("name", EXPECTED)
def test_both_judge_a_vector_alike_and_as_foretold(name: str) -> None:
    content, foretold = (VECTORS / f"{name}.jsonl").read_bytes(), EXPECTED[name]
    status, verdicts = verify(content)
    answers = {one.kind: one.answers for one in verdicts}
    assert (status, answers.get("lab"), answers["case"]) == (foretold["exit"], foretold["lab"], foretold["case"])
    first = next(([one.kind, *one.first] for one in verdicts if one.first), None)
    assert first == foretold["first"]
    assert theirs(content) == ours(content)


def test_the_ledger_that_is_forged_is_good_and_anchored() -> None:
    content = GOOD.file()
    assert ours(content) == theirs(content)
    status, (_, case) = theirs(content)
    assert (status, case[-3:]) == (0, (7, "yes", []))


@pytest.mark.parametrize("root", [ADA.key.key_id, BEN.key.key_id, "0" * 64])
def test_both_compare_the_root_alike(root: str) -> None:
    content = GOOD.file()
    assert ours(content, root) == theirs(content, root)
    assert ours(content, root)[0] == int(root != ADA.key.key_id)


@pytest.mark.req("REQ-15", "REQ-68")
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
def test_both_judge_forgeries_alike_and_find_what_must_be_found(
    mutation: Callable[[Ledger, random.Random], None],
) -> None:
    truth = GOOD.file()
    for seed in range(EACH):
        by = random.Random(f"{mutation.__name__} {seed}")
        forged = Ledger([[*chain] for chain in GOOD.chains])
        mutation(forged, by)
        content = forged.file()
        said = ours(content)
        assert said == theirs(content), f"{mutation.__name__} {seed}"
        if mutation in ALWAYS_FOUND and content != truth:
            assert said[0] != 0, f"{mutation.__name__} {seed} was not found"


@pytest.mark.req("REQ-15")
def test_both_judge_several_forgeries_in_one_ledger_alike() -> None:
    for seed in range(EACH):
        by = random.Random(f"several {seed}")
        forged = Ledger([[*chain] for chain in GOOD.chains])
        for mutation in by.choices((mutations.forged_with_keys, mutations.replayed, mutations.header_wrong), k=3):
            if all(forgeable(chain) for chain in forged.chains):
                mutation(forged, by)
        content = forged.file()
        assert ours(content) == theirs(content), f"several {seed}"


def forgeable(chain: list[Any]) -> bool:
    """Whether every entry can still be read, so that it can be forged once more."""
    try:
        return all(value_of(entry.body) for entry in chain)
    except NotCanonicalError:
        return False


@pytest.mark.req("REQ-15", "REQ-68")
def test_both_judge_damaged_files_alike() -> None:
    truth = GOOD.file()
    for seed in range(2 * EACH):
        by = random.Random(f"damaged {seed}")
        content = damaged_file(copy.copy(truth), by)
        said = ours(content)
        assert said == theirs(content), f"damaged {seed}"
        assert content == truth or said[0] != 0, f"damaged {seed} was not found"
