"""The generated pages under `docs/`: tables, decision tables, checks. Each runs as a module."""
