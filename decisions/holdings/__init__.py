"""What an applicant holds on a day: its qualifications, until when, and what became of them.

`held` is what is held, from the enterprise base and our own grants; `ours` what stands on the
certificates that Miaoban issued, and what has ended of it; `validity` until when (F9). What is
lawful to apply for on top of it, the kinds and switches say.
"""
