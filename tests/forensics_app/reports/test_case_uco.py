"""CASE 1.4 as another program reads it, and as this one reads it back."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
import types
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from forensics_app.model.case_export import CaseExport
from forensics_app.model.dossier import Authority, CaseFacts, CustodyLog, DigestCheck, Dossier, Exhibit, ImageFacts
from forensics_app.reports.case_reading import read_case
from forensics_app.reports.case_uco import case_uco
from forensics_app.reports.case_values import UnreadableCaseError
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

SAMPLE = case_uco(sample_dossier())
PARTS = ("laboratory", "case", "authorities", "exhibits", "images", "custody", "ledger_heads")


def plain(value: Any) -> Any:
    """Nouns as tuples of their fields, and every sequence as a tuple, so that they can be compared."""
    if dataclasses.is_dataclass(value):
        return tuple((one.name, plain(getattr(value, one.name))) for one in dataclasses.fields(value))
    return tuple(map(plain, value)) if isinstance(value, list | tuple) else value


def without_pictures(dossier: Dossier) -> Dossier:
    """What of it an export holds: photographs by their digests alone."""
    exhibits = tuple(
        dataclasses.replace(one, photos=tuple(dataclasses.replace(photo, jpeg=None) for photo in one.photos))
        for one in dossier.exhibits
    )
    return dataclasses.replace(dossier, exhibits=exhibits)


def assert_whole(found: CaseExport, dossier: Dossier) -> None:
    for part in PARTS:
        assert plain(getattr(found, part)) == plain(getattr(without_pictures(dossier), part)), part
    assert found.questions == dossier.request.questions


def validated(content: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """What case_validate says; the ontology lies in its package, and nothing is fetched."""
    pytest.importorskip("case_utils", reason="case-utils is not installed")
    path = folder / "case.jsonld"
    path.write_bytes(content)
    command = [
        sys.executable,
        "-c",
        "from case_utils.case_validate import main; main()",
        "--built-version",
        "case-1.4.0",
        str(path),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.req("REQ-56")
def test_case_validate_passes_a_full_dossier_and_hostile_names(tmp_path: Path) -> None:
    dossier = sample_dossier()
    names = ("a\udc80b", "\x01\x02\t\n\r", "n" * 4_000, '"}],{"@id":"kb:x"}', "\u202egpj.exe", "=1+1", "")
    hostile = tuple(
        dataclasses.replace(dossier.files[0], path=f"/{name}", reference=f"H-{place}")
        for place, name in enumerate(names)
    )
    said = validated(case_uco(dataclasses.replace(dossier, files=(*dossier.files, *hostile))), tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Conforms: True" in said.stdout


def test_case_validate_is_a_judge_that_can_say_no(tmp_path: Path) -> None:
    document = json.loads(case_uco(sample_dossier()))
    record = next(one for one in document["@graph"] if "case-investigation:exhibitNumber" in one)
    record["case-investigation:exhibitNumber"] = ["LH/01", "LH/02"]
    assert validated(json.dumps(document).encode(), tmp_path).returncode != 0


@pytest.mark.req("REQ-56")
@pytest.mark.parametrize("dossier", [sample_dossier(), bare_dossier()], ids=["full", "bare"])
def test_what_was_exported_is_read_back_whole(dossier: Dossier) -> None:
    assert_whole(read_case(case_uco(dossier)), dossier)


def test_equal_dossiers_give_equal_bytes() -> None:
    assert case_uco(sample_dossier()) == case_uco(sample_dossier())


def test_every_thing_that_is_referred_to_is_in_the_graph() -> None:
    graph = json.loads(case_uco(sample_dossier()))["@graph"]
    assert set(_references(graph)) <= {one["@id"] for one in graph}


def test_no_picture_leaves_with_the_graph() -> None:
    dossier = sample_dossier()
    content = case_uco(dossier)
    jpegs = [file.thumbnail_jpeg for file in dossier.files] + [
        photo.jpeg for exhibit in dossier.exhibits for photo in exhibit.photos
    ]
    assert any(jpegs)
    assert all(jpeg.hex().upper().encode() not in content for jpeg in jpegs if jpeg)


# Any dossier at all, made from the types of its fields, so that a field that is added is tried without a word here.

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2900, 1, 1), timezones=OFFSETS)  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(0, 2**63),
    bool: st.booleans(),
    bytes: st.binary(min_size=1, max_size=32),
    datetime: MOMENTS,
    date: st.dates(),
}


def made(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the model."""
    if get_origin(hint) in (Union, types.UnionType):
        return st.one_of(*(st.none() if one is types.NoneType else made(one) for one in get_args(hint)))
    if get_origin(hint) in (tuple, Sequence):
        inner = get_args(hint)
        if len(inner) == 2 and inner[1] is not Ellipsis:
            return st.tuples(*map(made, inner))
        return st.lists(made(inner[0]), max_size=2).map(tuple)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return st.builds(hint, **{one.name: made(hints[one.name]) for one in dataclasses.fields(hint)})
    return PLAIN[hint]


