"""How much of a delivery is read before it is refused: bounds on lines, bytes and packing.

Belongs here: the bounds, and holding a stream of bytes to them. Does not: what the bytes
mean. A bound is checked while bytes arrive, so that no delivery, however large or well
packed, takes more memory than the bound allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assets.adapters.delivered import DeliveryError
from assets.tables.intake import Failure

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one delivery.

    The defaults leave room for the largest honest file of a province (4.4 million insurance
    rows of a city, 0.4 GiB) and for the longest honest line (a unit with all its measures,
    some 2 KiB).
    """

    file_bytes: int = 1024 * MIB
    """Of a file, and of what is unpacked from it."""
    line_bytes: int = MIB
    ratio: int = 200
    """Unpacked to packed bytes; tables of codes pack 10 to 50 times, a bomb 1,000 times."""
    ratio_from: int = 16 * MIB
    """Unpacked bytes up to which the ratio is not asked for."""
    entries: int = 1_000
    """Parts of an archive or a workbook."""
    cells: int = 400_000_000
    """Rows times columns of a columnar file, whose rows may cost no bytes."""


LIMITS = Limits()


def held(chunks: Iterable[bytes], limits: Limits, *, has_lines: bool) -> Iterator[bytes]:
    """The chunks, as long as they keep within the bounds.

    Args:
        chunks: in order.
        limits: the bounds.
        has_lines: whether the form is one of lines.

    Raises:
        DeliveryError: a line or the whole is longer than allowed.
    """
    total = 0
    line = 0
    line_no = 1
    for chunk in chunks:
        total += len(chunk)
        if total > limits.file_bytes:
            raise too_large(limits)
        if has_lines:
            line, line_no = _longest(chunk, line, line_no, limits)
        yield chunk


def too_large(limits: Limits) -> DeliveryError:
    """More bytes than a delivery may have."""
    size = f"{limits.file_bytes:,}"
    return DeliveryError(
        Failure.TOO_LARGE,
        f"文件（解压后）超过{size}字节；请拆分为多个文件后再送",
        f"the file is larger than {size} bytes when unpacked; split it and send it anew",
    )


def _longest(chunk: bytes, line: int, line_no: int, limits: Limits) -> tuple[int, int]:
    """Bytes of the line that goes on after the chunk, and its number."""
    start = 0
    # Most chunks have no line near the bound: look at breaks only where one might be.
    while line + len(chunk) - start > limits.line_bytes:
        stop = start + limits.line_bytes - line + 1
        end = chunk.rfind(b"\n", start, stop)
        if end < 0:
            raise DeliveryError(
                Failure.LINE_TOO_LONG,
                f"第{line_no}行超过{limits.line_bytes:,}字节，疑似缺少换行；请重新导出后再送",
                f"line {line_no} is longer than {limits.line_bytes:,} bytes, as if line ends were "
                "missing; export it again and send it anew",
            )
        line_no += chunk.count(b"\n", start, stop)
        start = end + 1
        line = 0
    end = chunk.rfind(b"\n", start)
    if end < 0:
        return line + len(chunk) - start, line_no
    return len(chunk) - end - 1, line_no + chunk.count(b"\n", start)
