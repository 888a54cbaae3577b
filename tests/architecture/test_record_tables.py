"""Every act of the services that writes rows of the record stands in the verifiers' table of who writes what.

An act that is forgotten there is refused where it is tried, at a customer; so whoever adds a function that writes rows
names here by which acts it does so, and these pairs are the table, no more and no less.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Table

import forensics_app
from chain_of_custody.record_tables import ENDS, STEP, TABLES
from forensics_app.db import tables

PACKAGE = Path(forensics_app.__file__).parent
TOLD_BY: dict[str, tuple[str, ...]] = {
    "audits.record": ("room.audit",),
    "case_imports._record_seizure": (STEP, "custody.seize"),
    "cases.create_in": ("case.open",),
    "cases._change": ("case.legal_basis", "case.override", "case.change", "case.close"),
    "catalogues._record": ("image.catalogue",),
    "competence.record": ("person.training",),
    "competence.withdraw": ("person.training_withdrawn",),
    "competence_rules.insert_assignment": ("case.open", "case.assign"),
    "custody._record": (STEP,),
    "desk._record": ("desk.approve", "desk.return"),
    "disposals.propose": ("custody.propose_disposal",),
    "disposals.approve": ("disposal.approve",),
    "disposals.reject": ("custody.reject_disposal",),
    "disposals._carry_out": ENDS,
    "draft_record.write_new": ("report.draft",),
    "draft_record.write_changes": ("report.edit",),
    "drafts.submit": ("report.submit",),
    "drafts._review": ("report.approve", "report.return"),
    "drafts._end_or_back": ("report.recall", "report.discard"),
    "examine.choose": ("file.choose",),
    "examine.withdraw": ("file.withdraw",),
    "exhibits.correct": ("exhibit.correct",),
    "exhibits.insert_photo": ("exhibit.photo",),
    "exhibits._seize": (STEP, "custody.seize"),
    "exhibits.insert_exhibit": ("exhibit.add", "exhibit.derive", "image.intake"),
    "exporting._record": ("file.export",),
    "findings.add": ("finding.add", "bookmark.add"),
    "findings.withdraw": ("finding.withdraw", "bookmark.withdraw"),
    "hash_sets.remove": ("hash_set.remove",),
    "hash_sets._record": ("hash_set.add",),
    "holds.place": ("hold.place",),
    "holds.lift": ("hold.lift",),
    "incident_rows.insert_incident": (
        STEP, "image.intake", "exhibit.correct", "exhibit.correct_step", "incident.raise",
    ),
    "incidents.close": ("incident.close",),
    "intake.decide": ("image.decision",),
    "intake._record": ("image.intake",),
    "intake.record_check": ("image.check",),
    "intake.mark_failed": ("image.check", "image.check_part"),
    "media._own_case": ("case.open",),
    "notes.add": ("note.add", "note.addendum"),
    "offers.offer": ("transfer.offer",),
    "offers.accept": (STEP,),
    "offers._answer": (STEP, "transfer.refuse", "transfer.withdraw"),
    "outsiders.add": ("outsider.add",),
    "outsiders.change": ("outsider.change",),
    "outsiders.end": ("outsider.end",),
    "papers.insert_papers": (STEP,),
    "particulars.change_particulars": ("exhibit.particulars",),
    "particulars.insert_detail": ("exhibit.add", "exhibit.particulars"),
    "people.revoke": ("person.revoke",),
    "people.create_lab_record": ("person.enrol",),
    "people._enrol": ("person.enrol",),
    "person_keys._store": ("key.replace", "person.passphrase"),
    "places.add": ("place.add",),
    "places.change": ("place.change",),
    "places.close": ("place.close",),
    "principles.deviate": ("case.deviation",),
    "reporting._record": ("report.issue",),
    "scenes.begin": ("scene.begin",),
    "scenes.answer": ("scene.answer",),
    "scenes.add_photo": ("scene.photo",),
    "scenes.add_capture": ("scene.capture",),
    "scenes.close": ("scene.close",),
    "seal_opening.begin_with_part": (STEP,),
    "step_corrections.correct_step": ("exhibit.correct_step",),
    "step_findings.insert_deviation": (STEP, "image.intake", "exhibit.correct_step"),
    "tags.make": ("tag.make",),
    "tags.change": ("tag.change",),
    "tags.retire": ("tag.retire",),
    "tags._insert": ("tag.put",),
    "tags.remove": ("tag.remove",),
    "tools.add": ("tool.add",),
    "tools.validate": ("tool.validate",),
    "unlocking.keep": ("key.keep",),
    "unlocking.remove": ("key.remove",),
}  # fmt: skip
"""By function that writes rows: the acts whose entries tell of these rows."""


@dataclass(frozen=True)
class Write:
    """A place in the program where a row is made or changed; the columns as far as they are written out there."""

    by: str
    is_new: bool
    table: str
    columns: frozenset[str]


def writes() -> Iterator[Write]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for function in functions_of(ast.parse(path.read_text("utf-8"))):
            for node in ast.walk(function):
                if (write := write_of(node, f"{path.stem}.{function.name}")) is not None:
                    yield write


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        for one in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(one, ast.FunctionDef):
                yield one


def write_of(node: ast.AST, by: str) -> Write | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1):
        return None
    first = node.args[0]
    table = getattr(tables, first.id, None) if isinstance(first, ast.Name) else None
    if node.func.attr not in ("insert", "update") or not isinstance(table, Table):
        return None
    last = node.args[-1]
    keys = last.keys if isinstance(last, ast.Dict) else []
    columns = frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
    return Write(by=by, is_new=node.func.attr == "insert", table=table.name, columns=columns)


WRITES = tuple(writes())


def act_in(write: Write, act: str) -> str:
    """An act as the table has it: an exhibit is changed by every step, whatever it is, but for what a seizure adds."""
    changes_exhibit = write.table == "exhibit" and act.startswith("custody.") and act != "custody.seize"
    return STEP if changes_exhibit else act


@pytest.mark.req("REQ-68")
def test_every_function_that_writes_rows_says_by_which_acts() -> None:
    assert {write.by for write in WRITES} == set(TOLD_BY)


@pytest.mark.req("REQ-68")
def test_the_acts_of_the_services_are_those_of_the_table_and_no_others() -> None:
    made, changed = set[tuple[str, str]](), set[tuple[str, str]]()
    for write in WRITES:
        told = {(write.table, act_in(write, act)) for act in TOLD_BY[write.by]}
        (made if write.is_new else changed).update(told)
    assert made == {(name, act) for name, table in TABLES.items() for act in table.made}
    assert changed == {(name, act) for name, table in TABLES.items() for act in table.changed}


@pytest.mark.req("REQ-68")
def test_each_act_may_change_the_columns_that_the_services_write_by_it() -> None:
    for write in WRITES:
        if write.is_new:
            continue
        allowed = [TABLES[write.table].changed[act_in(write, act)] for act in TOLD_BY[write.by]]
        together = {column for columns in allowed for column in columns}
        assert write.columns <= together, write
