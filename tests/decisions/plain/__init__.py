"""A second, deliberately plain evaluator: one case, plain Python, written from the law alone.

Belongs here: the law once more, slowly and readably, sharing no code with `decisions`: no frames,
no rule tables, one enterprise at a time. The rule tree is read from the fact sheets; everything
else is its own. `test_agreement` holds the engine against it. Does not: being fast, explaining.
"""
