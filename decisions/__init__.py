"""The standard as data, the engine that applies it, and the tables of decisions.

Belongs here: the rulebook, the evaluation of cases, what each kind of application asks.
Does not: how data is collected (`assets`), whether it may be trusted (`checks`), what a
grant looks like on paper (`certificates`), Dagster (`pipelines`). No category of the
standard is named in the code of this room: categories are data.
"""
