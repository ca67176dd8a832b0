"""Cases that wait for data (补正): what each lacks, whose it is, and when waiting ends.

`missing` names the rows behind an open criterion, `remedies` what to do about each, `worklist` all
of it once for data stewards; `deadlines` and `terms` watch and end the terms of the law.
"""
