"""What does not fit a typed model (settings, channel files, manifests), told in both languages.

Belongs here: the Chinese of what the library says of a value. Does not: the models, or where a
value was read and how to mend it there.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

_CHINESE = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项",
    "string_type": "应为文本",
    "string_pattern": "写法不符",
    "string_too": "长度不符",
    "int": "应为整数",
    "float": "应为数字",
    "decimal": "应为数字",
    "bool": "应为true或false",
    "list": "应为列表",
    "tuple": "应为列表",
    "set": "应为列表",
    "dict": "应为键值对",
    "model": "应为键值对",
    "date_": "应为日期",
    "datetime": "应为日期和时间",
    "timezone": "应为带时区的时间",
    "literal": "不在允许的值之中",
    "enum": "不在允许的值之中",
    "union_tag": "不在允许的值之中",
    "greater": "超出范围",
    "less": "超出范围",
    "path": "不是可用的路径",
    "json": "不是完整的JSON",
}
"""By the beginning of the library's name of the fault, the longest that fits."""
_UNNAMED = "不合要求"


def misfits(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    """Every fault: where, which kind of fault the library calls it, and in words.

    The value is never told: it may be a secret.
    """
    for fault in error.errors(include_url=False, include_input=False):
        kind = fault["type"]
        if kind == "value_error":  # a check of our own, which says it in both languages
            yield fault["loc"], kind, str(fault["ctx"]["error"])
            continue
        fitting = [begin for begin in _CHINESE if kind.startswith(begin)]
        zh = _CHINESE[max(fitting, key=len)] if fitting else _UNNAMED
        yield fault["loc"], kind, f"{zh} {fault['msg']}"


def at(where: tuple[int | str, ...], whole: str = "") -> str:
    """The path of a fault; `whole` where it is of all of it."""
    return ".".join(map(str, where)) or whole
