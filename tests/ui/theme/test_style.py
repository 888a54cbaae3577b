from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette, QRawFont, QTextLayout
from PySide6.QtWidgets import QApplication

import resources
from ui import theme
from ui.theme import fonts, style
from ui.theme.tokens import DARK, LIGHT, Theme

LIMIT_BYTES = 4_000_000


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_every_name_in_the_sheet_is_a_token(look: Theme, tmp_path: Path) -> None:
    sheet = style.stylesheet(look, tmp_path)
    assert "@" not in sheet
    assert look.accent_fill in sheet
    for name in sheet.split('url("')[1:]:
        assert Path(name.split('"')[0]).is_file()


def test_the_theme_in_use_can_be_changed_while_the_program_runs(styled_app: QApplication, tmp_path: Path) -> None:
    try:
        style.apply(styled_app, DARK, tmp_path)
        assert theme.current() is DARK
        assert styled_app.palette().window().color().name().upper() == DARK.window
    finally:
        style.apply(styled_app, LIGHT, tmp_path)
    assert theme.current() is LIGHT


def test_high_contrast_can_begin_while_another_theme_is_in_use(styled_app: QApplication, tmp_path: Path) -> None:
    role, system = QPalette.ColorRole, QPalette()
    for where, colour in (
        (role.Window, "black"),
        (role.Base, "black"),
        (role.WindowText, "white"),
        (role.Text, "white"),
    ):
        system.setColor(where, QColor(colour))
    try:
        style.apply(styled_app, LIGHT, tmp_path)
        style.apply(styled_app, style.from_palette(system), tmp_path)
        assert (theme.current().surface, theme.current().text) == ("#000000", "#ffffff")
        assert styled_app.palette().color(role.Text) == QColor("white")
    finally:
        style.apply(styled_app, LIGHT, tmp_path)


@pytest.mark.parametrize("weight", [fonts.REGULAR, fonts.MEDIUM, fonts.SEMIBOLD])
def test_the_bundled_weights_of_inter_are_used_and_not_imitated(weight: fonts.Weight) -> None:
    used = QRawFont.fromFont(fonts.ui_font(13, weight))
    assert (used.familyName(), used.weight()) == ("Inter", weight)


def test_figures_have_one_width_in_both_families() -> None:
    for font in (fonts.ui_font(), fonts.mono_font()):
        metrics = QFontMetrics(font)
        assert len({metrics.horizontalAdvance(figure * 8) for figure in "0123456789"}) == 1


def drawn(text: str, font: QFont) -> list[int]:
    """The glyphs that a text is drawn with."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return [glyph for run in layout.glyphRuns() for glyph in run.glyphIndexes()]


@pytest.mark.parametrize("name", ["640x480.jpg", "0x1A4F", "a->b <= c.txt", "(C) 2026", "1-2:3", "fi.ffi"])
def test_a_name_is_drawn_letter_by_letter_as_it_is_written(name: str) -> None:
    for font in (fonts.ui_font(), fonts.mono_font()):
        assert drawn(name, font) == [glyph for letter in name for glyph in drawn(letter, font)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("Inter-Regular.otf", "Ana Kovač → Żółć ß ŋ Ђуро Їжак Ελλάδα ≠ …"),
        ("JetBrainsMono-Regular.ttf", "0123456789abcdef · Kovač Ђуро"),
        ("NotoSansGeorgian-Regular.ttf", "საქართველო"),
    ],
)
def test_the_fonts_hold_the_letters_of_the_people_we_serve(file: str, text: str) -> None:
    font = QRawFont(str(resources.path(f"fonts/ui/{file}")), 13)
    assert not [letter for letter in text if not font.supportsCharacter(ord(letter)) and letter != " "]


def test_the_fonts_are_small_and_each_has_its_licence() -> None:
    files = list(resources.path("fonts/ui").iterdir())
    families = {file.name.split("-")[0] for file in files}
    assert sum(file.stat().st_size for file in files) < LIMIT_BYTES
    for family in families:
        licence = resources.path(f"fonts/ui/{family}-OFL.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
