"""The user guide that the window shows is the one in docs, whole, and every command in it is one of the program."""

import html
import re
import shlex
from collections import Counter

import pytest

from build_spec.workshop.guide import PICTURES, SHIPPED, built, page, sources
from forensics_app.__main__ import COMMANDS, command_line
from tests.architecture.tree import ROOT

MOST_BYTES = 4 * 1024 * 1024
CALLED = re.compile(r"^    forensics-app (.*)$", re.M)
TEXTS = {path: path.read_text("utf-8") for path in sources()}


def test_the_shipped_pages_are_what_the_documents_say() -> None:
    pages = {path.name: path.read_text("utf-8") for path in SHIPPED.glob("*.html")}
    assert pages == built(), "build them anew: python3 build_spec/dev.py guide"


def test_every_picture_is_there_and_shown_and_all_are_small() -> None:
    shown = {name for text in TEXTS.values() for name in re.findall(r"guide/pictures/([a-z-]+\.png)\)", text)}
    assert shown == {path.name for path in PICTURES.iterdir()}
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < MOST_BYTES


@pytest.mark.parametrize("name", [path.name for path in TEXTS])
def test_every_command_in_the_guide_is_one_of_the_program(name: str) -> None:
    (text,) = (text for path, text in TEXTS.items() if path.name == name)
    for words in CALLED.findall(text):
        asked = shlex.split(words.replace("FINGERPRINT", "0" * 64))
        if asked[-1] == "--help":
            continue
        parsed = command_line([asked[0]] if asked[0] in COMMANDS else COMMANDS).parse_args(asked)
        assert callable(parsed.run), words


def test_the_court_guide_has_two_pages_and_all_that_its_document_says() -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    document = pypdfium2.PdfDocument(SHIPPED / "court-guide.pdf")
    assert len(document) == 2
    text = "".join(one.get_textpage().get_text_bounded() for one in document)
    document.close()
    said = page((ROOT / "docs" / "court-guide.md").read_text("utf-8")).partition("<body>")[2]
    missing = Counter(_words(html.unescape(re.sub(r"<[^>]*>", " ", said)))) - Counter(_words(text))
    assert not missing, "build it anew: python3 build_spec/dev.py guide"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)
