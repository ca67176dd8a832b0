"""The pipelines: Dagster definitions, the chain, the express way, settings, the command line.

What belongs here: *when* a stage runs and what is told about it. What does not: what a stage
does (that is `assets`, `checks`, `decisions`, `certificates`, none of which imports Dagster).
Import the concrete module; nothing is wired on import except `pipelines.definitions`.
"""

from assets.lake.allocator import keep_freed_memory

keep_freed_memory()
