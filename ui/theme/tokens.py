"""Every colour and size of the window, in two themes; `docs/` of the look: quiet, dense, exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAMILY: Final = "Inter"
MONO: Final = "JetBrains Mono"
FALLBACK: Final = "Noto Sans Georgian"


class Space:
    """Gaps between things, in device-independent pixels on a 4 px grid."""

    XXS, XS, S, M, L, XL, XXL = 2, 4, 8, 12, 16, 24, 32


class Type:
    """Heights of type in device-independent pixels."""

    CAPTION, SMALL, BODY, SECTION, TITLE, FIGURE = 11, 12, 13, 14, 18, 22


class Row:
    """Heights of rows in device-independent pixels."""

    DENSE, NORMAL, TWO_LINE, EVENT, HEAD = 24, 28, 48, 76, 28


class Size:
    """Sizes of the frame and of controls in device-independent pixels."""

    RAIL, TOP_BAR, PAGE_BAR, JOB_TRAY = 76, 52, 48, 40
    CONTROL, CONTROL_SMALL, BADGE = 28, 24, 20
    ICON, ICON_SMALL, ICON_TWO_LINE, ICON_NAV = 16, 14, 20, 22
    RADIUS, RADIUS_CARD, RADIUS_DIALOG, FOCUS, BAR = 4, 6, 8, 2, 6
    ACCENT_EDGE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one theme as ``#RRGGBB`` (``scrim`` as ``#AARRGGBB``), named by use."""

    name: str
    window: str
    rail: str
    surface: str
    sunken: str
    raised: str
    hover: str
    border: str
    border_strong: str
    grid: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_fill: str
    accent_fill_hover: str
    on_accent: str
    accent_soft: str
    selection: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    neutral_soft: str
    focus: str
    mark: str
    paper: str
    paper_edge: str
    scrim: str
    tag_blue: str
    tag_violet: str
    tag_teal: str
    tag_pink: str
    tag_brown: str
    tag_grey: str


LIGHT: Final = Theme(
    name="light",
    window="#F1F3F5",
    rail="#E6E9ED",
    surface="#FFFFFF",
    sunken="#F7F8FA",
    raised="#FFFFFF",
    hover="#EDF1F6",
    border="#D3D8DE",
    border_strong="#808995",
    grid="#E8EBEF",
    text="#191E24",
    text2="#434C58",
    text3="#5B6572",
    accent="#1F57A4",
    accent_fill="#1F57A4",
    accent_fill_hover="#17478A",
    on_accent="#FFFFFF",
    accent_soft="#E2ECF9",
    selection="#D3E3F8",
    ok="#17663A",
    ok_soft="#E1F2E8",
    warn="#7D4A00",
    warn_soft="#FBEFD5",
    bad="#A8221A",
    bad_soft="#FBE4E2",
    neutral_soft="#E8EBEF",
    focus="#1F57A4",
    mark="#FFE58A",
    paper="#FFFFFF",
    paper_edge="#808995",
    scrim="#66101418",
    tag_blue="#1F57A4",
    tag_violet="#6D45B5",
    tag_teal="#0C6F82",
    tag_pink="#AD2E78",
    tag_brown="#7A5230",
    tag_grey="#5B6572",
)

DARK: Final = Theme(
    name="dark",
    window="#15181C",
    rail="#101316",
    surface="#1B1F24",
    sunken="#171A1F",
    raised="#23282E",
    hover="#262C33",
    border="#323941",
    border_strong="#707A86",
    grid="#262B31",
    text="#E5E8EC",
    text2="#B4BCC6",
    text3="#929CA8",
    accent="#82B4F5",
    accent_fill="#2C66B8",
    accent_fill_hover="#3874C8",
    on_accent="#FFFFFF",
    accent_soft="#1C2F49",
    selection="#22405F",
    ok="#74CE98",
    ok_soft="#173023",
    warn="#E8B95C",
    warn_soft="#352A14",
    bad="#F59A92",
    bad_soft="#40201E",
    neutral_soft="#2A3037",
    focus="#82B4F5",
    mark="#6B5A12",
    paper="#FFFFFF",
    paper_edge="#707A86",
    scrim="#A6050709",
    tag_blue="#82B4F5",
    tag_violet="#B9A0F0",
    tag_teal="#5CC4D6",
    tag_pink="#F08CC0",
    tag_brown="#D3A67C",
    tag_grey="#A3ADB8",
)
