"""From grants to certificates and the register of them.

`effects` and `titles` say what a grant does to a set and how that is called, `numbers` draws its
number, `register` knows what there is already, `issue` writes all of it in order.
"""
