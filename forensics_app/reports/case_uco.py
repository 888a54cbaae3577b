"""Renders a dossier as a graph of CASE 1.4 and UCO 1.4 in JSON-LD, for other systems and for another lab (REQ-56).

What CASE has a class and a property for stands there; what it has none for (seals, states of custody, digests of
entries) stands beside it in a namespace of our own, ``fa:``. Nothing stands twice, but relations, which follow from it.
Thumbnails, photographs and long lists of files are left out. Equal dossiers give equal bytes; the name of every thing
is a UUID computed from the chain of the case.

Sources: the ontologies of CASE 1.4.0 and UCO 1.4.0, https://caseontology.org.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from forensics_app.model.dossier import (
    Authority,
    ChosenFile,
    CustodyEntry,
    CustodyLog,
    Dossier,
    Exhibit,
    FileTime,
    ImageFacts,
    Person,
)
from forensics_app.reports.case_values import Json, digest, moment, own, text
from forensics_app.reports.unsigned import UNSIGNED, is_drawn_again

Value = TypeVar("Value")

PROFILE = "forensics-app case 1"
"""What the file says of its own form; a reader knows by it whether it can read it."""

NAMES = UUID("0bd6e2e6-8f0e-5c3b-9a1d-0f5d5a5b3c56")
CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "fa": "urn:x-forensics-app:case:1:",
    "kb": "urn:uuid:",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
HASH_NAMES = {"MD5": "MD5", "SHA-1": "SHA1", "SHA-256": "SHA256", "SHA-512": "SHA512"}
"""Names of algorithms here, and in UCO's vocabulary."""

_FILE_TIMES = {
    "Modified": "uco-observable:modifiedTime",
    "Accessed": "uco-observable:accessedTime",
    "Entry changed": "uco-observable:metadataChangeTime",
    "Created": "uco-observable:observableCreatedTime",
}
_MICROSECOND_NS = 1_000
_LAST_NS = 253_402_300_800 * 1_000_000_000
_FIRST_NS = -62_135_596_800 * 1_000_000_000
_DEVICES = frozenset(
    {"computer", "storage medium", "mobile device", "SIM or memory card", "network device", "CCTV, vehicle or IoT"}
)


def case_uco(dossier: Dossier) -> bytes:
    """The graph as a file of JSON-LD in UTF-8.

    Args:
        dossier: What a report says; its long lists of files are not read.
    """
    graph = _Graph(dossier).nodes()
    document = {"@context": CONTEXT, "@graph": graph}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


