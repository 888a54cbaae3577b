"""What one catalogue holds that filters speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forensics_app.model.catalogue import CatalogueHeader, TimeRule, TypeCount, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a catalogue holds that filters speak of.

    Attributes:
        extensions: With how many entries have each, the most numerous first; types likewise.
        volumes: Ids with what each volume is.
        untold_zones: By field, the volumes that keep that time without its zone.
        content_examined: Whether types, digests and entropy were found out.
        tags: The tags of the lab, with how many entries bear each.
        sets: Under ``known`` and ``alert``, the hash sets that it was looked up in, with how many entries are in each.
        looked_up: Whether it was looked up in the hash sets since its catalogue was built.
    """

    extensions: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    untold_zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    content_examined: bool = True
    tags: Mapping[str, int] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    looked_up: bool = False


def vocabulary_of(
    header: CatalogueHeader, volumes: Iterable[Volume], types: Iterable[TypeCount], rules: Iterable[TimeRule]
) -> Vocabulary:
    """What filters of a catalogue can speak of, out of what it says of itself."""
    extensions: Counter[str] = Counter()
    mimes: Counter[str] = Counter()
    for count in types:
        extensions[count.extension] += count.entries
        if count.kind != "directory":
            mimes[count.mime or ""] += count.entries
    untold: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        if rule.basis != "utc":
            untold[rule.field] = (*untold.get(rule.field, ()), rule.volume_id)
    return Vocabulary(
        extensions={name: n for name, n in extensions.most_common() if name},
        types={name: n for name, n in mimes.most_common() if name},
        volumes={volume.id: _words(volume) for volume in volumes},
        untold_zones=untold,
        content_examined=header.content_examined,
    )


def _words(volume: Volume) -> str:
    """Its label, or what the partition table says of it."""
    label = volume.file_system.label if volume.file_system and volume.file_system.label else ""
    return label.strip() or volume.description
