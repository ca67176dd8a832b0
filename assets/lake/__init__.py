"""The Delta lake: what a declared table is, and how it is read at a version, grown and replaced.

Nothing here knows what a table is about (`assets.tables`) or where its rows come from
(`assets.intake`, `assets.bases`).
"""
