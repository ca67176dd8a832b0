"""A picture is drawn when what it shows has changed, and else stays as it was."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
import polars as pl

from assets.tables import check
from pipelines.assets.drawn import Picture, drawn


class Drawing:
    """What is drawn, and how often; each time it looks different."""

    def __init__(self) -> None:
        self.times = 0

    def draw(self) -> bytes:
        self.times += 1
        return bytes([self.times])


def showing(drawing: Drawing) -> Callable[..., str]:
    """Materialises the table of health with a picture of some rows; returns the picture shown."""
    instance = dg.DagsterInstance.ephemeral()

    def made(rows: list[int], name: str = "courts") -> str:
        wanted = {name: Picture("法院 courts", (pl.DataFrame({"rows": rows}),), drawing.draw)}
        metadata = drawn(instance, check.HEALTH, wanted)
        instance.report_runless_asset_event(
            dg.AssetMaterialization(check.HEALTH.name, metadata=metadata)
        )
        return str(metadata[name].value)

    return made


def test_rows_that_are_as_before_are_not_drawn_again() -> None:
    drawing = Drawing()
    made = showing(drawing)
    first = made([1, 2])
    assert made([1, 2]) == made([1, 2]) == first
    assert drawing.times == 1


def test_another_row_or_another_picture_is_drawn() -> None:
    drawing = Drawing()
    made = showing(drawing)
    first = made([1, 2])
    assert made([1, 2, 3]) != first and made([1, 2, 3], "taxes") != first
    assert drawing.times == 3
    assert made([1, 2]) and drawing.times == 4, "only the last is looked up"
