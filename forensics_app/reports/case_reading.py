"""Reads a graph that :mod:`forensics_app.reports.case_uco` wrote; nothing that it says of the case is lost (REQ-56)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forensics_app.model.case_export import CaseExport, FileFacts
from forensics_app.model.dossier import (
    Authority,
    CaseFacts,
    CustodyEntry,
    CustodyLog,
    DigestCheck,
    Exhibit,
    ImageFacts,
    Laboratory,
    LedgerHead,
    Photo,
)
from forensics_app.reports.case_uco import HASH_NAMES, PROFILE
from forensics_app.reports.case_values import (
    PREFIX,
    ForeignCaseError,
    Json,
    UnreadableCaseError,
    literal,
    name_of,
    read,
)

_ALGORITHMS = {told: here for here, told in HASH_NAMES.items()}
_ENTRIES = name_of("entries")
_FOREIGN = "it was not written by this program's export, and a file of CASE from elsewhere cannot be read"


def read_case(content: bytes) -> CaseExport:
    """What the file tells of the case.

    Args:
        content: A file of JSON-LD.

    Raises:
        ForeignCaseError: Another program wrote it.
        UnreadableCaseError: It was not written by this program, was changed into something else, or is not whole.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableCaseError("it is no JSON") from error
    graph = document.get("@graph") if isinstance(document, dict) else None
    if not isinstance(graph, list):
        if isinstance(document, dict) and "@context" in document:
            raise ForeignCaseError(_FOREIGN)
        raise UnreadableCaseError("it holds no graph of CASE")
    if not any(name.startswith(PREFIX) for node in graph if isinstance(node, dict) for name in node):
        raise ForeignCaseError(_FOREIGN)
    return _Reader(graph).case()


