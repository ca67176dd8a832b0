"""Text with values in it, as an expression.

Belongs here: putting values into a sentence. Does not: the words of codes (`decisions.words`) or
any sentence.
"""

from __future__ import annotations

import polars as pl

_PLACE = "{}"


def worded(template: str, *values: str | pl.Expr) -> pl.Expr:
    """A text with a value in each place of a template; null where any value is null.

    `pl.format` would do the same, but ends the process (Polars 2.1) where the first chunk of a
    column is empty, as a filter over groups may leave it.

    Args:
        template: with `{}` for each value, which nothing escapes.
        values: columns by name, or expressions; written as Polars casts them to text.

    Returns:
        Text, named as the first value is.

    Raises:
        ValueError: there are more or fewer places than values.
    """
    before, *after = template.split(_PLACE)
    if len(after) != len(values):
        raise ValueError(f"{template!r} has {len(after)} places for {len(values)} values")
    pieces = [pl.lit(before)] if before else []
    for value, text in zip(values, after, strict=True):
        pieces.append(pl.col(value) if isinstance(value, str) else value)
        if text:
            pieces.append(pl.lit(text))
    first = values[0]
    name = first if isinstance(first, str) else first.meta.output_name()
    return pl.concat_str(pieces).alias(name)
