"""The property lists inside Core Storage metadata: XML without a head, whose values may refer to each other.

Source: "FileVault Drive Encryption (FVDE)", J. Metz (libfvde), chapters on blocks 0x0019 and 0x001a.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeAlias
from xml.etree import ElementTree

Value: TypeAlias = "str | int | bytes | list[Value] | dict[str, Value]"

_MAX_DEPTH, _MAX_NODES = 16, 100_000


class PlistError(Exception):
    """What should be a property list is none."""


def parse(data: bytes) -> dict[str, Value]:
    """The dictionary that the list consists of.

    Raises:
        PlistError: It is no XML of the expected form; a document type with entities of its own is refused too.
    """
    if b"<!ENTITY" in data or data.count(b"<") > _MAX_NODES:
        raise PlistError("it declares entities, or has too many elements")
    start = data.find(b"<dict")
    end = data.rfind(b"</dict>")
    if start < 0 or end < start:
        raise PlistError("it holds no dictionary")
    try:
        root = ElementTree.fromstring(data[start : end + len(b"</dict>")])
    except (ElementTree.ParseError, ValueError) as error:
        raise PlistError(f"it is no XML: {error}") from error
    value = _Reader().value(root, 0)
    if not isinstance(value, dict):
        raise PlistError("it holds no dictionary")
    return value


def dictionary(value: Value | None) -> dict[str, Value]:
    """The value where it is a dictionary; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def dictionaries(value: Value | None) -> list[dict[str, Value]]:
    """The dictionaries of a list; none where the value is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Value | None) -> str:
    """The value where it is a text; an empty one otherwise."""
    return value if isinstance(value, str) else ""


class _Reader:
    """One list; what an element's ID stands for is kept for those that refer to it."""

    def __init__(self) -> None:
        self._named: dict[str, Value] = {}

    def value(self, element: ElementTree.Element, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise PlistError("its elements are nested too deep")
        name = element.get("ID")
        value = self._unnamed(element, depth)
        if name is not None:
            self._named[name] = value
        return value

    def _unnamed(self, element: ElementTree.Element, depth: int) -> Value:
        content = (element.text or "").strip()
        match element.tag:
            case "dict":
                return self._dict(element, depth)
            case "array":
                return [self.value(child, depth + 1) for child in element]
            case "integer":
                return _integer(content)
            case "data":
                return _data(content)
            case "reference":
                return self._named.get(element.get("IDREF") or "", "")
        return content

    def _dict(self, element: ElementTree.Element, depth: int) -> dict[str, Value]:
        children = list(element)
        keys, values = children[::2], children[1::2]
        if len(keys) != len(values) or any(key.tag != "key" for key in keys):
            raise PlistError("a dictionary is not made of keys and values")
        return {key.text or "": self.value(value, depth + 1) for key, value in zip(keys, values, strict=True)}


def _integer(content: str) -> int:
    try:
        return int(content[:32], 0)
    except ValueError as error:
        raise PlistError("a number is none") from error


def _data(content: str) -> bytes:
    try:
        return base64.b64decode("".join(content.split()))
    except (binascii.Error, ValueError) as error:
        raise PlistError("data are not in base 64") from error