class _Reader:
    """Follows the nodes of one graph."""

    def __init__(self, graph: list[Json]) -> None:
        self._nodes: dict[str, Json] = {}
        for node in graph:
            if not (isinstance(node, dict) and isinstance(node.get("@id"), str)):
                raise UnreadableCaseError("a thing in it has no @id, as none is that this program's export writes")
            if self._nodes.setdefault(node["@id"], node) is not node:
                raise UnreadableCaseError(f"two things bear the name {node['@id']}")

    def case(self) -> CaseExport:
        bundle = self._only("uco-core:Bundle")
        if bundle.get("fa:profile") != PROFILE:
            raise UnreadableCaseError(f"it was not written by this program in the form {PROFILE!r}")
        investigation = self._only("case-investigation:Investigation")
        records = list(self._of("case-investigation:ProvenanceRecord"))
        laboratory = self._node(bundle.get("uco-core:createdBy"))
        return CaseExport(
            report=_text(bundle, "fa:number"),
            made_at=_moment(bundle, "uco-core:objectCreatedTime"),
            laboratory=read(Laboratory, laboratory, name=_text(laboratory, "uco-core:name")),
            case=_case(investigation),
            questions=read(_Asked, investigation.get("fa:request")).questions,
            authorities=tuple(_authority(one) for one in self._of("case-investigation:Authorization")),
            exhibits=tuple(self._exhibit(one) for one in records if _ENTRIES not in one),
            images=tuple(self._image(one) for one in self._of("uco-observable:Image")),
            files=tuple(_file(one) for one in self._of("uco-observable:File")),
            custody=tuple(self._log(one) for one in records if _ENTRIES in one),
            ledger_heads=tuple(read(LedgerHead, one) for one in _listed(bundle, "fa:ledgerHeads")),
        )

    def _of(self, kind: str) -> Iterator[Json]:
        return (node for node in self._nodes.values() if node.get("@type") == kind)

    def _only(self, kind: str) -> Json:
        found = list(self._of(kind))
        if len(found) != 1:
            raise UnreadableCaseError(f"it holds {len(found)} of {kind} instead of one")
        return found[0]

    def _node(self, reference: Json) -> Json:
        node_id = reference.get("@id") if isinstance(reference, dict) else None
        if not (isinstance(node_id, str) and node_id in self._nodes):
            raise UnreadableCaseError("something that it refers to is not in it")
        return self._nodes[node_id]

    def _named(self, node: Json, name: str) -> str | None:
        """The name of what a property leads to."""
        return _text(self._node(node[name]), "uco-core:name") if name in node else None

    def _exhibit(self, record: Json) -> Exhibit:
        device: dict[str, Any] = {}
        if name_of("type") not in record:
            facet = _facet(self._node(_first(record, "uco-core:object")), "uco-observable:DeviceFacet")
            device = {
                "type": _text(facet, "uco-observable:deviceType"),
                "make": self._named(facet, "uco-observable:manufacturer"),
                "model": _text_or_none(facet, "uco-observable:model"),
                "serial": _text_or_none(facet, "uco-observable:serialNumber"),
            }
        return read(
            Exhibit,
            record,
            number=_text(record, "case-investigation:exhibitNumber"),
            root=_text_or_none(record, "case-investigation:rootExhibitNumber"),
            description=_text(record, "uco-core:description"),
            photos=tuple(read(Photo, one) for one in _listed(record, "fa:photos")),
            **device,
        )

    def _image(self, media: Json) -> ImageFacts:
        content = _facet(media, "uco-observable:ContentDataFacet")
        computed = dict(_digests(content))
        acts = (one for one in self._of("case-investigation:InvestigativeAction") if _gave(one, media["@id"]))
        act = next(acts, None)
        if act is None:
            raise UnreadableCaseError("it does not tell how an image was taken in")
        return read(
            ImageFacts,
            media,
            container=_text(_facet(media, "uco-observable:ImageFacet"), "uco-observable:imageType"),
            media_bytes=_count(content, "uco-observable:sizeInBytes"),
            digests=tuple(_check(one, computed) for one in _listed(media, "fa:digests")),
            operator=self._named(act, "uco-action:performer"),
            started_at=_moment_or_none(act, "uco-action:startTime"),
            ended_at=_moment_or_none(act, "uco-action:endTime"),
        )

    def _log(self, record: Json) -> CustodyLog:
        return CustodyLog(
            exhibit=_text(record, "case-investigation:exhibitNumber"),
            description=_text(record, "uco-core:description"),
            entries=tuple(self._entry(self._node(one)) for one in _listed(record, _ENTRIES)),
        )

    def _entry(self, act: Json) -> CustodyEntry:
        places = act.get("uco-action:location")
        return read(
            CustodyEntry,
            act,
            act=_text(act, "uco-core:name"),
            occurred_at=_moment_or_none(act, "uco-action:startTime"),
            entered_by=self._named(act, "uco-action:performer"),
            place=_text(self._node(places[0]), "uco-core:name") if isinstance(places, list) and places else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What of the request is read."""

    questions: tuple[str, ...]


def _case(node: Json) -> CaseFacts:
    return read(
        CaseFacts,
        node,
        title=_text(node, "uco-core:name"),
        offence=_text_or_none(node, "case-investigation:focus"),
        status=_text_or_none(node, "case-investigation:investigationStatus"),
        opened_at=_moment_or_none(node, "uco-core:startTime"),
    )


def _authority(node: Json) -> Authority:
    return read(
        Authority,
        node,
        instrument=_text(node, "case-investigation:authorizationType"),
        number=_text_or_none(node, "case-investigation:authorizationIdentifier"),
    )


def _file(node: Json) -> FileFacts:
    facet = _facet(node, "uco-observable:FileFacet")
    size = "uco-observable:sizeInBytes"
    return read(
        FileFacts,
        node,
        path=_text(facet, "uco-observable:filePath"),
        allocated=_text(facet, "uco-observable:allocationStatus") == "allocated",
        size_bytes=_count(facet, size) if size in facet else None,
        digests=tuple(_digests(_facet(node, "uco-observable:ContentDataFacet"))),
    )


def _digests(content: Json) -> Iterator[tuple[str, bytes]]:
    """The digests of a content, under the names that algorithms have here."""
    for one in _all(content, "uco-observable:hash"):
        name = _text(one, "uco-types:hashMethod")
        yield _ALGORITHMS.get(name, name), literal(bytes, one.get("uco-types:hashValue"), "uco-types:hashValue")


def _check(node: Json, computed: dict[str, bytes]) -> DigestCheck:
    algorithm = _text(node, "fa:algorithm")
    stored = literal(bytes, node["fa:stored"], "fa:stored") if "fa:stored" in node else None
    return DigestCheck(algorithm=algorithm, stored=stored, computed=computed.get(algorithm))


def _gave(act: Json, media_id: str) -> bool:
    results = act.get("uco-action:result")
    return isinstance(results, list) and {"@id": media_id} in results


def _facet(node: Json, kind: str) -> Json:
    for facet in _all(node, "uco-core:hasFacet"):
        if facet.get("@type") == kind:
            return facet
    raise UnreadableCaseError(f"a {kind} is missing")


def _all(node: Json, name: str) -> list[Json]:
    found = node.get(name, [])
    if not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise UnreadableCaseError(f"{name} is not what it must be")
    return found


def _first(node: Json, name: str) -> Json:
    found = _all(node, name)
    if not found:
        raise UnreadableCaseError(f"{name} is missing")
    return found[0]


def _listed(node: Json, name: str) -> list[Json]:
    found = node.get(name)
    if not isinstance(found, dict):
        raise UnreadableCaseError(f"{name} is missing")
    return _all(found, "@list")


def _text(node: Json, name: str) -> str:
    value = node.get(name)
    if not isinstance(value, str):
        raise UnreadableCaseError(f"{name} is missing")
    return value


def _text_or_none(node: Json, name: str) -> str | None:
    return _text(node, name) if name in node else None


def _count(node: Json, name: str) -> int:
    value = node.get(name)
    if type(value) is not int or value < 0:
        raise UnreadableCaseError(f"{name} is no count")
    return value


def _moment(node: Json, name: str) -> datetime:
    found: datetime = literal(datetime, node.get(name), name)
    return found


def _moment_or_none(node: Json, name: str) -> datetime | None:
    return _moment(node, name) if name in node else None
