"""A folder that cannot be written, told so that somebody can mend it.

Belongs here: which errors say so, in whatever library they arise, and the words for each. Does not:
files that a command was asked to write (they are a wrong use, and told by the command).
"""

from __future__ import annotations

import errno
import re

_WHY = {
    errno.EROFS: "文件系统只读 the file system is read-only",
    errno.EACCES: "没有读写权限 no permission to read or write",
    errno.EPERM: "没有读写权限 no permission to read or write",
    errno.ENOSPC: "磁盘已满 the disk is full",
    errno.EIO: "磁盘已满或有故障 the disk is full or fails",
    errno.EDQUOT: "磁盘配额已满 the quota of the disk is used up",
}
_NUMBER = re.compile(r"\[Errno (\d+)\]|\(os error (\d+)\)|\bOs \{ code: (\d+)")
"""As Python tells the number of an error, and as Delta and Polars do."""
_COLOUR = re.compile(r"\x1b\[\d*m")
"""Delta colours what it says."""
_OF_SQLITE = {
    "attempt to write a readonly database": errno.EROFS,
    "unable to open database file": errno.EACCES,
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
}
_REMEDY = (
    "改正后重新执行即可，已办的保留、不会重办 mend that and run the command again: "
    "what is done stays and is not done twice"
)
_LONGEST = 300


def unwritable(said: str) -> str | None:
    """Why nothing can be written and what to do; None if that is not what an error says.

    Args:
        said: message of an error.
    """
    found = _NUMBER.search(said)
    number = int(found[1] or found[2] or found[3]) if found else None
    for text, same in _OF_SQLITE.items():
        if text in said:
            number = same
    if number not in _WHY:
        return None
    where = " ".join(_COLOUR.sub("", said).split())[:_LONGEST]
    return f"{_WHY[number]}；{_REMEDY}（{where}）"
