"""Enterprises in buckets: the same for ever, in batches and portions, worked on side by side."""

from __future__ import annotations

import polars as pl
import pytest

from decisions.buckets import BUCKETS, batches, bucket_of, portions, side_by_side


def test_the_bucket_of_an_enterprise_never_changes() -> None:
    assert [bucket_of(code) for code in ("91330106MA27XXXX11", "91330106MA27XXXX2Y")] == [
        "05",
        "12",
    ]


def test_batches_hold_every_enterprise_once_and_no_more_than_asked() -> None:
    codes = [f"91330106MA27{number:05d}X" for number in range(1000)]
    made = list(batches(codes, BUCKETS, 200))
    assert sorted(code for _, mine in made for code in mine) == codes
    assert [bucket for buckets, _ in made for bucket in buckets] == list(BUCKETS)
    assert all(len(mine) <= 200 for _, mine in made)
    assert all(bucket_of(code) in buckets for buckets, mine in made for code in mine)
    assert len(list(batches(codes, BUCKETS, 1))) == len(BUCKETS)


def test_portions_go_through_the_buckets_and_cut_the_large_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    codes = [f"91330106MA27{number:05d}X" for number in range(1000)]
    made = list(portions(codes, BUCKETS, 30))
    assert [len(mine) for _, mine in made] == [30] * 33 + [10]
    seen: list[str] = []
    for ended, mine in made:
        seen += mine
        for bucket in ended:
            assert {bucket_of(code) for code in codes if code not in seen}.isdisjoint({bucket})
    assert sorted(seen) == codes
    assert [bucket for ended, _ in made for bucket in ended] == list(BUCKETS)
    assert list(portions([], BUCKETS, 30)) == [(list(BUCKETS), [])]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (20, [20]),
        (25, [25]),
        (26, [25, 1]),
        (160, [80, 80]),
        (200, [100, 100]),
        (201, [51, 51, 51, 48]),
    ],
)
def test_portions_are_even_and_as_many_for_each_core_but_where_parting_costs_more(
    count: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    codes = [f"91330106MA27{number:05d}X" for number in range(count)]
    assert [len(mine) for _, mine in portions(codes, BUCKETS, 100)] == sizes


def test_work_side_by_side_comes_in_order_and_an_error_ends_it() -> None:
    assert [answer for _, answer in side_by_side(lambda n: n * n, range(20))] == [
        n * n for n in range(20)
    ]
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda n: 1 / n, [2, 1, 0]))
