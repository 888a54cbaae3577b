"""What a viewer tells of a content, as the window and the command line show it."""

from __future__ import annotations

from evidence.errors import NoViewerError as NoViewerError
from evidence.viewers.base import MOST_ROWS as MOST_ROWS
from evidence.viewers.base import PAGES as PAGES
from evidence.viewers.base import TABLE as TABLE
from evidence.viewers.base import TEXT as TEXT
from evidence.viewers.base import TREE as TREE
from evidence.viewers.base import Part as Part
from evidence.viewers.base import Row as Row
from evidence.viewers.base import Rows as Rows
from evidence.viewers.base import Sheet as Sheet
from evidence.viewers.base import TreeNode as TreeNode
