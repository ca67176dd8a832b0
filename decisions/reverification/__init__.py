"""What 重新核定 rests on, as the registration base and Miaoban's own decisions have it (B6).

One module per fact of the law: mergers, splits and the like on record (`events`), which of them
no re-verification has answered (`grounds`), what is carried on from the other side
(`succession`), certificates of a single year (`one_year`), levels that were lost (`losses`). What
they lead to, `decisions.kinds` and `decisions.switches` say.
"""
