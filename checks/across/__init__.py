"""The cross-channel checks of the catalogue, by what they are about.

Each is a function of base tables that gives findings (`common`); which there are, and that they run
over everything or over what a night has touched, `checks.cross` and `checks.nights` say. How the
fields of the national data standard must agree is in the catalogue (`docs/checks.md`).
"""
