"""Letters beyond ASCII in addresses. Source: RFC 6531 for mail, RFC 3987 for the web, RFC 5890 for names of hosts."""

from __future__ import annotations

import re
import unicodedata

MOST_HOST_BYTES = 253
_MOST_LABEL_BYTES = 63
_LATIN, _ASCII = "LATIN", "ASCII"
_RUN = re.compile(r"(?:[^\x00-\x7f]|[A-Za-z0-9.-])*")
_ASCII_END = re.compile(r"(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})")


def is_letter(char: str) -> bool:
    """Whether it is no ASCII, and a letter, a mark on one, or a digit."""
    return not char.isascii() and unicodedata.category(char)[0] in "LMN"


def is_latin(char: str) -> bool:
    """Whether it is a letter of the Latin script, or a mark on one."""
    return _script(char) in (_LATIN, "")


def is_host(name: str) -> bool:
    """Whether it is a name of at least two labels that can be written for the network."""
    *labels, last = name.split(".")
    if not labels or len(name.encode()) > MOST_HOST_BYTES or not all(map(_is_label, (*labels, last))):
        return False
    return _end_of_last(last) == len(last)


def hosts_at_beginning(text: str) -> tuple[str, ...]:
    """The names of hosts that can be read at the beginning of a text, the shortest first; at most two.

    No last label is of two scripts: where another one begins, the name is at its end. Where a letter as ``é`` follows
    one of ASCII, the name can end before it, or go on.
    """
    run = _RUN.match(text)
    labels = _until_no_letter(run[0] if run else "").rstrip(".-").split(".")
    for count in range(len(labels), 1, -1):
        *before, last = labels[:count]
        name = ".".join((*before, last[: _end_of_last(last)]))
        if is_host(name):
            ascii_end = _ASCII_END.match(last)
            short = ".".join((*before, ascii_end[0])) if ascii_end else name
            return tuple(dict.fromkeys((short, name)))
    return ()


def _until_no_letter(run: str) -> str:
    return next((run[:at] for at, char in enumerate(run) if not char.isascii() and not is_letter(char)), run)


def _end_of_last(label: str) -> int:
    """Where the script changes that the last label of a name begins with; 0 where it can be none."""
    if label[:4].lower() == "xn--":
        found = _ASCII_END.match(label)
        return found.end() if found else 0
    scripts = [_script(char) for char in label]
    if not scripts or scripts[0] in (_ASCII, ""):
        return 0
    end = next((at for at, one in enumerate(scripts) if one not in (scripts[0], "")), len(scripts))
    is_end = end == len(label) or not label[end:].lstrip("-")[:1].isascii() or scripts[0] != _LATIN
    return end if is_end and end > 1 else 0


def _is_label(label: str) -> bool:
    if not label or label.startswith("-") or label.endswith("-"):
        return False
    if not all(char.isascii() or is_letter(char) for char in label):
        return False
    try:
        return len(label.encode("idna")) <= _MOST_LABEL_BYTES
    except UnicodeError:
        return False


def _script(char: str) -> str:
    """The first word of its name: that of its script; of signs and digits of ASCII that of their own, of marks none."""
    if char.isascii():
        return _LATIN if char.isalpha() else _ASCII
    if unicodedata.category(char)[0] == "M":
        return ""
    return unicodedata.name(char, "-").split(" ")[0].split("-")[0]
