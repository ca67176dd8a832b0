"""Is the data good enough to decide by: suites, cross-channel checks, the release gate.

Belongs here: stating the quality of the four base databases, finding what one channel tells
against another, and admitting table versions to decisions. Does not: which row goes to
quarantine (`assets.row_checks`), or what a finding means for a case (`decisions`).
This room imports `assets` only.
"""
