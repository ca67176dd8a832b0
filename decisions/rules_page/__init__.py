"""The rulebook told to people: what is encoded and on what basis, and what changed when.

`python -m decisions.rules_page docs/rules.md` writes the page, with `--check` it compares only;
`miaoban rules` shows what changed.
"""
