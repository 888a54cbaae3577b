"""Small XML documents as their texts; entities are refused, so that nothing can grow or be fetched."""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate

MOST_TEXTS, DEEPEST = 5_000, 100


class XmlError(Exception):
    """It is no XML that is taken."""


def texts_of(data: bytes) -> list[tuple[tuple[str, ...], dict[str, str], str]]:
    """Every element that has text: the names on the way to it without their namespaces, attributes and the text.

    Raises:
        XmlError: It is damaged, declares entities, or is too deep.
    """
    parser = ParserCreate(namespace_separator=" ")
    path: list[tuple[str, dict[str, str], list[str]]] = []
    found: list[tuple[tuple[str, ...], dict[str, str], str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) >= DEEPEST:
            raise XmlError("its elements are nested too deeply")
        path.append((name.rpartition(" ")[2], attributes, []))

    def end(name: str) -> None:
        _, attributes, pieces = path[-1]
        text = "".join(pieces).strip()
        if (text or attributes) and len(found) < MOST_TEXTS:
            found.append((tuple(step[0] for step in path), attributes, text))
        path.pop()

    def refuse(*_: object) -> None:
        raise XmlError("it declares entities, which are not taken")

    def take(text: str) -> None:
        if path:
            path[-1][2].append(text)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = take
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (ExpatError, ValueError) as error:
        raise XmlError(f"it is damaged ({error})") from error
    return found
