"""Clean rows into the text a channel sends: the inverse of the channel files, field by field.

What belongs here: names, codes, units and forms of a source. What does not: what goes
wrong on the way (`faults`) and the bytes of a file (`writing`). Every cell is text or null.
"""

from __future__ import annotations

import polars as pl

from assets.channels import Deletion, Feed, Field, Measure, Trial

_FILLERS = {"Model": "型", "IssueOrgan": "浙江省住房和城乡建设厅", "titleName": "工程师"}
"""Source columns that are carried on nowhere and that no clean row knows."""
_WAN = 10_000


def render(frame: pl.DataFrame, feed: Feed, names: pl.DataFrame) -> pl.DataFrame:
    """The feed's source columns, in order.

    Args:
        frame: clean rows; `id_number` stands for `person_key`, `other_number` for `other_key`.
        feed: of the channel file.
        names: `usc_code` and `enterprise_name` of every entity.
    """
    if (
        any(f.read == "enterprise_name" and f.to is None for f in feed.fields)
        and "usc_code" in frame.columns
    ):
        frame = frame.join(names, on="usc_code", how="left", maintain_order="left")
    cells = [_field(field, frame).alias(field.source) for field in feed.fields]
    measures = _measures(frame, feed)
    return frame.select(
        *cells, *(measures[m.source].alias(m.source) for m in feed.measures), *mark(feed, "kept")
    )


def mark(feed: Feed, meaning: str) -> list[pl.Expr]:
    """The columns that say whether a row is kept or deleted, and that it is real."""
    said = {Deletion: meaning, Trial: "live"}
    return [
        pl.lit(next(code for code, told in one.codes.items() if told == said[type(one)])).alias(
            one.source
        )
        for one in feed.marks
    ]


def _field(field: Field, frame: pl.DataFrame) -> pl.Expr:
    column = field.to
    if field.read == "id_number":
        column = "other_number" if field.to == "other_key" else "id_number"
    if column is None:
        return _unmapped(field, frame)
    if column not in frame.columns:
        return pl.lit(None, pl.String)
    return _text(pl.col(column), field)


def _unmapped(field: Field, frame: pl.DataFrame) -> pl.Expr:
    if field.read == "person_name":
        return pl.col("person_name")
    if field.read == "enterprise_name":
        return (
            pl.col("enterprise_name") if "enterprise_name" in frame.columns else pl.lit("建设单位")
        )
    if field.read == "code":
        assert field.codes is not None
        return pl.lit(next(iter(field.codes)))
    if field.source == "PrjNum":
        return pl.col("project_no")
    return pl.lit(_FILLERS.get(field.source))


def _text(value: pl.Expr, reading: Field | Measure) -> pl.Expr:
    text: pl.Expr = pl.when(value != "").then(value)
    match reading.read:
        case "date" | "month":
            text = value.dt.strftime("%Y-%m-%d" if reading.read == "date" else "%Y%m")
        case "integer":
            text = value.cast(pl.String)
        case "number" | "yuan" | "wan_yuan":
            text = _number(value / (_WAN if reading.read == "wan_yuan" else reading.factor))
        case "flag":
            text = pl.when(value).then(pl.lit("1")).when(~value).then(pl.lit("0"))
        case "code":
            text = value.replace_strict(_inverse(reading), return_dtype=pl.String, default=None)
    return text


def _number(value: pl.Expr) -> pl.Expr:
    """Plain decimals without needless noughts."""
    text = value.fill_nan(None).round(6).cast(pl.Decimal(20, 6)).cast(pl.String)
    return text.str.replace(r"\.?0+$", "", literal=False).replace("", "0")


def _inverse(reading: Field | Measure) -> dict[str, str]:
    """Meaning to the first code that has it."""
    assert reading.codes is not None
    inverse: dict[str, str] = {}
    for code, meaning in reading.codes.items():
        if meaning is not None:
            inverse.setdefault(meaning, code)
    return inverse


def _measures(frame: pl.DataFrame, feed: Feed) -> dict[str, pl.Expr]:
    """Each wide `<kind>|<metric>` column to the source column that carries it.

    Raises:
        ValueError: a measure has values and the feed no column for it.
    """
    cells: dict[str, pl.Expr] = {m.source: pl.lit(None, pl.String) for m in feed.measures}
    for column in (name for name in frame.columns if "|" in name):
        kind, _, metric = column.partition("|")
        named = [m for m in feed.measures if m.metric == metric and m.works_type == kind]
        general = [m for m in feed.measures if m.metric == metric and m.works_type is None]
        if not (named or general):
            raise ValueError(
                f"{feed.target}: no source column for {metric} of {kind}; "
                "add it to the channel file"
            )
        measure = (named or general)[0]
        cells[measure.source] = pl.coalesce(_text(pl.col(column), measure), cells[measure.source])
    return cells
