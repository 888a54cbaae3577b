"""What independent programs say of a PDF: poppler's and qpdf."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from forensics_app.model.dossier import Dossier
from forensics_app.reports.pdf import render


def rendered(dossier: Dossier) -> bytes:
    """The report's bytes."""
    target = BytesIO()
    render(dossier, target)
    return target.getvalue()


_BOX = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)')


@dataclass(frozen=True)
class Oracle:
    """Runs the programs on files below a folder of the test."""

    folder: Path

    def pages(self, pdf: bytes, *, layout: bool = True) -> list[str]:
        """The text of every page, by pdftotext."""
        options = ["-layout"] if layout else []
        text = self._run("pdftotext", *options, str(self._file(pdf)), "-")
        return text.split("\f")[:-1]

    def flat(self, pdf: bytes) -> str:
        """All text with white space removed: what stands on paper wherever its lines break."""
        return re.sub(r"\s", "", "".join(self.pages(pdf, layout=False)))

    def overlaps(self, pdf: bytes) -> list[tuple[int, str, str]]:
        """Words that are drawn over each other by more than half a line, with the number of their page."""
        found = []
        told = self._run("pdftotext", "-bbox", str(self._file(pdf)), "-")
        for number, page in enumerate(told.split("<page ")[1:], 1):
            boxes = [(*map(float, box[:4]), box[4]) for box in _BOX.findall(page)]
            for at, (left, top, right, foot, word) in enumerate(boxes):
                for left_2, top_2, right_2, foot_2, other in boxes[at + 1 :]:
                    wide = min(right, right_2) - max(left, left_2)
                    high = min(foot, foot_2) - max(top, top_2)
                    if wide > 1.0 and high > 0.5 * min(foot - top, foot_2 - top_2):
                        found.append((number, word, other))
        return found

    def info(self, pdf: bytes) -> dict[str, str]:
        """The fields of pdfinfo."""
        lines = self._run("pdfinfo", "-isodates", str(self._file(pdf))).splitlines()
        return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def fonts(self, pdf: bytes) -> list[list[str]]:
        """The rows of pdffonts, as words."""
        return [line.split() for line in self._run("pdffonts", str(self._file(pdf))).splitlines()[2:]]

    def check(self, pdf: bytes) -> str:
        """What qpdf says of the structure; raises where it finds a fault."""
        return self._run("qpdf", "--check", str(self._file(pdf)))

    def _file(self, pdf: bytes) -> Path:
        path = self.folder / "report.pdf"
        path.write_bytes(pdf)
        return path

    @staticmethod
    def _run(program: str, *arguments: str) -> str:
        found = shutil.which(program)
        if found is None:
            pytest.skip(f"{program} is not installed (Debian: poppler-utils, qpdf)")
        done = subprocess.run([found, *arguments], check=True, capture_output=True)
        return done.stdout.decode("utf-8", "replace")
