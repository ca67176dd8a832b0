"""The lakehouse: declared tables, the Delta store, channels, collection, the sample province.

What belongs here: everything about *having* the data of the four base databases
(enterprise 企业, personnel 人员, project 项目, credit 信用). What does not: judging its
quality (`checks`), applying the law to it (`decisions`), Dagster (`pipelines`).
This room imports no other room.
"""
