"""The assets, one module per stage: read, call a pure function of a lower room, write.

What belongs here: which asset there is, what it depends on, which pool writes it, and what
its materialisation tells. What does not: how anything is computed.
"""
