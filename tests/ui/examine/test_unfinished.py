import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from evidence.examination import examine_isolated
from forensics_app.db.catalogue_writer import building_catalogue
from tests.builders import Bench, make_bench
from tests.forensics_app.db.catalogue_rows import HEADER
from tests.ui.examine.conftest import DEMO, MakeDesk, take_in


class StoppedError(Exception):
    """The building was stopped."""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = make_bench(tmp_path / "lab")
    yield bench
    bench.lab.close()


def stopped() -> Iterator[Any]:
    """What the examination of the demonstration image yields, up to its first batch."""
    for item in islice(examine_isolated([DEMO], hash_files=False), 40):
        yield item
        if isinstance(item, tuple):
            break
    raise StoppedError


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is read cannot be renamed there")
def test_what_is_there_of_an_unfinished_catalogue_can_be_looked_at_until_it_is_complete(
    make_desk: MakeDesk, bench: Bench
) -> None:
    image = take_in(bench, DEMO)
    with (
        pytest.raises(StoppedError),
        building_catalogue(bench.lab.catalogues.path(image), HEADER, commit_every_s=0) as building,
    ):
        building.take(stopped())
    desk = make_desk(bench.lab)
    desk.read()
    browser = desk.page.browser
    desk.settle(lambda: "is not complete" in browser.gate.sentence)
    browser.gate.second.click()
    desk.settle(lambda: browser.files.model.rowCount() > 0 and browser.messages.isVisibleTo(browser))
    assert "this is what was found so far" in browser.messages.warning
    bench.lab.catalogues.build(bench.examiner, image.id)
    desk.page.refresh()
    desk.settle(lambda: browser.messages.warning == "" and browser.files.model.rowCount() == 18)
