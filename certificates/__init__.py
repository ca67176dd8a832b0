"""Certificates: layout, seal, register, verification, and the archive of closed cases.

Belongs here: everything that happens after a decision. Does not: deciding
(`decisions`), or when a stage runs (`pipelines`).
"""
