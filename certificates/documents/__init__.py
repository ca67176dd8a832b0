"""The decision document (决定书): what a case is told, with reasons, clauses and rights.

`content` puts a document together, `paper` sets it as HTML and PDF; `sentences`, `lacking` and
`noted` say one row of a decision table in words, `rights` and `citations` which law is named.
"""
