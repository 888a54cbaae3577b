"""When two names are one person's, by "Names" in section 7 of the format."""

import re
import unicodedata
from pathlib import Path

FORMAT = Path(__file__).parents[2] / "chain_of_custody" / "ledger-format.md"
LEFT_OUT = [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)]
LEFT_OUT += [*range(0xE0100, 0xE01F0)]
Key = list[str]


def table() -> dict[str, str]:
    rows = FORMAT.read_text("utf-8").partition("| Letters | Read as |")[2].partition("\n\n")[0]
    pairs = re.findall(r"^ *\| `(.+)` \| `(.+)` \|$", rows, re.MULTILINE)
    return {one: other for ones, others in pairs for one, other in zip(ones, others, strict=True)}


READ_AS = table()


def keys(name: str) -> list[Key]:
    text = "".join(one for one in unicodedata.normalize("NFKD", name) if ord(one) not in LEFT_OUT)
    text = text.split("(")[0]
    text = "".join(one for one in text if unicodedata.category(one) != "Cf" and unicodedata.combining(one) < 200)
    written = re.sub("[Il1]", "1", replaced(text))
    return [words(one.casefold()) for one in (written, replaced(text.casefold().upper()))]


def replaced(text: str) -> str:
    return "".join(READ_AS.get(one, one) for one in text)


def words(text: str) -> Key:
    found, word = [], ""
    for one in text + " ":
        if unicodedata.category(one)[0] in "LMN":
            word += one
        elif word:
            found.append(word)
            word = ""
    return sorted(found)


def are_same(one: str, other: str) -> bool:
    return any(first == second and first for first, second in zip(keys(one), keys(other), strict=True))


def is_in(text: str, name: str) -> bool:
    for whole, part in zip(keys(text), keys(name), strict=True):
        if len(part) > 1 and all(whole.count(word) >= part.count(word) for word in part):
            return True
    return are_same(text, name)


def before_comma(told: str) -> str:
    return told.split(",")[0] if len(told.split(",")[0].split()) > 1 else told
