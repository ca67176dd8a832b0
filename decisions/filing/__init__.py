"""Filing (申报零资料): the applicant gives its name and the matter, at the desk or by a channel.

Every filing becomes a case, or is answered with what is wrong and the remedy, and recorded.
"""
