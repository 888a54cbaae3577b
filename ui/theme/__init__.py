"""How the window looks: tokens, fonts, palette and stylesheet."""

from ui.theme.fonts import MEDIUM as MEDIUM
from ui.theme.fonts import REGULAR as REGULAR
from ui.theme.fonts import SEMIBOLD as SEMIBOLD
from ui.theme.fonts import mono_font as mono_font
from ui.theme.fonts import ui_font as ui_font
from ui.theme.style import current as current
from ui.theme.style import dress as dress
from ui.theme.tokens import Row as Row
from ui.theme.tokens import Size as Size
from ui.theme.tokens import Space as Space
from ui.theme.tokens import Theme as Theme
from ui.theme.tokens import Type as Type
