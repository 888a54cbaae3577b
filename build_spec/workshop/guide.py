"""The user guide: docs/guide and two documents beside it, built to HTML that the window's help shows."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from build_spec.workshop.console import ROOT, say, show
from build_spec.workshop.environment import PYTHON

SHIPPED = ROOT / "resources" / "guide"
PICTURES = SHIPPED / "pictures"
BESIDE = ("administrator.md", "court-guide.md")
"""Documents of docs/ that are part of the guide."""
COURT_PDF = "court-guide.pdf"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: Inter, "Noto Sans", sans-serif; max-width: 860px; margin: 24px auto; line-height: 1.45 }}
img {{ max-width: 100%; border: 1px solid #ccc }}
td, th {{ padding: 4px 10px 4px 0; vertical-align: top; text-align: left }}
code, pre {{ font-family: "JetBrains Mono", monospace }}
pre {{ white-space: pre-wrap }}
</style></head><body>
{body}
</body></html>
"""


def run(arguments: list[str]) -> int:
    """Builds the HTML and the PDF of the court guide; with ``--pictures`` the pictures are taken anew before."""
    if "--pictures" in arguments:
        say("Taking the pictures of the guide from the demonstration lab")
        if status := show([PYTHON, "-m", "build_spec.workshop.guide_pictures", PICTURES], cwd=ROOT):
            return status
    for name, text in built().items():
        (SHIPPED / name).write_text(text, encoding="utf-8")
    subprocess.run([PYTHON, "-m", "build_spec.workshop.guide_pdf", SHIPPED / COURT_PDF], cwd=ROOT, check=True)
    say(f"Built {SHIPPED.relative_to(ROOT)}")
    return 0


def sources() -> list[Path]:
    """The documents of the guide, its first page first."""
    guide = sorted((ROOT / "docs" / "guide").glob("*.md"), key=lambda path: (path.stem != "index", path.name))
    return [*guide, *(ROOT / "docs" / name for name in BESIDE)]


def built() -> dict[str, str]:
    """Every page of HTML by its name."""
    return {path.with_suffix(".html").name: page(path.read_text("utf-8")) for path in sources()}


def page(text: str) -> str:
    """A document as a page of HTML."""
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), "")
    return _PAGE.format(title=html.escape(title), body="\n".join(_blocks(text.splitlines())))


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """The part of Markdown that these documents are written in: headings, paragraphs, lists, tables, code."""
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if not line.strip():
            pass
        elif found := re.match(r"(#{1,4}) (.*)", line):
            yield f"<h{len(found[1])}>{_inline(found[2])}</h{len(found[1])}>"
        elif line.startswith("    "):
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield f"<pre>{html.escape(chr(10).join(one[4:] for one in lines[at:end]).rstrip())}</pre>"
        elif line.startswith("|"):
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            yield _table(lines[at:end])
        elif item := re.match(r"(- |\d+\. )", line):
            while end < len(lines) and lines[end].strip() and not lines[end].startswith("#"):
                end += 1
            yield _list(lines[at:end], "ul" if item[1] == "- " else "ol")
        else:
            while end < len(lines) and lines[end].strip() and not re.match(r"#|\||- |\d+\. |    ", lines[end]):
                end += 1
            yield f"<p>{_inline(' '.join(one.strip() for one in lines[at:end]))}</p>"
        at = end


def _list(lines: Sequence[str], kind: str) -> str:
    items: list[str] = []
    for line in lines:
        if found := re.match(r"(?:- |\d+\. )(.*)", line):
            items.append(found[1])
        else:
            items[-1] += f" {line.strip()}"
    return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{kind}>"


def _table(lines: Sequence[str]) -> str:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    head, *body = (row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row))
    said = "".join(f"<th>{_inline(cell)}</th>" for cell in head)
    told = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><tr>{said}</tr>{told}</table>"


def _inline(text: str) -> str:
    codes: list[str] = []

    def keep(found: re.Match[str]) -> str:
        codes.append(f"<code>{html.escape(found[1])}</code>")
        return f"\0{len(codes) - 1}\0"

    said = html.escape(re.sub(r"`([^`]+)`", keep, text), quote=False)
    said = re.sub(
        r"!\[([^\]]*)\]\(([^)]+)\)", lambda m: f'<img src="{_shipped(m[2])}" alt="{html.escape(m[1])}">', said
    )
    said = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", lambda m: _link(m[1], m[2]), said)
    said = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", said)
    said = re.sub(r"(?<![\w*])\*([^*]+)\*(?!\w)", r"<i>\1</i>", said)
    return re.sub(r"\0(\d+)\0", lambda m: codes[int(m[1])], said)


def _shipped(target: str) -> str:
    return target.removeprefix("../../resources/guide/")


def _link(words: str, target: str) -> str:
    """A link to a page of the guide; of other documents, which are not shipped, the words alone."""
    name = Path(target.partition("#")[0]).name
    known = {path.name for path in sources()}
    if name in known:
        return f'<a href="{Path(name).with_suffix(".html").name}">{words}</a>'
    return f'<a href="{name}">{words}</a>' if name == COURT_PDF else words


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
