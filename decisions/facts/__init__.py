"""What may be known of an enterprise: the rows of one release, and how far each is to be believed.

`model` has the facts that every other module asks; `narrow`, `reach` and `shares` find what
concerns one enterprise, many cases or a country; `coverage` tells whether an absent row proves
absence; `bodies` whose rows are whose; `astray`, `lost` and `unread` what rows leave open that were
set apart. Nothing here knows a criterion of the standard.
"""
