"""Every figure of a level as cases: just below, at, above and missing, with what the law says.

Belongs here: which single change of an exact portfolio (`exact`) crosses which figure, and the
answer the fact sheet gives. Does not: the engine (`judge`), and nothing of the rulebook.

A case about one group of people above the lowest level, where the text of 2014 asks for hundreds,
hires that group only and looks at its criterion; the whole enterprise is put forward once per
part with one figure missed, and once with none.
"""
