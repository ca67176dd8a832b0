"""Channels as data: who sends which feed, under which names, codes and units.

Belongs here: loading every `<channel>.yaml` of this folder. Does not: what it may say
(`feed`, `fields`, `ways`), reading a file (`assets.adapters`).

A channel file with an unknown key, target, column or kind of reading does not load.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from assets.channels.feed import Channel, Encoding, Feed
from assets.channels.fields import (
    PERSONAL_READS,
    PROVENANCE,
    TARGETS,
    Deletion,
    Field,
    Measure,
    Trial,
)
from assets.channels.ways import Api, States, View
from assets.lake.declaration import Table
from assets.misfits import at, misfits

__all__ = [
    "PERSONAL_READS",
    "PROVENANCE",
    "TARGETS",
    "Channel",
    "ChannelError",
    "Deletion",
    "Encoding",
    "Feed",
    "Field",
    "Measure",
    "Trial",
    "feeds_into",
    "load_channels",
]

_FOLDER = Path(__file__).parent


class ChannelError(ValueError):
    """A channel file that does not hold to the model; says file, path, fault, remedy."""


@functools.cache
def load_channels(folder: Path = _FOLDER) -> dict[str, Channel]:
    """All channels of a folder of `<channel>.yaml`, by name, in alphabetical order.

    Read once in a process; reading takes a tenth of a second.

    Raises:
        ChannelError: a file does not hold to the model; names file, path, fault and what is
            allowed, for every fault of every file.
    """
    channels: dict[str, Channel] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded = Channel.model_validate(_read_yaml(path))
        except (ValidationError, yaml.YAMLError) as error:
            faults.extend(f"{path.name}: {fault}" for fault in _faults(error))
            continue
        if loaded.channel != path.stem:
            faults.append(
                f"{path.name}: channel: {loaded.channel} 应与文件同名 must be the name of its file"
            )
        channels[loaded.channel] = loaded
    faults.extend(_undecided(channels))
    if faults:
        raise ChannelError("\n".join(faults))
    return channels


def _undecided(channels: Mapping[str, Channel]) -> Iterator[str]:
    """Columns that several feeds fill and no rank says which of them is believed."""
    for table in TARGETS.values():
        feeds = {
            f"{channel.channel}.{name}": channel.feeds[name]
            for channel, name in feeds_into(channels, table)
        }
        measuring = [name for name, feed in feeds.items() if feed.measures_target == table.name]
        if len(measuring) > 1:
            yield (
                f"measures_target: {measuring} 都写入{table.name}，只许一个 both fill "
                f"{table.name}; only one feed may"
            )
        told = {name: feed.told_of(table) for name, feed in feeds.items()}
        for column in table:
            alike: dict[int, list[str]] = {}
            for name, ranks in told.items():
                if (rank := ranks.get(column.name)) is not None:
                    alike.setdefault(rank, []).append(name)
            for rank, names in alike.items():
                if len(names) > 1:
                    yield (
                        f"{table.name}.{column.name}: {names} 的rank都是{rank}（未写即为此），"
                        f"请在渠道文件中各写一个 all have rank {rank} (the rank of a feed that "
                        "states none); give each its own rank in its channel file"
                    )


class _UniqueKeys(yaml.CSafeLoader):
    """YAML in which a key named twice is an error, not a silent overwrite."""


def _unique_mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"{key!r} 写了两次，请留一个 key {key!r} is named twice; keep one",
                key_node.start_mark,
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def _read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=_UniqueKeys)  # noqa: S506  a SafeLoader


def _faults(error: ValidationError | yaml.YAMLError) -> Iterator[str]:
    if isinstance(error, yaml.YAMLError):
        yield f"不是有效的YAML no YAML: {str(error).replace(chr(10), ' ')}"
        return
    for where, kind, message in misfits(error):
        unknown = f"没有此项 unknown key；可用的 allowed: {_allowed_keys(where)}"
        yield f"{at(where, '(file)')}: {unknown if kind == 'extra_forbidden' else message}"


_WAYS: dict[str, type[BaseModel]] = {"api": Api, "view": View, "states": States}


def _allowed_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Channel
    if len(loc) > 2 and loc[0] == "feeds":
        model = Feed
        if len(loc) > 3 and loc[2] in _WAYS:
            model = _WAYS[str(loc[2])]
        elif len(loc) > 4 and loc[2] in ("fields", "measures"):
            model = Field if loc[2] == "fields" else Measure
    return list(model.model_fields)


def feeds_into(channels: Mapping[str, Channel], table: Table) -> list[tuple[Channel, str]]:
    """Every feed that fills a table, in a fixed order."""
    return [
        (channel, name)
        for channel in channels.values()
        for name, feed in channel.feeds.items()
        if table.name in feed.targets
    ]
