"""Locks that live as long as their process: told by many at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from forensics_app.db.filelock import held, is_held


def test_many_may_look_at_once_and_none_takes_another_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "job.lock"
    path.touch()
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(is_held, [path] * 2_000))
        with held(path):
            assert all(pool.map(is_held, [path] * 200))
    assert not is_held(path)
