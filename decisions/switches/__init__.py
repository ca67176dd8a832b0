"""The switches before any assessment: may this authority take this case up at all?

One module per question of the law (regulations A, B, C3 to C8). Which switches bear on a kind
of application, its module says (`decisions.kinds`); they are put in order and applied by
`decisions.admission`. Article 23 is no switch: it refuses (`decisions.article_23`).
"""
