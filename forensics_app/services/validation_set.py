"""Runs the validation set that the program ships with: images whose content outside tools have stated (REQ-35).

Each image goes the way that evidence goes, through child processes and the readers in use; nothing is simplified.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence.timestamps import iso_text
from forensics_app import __version__
from forensics_app.db.schema import REVISIONS
from forensics_app.errors import RefusedError, SelfTestFailedError
from forensics_app.model.image import OnProgress
from forensics_app.model.validation import CFTT, MAX_DIFFERENCES, REQUIRED, FunctionResult, ValidationRun
from forensics_app.services.inspecting import Inspection, InspectRequest, Watchers
from forensics_app.services.program import build_sha256, differs_from_its_list
from forensics_app.services.start_checks import NAMES, TESTS, refuse_wrong

ANSWERS = "answers.json"
SET_SHA256 = bytes.fromhex("8603e3efe7666cdd59b0cc7f10ee1a4bd920afbf45d39c151d87bff57087d162")
"""Of the answers.json that this version ships with; ``make_answers.py`` says it when it makes others."""
_MOST_NAMED = 5
_SHARE = 1000
_SECOND_NS = 10**9


@dataclass(slots=True)
class _Tally:
    compared: int = 0
    differing: int = 0
    differences: list[str] = field(default_factory=list)

    def compare(self, what: str, found: object, known: object) -> None:
        self.compared += 1
        if found != known:
            self.differing += 1
            if len(self.differences) < MAX_DIFFERENCES:
                self.differences.append(f"{what}: {found!r} instead of {known!r}")


def run_validation_set(
    folder: Path,
    *,
    now: Callable[[], datetime],
    configuration_sha256: bytes | None,
    known_sha256: bytes = SET_SHA256,
    on_progress: OnProgress = lambda done, total: None,
) -> ValidationRun:
    """Compare what this program says of the set's images with the known answers.

    Args:
        folder: The set: answers.json and the images that it names.
        now: The clock.
        configuration_sha256: Of the configuration in force, for the record.
        known_sha256: Of the answers.json that is the set of this version; a run of another does not pass.
        on_progress: Of a thousand units for each image; what it raises passes through and ends the run.

    Raises:
        RefusedError: The set is not whole: a file is missing, or answers.json is no set.
    """
    began_at = now()
    raw, told = _answers(folder)
    tallies = {key: _Tally() for key in CFTT}
    set_sha256 = hashlib.sha256(raw).digest()
    tallies["set"].compare(f"SHA-256 of {ANSWERS}", set_sha256.hex(), known_sha256.hex())
    libraries: Mapping[str, str] = {}
    images = told["images"]
    for number, image in enumerate(images):
        on_progress(number * _SHARE, (len(images) + 1) * _SHARE)
        document = _inspect(folder / image["name"], on_progress, number * _SHARE, (len(images) + 1) * _SHARE)
        libraries = document["program"]["libraries"] or libraries
        _compare(image, document, tallies)
    damaged = told["damaged"]
    document = _inspect(folder / damaged["name"], on_progress, len(images) * _SHARE, (len(images) + 1) * _SHARE)
    told_damage = document["source"]["digest_check"] == "mismatch" and bool(document["warnings"])
    tallies["damage"].compare(f"{damaged['what']}: damage is told", told_damage, not damaged["verifies"])
    _check_program(tallies)
    for key in sorted(REQUIRED):
        if not tallies[key].compared:
            tallies[key].compare("answers to compare with", "none", "some")
    on_progress((len(images) + 1) * _SHARE, (len(images) + 1) * _SHARE)
    return ValidationRun(
        version=__version__,
        build_sha256=build_sha256(),
        schema=REVISIONS[-1],
        configuration_sha256=configuration_sha256,
        set_sha256=set_sha256,
        answers_by=told["made_with"],
        libraries=libraries,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        began_at=began_at,
        ended_at=now(),
        results=tuple(
            FunctionResult(key=key, compared=one.compared, differing=one.differing, differences=tuple(one.differences))
            for key, one in tallies.items()
            if one.compared
        ),
    )


def _answers(folder: Path) -> tuple[bytes, Any]:
    try:
        raw = (folder / ANSWERS).read_bytes()
        told = json.loads(raw)
        missing = [
            image["name"] for image in (*told["images"], told["damaged"]) if not (folder / image["name"]).is_file()
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            f"The validation set in {folder} cannot be read: {error}.", then="Install the program again."
        ) from error
    if missing:
        raise RefusedError(
            f"The validation set in {folder} lacks {', '.join(missing)}.", then="Install the program again."
        )
    return raw, told


def _inspect(path: Path, on_progress: OnProgress, done: int, total: int) -> dict[str, Any]:
    """The document of ``inspect`` of an image, with all its files."""

    def tick(_done: int, _total: int) -> None:
        on_progress(done, total)

    request = InspectRequest(paths=(path,), digest=True, files=True, zone="UTC")
    document: dict[str, Any] = {"files": []}
    for part in Inspection(request, Watchers(digesting=tick, listing=tick)).parts():
        if part.key == "files":
            document["files"] += part.value
        else:
            document[part.key] = part.value
    return document


def _compare(image: Mapping[str, Any], found: Mapping[str, Any], tallies: Mapping[str, _Tally]) -> None:
    name, source = Path(image["name"]).name, found["source"]
    media = source["media_bytes"], found["error"], source["digest_check"] != "mismatch"
    tallies["container"].compare(
        f"{name}: bytes of the media, read without error", media, (image["media_bytes"], None, True)
    )
    for algorithm, digest in image["digests"].items():
        tallies["digests"].compare(f"{name}: {algorithm}", (source["digests"] or {}).get(algorithm), digest)
    volumes = {(volume["start"], volume["length"]) for volume in found["volumes"]}
    for start, length in image["partitions"]:
        tallies["partitions"].compare(f"{name}: partition at byte {start}", (start, length) in volumes, True)
    parts = {(volume["start"], volume["length"]) for volume in found["volumes"] if volume["kind"] == "partition"}
    beyond = sorted(parts - {(start, length) for start, length in image["partitions"]})
    tallies["partitions"].compare(f"{name}: partitions beyond the known ones", beyond, [])
    starts = {volume["id"]: volume["start"] for volume in found["volumes"] if volume["kind"] != "logical"}
    files = {
        (starts[file["volume"]], file["path"], file["allocated"]): file
        for file in found["files"]
        if file["volume"] in starts
    }
    for file in image["files"]:
        key = (file["volume_start"], file["path"], not file["deleted"])
        _compare_file(f"{name}:{file['path']}", file, files.get(key), tallies)
    _compare_listed(image, found, starts, tallies["listing"])


def _compare_listed(
    image: Mapping[str, Any], found: Mapping[str, Any], starts: Mapping[str, int], tally: _Tally
) -> None:
    """Tell files that no outside tool has listed; what file systems keep for themselves is not in the answers."""
    known = Counter((file["volume_start"], file["path"], not file["deleted"]) for file in image["files"])
    logical = {volume["id"] for volume in found["volumes"] if volume["kind"] == "logical"}
    listed = Counter(
        (starts.get(file["volume"]), file["path"], file["allocated"])
        for file in found["files"]
        if file["kind"] in ("file", "stream") and file["volume"] not in logical and not file["path"].startswith("/$")
    )
    paths = sorted(path for _, path, _ in (listed - known).elements())
    what = f"{Path(image['name']).name}: files beyond the known ones"
    tally.compare(what, (len(paths), paths[:_MOST_NAMED]), (0, []))


def _compare_file(
    what: str, known: Mapping[str, Any], file: Mapping[str, Any] | None, tallies: Mapping[str, _Tally]
) -> None:
    if known["deleted"]:
        found = None if file is None else (file["size"], file["sha256"])
        tallies["deleted"].compare(f"{what}: size and SHA-256", found, (known["size"], known["sha256"]))
    else:
        tallies["listing"].compare(f"{what}: size", None if file is None else file["size"], known["size"])
        tallies["content"].compare(f"{what}: SHA-256", None if file is None else file["sha256"], known["sha256"])
    if known["modified_s"] is not None:
        stamp = file["times"]["modified"] if file else None
        whole_second = iso_text(known["modified_s"] * _SECOND_NS)[: len("2026-01-01T00:00:00")]
        found_second = None if stamp is None else stamp["utc"][: len(whole_second)]
        tallies["times"].compare(f"{what}: modified", found_second, whole_second)


def _check_program(tallies: Mapping[str, _Tally]) -> None:
    differing = differs_from_its_list()
    if differing is not None:
        tallies["installation"].compare("files that differ from SHA256SUMS", differing, ())
    try:
        refuse_wrong(TESTS)
        wrong: tuple[str, ...] = ()
    except SelfTestFailedError as error:
        wrong = error.wrong
    for name in NAMES:
        tallies["self_test"].compare(name, any(name in one for one in wrong), False)
