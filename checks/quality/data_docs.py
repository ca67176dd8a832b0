"""Great Expectations' Data Docs: a suite and what it found, as static pages.

Belongs here: writing them when somebody asks. Does not: the suites (`checks.quality.suites`).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from assets.lake.declaration import Table
from checks.outcome import KEYS_SHOWN
from checks.quality.handed import in_full
from checks.quality.statements import statements
from checks.quality.suites import expectation, new_context


def build_data_docs(table: Table, frame: pl.DataFrame, folder: Path) -> Path:
    """Write the suite and its result on `frame` as static pages; returns the index page.

    On demand only: it takes Great Expectations' long way, a checkpoint in a context of its own,
    which keeps every name it has seen.
    """
    context = new_context()
    import great_expectations as gx
    from great_expectations.checkpoint.actions import UpdateDataDocsAction

    name = table.name
    context.add_data_docs_site(
        name,
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder.resolve()),
            },
        },
    )
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    suite = gx.ExpectationSuite(name=name, expectations=list(map(expectation, statements(table))))
    definition = gx.ValidationDefinition(
        name=name,
        data=asset.add_batch_definition_whole_dataframe(name),
        suite=context.suites.add(suite),
    )
    gx.Checkpoint(
        name=name,
        validation_definitions=[context.validation_definitions.add(definition)],
        actions=[UpdateDataDocsAction(name=name, site_names=[name])],
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": KEYS_SHOWN},
    ).run(batch_parameters={"dataframe": in_full(table, frame)})
    return folder / "index.html"
