"""Files are whole or absent, and JSON has one spelling."""

from __future__ import annotations

import errno
import multiprocessing
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from certificates.files import canonical_json, one_writer, write_secret, write_whole


def test_canonical_json_has_one_spelling() -> None:
    value = {
        "b": Decimal("1.50"),
        "a": date(2017, 3, 1),
        "c": datetime.fromisoformat("2017-03-01T10:00:00+08:00"),
        "汉": None,
    }
    assert (
        canonical_json(value).decode()
        == '{"a":"2017-03-01","b":"1.50","c":"2017-03-01T02:00:00.000000Z","汉":null}'
    )


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError),
        (datetime(2017, 3, 1), TypeError),
        ({1, 2}, TypeError),
    ],
)
def test_what_has_no_canonical_spelling_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        canonical_json([value])


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.pdf"
    write_whole(path, b"old")
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(full))
    with pytest.raises(OSError, match=r"No space left on device: '.*x\.pdf'"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["x.pdf"]


def test_a_secret_is_never_replaced(tmp_path: Path) -> None:
    assert write_secret(tmp_path / "key", b"first")
    assert not write_secret(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def hold(folder: Path, taken: multiprocessing.synchronize.Event) -> None:
    with one_writer(folder):
        taken.set()
        time.sleep(60)


def test_a_killed_holder_of_a_folder_lets_go(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    taken = context.Event()
    holder = context.Process(target=hold, args=(tmp_path, taken))
    holder.start()
    assert taken.wait(30)
    holder.kill()
    with one_writer(tmp_path):
        holder.join(10)
