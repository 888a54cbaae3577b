from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QPalette

from tests.ui.theme.contrast import ratio, too_faint
from ui.theme import style
from ui.theme.tokens import DARK, LIGHT, Theme


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_pair_that_a_screen_draws_meets_wcag_aa(theme: Theme) -> None:
    assert too_faint(theme) == []


def test_a_hint_that_is_too_pale_is_found() -> None:
    pale = replace(LIGHT, text3="#B0B7C0")
    assert ("text3", "surface", ratio("#B0B7C0", "#FFFFFF").__round__(2)) in too_faint(pale)


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#FFFFFF", "#FFFFFF") == pytest.approx(1)


@pytest.mark.parametrize(("ground", "text"), [("#000000", "#FFFFFF"), ("#FFFFFF", "#000000")])
def test_high_contrast_takes_the_colours_of_the_system(ground: str, text: str) -> None:
    colours = QPalette(QColor(ground))
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
        colours.setColor(role, QColor(ground))
    colours.setColor(QPalette.ColorRole.WindowText, QColor(text))
    theme = style.from_palette(colours)
    assert (theme.surface, theme.text, theme.border) == (
        QColor(ground).name(),
        QColor(text).name(),
        QColor(text).name(),
    )
    assert ratio(theme.text, theme.selection) >= 4.5
