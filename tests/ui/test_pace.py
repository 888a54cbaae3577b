import pytest

from ui.pace import KEPT_S, Pace


def reported(seconds: int, per_s: int, total: int) -> Pace:
    pace = Pace()
    for at in range(seconds + 1):
        pace.add(at, at * per_s, total)
    return pace


def test_no_time_left_is_told_before_ten_seconds_of_data() -> None:
    assert reported(9, 100, 10_000).left_s is None
    assert reported(10, 100, 10_000).left_s == pytest.approx(90)


def test_rate_share_and_mean_follow_the_reports() -> None:
    pace = reported(20, 100, 10_000)
    assert pace.rate == pytest.approx(100)
    assert pace.mean_rate == pytest.approx(100)
    assert pace.share == pytest.approx(0.2)


def test_the_rate_forgets_what_was_long_ago() -> None:
    pace = reported(30, 100, 100_000)
    for at in range(31, 61):
        pace.add(at, 3000 + (at - 30) * 500, 100_000)
    assert pace.rate == pytest.approx(500)
    assert pace.mean_rate == pytest.approx(300)


def test_nothing_is_guessed_without_a_total_or_without_movement() -> None:
    assert reported(20, 100, 0).left_s is None
    assert reported(20, 100, 0).share is None
    assert reported(20, 0, 100).left_s is None
    assert Pace().rate is None


def test_a_new_phase_that_counts_from_zero_starts_the_clock_anew() -> None:
    pace = reported(30, 100, 3000)
    pace.add(31, 0, 500)
    pace.add(32, 50, 500)
    assert pace.left_s is None
    assert pace.rate == pytest.approx(50)


def test_rates_of_the_last_eight_minutes_are_kept() -> None:
    pace = reported(1000, 100, 10**9)
    assert len(pace.rates()) == KEPT_S
    assert set(pace.rates()) == {100}
