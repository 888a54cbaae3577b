"""The whole guidance out of its files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chain_of_custody.guidance.devices import Device, device_of, fields_of
from chain_of_custody.guidance.flows import Flow, flow_of
from chain_of_custody.guidance.rules import GuidanceError, Origin, Rule, Source, rule_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A list of rules that is gone through in its order."""

    id: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Everything the program asks because the guidance asks it; each mapping is by id, in the order of its file."""

    sources: Mapping[str, Source]
    principles: tuple[Rule, ...]
    flows: Mapping[str, Flow]
    devices: Mapping[str, Device]
    practices: Mapping[str, Practice]

    def origins(self) -> Iterator[tuple[str, Origin]]:
        """Id and origin of every rule, flow and device."""
        for rule in self.principles:
            yield rule.id, rule.origin
        for flow in self.flows.values():
            yield flow.id, flow.origin
        for device in self.devices.values():
            yield device.id, device.origin
        for practice in self.practices.values():
            for rule in practice.rules:
                yield rule.id, rule.origin

    def at_step(self, event: str) -> tuple[Rule, ...]:
        """The rules to be thought of at a step of custody, in the order of the lists."""
        return tuple(rule for one in self.practices.values() for rule in one.rules if event in rule.events)

    def overdue(self, today: date) -> tuple[str, ...]:
        """Ids of what should have been looked at again before ``today`` (REQ-03)."""
        return tuple(name for name, origin in self.origins() if origin.is_overdue(today))


def load(folder: Path) -> Guidance:
    """Read the files of ``folder``: sources, principles, scenes, devices and practice.

    Raises:
        GuidanceError: A file cannot be read or does not say what is needed.
    """
    sources = {entry["id"]: _source(entry) for entry in _table(folder, "sources.toml", "source")}
    devices = _read(folder, "devices.toml")
    common = fields_of(devices.get("common", {}).get("field", ()), "devices.toml, common")
    guidance = Guidance(
        sources=sources,
        principles=tuple(
            rule_of(entry, sources, f"principles.toml, rule {number}")
            for number, entry in enumerate(_table(folder, "principles.toml", "rule"), 1)
        ),
        flows={
            entry["id"]: flow_of(entry, sources, f"scenes.toml, flow {number}")
            for number, entry in enumerate(_table(folder, "scenes.toml", "flow"), 1)
        },
        devices={
            entry["id"]: device_of(entry, common, sources, f"devices.toml, device {number}")
            for number, entry in enumerate(devices.get("device", ()), 1)
        },
        practices={
            entry["id"]: _practice(entry, sources, f"practice.toml, list {number}")
            for number, entry in enumerate(_table(folder, "practice.toml", "list"), 1)
        },
    )
    names = [name for name, _ in guidance.origins()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise GuidanceError(f"The guidance has more than one rule with the id {', '.join(twice)}.")
    return guidance


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / name).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GuidanceError(f"{folder / name} cannot be read: {error}.") from error


def _table(folder: Path, name: str, key: str) -> list[dict[str, Any]]:
    entries = _read(folder, name).get(key)
    if not isinstance(entries, list) or not all(isinstance(one, dict) and "id" in one for one in entries):
        raise GuidanceError(f"{folder / name} has no list of {key}, each with an id.")
    return entries


def _source(entry: Mapping[str, Any]) -> Source:
    try:
        return Source(
            id=entry["id"], title=entry["title"], version=entry["version"], read=entry["read"], remark=entry["remark"]
        )
    except KeyError as error:
        raise GuidanceError(f"sources.toml, {entry['id']}: {error} is missing.") from error


def _practice(entry: Mapping[str, Any], sources: Mapping[str, Source], where: str) -> Practice:
    try:
        rules = tuple(rule_of(one, sources, f"{where}, rule {number}") for number, one in enumerate(entry["rule"], 1))
        return Practice(id=entry["id"], title=entry["title"], rules=rules)
    except KeyError as error:
        raise GuidanceError(f"{where}: {error} is missing.") from error
