"""Whatever library met it, a folder that cannot be written is told with its remedy."""

from __future__ import annotations

import pytest

from pipelines.terminal.unwritable import unwritable


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        ("[Errno 30] Read-only file system: '/lake/x.lock'", "文件系统只读"),
        ("[Errno 13] Permission denied: '/lake'", "没有读写权限"),
        ("[Errno 28] No space left on device", "磁盘已满"),
        (
            "Failed to parse parquet: External: Generic LocalFileSystem error: Unable to open file "
            "/lake/part-0.parquet: Read-only file system (os error 30)",
            "文件系统只读",
        ),
        ("Generic LocalFileSystem error: No space left on device (os error 28)", "磁盘已满"),
        (
            "Could not create local directory: /lake/check__release "
            'Error: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }',
            "文件系统只读",
        ),
        ("(sqlite3.OperationalError) attempt to write a readonly database", "文件系统只读"),
        ("(sqlite3.OperationalError) database or disk is full", "磁盘已满"),
        ("(sqlite3.OperationalError) disk I/O error", "磁盘已满或有故障"),
    ],
)
def test_it_says_why_where_and_what_to_do(said: str, zh: str) -> None:
    told = unwritable(said)
    assert told is not None
    assert told.startswith(zh)
    assert "run the command again" in told
    assert said in told


def test_the_colours_of_a_terminal_are_no_part_of_what_is_told() -> None:
    told = unwritable("LocalFileSystem error \x1b[31m↳\x1b[0m No space left (os error 28)")
    assert told is not None and "error ↳ No space left" in told


@pytest.mark.parametrize("said", ["", "[Errno 2] No such file or directory: 'x'", "division by 0"])
def test_any_other_error_is_left_as_it_is(said: str) -> None:
    assert unwritable(said) is None
