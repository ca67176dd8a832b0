"""The kinds of application (regulations B), one module each.

A kind says who may file, which switches come first, what is assessed, which snapshot of the
data counts, and what its grant does to the certificates. Figures and dated lists of parts are
data (`standards/kinds.yaml`); the switches stand in `decisions.switches`.
"""
