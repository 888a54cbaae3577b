"""Custody forms, labels and blocks of signatures in the languages of reports."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import resources
from chain_of_custody.seals import SealCondition
from forensics_app.model.custody import NOT_SIGNED, ON_PAPER, ON_SCREEN
from forensics_app.model.dossier_paper import LANGUAGES, Stationery
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.label import SHEETS
from forensics_app.reports.signed_block import signed_block
from forensics_app.reports.wording import DRAFT_WORDS, catalogue
from tests.builders import Bench, make_bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_custody_forms import in_the_lab

pytestmark = pytest.mark.req("REQ-21", "REQ-69")

ROOT = Path(__file__).parents[3]
OTHERS = tuple(language for language in LANGUAGES if language != "en")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Exhibit]]:
    bench = make_bench(tmp_path_factory.mktemp("forms") / "lab")
    exhibit = in_the_lab(bench, bench.case())
    told = {"power_state": "on, locked", "marks": "Scratched lid", "owner": "not available: not told at the scene"}
    bench.lab.exhibits.tell(bench.custodian, exhibit.id, told)
    taken = {"purpose": "Examination", "place": "Bench 2", "seal_check": "broken or opened", "seal_remarks": "Torn"}
    bench.lab.custody.hand_over(bench.examiner, bench.custodian, bench.request(exhibit, "hand_over", fields=taken))
    yield bench, exhibit
    bench.lab.close()


def printed_by_the_form() -> set[str]:
    """The texts that forms, labels and blocks ask for: what they say, and what stands in their tables of labels."""
    found = set()
    for name in ("custody_form", "form_events", "form_signatures", "labels", "signed_block"):
        tree = ast.parse((ROOT / f"forensics_app/reports/{name}.py").read_text(encoding="utf-8"))
        documents = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in documents:
                found.add(node.value)
    return {one for one in found if re.match(r"[A-Z{][^\n]*[a-z}]", one) and not one.endswith((".\n", "%S"))}


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_forms_labels_and_blocks_is_in_each_catalogue(language: str) -> None:
    own = catalogue(language).tables["words"]
    conditions = {*map(str, SealCondition), *(f"{{name}}{one}" for one in (ON_PAPER, ON_SCREEN, NOT_SIGNED))}
    assert conditions - own.keys() == set()
    tree = printed_by_the_form()
    documents = {one for one in tree if one.endswith(".") and one not in own}
    assert len(tree) > 90
    assert {one for one in documents if "{" in one} == set()
    assert {one for one in tree - own.keys() - documents if len(one) > 1} == {"{name}"} & tree


@pytest.mark.parametrize("language", OTHERS)
def test_every_field_of_a_device_and_every_answer_is_in_each_catalogue(language: str) -> None:
    own = catalogue(language).tables["words"]
    told = tomllib.loads(resources.path("guidance/devices.toml").read_text(encoding="utf-8"))
    fields = [*told["common"]["field"], *(field for device in told["device"] for field in device.get("field", []))]
    asked = {one for field in fields for one in (field["label"], *field.get("choices", []))}
    names = {"HPA", "DCO", "PIN", "LUKS", "FileVault", "Faraday"}  # are called so in every language
    assert len(asked) > 100
    assert asked - own.keys() - names == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_form_is_printed_in_its_language_and_keeps_what_people_wrote(
    made: tuple[Bench, Exhibit], language: str, tmp_path: Path
) -> None:
    bench, exhibit = made
    own = {name: str(text) for name, text in catalogue(language).tables["words"].items()}
    oracle = Oracle(tmp_path)
    pdf = bench.lab.custody_forms.pdf(exhibit.case_id, exhibit.id, "Tomasz Lis", language)
    assert "No syntax" in oracle.check(pdf)
    flat = oracle.flat(pdf)
    for english in ("Chain of custody form", "Released by", "Witness", "Signatures in ink", "LAST ITEM.", "Entered by",
                    "Nothing changed hands.", "Checked out", "SEIZED"):  # fmt: skip
        assert english.replace(" ", "") not in flat, english
    for english in ("Chain of custody form", "Released by", "SEIZED", "Checked out", "broken or opened", "on, locked",
                    "Colour, marks, damage", "Power and lock state", "laptop"):  # fmt: skip
        if english in own:
            assert re.sub(r"\s", "", own[english]) in flat, own[english]
    for kept in ("Laptop,LenovoThinkPadT14", "Scratchedlid", "nottoldatthescene", "TomaszLis", "0048812", "Torn"):
        assert kept in flat
    entries = bench.lab.custody.history(exhibit.id)
    assert all(event.digest.hex() in flat for event in entries)
    assert re.sub(r"\s", "", DRAFT_WORDS) in flat, "nobody has reviewed these words"
    assert oracle.overlaps(pdf) == []
    assert oracle.info(pdf)["Title"].startswith(own["Chain of custody form"])


@pytest.mark.parametrize("language", OTHERS)
def test_labels_are_printed_in_their_language(made: tuple[Bench, Exhibit], language: str, tmp_path: Path) -> None:
    bench, exhibit = made
    own = {name: str(text) for name, text in catalogue(language).tables["words"].items()}
    oracle = Oracle(tmp_path)
    pdf = bench.lab.labels.pdf(exhibit.case_id, [], SHEETS["3x8"], language=language)
    flat = oracle.flat(pdf)
    assert re.sub(r"\s", "", own["Case {number}"].format(number="2026-0147")) in flat
    assert re.sub(r"\s", "", own["Seal {number}"].format(number="0048812")) in flat
    assert "Seal0048812" not in flat
    assert oracle.overlaps(pdf) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_of_a_signature_is_in_the_language_of_the_report(language: str, tmp_path: Path) -> None:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    pdf = signed_block("Ana Kovač", "ab" * 32, "Digital laboratory", at, Stationery(language=language))
    flat = Oracle(tmp_path).flat(pdf)
    english = "Digitally signed by {name}"
    own = english if language == "en" else str(catalogue(language).tables["words"][english])
    assert re.sub(r"\s", "", own.format(name="Ana Kovač")) in flat
    assert "2026-11-2312:00:00UTC" in flat


def test_a_laboratory_s_own_words_stand_on_its_forms_and_labels(made: tuple[Bench, Exhibit], tmp_path: Path) -> None:
    bench, exhibit = made
    words = '[words]\n"Victim" = "Personne lésée"\n"Case {number}" = "Dossier {number}"\n'
    path = bench.lab.folder.made_stationery() / "texts-fr.toml"
    path.write_text(f'reviewed_by = "A. Martin, 2026-11-01"\n{words}', encoding="utf-8")
    oracle = Oracle(tmp_path)
    flat = oracle.flat(bench.lab.custody_forms.pdf(exhibit.case_id, exhibit.id, language="fr"))
    labels = oracle.flat(bench.lab.labels.pdf(exhibit.case_id, [], SHEETS["3x8"], language="fr"))
    path.unlink()
    assert "Personnelésée" in flat
    assert re.sub(r"\s", "", DRAFT_WORDS) not in flat, "the laboratory has reviewed them"
    assert "Dossier2026-0147" in labels
