"""The files of the rulebook, parsed and checked.

Belongs here: which files there are, YAML in which no key stands twice, what is wrong with a file
and where. Does not: what the files mean together (`decisions.rulebook.book`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from decisions.rulebook.errors import RulebookError

_Checked = TypeVar("_Checked")


def read_files(root: Traversable | None = None) -> dict[str, bytes]:
    """Every file of the rulebook by its path below the folder, in order of the paths."""
    base = root if root is not None else files("decisions") / "standards"
    return {
        name: path.read_bytes()
        for prefix in ("", "codes/", "general/", "specialty/")
        for path in sorted((base / prefix).iterdir(), key=lambda entry: entry.name)
        if path.name.endswith(".yaml")
        for name in [prefix + path.name]
    }


class _OneValuePerKey(yaml.CSafeLoader):
    """YAML in which a key that stands twice in one mapping is an error, not the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As the safe loader, refusing double keys; merges (`<<`) may be overridden."""
        named = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(named) > len(set(named)):
            double = {name for name, times in Counter(named).items() if times > 1}
            raise yaml.constructor.ConstructorError(
                None, None, f"{sorted(double)} stand twice in one mapping", node.start_mark
            )
        return super().construct_mapping(node, deep)


def parse_file(name: str, text: bytes) -> Any:
    """The content of one file.

    Raises:
        RulebookError: it is not YAML, or a key stands twice in one mapping.
    """
    try:
        return yaml.load(text.decode(), Loader=_OneValuePerKey)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise RulebookError(f"{name}: not YAML: {error}") from error


def checked(parsed: Mapping[str, Any], name: str, adapter: TypeAdapter[_Checked]) -> _Checked:
    """One parsed file as what it must be; raises `RulebookError` naming the first fault."""
    if name not in parsed:
        raise RulebookError(f"{name}: the rulebook has no such file")
    try:
        return adapter.validate_python(parsed[name])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise RulebookError(
            f"{name}: {where}: {first['msg']} (found {first.get('input')!r:.80}); "
            f"{error.error_count()} error(s) in all"
        ) from error
