import os

import pytest
from hypothesis import HealthCheck, settings

LONGEST = (
    "test_agreement.py",
    "test_commands.py",
    "test_first_day_on_x11.py",
    "test_forged_chains.py",
    "test_second_reader.py",
)
"""The files that take longest; they begin first, so that at the end no core waits for the last of them."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
