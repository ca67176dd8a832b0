"""The published quality of base tables: a Great Expectations suite each, checks of the whole."""
