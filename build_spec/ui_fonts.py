"""Makes resources/fonts/ui from Debian's font packages; run it only to renew the fonts.

Needs ``pip install fonttools`` and, unpacked with ``dpkg -x`` into one folder, the Debian packages
fonts-inter 4.0~beta7, fonts-jetbrains-mono 2.242 and fonts-noto-core 20201225:

    python build_spec/ui_fonts.py UNPACKED_FOLDER resources/fonts/ui

The window uses three static weights of Inter: Qt's font engines agree on static fonts on every system, and the
OpenType outlines are drawn more evenly at 11 to 13 pixels than the TrueType ones. Every font keeps its hints and
all layout features for the characters listed below.
All three fonts are under the SIL Open Font License 1.1 and declare no reserved font name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LATIN_GREEK_CYRILLIC = (
    (0x0020, 0x052F), (0x1C80, 0x1C8F), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF), (0x2000, 0x20CF), (0x2100, 0x218F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2600, 0x26FF), (0x2C60, 0x2C7F),
    (0x2DE0, 0x2DFF), (0x2E00, 0x2E5F), (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
)  # fmt: skip
GEORGIAN = ((0x0020, 0x007E), (0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F), (0x2010, 0x2026))
WEIGHTS = ("Regular", "Medium", "SemiBold")


def subset(font: Any, ranges: tuple[tuple[int, int], ...], target: Path) -> None:
    """Keep only the characters in ``ranges`` (inclusive) and write the font to ``target``."""
    options = Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True)
    cutter = Subsetter(options)
    cutter.populate(unicodes=[code for first, last in ranges for code in range(first, last + 1)])
    cutter.subset(font)
    font.save(target)
    print(f"{target}: {target.stat().st_size:,} bytes")


def main(unpacked: Path, target: Path) -> None:
    """Write the five fonts into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    fonts = unpacked / "usr/share/fonts/truetype"
    for style in WEIGHTS:
        inter = TTFont(unpacked / f"usr/share/fonts/opentype/inter/Inter-{style}.otf")
        subset(inter, LATIN_GREEK_CYRILLIC, target / f"Inter-{style}.otf")
    subset(
        TTFont(fonts / "jetbrains-mono/JetBrainsMono-Regular.ttf"),
        LATIN_GREEK_CYRILLIC,
        target / "JetBrainsMono-Regular.ttf",
    )
    subset(TTFont(fonts / "noto/NotoSansGeorgian-Regular.ttf"), GEORGIAN, target / "NotoSansGeorgian-Regular.ttf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