def images() -> st.SearchStrategy[tuple[ImageFacts, ...]]:
    """Images whose algorithms are told once each, as they are computed here."""
    digests = st.fixed_dictionaries({name: st.tuples(made(bytes | None), made(bytes | None)) for name in ALGORITHMS})
    checks = digests.map(
        lambda found: tuple(DigestCheck(algorithm=name, stored=one, computed=two) for name, (one, two) in found.items())
    )
    hints = get_type_hints(ImageFacts)
    fields = {one.name: made(hints[one.name]) for one in dataclasses.fields(ImageFacts)}
    one = st.builds(ImageFacts, **{**fields, "digests": checks, "exhibit": st.uuids().map(str)})
    return st.lists(one, max_size=2).map(tuple)


ALGORITHMS = ("MD5", "SHA-1", "SHA-256")


@pytest.mark.req("REQ-56")
@seed(56)
@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_case_is_read_back_whole(data: st.DataObject) -> None:
    exhibits = data.draw(st.lists(made(Exhibit), max_size=3, unique_by=lambda one: one.number))
    logs = data.draw(
        st.lists(made(CustodyLog), max_size=2, unique_by=lambda one: one.exhibit).filter(_tells_each_entry_once)
    )
    dossier = dataclasses.replace(
        bare_dossier(),
        case=data.draw(made(CaseFacts)),
        authorities=data.draw(made(tuple[Authority, ...])),
        exhibits=tuple(exhibits),
        images=data.draw(images()),
        custody=tuple(logs),
    )
    assert_whole(read_case(case_uco(dossier)), dossier)


def _tells_each_entry_once(logs: list[CustodyLog]) -> bool:
    return all(len({(one.sequence, one.digest) for one in log.entries}) == len(log.entries) for log in logs)


# Files that are none.


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no graph"),
        (b'{"@graph": []}', "not written by this program's export"),
        (b'{"@context": {}, "@id": "kb:bundle", "@type": "uco-core:Bundle"}', "not written by this program's export"),
        (b'{"@graph": [{"@id": "a", "fa:number": "1"}]}', "0 of uco-core:Bundle"),
        (b'{"@graph": [{"fa:number": "1"}]}', "a thing in it has no @id"),
        (b'{"@graph": [{"@id": "a", "@type": "uco-core:Bundle"}]}', "not written by this program"),
    ],
)
def test_what_this_program_did_not_write_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableCaseError, match=words):
        read_case(content)


def test_a_file_that_ends_too_early_is_refused() -> None:
    content = case_uco(sample_dossier())
    for length in range(0, len(content) - 4, 997):
        with pytest.raises(UnreadableCaseError):
            read_case(content[:length])


def test_a_node_taken_out_or_of_another_kind_is_refused_or_changes_what_is_read() -> None:
    """Never a part that is silently not there: each node is missed, or what it told is."""
    document = json.loads(case_uco(sample_dossier()))
    whole = plain(read_case(json.dumps(document).encode()))
    kinds = ("InvestigativeAction", "ProvenanceRecord", "Image", "Authorization")
    for place, node in enumerate(document["@graph"]):
        if not node["@type"].endswith(kinds):
            continue
        graph = [*document["@graph"][:place], *document["@graph"][place + 1 :]]
        try:
            found = read_case(json.dumps({"@graph": graph}).encode())
        except UnreadableCaseError:
            continue
        assert plain(found) != whole, node["@type"]


@seed(57)
@settings(max_examples=100, deadline=None, database=None)
@given(st.data())
def test_a_changed_file_never_ends_in_another_error(data: st.DataObject) -> None:
    document = json.loads(SAMPLE)
    node = data.draw(st.sampled_from(document["@graph"]))
    name = data.draw(st.sampled_from(sorted(node)))
    node[name] = data.draw(st.sampled_from([None, 0, -1, "", [], {}, [1], {"@list": [1]}, {"@id": "kb:none"}, True]))
    with contextlib.suppress(UnreadableCaseError):
        read_case(json.dumps(document).encode())


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return [value["@id"]]
        return [one for inner in value.values() for one in _references(inner)]
    return [one for inner in value for one in _references(inner)] if isinstance(value, list) else []
