"""The laboratory's own paper: letterhead, logo, and its words in each language, as files of the lab folder.

    LAB/stationery/letterhead.toml    lines, contact, accreditation, place_of_work, logo
    LAB/stationery/logo.png           named there; PNG or JPEG, decoded by the child process
    LAB/stationery/texts-fr.toml      texts in place of the program's, in the form of its own catalogues

Their digests are part of the configuration in force, which the entry of an issued report holds (REQ-35).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.errors import EvidenceError
from evidence.isolation import Child
from forensics_app.errors import LabUnusableError, RefusedError
from forensics_app.model.dossier import Dossier, Stationery, Text
from forensics_app.model.image import Picture
from forensics_app.reports.fixed_words import misleading
from forensics_app.reports.wording import WORDS, catalogue_path, faults
from forensics_app.services.folder import LabFolder, write_plain

LETTERHEAD = "letterhead.toml"
MAX_FILE_BYTES = 1024 * 1024
MAX_LOGO_BYTES = 8 * 1024 * 1024
LOGO_BOX_PX = 600
_DEEPEST, _TOO_DEEP = 8, "Its lists or names are nested too deeply."
_LINES_MAX, _LINE_CHARACTERS = 8, 200
_MEANT = ("lines", "contact", "accreditation", "place_of_work", "logo")
_HEADS = ("version", "checked", "review_by", "reviewed_by", "language", "decimal", "groups_digits")
_BEGIN = """# Letterhead of the laboratory, printed on the first page of every report.
# Leave out what there is not; what is not stated is printed as "not supplied" where a standard asks for it.
lines = []                # up to 8 lines below the name of the laboratory
# contact = "telephone, address of mail"
# accreditation = "accredited to ISO/IEC 17025 for ..., no. ..."
# place_of_work = "where the examinations are made"
# logo = "logo.png"       # PNG or JPEG in this folder
"""


def dressed(dossier: Dossier, folder: LabFolder) -> Dossier:
    """The dossier with the laboratory's own paper in the report's language.

    Raises:
        RefusedError: A file of it is no such file, names what is not there, fills a placeholder that is none, puts a
            value, a state or a marking into other words, or gives two words one text.
        LabUnusableError: A file cannot be read.
    """
    place = folder.stationery
    head, files = _toml(place / LETTERHEAD)
    if strange := sorted(set(head) - set(_MEANT)):
        raise _wrong(place / LETTERHEAD, f"It names {strange[0]!r}, which is none of {', '.join(_MEANT)}.")
    logo = None
    if name := _line(place, head, "logo"):
        logo, digest = _logo(place, name)
        files = (*files, digest)
    words = worded(folder, dossier.stationery.language)
    laboratory = replace(
        dossier.laboratory,
        contact=_line(place, head, "contact") or dossier.laboratory.contact,
        accreditation=_line(place, head, "accreditation") or dossier.laboratory.accreditation,
        place_of_work=_line(place, head, "place_of_work") or dossier.laboratory.place_of_work,
    )
    stationery = replace(
        dossier.stationery, letterhead=_lines(place, head), logo_jpeg=logo, texts=words.texts,
        reviewed_by=words.reviewed_by, files=(*files, *words.files),
    )  # fmt: skip
    return replace(dossier, laboratory=laboratory, stationery=stationery)


def worded(folder: LabFolder, language: str) -> Stationery:
    """A language with the laboratory's own words in it, as forms and labels are printed; without letterhead.

    Raises:
        RefusedError: The laboratory's file of words cannot be used; see :func:`dressed`.
        LabUnusableError: It cannot be read.
    """
    path = folder.stationery / f"texts-{language}.toml"
    own, files = _toml(path)
    texts = tuple(_texts(path, own))
    for fault in misleading(language, texts):
        raise _wrong(path, fault)
    return Stationery(language=language, texts=texts, reviewed_by=str(own.get("reviewed_by", "")), files=files)


def digests(folder: LabFolder, language: str) -> tuple[tuple[str, bytes], ...]:
    """Names and SHA-256 of the files that reports in a language are dressed with, usable or not.

    Of one that cannot be read the SHA-256 is 32 zeros.
    """
    place = folder.stationery
    names = [LETTERHEAD, f"texts-{language}.toml"]
    with suppress(OSError, ValueError, RecursionError):
        logo = tomllib.loads((place / LETTERHEAD).read_text("utf-8")).get("logo")
        names += [logo] if isinstance(logo, str) and (place / logo).parent == place else []
    found = []
    for name in names:
        try:
            with (place / name).open("rb") as file:
                found.append((name, hashlib.file_digest(file, "sha256").digest()))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            found.append((name, bytes(32)))
    return tuple(found)


def begin_stationery(folder: LabFolder, language: str) -> tuple[Path, ...]:
    """Put a letterhead to fill in, and the program's catalogue of a language to correct, into the lab folder.

    What is there stays as it is.

    Returns:
        The files that were written.

    Raises:
        LabUnusableError: They cannot be written.
    """
    place = folder.made_stationery()
    catalogue = catalogue_path(language).read_bytes()
    wanted = {place / LETTERHEAD: _BEGIN.encode(), place / f"texts-{language}.toml": catalogue}
    written = tuple(path for path in wanted if not path.exists())
    for path in written:
        write_plain(path, [wanted[path]])
    return written


def _toml(path: Path) -> tuple[Mapping[str, object], tuple[tuple[str, bytes], ...]]:
    """What a file says, and its name with the SHA-256 of the very bytes that say it; nothing where there is none."""
    content = _content(path, MAX_FILE_BYTES)
    if content is None:
        return {}, ()
    try:
        read = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, f"It is no TOML file in UTF-8: {error}.") from error
    except RecursionError as error:
        raise _wrong(path, _TOO_DEEP) from error
    if _is_deep(read):
        raise _wrong(path, _TOO_DEEP)
    return read, ((path.name, hashlib.sha256(content).digest()),)


def _is_deep(read: Mapping[str, object]) -> bool:
    """Whether lists and tables lie deeper in each other than those of any paper do."""
    level: list[Any] = [read]
    for _ in range(_DEEPEST):
        held = (inner for one in level for inner in (one.values() if isinstance(one, Mapping) else one))
        level = [inner for inner in held if isinstance(inner, dict | list)]
    return bool(level)


def _content(path: Path, most_bytes: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LabUnusableError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > most_bytes:
        raise _wrong(path, f"It has more than {most_bytes:,} bytes.")
    return content


def _line(place: Path, head: Mapping[str, object], name: str) -> str:
    value = head.get(name, "")
    if not isinstance(value, str) or len(value) > _LINE_CHARACTERS:
        raise _wrong(place / LETTERHEAD, f"{name} has to be one text of at most {_LINE_CHARACTERS} characters.")
    return value.strip()


def _lines(place: Path, head: Mapping[str, object]) -> tuple[str, ...]:
    lines = head.get("lines", [])
    if not isinstance(lines, list) or len(lines) > _LINES_MAX:
        raise _wrong(place / LETTERHEAD, f"lines has to be a list of at most {_LINES_MAX} texts.")
    return tuple(_line(place, {"lines": one}, "lines") for one in lines)


def _logo(place: Path, name: str) -> tuple[bytes, tuple[str, bytes]]:
    path = place / name
    if path.parent != place or "\0" in name:
        raise _wrong(place / LETTERHEAD, "The logo has to be the name of a file in the same folder.")
    content = _content(path, MAX_LOGO_BYTES)
    if content is None:
        raise _wrong(path, "It is named as the logo and is not there.")
    with Child() as child:
        arguments = {"content": content, "width_pixels": LOGO_BOX_PX, "height_pixels": LOGO_BOX_PX}
        try:
            picture: Picture = child.call("picture", {**arguments, "encoding": "JPEG"})
        except EvidenceError as error:
            raise _wrong(path, "The logo cannot be decoded as a picture.") from error
    return picture.encoded, (path.name, hashlib.sha256(content).digest())


def _texts(path: Path, own: Mapping[str, object]) -> Iterator[Text]:
    for part, table in own.items():
        if part in _HEADS:
            continue
        if not isinstance(table, dict):
            raise _wrong(path, f"{part!r} is no part of the texts.")
        for name, value in table.items():
            if name == "steps":
                continue  # commands are the program's: a lab cannot change what a reader types
            paragraphs = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
            text = Text(part=part, name=name, paragraphs=paragraphs)
            if isinstance(value, dict) or (part == WORDS and len(paragraphs) != 1) or not all(paragraphs):
                raise _wrong(path, f"{name!r} has to be one text.")
            for fault in faults(text):
                raise _wrong(path, fault)
            yield text


def _wrong(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"The laboratory's own paper cannot be used: {path.name}. {why}",
        then="Correct the file in the folder “stationery” of the lab, or take it away.",
    )
