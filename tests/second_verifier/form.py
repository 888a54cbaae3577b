"""Reading canonical JSON by section 2 of the format."""

import re
from typing import Any

GREATEST = 2**53 - 1
DEEPEST = 64
PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
SHORT = {'"': '"', "\\": "\\", "b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class NotCanonicalError(Exception):
    pass


def value_of(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCanonicalError from error
    reader = Reader(text)
    value = reader.value(0)
    if reader.at != len(text):
        raise NotCanonicalError
    return value


class Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> None:
        if not self.text.startswith(wanted, self.at):
            raise NotCanonicalError
        self.at += len(wanted)

    def value(self, depth: int) -> Any:
        first = self.peek()
        if first == "{":
            return self.members(depth + 1)
        if first == "[":
            return self.items(depth + 1)
        if first == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def members(self, depth: int) -> dict[str, Any]:
        if depth > DEEPEST:
            raise NotCanonicalError
        found: dict[str, Any] = {}
        before: bytes | None = None
        self.take("{")
        while self.peek() != "}":
            if before is not None:
                self.take(",")
            name = self.string()
            order = name.encode("utf-16-be")
            if before is not None and order <= before:
                raise NotCanonicalError
            before = order
            self.take(":")
            found[name] = self.value(depth)
        self.take("}")
        return found

    def items(self, depth: int) -> list[Any]:
        if depth > DEEPEST:
            raise NotCanonicalError
        found: list[Any] = []
        self.take("[")
        while self.peek() != "]":
            if found:
                self.take(",")
            found.append(self.value(depth))
        self.take("]")
        return found

    def string(self) -> str:
        self.take('"')
        found: list[str] = []
        while True:
            run = PLAIN.match(self.text, self.at)
            assert run is not None
            found.append(run[0])
            self.at = run.end() + 1
            end = self.text[run.end() : self.at]
            if end == '"':
                return "".join(found)
            if end != "\\":
                raise NotCanonicalError
            found.append(self.escape())

    def escape(self) -> str:
        char = self.peek()
        self.at += 1
        if char in SHORT:
            return SHORT[char]
        digits = self.text[self.at : self.at + 4]
        self.at += 4
        if char != "u" or len(digits) != 4 or not digits.startswith("00") or set(digits) - set("0123456789abcdef"):
            raise NotCanonicalError
        found = chr(int(digits, 16))
        if found >= " " or found in "\b\t\n\f\r":
            raise NotCanonicalError
        return found

    def number(self) -> int:
        start = self.at
        if self.peek() == "-":
            self.at += 1
        digits = self.at
        while self.peek() in set("0123456789"):
            self.at += 1
        written = self.text[digits : self.at]
        if not written or len(written) > 16 or (written[0] == "0" and self.text[start : self.at] != "0"):
            raise NotCanonicalError
        found = int(self.text[start : self.at])
        if abs(found) > GREATEST:
            raise NotCanonicalError
        return found
