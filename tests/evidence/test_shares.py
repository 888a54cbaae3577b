import random

import pytest

from evidence.shares import Share


@pytest.mark.parametrize("of", [1, 2, 4])
def test_every_batch_is_taken_by_exactly_one_and_all_have_about_the_same_to_read(of: int) -> None:
    chance = random.Random(2)
    shares = [Share(number, of) for number in range(of)]
    loads = [0] * of
    for _ in range(400):
        batch = [chance.randrange(2_000_000) for _ in range(chance.randrange(50))]
        takers = [number for number, share in enumerate(shares) if share.takes(iter(batch))]
        assert len(takers) == 1
        loads[takers[0]] += sum(batch)
    assert max(loads) < 1.1 * min(loads)


def test_one_huge_file_leaves_all_else_to_the_others() -> None:
    first, second = Share(0, 2), Share(1, 2)
    assert [share.takes([10**12]) for share in (first, second)] == [True, False]
    assert not any(first.takes([10**6]) for _ in range(100))
    assert all(second.takes([10**6]) for _ in range(100))


def test_a_size_below_zero_counts_as_none() -> None:
    share = Share(0, 2)
    assert share.takes([-(10**9)])
    assert not share.takes([1])
