"""Contrast of colour pairs after WCAG 2.2, so that a theme is checked and not assumed."""

from __future__ import annotations

from collections.abc import Iterator

from ui.theme.tokens import Theme

TEXT_RATIO = 4.5
OUTLINE_RATIO = 3.0
_GROUNDS = ("window", "rail", "surface", "sunken", "raised", "hover", "selection", "neutral_soft", "accent_soft")
_STATE_GROUNDS = ("surface", "sunken", "raised", "window", "hover", "selection")


def ratio(first: str, second: str) -> float:
    """The contrast of two ``#RRGGBB`` colours, 1.0 (none) to 21.0 (black on white)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs_in_use() -> Iterator[tuple[str, str, float]]:
    """Every (foreground, ground, least ratio) that a screen may draw, by token name."""
    for ground in _GROUNDS:
        yield "text", ground, TEXT_RATIO
        yield "text2", ground, TEXT_RATIO
        if ground not in ("selection", "accent_soft"):
            yield "text3", ground, TEXT_RATIO
    for state in ("accent", "ok", "warn", "bad"):
        for ground in _STATE_GROUNDS:
            yield state, ground, TEXT_RATIO
        yield state, f"{state}_soft", TEXT_RATIO
    for ground in ("accent_fill", "accent_fill_hover"):
        yield "on_accent", ground, TEXT_RATIO
    yield "text", "mark", TEXT_RATIO
    for tag in ("blue", "violet", "teal", "pink", "brown", "grey"):
        for ground in ("surface", "hover", "selection"):
            yield f"tag_{tag}", ground, OUTLINE_RATIO
    for outline in ("border_strong", "focus"):
        for ground in ("window", "surface", "sunken", "raised"):
            yield outline, ground, OUTLINE_RATIO


def too_faint(theme: Theme) -> list[tuple[str, str, float]]:
    """The pairs of ``theme`` below their least ratio, with the ratio they have."""
    return [
        (fore, ground, round(found, 2))
        for fore, ground, least in pairs_in_use()
        if (found := ratio(getattr(theme, fore), getattr(theme, ground))) < least
    ]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
