"""A damaged lakehouse, told so that somebody can mend it.

Belongs here: the words. Does not: finding the damage (`assets.lake.damage`).
"""

from __future__ import annotations

from assets.lake.damage import damage
from assets.lake.store import Store
from assets.tables import TABLES

_SHOWN = 5
_REMEDY = (
    "请自备份恢复所列文件后重新执行，勿删除、勿新建；已办结案件可自档案包重演 "
    "restore what is named from a backup and run the command again, delete and make nothing in "
    "its place; closed cases replay from their packages: `miaoban replay CASE --from-archive`"
)


def damaged(store: Store) -> str | None:
    """Which files of the lakehouse are damaged, and what to do; None if none is."""
    found = list(damage(store, TABLES))
    if not found:
        return None
    named = "；".join(f"{one.table}: {one.file} ({one.said})" for one in found[:_SHOWN])
    more = f" …（共 {len(found)} 处 in all）" if len(found) > _SHOWN else ""
    return (
        f"数据湖文件缺失或损坏 files of the lakehouse are gone or damaged: {named}{more}。{_REMEDY}"
    )
