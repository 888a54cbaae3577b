"""What was done in a case, and what was not, as its entries and its catalogues tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from forensics_app.model import dossier as paper
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.image import EvidenceImage
from forensics_app.model.search import Space
from forensics_app.model.told import Count, Told
from forensics_app.services.gathered import Gathered

KINDS: Mapping[str, str] = {
    "image.acquire": "acquire",
    "image.acquire_folders": "acquire_folders",
    "image.intake": "intake",
    "image.check": "check",
    "image.catalogue": "catalogue",
    "volume.unlock": "unlock",
    "volume.compare": "compare",
    "image.look_up": "look_up",
    "image.search": "search",
    "timeline.make": "timeline",
    "timeline.export": "timeline",
    "tag.put": "tag",
    "file.choose": "tag",
}
"""Which kind of operation an entry tells of, by its action."""
REPORT, CLOCK = "report", "clock"


def operations_of(got: Gathered, number: str) -> tuple[paper.Operation, ...]:
    """Each kind of operation on each subject once, in the order of the entries; the report itself is the last."""
    found: dict[tuple[str, str], paper.Operation] = {}
    images = {str(image.id): image.number for image in got.images}
    for event in got.events:
        kind = KINDS.get(event.action)
        if kind is None:
            continue
        subject = event.fact("image") or images.get(event.object_id) or event.object_label
        before = found.get((kind, subject))
        done = paper.Operation(
            kind=kind, subject=subject, at=event.recorded_at, by=event.actor, entry=event.sequence,
            limits=tuple(_limits(event)),
        )  # fmt: skip
        if before is not None:
            limits = tuple(dict.fromkeys((*before.limits, *done.limits)))
            done = replace(done, times=before.times + 1, limits=limits)
        found[kind, subject] = done
    clocks = [
        paper.Operation(kind=CLOCK, subject=exhibit.number) for exhibit in got.exhibits if exhibit.id in got.clocks
    ]
    return (*found.values(), *clocks, paper.Operation(kind=REPORT, subject=number))


def _limits(event: CustodyEvent) -> Iterator[Told]:
    if event.action == "image.search":
        missed = event.facts.get("not_searched")
        if isinstance(missed, int) and missed:
            yield Told("In one search, pieces that could not be searched: {count}.", count=Count(missed))
        if event.facts.get("complete") is False:
            yield Told("One search was ended before it was through: {done} pieces.", done=event.fact("units"))
    if event.action == "image.catalogue":
        if event.facts.get("with_content") is False:
            yield Told("Contents were not read: no types by content, no digests of files.")
        if event.facts.get("archives") is False:
            yield Told("Archives were not opened.")


def not_examined_of(got: Gathered) -> tuple[str, ...]:
    """What nobody looked at, one sentence each: by image, then what was done of no image (SWGDE 18-Q-002)."""
    return (*(sentence for image in got.images for sentence in _of_image(got, image)), *_of_all(got))


def _of_image(got: Gathered, image: EvidenceImage) -> Iterator[str]:
    mine = _about(got, image)
    if why := got.catalogued[image.id].why_not:
        never = Told("{image} was hashed; its file systems were not catalogued.", image=image.number)
        yield never if image.catalogue_sha256 is None else Told("{number}: {why}", number=image.number, why=why)
    if not any(one.action == "image.search" for one in mine):
        yield Told("{image}: contents were not searched for words.", image=image.number)
    else:
        looked = searched_spaces(got, image)
        for space in Space:
            if space.value not in looked:
                words = "{image}: no search looked in: {space}."
                yield Told(words, image=image.number, space=Told(space.value))
    if not any(one.action == "image.look_up" for one in mine):
        yield Told("{image}: files were not compared with sets of digests.", image=image.number)
    if not any(one.action == "volume.compare" for one in mine):
        yield Told("{image}: no volume was listed by a second reader.", image=image.number)
    if not any(one.action == "image.check" for one in mine):
        yield Told("{image} was not read again since it was taken in.", image=image.number)


def searched_spaces(got: Gathered, image: EvidenceImage) -> frozenset[str]:
    """Where searches of an image looked, by the values of :class:`Space`."""
    searches = (one for one in _about(got, image) if one.action == "image.search")
    return frozenset(space for one in searches for space in _spaces(one))


def _about(got: Gathered, image: EvidenceImage) -> list[CustodyEvent]:
    return [one for one in got.events if image.number in (one.fact("image"), one.object_label)]


def _spaces(event: CustodyEvent) -> tuple[str, ...]:
    parameters = event.facts.get("parameters")
    spaces = parameters.get("spaces") if isinstance(parameters, dict) else None
    return tuple(map(str, spaces)) if isinstance(spaces, list) else ()


def _of_all(got: Gathered) -> Iterator[str]:
    if got.images:
        yield Told("Files without an entry in a file system were not looked for (no carving).")
    if not any(event.action == "scene.capture" for event in got.events):
        yield Told("No memory and no running system was captured, as far as the record tells.")
