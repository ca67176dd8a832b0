"""Checks of what a night has changed: the findings that stay, and the rows to look at again.

`around` and `neighbourhood` find the rows whose verdicts may have changed and all that these rest
on, `duties` the works of project managers; `carried` keeps every other finding of the last release.
"""
