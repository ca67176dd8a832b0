"""A suite states all that the declaration of its table demands of a row."""

from __future__ import annotations

import pytest

from assets.lake.declaration import Table
from assets.row_checks import row_checks
from assets.tables import BASE_TABLES
from checks.quality.statements import statements


@pytest.mark.parametrize("table", BASE_TABLES, ids=lambda table: table.name)
def test_every_row_check_that_the_declaration_makes_has_its_expectation(table: Table) -> None:
    assert {one.id for one in row_checks(table)} <= {one.id for one in statements(table)}
