"""Copies of a province, and as many live qualifications as it truly has, in a lake of their own.

Belongs here: from the newest release of a home to a released lake that benchmarks may write in.
Does not: measuring. How the rows came (collection, checks) is not repeated: they are what a release
pins.

Every copy is another province's worth of enterprises and people: enterprises get other codes, with
valid check characters, everybody and everything else other numbers, so that nobody is known twice.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

from assets.identifiers import USC_ALPHABET, organisation_check_character, usc_check_character
from assets.lake.declaration import Mode, Table
from assets.lake.store import Store
from assets.tables import KNOWN_TABLES, check, enterprise, intake
from checks import release
from pipelines.office import Office
from pipelines.settings import load

QUALIFICATIONS = 2.1
"""Live qualifications for each enterprise: 21,000 of the 10,000 of a province, 340,000 of the
country. The sample's enterprises hold fewer."""
_PERSON = "^[0-9a-f]{20}$"
_LETTERS = "".join(letter for letter in USC_ALPHABET if letter.isalpha())


def renumbered(code: str, copy: int) -> str:
    """The code that an enterprise of the province has in a copy."""
    if len(code) != 18:
        return f"{code}~{copy}"
    organisation = _LETTERS[(_LETTERS.find(code[8]) + copy) % len(_LETTERS)] + code[9:16]
    first17 = code[:8] + organisation + organisation_check_character(organisation)
    return first17 + usc_check_character(first17)


def copied(table: Table, rows: pl.DataFrame, copy: int) -> pl.DataFrame:
    """The rows of a table that a copy adds; copy 0 is the province itself.

    What is declared complete of the region is so once.
    """
    if copy == 0:
        return rows
    if table is intake.COVERAGE:
        return rows.clear()
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String()]
    codes = [name for name in texts if name.endswith("usc_code")]
    known = pl.concat([rows[name] for name in codes] or [pl.Series(dtype=pl.String())])
    old = known.drop_nulls().unique()
    new = pl.Series([renumbered(code, copy) for code in old], dtype=pl.String())
    mapped = {
        name: pl.col(name).replace_strict(old, new, default=None, return_dtype=pl.String())
        for name in codes
    }
    numbers = [name for name in texts if name.endswith(("_no", "unit_code"))]
    return rows.with_columns(
        *mapped.values(),
        *(pl.col(name) + f"~{copy}" for name in numbers),
        *(_person(pl.col(name), copy) for name in texts if name == "person_key"),
        *(
            _in_json(pl.col(name), old, new, copy)
            for name in texts
            if name in ("typed_json", "key_json")
        ),
        *([_row_key(mapped["usc_code"], copy)] if table is check.FINDING else []),
    )


def _person(key: pl.Expr, copy: int) -> pl.Expr:
    moved = pl.lit(f"{copy:x}") + key.str.slice(1)
    told = pl.when(key.str.contains(_PERSON)).then(moved).otherwise(key + f"~{copy}")
    return told.alias("person_key")


def _in_json(told: pl.Expr, old: pl.Series, new: pl.Series, copy: int) -> pl.Expr:
    """What was set apart, as it was told of the copy's own enterprise, person and numbers."""
    numbered = told.str.replace_all(r'("\w+(?:_no|unit_code)": ?"[^"]+)"', f'${{1}}~{copy}"')
    people = numbered.str.replace_all(r'("person_key": ?")[0-9a-f]', f"${{1}}{copy:x}")
    return people.str.replace_many(old.to_list(), new.to_list())


def _row_key(code: pl.Expr, copy: int) -> pl.Expr:
    """The row that a finding is about: an enterprise, a year, a person, or a number."""
    key = pl.col("row_key")
    return (
        pl.when(key == pl.col("usc_code"))
        .then(code)
        .when(key.str.contains(r"^\d{4}$"))
        .then(key)
        .otherwise(_person(key, copy))
        .alias("row_key")
    )


def qualified(held: pl.DataFrame, enterprises: int) -> pl.DataFrame:
    """Qualifications with as many more live ones as enterprises of that number have.

    Another on the certificate that an enterprise has, of a category it does not hold, by the shares
    that categories and levels have among those there are.
    """
    live = held.filter(pl.col("valid_to").is_null(), status_code="valid")
    wanted = round(enterprises * QUALIFICATIONS) - live.height
    if wanted <= 0:
        return held
    item = ["category_code", "subcategory", "level"]
    drawn, items = (
        live.select(columns).sample(4 * wanted, with_replacement=True, shuffle=True, seed=seed)
        for seed, columns in enumerate((pl.exclude(item), pl.col(item)))
    )
    of_category = ["usc_code", *item[:2]]
    more = (
        drawn.hstack(items)
        .join(live, on=of_category, how="anti")
        .unique(of_category, keep="first", maintain_order=True)
        .head(wanted)
        .with_row_index("n")
        .with_columns(qualification_no=pl.concat_str("certificate_no", pl.lit("+"), "n"))
    )
    return pl.concat([held, more.select(held.columns)])


def add(lake: Store, province: Store, copies: range) -> release.Release:
    """Add copies of the newest release of a province to a lake, and release them."""
    released = release.latest(province)
    assert released is not None, "nothing is released"
    registry = province.read(enterprise.REGISTRY, released.versions[enterprise.REGISTRY.name])
    enterprises = registry.filter(entity_code="enterprise").height
    for table in KNOWN_TABLES:
        if table.name not in released.versions:
            continue
        rows = province.read(table, released.versions[table.name])
        if table is enterprise.QUALIFICATION:
            rows = qualified(rows, enterprises)
        for copy in copies:
            one = copied(table, rows, copy)
            if table.mode is Mode.LOG:
                lake.append(table, one)
            else:
                lake.exchange(table, table.empty(), one)
    row = province.read(check.RELEASE).filter(release_id=released.release_id)
    versions = {t.name: v for t in KNOWN_TABLES if (v := lake.version(t)) is not None}
    name = f"R{copies.stop:06}"
    lake.append(
        check.RELEASE,
        row.with_columns(release_id=pl.lit(name), versions_json=pl.lit(json.dumps(versions))),
    )
    return release.by_id(lake, name)


def make(target: Path, home: Path, copies: range) -> None:
    """Add copies of a home's province to the home `target`, made where it is not there.

    In a process of its own: one that measures afterwards would begin with the memory this took.
    """
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(home / "miaoban.toml", target)
    numbers = [str(copies.start), str(copies.stop)]
    command = [sys.executable, "-m", "benchmarks.copies", str(target), str(home), *numbers]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    target, home = (Office(load(Path(folder))).store for folder in sys.argv[1:3])
    add(target, home, range(*map(int, sys.argv[3:])))
