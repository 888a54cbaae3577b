"""The weaknesses of what was done, after SOLVE-IT, and only those mitigations that a record shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.model.dossier import Dossier, Operation, WriteBlock
from forensics_app.model.dossier_paper import Stationery
from forensics_app.reports.weaknesses import PROOFS, knowledge, shown, translated
from forensics_app.services.dossier_operations import CLOCK, KINDS, REPORT
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

IMAGE = "LH/01-I1"


def proved(dossier: Dossier, kind: str, subject: str) -> set[str]:
    weaknesses = knowledge().kinds[kind].weaknesses
    return {one.mitigation for weakness in weaknesses for one in shown(dossier, weakness, (subject,))}


def changed(dossier: Dossier, **fields: object) -> Dossier:
    return replace(dossier, images=(replace(dossier.images[0], **fields),))  # type: ignore[arg-type]


def stored(dossier: Dossier, digest: bytes | None) -> Dossier:
    return changed(dossier, digests=tuple(replace(check, stored=digest) for check in dossier.images[0].digests))


def sound() -> Dossier:
    """The sample with digests that agree, read again, and a second reader."""
    dossier = sample_dossier()
    digests = tuple(replace(check, stored=check.computed) for check in dossier.images[0].digests)
    compared = Operation(kind="compare", subject=IMAGE)
    return changed(replace(dossier, operations=(*dossier.operations, compared)), digests=digests, source="LH/01")


def test_the_shipped_part_is_whole_and_names_its_version_and_licence() -> None:
    known = knowledge()
    assert re.fullmatch(r"v\d+\.\d{4}-\d\d", known.version)
    for kind in known.kinds.values():
        for weakness in kind.weaknesses:
            assert set(weakness.mitigations) <= set(known.mitigations)
    assert set(known.shown_by) <= set(known.mitigations)
    assert set(known.shown_by.values()) == set(PROOFS)


def test_every_operation_that_the_ledger_tells_of_has_its_techniques() -> None:
    assert {*KINDS.values(), CLOCK, REPORT} == set(knowledge().kinds)


@pytest.mark.parametrize(
    ("kind", "mitigation", "without"),
    [
        ("acquire", "DFM-1007", lambda d: changed(d, write_block=WriteBlock(reason="none at hand"))),
        ("acquire", "DFM-1004", lambda d: replace(d, operations=d.operations[1:])),
        ("intake", "DFM-1009", lambda d: stored(d, None)),
        ("intake", "DFM-1009", lambda d: stored(d, b"another")),
        ("intake", "DFM-1021", lambda d: changed(d, digests=d.images[0].digests[-1:])),
        ("intake", "DFM-1070", lambda d: changed(d, digests=d.images[0].digests[:1])),
        ("intake", "DFM-1074", lambda d: changed(d, verifications=())),
        ("catalogue", "DFM-1052", lambda d: replace(d, operations=d.operations[:-1])),
        ("report", "DFM-1108", lambda d: replace(d, head=replace(d.head, issued_at=None))),
    ],
)  # fmt: skip
def test_a_mitigation_is_named_with_its_record_and_not_without(
    kind: str, mitigation: str, without: Callable[[Dossier], Dossier]
) -> None:
    subject = "LH/01" if kind == "acquire" else IMAGE
    assert mitigation in proved(sound(), kind, subject)
    assert mitigation not in proved(without(sound()), kind, subject)
    assert mitigation not in proved(sound(), kind, "LH/99") or kind == "report"


def test_the_report_prints_each_weakness_of_what_was_done_and_what_was_not_examined(tmp_path: Path) -> None:
    dossier = sound()
    text = Oracle(tmp_path).flat(rendered(dossier))
    printed = set(re.findall(r"DFW-\d{4}", text))
    done = {one.kind for one in dossier.operations}
    assert printed == {weakness.id for kind in done for weakness in knowledge().kinds[kind].weaknesses}
    assert "Inonesearch,piecesthatcouldnotbesearched:2." in text
    assert "LH/01-I1wasnotreadagainsinceitwastakenin." in text


def test_a_dossier_without_operations_claims_none(tmp_path: Path) -> None:
    text = Oracle(tmp_path).flat(rendered(bare_dossier()))
    assert "Nooperationisrecorded." in text
    assert "DFW-" not in text


@pytest.mark.req("REQ-33", "REQ-69")
def test_french_reports_say_every_weakness_in_french_and_others_in_the_words_of_the_source(tmp_path: Path) -> None:
    own = translated("fr")
    named = {weakness.id: weakness.name for kind in knowledge().kinds.values() for weakness in kind.weaknesses}
    assert own.keys() == named.keys()
    assert {one for one in own if own[one] == named[one]} == set()
    assert translated("ka") == translated("en") == {}
    dossier = replace(sample_dossier(), stationery=Stationery(language="fr"))
    flat = Oracle(tmp_path).flat(rendered(dossier))
    assert "".join(own["DFW-1121"].split()) in flat
    assert "".join(named["DFW-1121"].split()) not in flat
