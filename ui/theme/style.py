"""Turns a theme into what Qt draws with: a palette and a stylesheet; and tells which theme is in use."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

import resources
from ui import icons
from ui.theme.fonts import ui_font
from ui.theme.tokens import DARK, FALLBACK, FAMILY, LIGHT, MONO, Row, Size, Space, Theme, Type

HIGH_CONTRAST = "high contrast"
_THEME, _SHEET = "themeInUse", "sheetInUse"
_STYLE = "fusion"
_MARKS = ("chevron-down", "chevron-up", "chevron-right", "check", "minus")
_DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="6" fill="{}"/></svg>'


def current() -> Theme:
    """The theme in use; painted widgets ask for it each time they paint."""
    app = QCoreApplication.instance()
    theme = app.property(_THEME) if app else None
    return theme if isinstance(theme, Theme) else LIGHT


def apply(app: QApplication, theme: Theme, marks_folder: Path) -> None:
    """Draw everything in ``theme`` from now on; ``marks_folder`` receives the few marks that controls need as files."""
    sheet = stylesheet(theme, marks_folder)
    app.setProperty(_THEME, theme)
    app.setProperty(_SHEET, sheet)
    if app.style().name() != _STYLE:
        app.setStyle(QStyleFactory.create(_STYLE))
    app.setFont(ui_font())
    app.setPalette(palette(theme))
    for window in app.topLevelWidgets():
        if window.styleSheet():
            window.setStyleSheet(sheet)


def dress(window: QWidget) -> None:
    """Let ``window`` and all that is put into it, its dialogs and menus too, be drawn by the stylesheet in use.

    The sheet belongs to windows and not to the application: Qt gives every widget the application's sheet anew each
    time it gets another parent, and a page put together from the inside to the outside took up to six times as long.
    """
    app = QCoreApplication.instance()
    window.setStyleSheet(str(app.property(_SHEET) or "") if app else "")


def palette(theme: Theme) -> QPalette:
    """The colours of ``theme`` by Qt's roles."""
    role = QPalette.ColorRole
    colours = QPalette()
    for where, value in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.sunken,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.PlaceholderText: theme.text3,
        role.Light: theme.hover,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.border_strong,
        role.Shadow: theme.rail,
        role.Accent: theme.accent,
    }.items():
        colours.setColor(where, QColor(value))
    for where in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.text3))
    return colours


def from_palette(colours: QPalette) -> Theme:
    """A theme from the system's own colours, for people who asked the system for high contrast."""
    role = QPalette.ColorRole
    dark = colours.color(role.Window).lightness() < colours.color(role.WindowText).lightness()

    def at(where: QPalette.ColorRole) -> str:
        return colours.color(where).name()

    ground, text, selected = at(role.Base), at(role.WindowText), at(role.Highlight)
    return replace(
        DARK if dark else LIGHT,
        name=HIGH_CONTRAST,
        window=at(role.Window),
        rail=at(role.Window),
        surface=ground,
        sunken=ground,
        raised=at(role.Button),
        hover=at(role.Button),
        border=text,
        border_strong=text,
        grid=text,
        text=text,
        text2=text,
        text3=text,
        accent=text,
        accent_fill=selected,
        accent_fill_hover=selected,
        on_accent=at(role.HighlightedText),
        accent_soft=ground,
        selection=ground,
        ok_soft=ground,
        warn_soft=ground,
        bad_soft=ground,
        neutral_soft=ground,
        focus=text,
    )


def stylesheet(theme: Theme, marks_folder: Path) -> str:
    """style.qss with every ``@name`` filled in from the tokens.

    Raises:
        KeyError: The sheet names a token that does not exist.
    """
    _write_marks(theme, marks_folder)
    values = {key: str(value) for key, value in asdict(theme).items()}
    for prefix, group in (("space", Space), ("type", Type), ("row", Row), ("size", Size)):
        values |= {
            f"{prefix}_{name.lower()}": f"{value}px" for name, value in vars(group).items() if isinstance(value, int)
        }
    values |= {
        "family": FAMILY,
        "fallback": FALLBACK,
        "mono": MONO,
        "marks": (marks_folder / _file_prefix(theme)).as_posix(),
    }
    text = resources.path("styles/style.qss").read_text(encoding="utf-8")
    return re.sub(r"@([a-z_0-9]+)", lambda found: values[found.group(1)], text)


def _file_prefix(theme: Theme) -> str:
    return theme.name.replace(" ", "-")


def _write_marks(theme: Theme, folder: Path) -> None:
    drawn = {name: icons.svg(name, theme.text2, 2.0) for name in _MARKS}
    drawn |= {"check-on": icons.svg("check", theme.on_accent, 3.0), "dot-on": _DOT.format(theme.on_accent)}
    for name, text in drawn.items():
        (folder / f"{_file_prefix(theme)}-{name}.svg").write_text(text, encoding="utf-8")