class _Graph:
    """Makes the nodes; each has its place, so that equal dossiers give equal graphs."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        chains = [head.chain_id for head in dossier.ledger_heads if head.chain.startswith("Case ")]
        self._chain = chains[0] if chains else dossier.case.number
        self._images = frozenset(image.exhibit for image in dossier.images)
        self._exhibits = frozenset(exhibit.number for exhibit in dossier.exhibits)
        self._known: dict[str, Json] = {}

    def nodes(self) -> list[Json]:
        dossier = self._dossier
        for person in self._named():
            self._know(self._person(person))
        things = [
            *(self._authority(place, one) for place, one in enumerate(dossier.authorities)),
            *(node for one in dossier.exhibits for node in self._exhibit(one)),
            *(node for one in dossier.images for node in self._image(one)),
            *(node for log in dossier.custody for node in self._custody(log)),
            *(node for one in dossier.files for node in self._file(one)),
        ]
        laboratory = self._laboratory()
        things += [laboratory, self._program(), *self._known.values()]
        investigation = self._investigation(things)
        return [self._bundle(investigation, laboratory), investigation, *things]

    def _named(self) -> Iterable[Person]:
        """Everybody whom the dossier describes; who is first, is described."""
        dossier = self._dossier
        yield dossier.author
        if dossier.reviewer:
            yield dossier.reviewer
        yield dossier.request.requester
        yield from dossier.people

    def _id(self, kind: str, *key: str) -> str:
        return f"kb:{uuid5(NAMES, json.dumps([self._chain, kind, *key]))}"

    def _bundle(self, investigation: Json, laboratory: Json) -> Json:
        """What the file says of itself."""
        dossier = self._dossier
        return {
            "@id": self._id("bundle", dossier.head.number, str(dossier.head.version)),
            "@type": "uco-core:Bundle",
            "uco-core:name": text(dossier.head.title),
            "uco-core:specVersion": "1.4.0",
            "uco-core:objectCreatedTime": moment(dossier.head.made_at),
            "uco-core:createdBy": {"@id": laboratory["@id"]},
            "uco-core:object": [{"@id": investigation["@id"]}],
            "fa:profile": PROFILE,
            "fa:isDraft": dossier.is_draft,
            **({"uco-core:description": UNSIGNED} if is_drawn_again(dossier) else {}),
            **own(dossier.head, but=("title", "made_at")),
            "fa:author": {"@id": self._somebody(dossier.author.name)},
            **({"fa:reviewer": {"@id": self._somebody(dossier.reviewer.name)}} if dossier.reviewer else {}),
            **({"fa:limitations": {"@list": limits}} if (limits := list(map(text, dossier.limitations))) else {}),
            "fa:ledgerHeads": {"@list": [own(one) for one in dossier.ledger_heads]},
        }

    def _investigation(self, things: list[Json]) -> Json:
        case = self._dossier.case
        authorities = [{"@id": one["@id"]} for one in things if one["@type"] == "case-investigation:Authorization"]
        return {
            "@id": self._id("case"),
            "@type": "case-investigation:Investigation",
            "uco-core:name": text(case.title),
            "case-investigation:investigationForm": "case",
            **_told("case-investigation:focus", case.offence, text),
            **_told("case-investigation:investigationStatus", case.status, text),
            **_told("uco-core:startTime", case.opened_at, moment),
            **own(case, but=("title", "offence", "status", "opened_at")),
            "fa:request": own(self._dossier.request, but=("requester",)),
            "fa:requester": {"@id": self._somebody(self._dossier.request.requester.name)},
            "case-investigation:relevantAuthorization": authorities,
            "uco-core:object": [{"@id": one["@id"]} for one in things],
        }

    def _authority(self, place: int, one: Authority) -> Json:
        return {
            "@id": self._id("authority", str(place)),
            "@type": "case-investigation:Authorization",
            "case-investigation:authorizationType": text(one.instrument),
            **_told("case-investigation:authorizationIdentifier", one.number, text),
            **own(one, but=("instrument", "number")),
        }

    def _laboratory(self) -> Json:
        one = self._dossier.laboratory
        return {
            "@id": self._id("laboratory", one.name),
            "@type": "uco-identity:Organization",
            "uco-core:name": text(one.name),
            **own(one, but=("name",)),
        }

    def _program(self) -> Json:
        one = self._dossier.program
        return {
            "@id": self._id("program", one.name, one.version),
            "@type": "uco-tool:Tool",
            "uco-core:name": text(one.name),
            "uco-tool:version": text(one.version),
            **own(one, but=("name", "version")),
        }

    def _person(self, person: Person) -> Json:
        return {
            "@id": self._id("person", person.name),
            "@type": "uco-identity:Person",
            "uco-core:name": text(person.name),
            **own(person, but=("name",)),
        }

    def _know(self, node: Json) -> str:
        """Keep a node that many lead to; returns its id."""
        self._known.setdefault(node["@id"], node)
        return str(node["@id"])

    def _somebody(self, name: str) -> str:
        """The node of a person, of whom there may be nothing but a name."""
        return self._know(self._person(Person(name=name)))

    def _person_link(self, name: str) -> Json:
        return {"@id": self._somebody(name)}

    def _maker_link(self, name: str) -> Json:
        node = {"@id": self._id("maker", name), "@type": "uco-identity:Organization", "uco-core:name": text(name)}
        return {"@id": self._know(node)}

    def _place_links(self, name: str) -> list[Json]:
        node = {"@id": self._id("place", name), "@type": "uco-location:Location", "uco-core:name": text(name)}
        return [{"@id": self._know(node)}]

    def _thing(self, number: str) -> str:
        """The node of an exhibit: the media of an image; made here where the dossier only names it."""
        if number in self._images:
            return self._id("media", number)
        node_id = self._id("thing", number)
        if number not in self._exhibits:
            self._know({"@id": node_id, "@type": "uco-observable:ObservableObject", "uco-core:name": text(number)})
        return node_id

    def _exhibit(self, one: Exhibit) -> list[Json]:
        """The thing and the record of its provenance; of an image, the media is the thing."""
        is_image = one.number in self._images
        elsewhere = ("number", "root", "description", "photos")
        record = {
            "@id": self._id("exhibit", one.number),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": text(one.number),
            **_told("case-investigation:rootExhibitNumber", one.root, text),
            "uco-core:description": text(one.description),
            **own(one, but=elsewhere if is_image else (*elsewhere, "type", "make", "model", "serial")),
            "fa:photos": {"@list": [own(photo, but=("jpeg",)) for photo in one.photos]},
            "uco-core:object": [{"@id": self._thing(one.number)}],
        }
        derived = [] if one.parent is None else [self._relation("Derived_From", self._thing(one.number), one.parent)]
        return [*([] if is_image else [self._device(one)]), record, *derived]

    def _device(self, one: Exhibit) -> Json:
        facet = {
            "@id": self._id("facet of device", one.number),
            "@type": "uco-observable:DeviceFacet",
            "uco-observable:deviceType": text(one.type),
            **_told("uco-observable:manufacturer", one.make, self._maker_link),
            **_told("uco-observable:model", one.model, text),
            **_told("uco-observable:serialNumber", one.serial, text),
        }
        return {
            "@id": self._id("thing", one.number),
            "@type": "uco-observable:Device" if one.type in _DEVICES else "uco-observable:ObservableObject",
            "uco-core:name": text(one.number),
            "uco-core:hasFacet": [facet],
        }

    def _relation(self, kind: str, source: str, target: str) -> Json:
        """That the thing ``source``, a node, stands so to the exhibit ``target``."""
        return {
            "@id": self._id("relation", kind, source, target),
            "@type": "uco-observable:ObservableRelationship",
            "uco-core:source": {"@id": source},
            "uco-core:target": {"@id": self._thing(target)},
            "uco-core:kindOfRelationship": kind,
            "uco-core:isDirectional": True,
        }

    def _image(self, one: ImageFacts) -> list[Json]:
        """The media that an image holds, and the act of taking it in."""
        hashes = [
            {
                "@id": self._id("digest", one.exhibit, check.algorithm),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": HASH_NAMES.get(check.algorithm, text(check.algorithm)),
                "uco-types:hashValue": digest(check.computed),
            }
            for check in one.digests
            if check.computed is not None
        ]
        stored = [
            {
                "fa:algorithm": text(check.algorithm),
                **({"fa:stored": digest(check.stored)} if check.stored is not None else {}),
            }
            for check in one.digests
        ]
        content = {
            "@id": self._id("facet of content", one.exhibit),
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:sizeInBytes": one.media_bytes,
            "uco-observable:hash": hashes,
        }
        facet = {
            "@id": self._id("facet of image", one.exhibit),
            "@type": "uco-observable:ImageFacet",
            "uco-observable:imageType": text(one.container),
        }
        elsewhere = ("container", "media_bytes", "digests", "operator", "started_at", "ended_at")
        media = {
            "@id": self._id("media", one.exhibit),
            "@type": "uco-observable:Image",
            "uco-core:name": text(one.exhibit),
            "uco-core:hasFacet": [content, facet],
            "fa:digests": {"@list": stored},
            **own(one, but=elsewhere),
        }
        copied = [] if one.source is None else [self._relation("Copied_From", media["@id"], one.source)]
        return [media, self._intake(one), *copied]

    def _intake(self, one: ImageFacts) -> Json:
        program = self._dossier.program
        return {
            "@id": self._id("intake", one.exhibit),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "Image taken in and verified",
            **_told("uco-action:startTime", one.started_at, moment),
            **_told("uco-action:endTime", one.ended_at, moment),
            **_told("uco-action:performer", one.operator, self._person_link),
            "uco-action:instrument": [{"@id": self._id("program", program.name, program.version)}],
            "uco-action:object": [{"@id": self._thing(one.source)}] if one.source is not None else [],
            "uco-action:result": [{"@id": self._id("media", one.exhibit)}],
        }

    def _custody(self, log: CustodyLog) -> list[Json]:
        """The record of an exhibit's custody, and an action for each of its entries, each informed by the last."""
        nodes: list[Json] = []
        for entry in log.entries:
            nodes.append(self._act(log, entry, nodes[-1]["@id"] if nodes else None))
        record = {
            "@id": self._id("custody", log.exhibit),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": text(log.exhibit),
            "uco-core:name": "Custody record",
            "uco-core:description": text(log.description),
            "uco-core:object": [{"@id": self._thing(log.exhibit)}],
            "fa:entries": {"@list": [{"@id": one["@id"]} for one in nodes]},
        }
        return [record, *nodes]

    def _act(self, log: CustodyLog, entry: CustodyEntry, previous: str | None) -> Json:
        elsewhere = ("act", "occurred_at", "entered_by", "place")
        others = dict.fromkeys(name for name in (entry.giver, entry.receiver) if name)
        return {
            "@id": self._id("act", log.exhibit, str(entry.sequence), entry.digest.hex()),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": text(entry.act),
            **_told("uco-action:startTime", entry.occurred_at, moment),
            **(
                {"uco-action:performer": {"@id": self._somebody(entry.entered_by)}}
                if entry.entered_by is not None
                else {}
            ),
            **_told("uco-action:location", entry.place, self._place_links),
            "uco-action:participant": [{"@id": self._somebody(name)} for name in others],
            "uco-action:object": [{"@id": self._thing(log.exhibit)}],
            **({"case-investigation:wasInformedBy": [{"@id": previous}]} if previous else {}),
            **own(entry, but=elsewhere),
        }

    def _file(self, one: ChosenFile) -> list[Json]:
        """A chosen file and where it lies; its times as found stand beside those that are certain in UTC."""
        path = text(one.path)
        known: dict[str, Json] = {}
        for time in one.times:
            if time.label in _FILE_TIMES and (at := _certain(time)) is not None:
                known.setdefault(_FILE_TIMES[time.label], at)
        facet = {
            "@id": self._id("facet of file", one.reference),
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": path.rsplit("/", 1)[-1] or path,
            "uco-observable:filePath": path,
            "uco-observable:allocationStatus": "allocated" if one.allocated else "unallocated",
            **({"uco-observable:sizeInBytes": one.size_bytes} if one.size_bytes is not None else {}),
            **known,
        }
        content = {
            "@id": self._id("facet of content of file", one.reference),
            "@type": "uco-observable:ContentDataFacet",
            **_told("uco-observable:mimeType", one.mime, text),
            "uco-observable:hash": [
                {
                    "@id": self._id("digest of file", one.reference, name),
                    "@type": "uco-types:Hash",
                    "uco-types:hashMethod": HASH_NAMES.get(name, text(name)),
                    "uco-types:hashValue": digest(value),
                }
                for name, value in one.digests
            ],
        }
        elsewhere = (
            "path",
            "allocated",
            "size_bytes",
            "digests",
            "mime",
            "thumbnail_jpeg",
            "thumbnail_absent",
            "thumbnail_part",
        )
        node = {
            "@id": self._id("file", one.reference),
            "@type": "uco-observable:File",
            "uco-core:name": text(one.reference),
            "uco-core:hasFacet": [facet, content],
            **own(one, but=elsewhere),
        }
        return [node, self._relation("Contained_Within", node["@id"], one.image)]


def _told(name: str, value: Value | None, written: Callable[[Value], Json]) -> dict[str, Json]:
    """A property, where there is a value."""
    return {} if value is None else {name: written(value)}


def _certain(time: FileTime) -> Json | None:
    """A time that the file system keeps in UTC, as a literal; None for wall clocks, dates and what no calendar has."""
    if time.ns is None or time.basis != "utc" or not _FIRST_NS <= time.ns < _LAST_NS:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time.ns // _MICROSECOND_NS)
    return moment(at)
