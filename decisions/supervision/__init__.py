"""Dynamic re-check of every live qualification (令22 Art. 28; D1), and the runs of it.

`recheck` asks whether a qualification goes on meeting its standard, `runs` does so bucket by
bucket, each exactly once, `current_findings` keeps what stands now and what has changed.
"""
