import re
from pathlib import Path

import pytest

import ui
from ui import icons
from ui.tones import Tone, icon_of

UI_FOLDER = Path(ui.__file__).parent


@pytest.mark.parametrize("name", icons.names())
def test_an_icon_draws_in_the_colour_that_is_asked_for(name: str) -> None:
    image = icons.pixmap(name, "#ff0000", 32, 1.0).toImage()
    drawn = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
    assert drawn
    assert all((colour.red(), colour.green(), colour.blue()) == (255, 0, 0) for colour in drawn)


@pytest.mark.parametrize("name", icons.names())
def test_an_icon_has_one_source_without_a_colour_of_its_own(name: str) -> None:
    source = icons.svg(name, "currentColor", 1.75)
    assert "#" not in source
    assert 'viewBox="0 0 24 24"' in source


def test_a_pixmap_is_as_sharp_as_the_screen() -> None:
    sharp = icons.pixmap("disk", "#000000", 16, 2.0)
    assert (sharp.width(), sharp.devicePixelRatio()) == (32, 2.0)


def test_each_state_has_an_outline_of_its_own() -> None:
    outlines = [icon_of(tone) for tone in Tone]
    assert len(set(outlines)) == len(outlines)
    assert set(outlines) <= set(icons.names())


def test_every_icon_that_the_window_names_exists() -> None:
    named = set()
    for file in UI_FOLDER.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named |= set(re.findall(r'\bicon="([a-z-]+)"|\bIcon(?:Label|Button|Action)\("([a-z-]+)"', text))
    names = {name for pair in named for name in pair if name}
    assert len(names) > 10
    assert names <= set(icons.names())
