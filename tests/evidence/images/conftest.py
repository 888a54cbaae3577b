"""Images that are closed when a test ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from evidence.images import Image, open_image

Open = Callable[[Sequence[Path]], Image]


@pytest.fixture
def opened() -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda paths: stack.enter_context(closing(open_image(paths)))
