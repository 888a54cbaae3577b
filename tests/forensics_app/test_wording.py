"""Every act that the program writes has words: nobody reads the name of an action on a screen or on paper."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from forensics_app.model.corrections import EXHIBIT_CORRECTABLE, STEP_ALWAYS, STEP_WHERE_TOLD
from forensics_app.model.dossier_paper import LANGUAGES
from forensics_app.model.wording import ACTS, EVENTS
from forensics_app.reports.wording import catalogue
from forensics_app.services.dossier_custody import REMARKS

ROOT = Path(__file__).parents[2]
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
KINDS = frozenset(action.partition(".")[0] for action in ACTS)


def actions() -> set[str]:
    """What looks like an action wherever entries are written or judged; steps of custody have words of their own."""
    found = set()
    for folder in ("forensics_app/services", "forensics_app/model", "chain_of_custody"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value):
                    found.add(node.value)
    files = {name for name in found if name.endswith((".db", ".json", ".jsonl", ".lock", ".events", ".pdf", ".txt"))}
    return {name for name in found - files if name.partition(".")[0] in KINDS and not name.startswith("custody.")}


def test_every_act_has_words() -> None:
    found = actions()
    assert {"case.open", "image.intake", "report.submit", "certificate.issue", "person.enrol"} <= found
    assert sorted(found - ACTS.keys()) == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_reports_say_every_act_in_their_language(language: str) -> None:
    own = catalogue(language).tables["words"]
    assert [words for words in (*ACTS.values(), *EVENTS.values()) if words not in own] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_reports_say_what_a_step_told_and_what_was_corrected_in_their_language(language: str) -> None:
    own = catalogue(language).tables["words"]
    names = (*EXHIBIT_CORRECTABLE, *STEP_ALWAYS, *STEP_WHERE_TOLD)
    words = {*REMARKS.values(), *(name.replace("_", " ").capitalize() for name in names)}
    assert words - own.keys() == set()


def test_every_text_that_a_report_asks_for_by_its_english_is_in_the_french_catalogue() -> None:
    """The others are held to the French one."""
    own, asked = catalogue("fr").tables["words"], set()
    reports, services = ROOT / "forensics_app/reports", ROOT / "forensics_app/services"
    pictures = {services / f"{name}.py" for name in ("custody_forms", "drawn_signatures", "kept_photos")}
    for path in sorted({*reports.glob("*.py"), *services.glob("dossier*.py"), *pictures}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") in ("say", "Told", "Column"):
                asked |= {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
    texts = {text for text in asked if isinstance(text, str) and " " in text.strip()}
    assert len(texts) > 100
    assert texts - own.keys() == set()
