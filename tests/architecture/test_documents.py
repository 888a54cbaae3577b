"""The documents against the tree: links that lead somewhere, commands that exist."""

import ast
import re
from pathlib import Path

from tests.architecture.tree import ROOT, label, parsed

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "build_spec").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
FOLDER_ROW = re.compile(r"^\| `([a-z_/]+/)` \|", re.M)


def commands_of_the_program() -> set[str]:
    for node in ast.walk(parsed(ROOT / "forensics_app" / "__main__.py")):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMMANDS":
            return set(ast.literal_eval(node.value))
    raise AssertionError("forensics_app/__main__.py names no COMMANDS")


def test_every_link_leads_to_a_file_of_ours() -> None:
    lost = [
        f"{label(document)}: {target}"
        for document in DOCUMENTS
        for target in LINK.findall(document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert lost == [], "\n".join(lost)


def test_the_readme_names_every_command_and_no_other() -> None:
    rows = re.findall(r"^\| `(?!forensics-app`)([a-z-]+)(?: [^`]*)?`", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert set(rows) == commands_of_the_program()


def test_the_folders_in_the_architecture_exist() -> None:
    told = FOLDER_ROW.findall((ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    assert len(told) > 10
    assert [folder for folder in told if not (ROOT / folder).is_dir()] == []


def test_the_files_to_begin_reading_at_exist() -> None:
    lost = []
    for line in (ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines():
        folder = FOLDER_ROW.match(line)
        names = re.findall(r"`([a-z_/]+\.py)`", line.rsplit("|", 2)[1]) if folder else []
        lost += [name for name in names if folder and not (ROOT / Path(folder[1]) / name).exists()]
    assert lost == []


def promises() -> list[str]:
    """The numbers of what is guaranteed in the threat model."""
    text = (ROOT / "THREAT_MODEL.md").read_text("utf-8")
    guaranteed = text.partition("## What is guaranteed")[2].partition("\n## ")[0]
    return re.findall(r"^(\d+)\. ", guaranteed, re.M)


def test_every_promise_of_the_threat_model_names_tests_that_exist() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (`.*`) \|$", (ROOT / "THREAT_MODEL.md").read_text("utf-8"), re.M))
    assert list(rows) == promises()
    assert promises() == [str(number) for number in range(1, len(promises()) + 1)]
    lost = []
    for number, named in rows.items():
        for path, name in (test.split("::") for test in re.findall(r"`([^`]+)`", named)):
            file = ROOT / "tests" / path
            defined = (
                {node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef)}
                if file.exists()
                else set()
            )
            lost += [] if name in defined else [f"{number}: {path}::{name}"]
    assert lost == [], "\n".join(lost)
