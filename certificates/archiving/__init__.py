"""The archive: which cases are closed (`archive`), their packages, and replay from one alone."""
