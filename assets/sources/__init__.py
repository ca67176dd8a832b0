"""Sources: how deliveries come, before anybody reads what is in them.

Belongs here: the inbox in a folder or an object store, and fetching into it what a sender
does not send by itself. Does not: reading a form (`assets.adapters`) or keeping rows
(`assets.intake.taking`). Everything that comes lies in the inbox as a finished file first: what a
process dies over is found there by the next one.
"""
