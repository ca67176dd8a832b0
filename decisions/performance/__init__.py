"""企业工程业绩: works of enough different classes, each unit project for one measure (E16-E18).

From the unit projects that fit a demand of the text (`fits`) to how many each demand has
(`demands`), which classes hold (`classes`), and, where simple counts leave it open, an assignment
of works to classes (`assignment`); put together by `judge`. Whether a unit project (`works`) counts
at all is told by `countable`.
"""
