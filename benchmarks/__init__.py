"""What the claims of speed rest on, each beside a limit measured in the same run.

Every module has a `main()` that measures and prints; `python -m benchmarks` runs them all.
Data and homes are made under `.bench/` and kept for the next run.
"""

from assets.lake.allocator import keep_freed_memory

keep_freed_memory()
