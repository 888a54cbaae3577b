from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from forensics_app.model.dossier import Finding, FindingKind
from forensics_app.reports.pictures import fitted, picture_size
from forensics_app.reports.preview import page_count, page_png
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier
from tests.forensics_app.reports.sample_values import picture


def jpeg(mode: str, size: tuple[int, int] = (30, 20), **options: bool) -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, "JPEG", **options)
    return written.getvalue()


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_the_size_of_a_picture_is_that_of_its_frame(options: dict[str, bool]) -> None:
    assert picture_size(jpeg("RGB", **options)) == (30, 20, 3)
    assert picture_size(jpeg("L", **options)) == (30, 20, 1)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"GIF89a", jpeg("CMYK"), jpeg("RGB")[:10], b"\xff\xd8" + b"\xff\xe0\0\0" * 9]
)
def test_what_is_no_usable_picture_has_no_size(data: bytes) -> None:
    assert picture_size(data) is None


@given(st.binary(max_size=300))
def test_no_bytes_upset_the_reading_of_a_frame(data: bytes) -> None:
    picture_size(b"\xff\xd8" + data)


def test_a_picture_is_embedded_byte_for_byte_once() -> None:
    dossier = sample_dossier()
    shot = dossier.exhibits[0].photos[0]
    assert shot.jpeg is not None
    twice = replace(dossier.exhibits[0], photos=(shot, shot))
    assert rendered(replace(dossier, exhibits=(twice,))).count(shot.jpeg) == 1


def test_a_broken_picture_is_said_to_be_one(tmp_path: Path) -> None:
    dossier = sample_dossier()
    broken = replace(dossier.exhibits[0].photos[0], jpeg=picture("x")[:100])
    exhibit = replace(dossier.exhibits[0], photos=(broken,))
    text = " ".join(Oracle(tmp_path).pages(rendered(replace(dossier, exhibits=(exhibit,)))))
    assert "picture cannot be printed" in text


def test_the_text_of_a_finding_stands_on_the_page_of_its_picture(tmp_path: Path) -> None:
    findings = tuple(
        Finding(
            heading=f"Shot {number}",
            kind=FindingKind.FACT,
            text="It shows the entrance of the warehouse. " * (1 + number % 5),
            thumbnail=jpeg("RGB"),
        )
        for number in range(24)
    )
    pages = Oracle(tmp_path).pages(rendered(replace(bare_dossier(), findings=findings)))
    begun = [page.count("It shows the entrance of the warehouse") > 0 for page in pages]
    assert sum(begun) > 3
    for page in pages:
        assert page.count("STATEMENT OF FACT") == page.count("Stated by"), page


def test_a_fitted_picture_keeps_its_proportions() -> None:
    size = picture_size(jpeg("RGB", (600, 200)))
    assert size is not None
    assert fitted(size, 300, 300) == (300, 100)


def test_the_preview_counts_and_draws_pages(tmp_path: Path) -> None:
    pdf = rendered(bare_dossier())
    assert page_count(pdf) == int(Oracle(tmp_path).info(pdf)["Pages"])
    with Image.open(BytesIO(page_png(pdf, 0, 500))) as page:
        assert page.width == 500
        assert abs(page.height - 500 * 842 / 595) < 2
        darkest, lightest = page.convert("L").getextrema()
    assert (darkest, lightest) == (0, 255)


def test_there_is_no_preview_of_a_page_that_is_not_there() -> None:
    pdf = rendered(bare_dossier())
    for index in (-1, page_count(pdf)):
        with pytest.raises(IndexError, match="no page"):
            page_png(pdf, index, 100)
