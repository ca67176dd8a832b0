"""Where every application stands, for the approval office.

Belongs here: the asset. Does not: the view (`certificates.current`), or bringing it up after
an express case (`pipelines.express`).
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from assets.tables import archive, certificate, decision, intake
from assets.tables.office import CURRENT
from certificates.current import bring_up
from pipelines.assets.described import POOLS, made, spec
from pipelines.office import Office
from pipelines.turns import in_turn


def current_assets() -> list[dg.AssetsDefinition]:
    """The view of one row per application."""

    @dg.multi_asset(
        name="show_current",
        specs=[
            spec(
                CURRENT,
                group="archive",
                deps=[
                    intake.APPLICATION.name,
                    intake.REJECTED_FILING.name,
                    decision.DECISION.name,
                    certificate.CERTIFICATE.name,
                    archive.RECORD.name,
                ],
            )
        ],
        pool=POOLS[CURRENT.layer],
    )
    def show(office: dg.ResourceParam[Office]) -> Iterable[dg.MaterializeResult[Any]]:
        office.tell("show_current")
        in_turn(lambda: bring_up(office.store))
        yield dg.MaterializeResult(asset_key=CURRENT.name, metadata=made(office.store, CURRENT))

    return [show]
