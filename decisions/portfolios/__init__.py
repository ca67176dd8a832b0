"""What is known of one enterprise as a JSON document that can travel: one, or of many cases packed.

Archive packages, tests, bug reports and other systems exchange it; `docs/portfolio.schema.json` is
its published form.
"""
