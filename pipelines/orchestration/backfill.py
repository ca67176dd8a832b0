"""Collecting one day of one channel again, from the UI or the command line of Dagster.

Belongs here: the job and its partitions, day by channel. Does not: taking in or working in.

A day run again looks at every file that was sent on it: what failed is tried again, what came
late is taken in, what was accepted as it is changes nothing. Of an interface or a view, the changes
that were fetched that day are asked for again; what is read whole is not, and the log says why.
Only tables that changed are reported as materialised, so that what is downstream follows by
automation or not at all.
"""

from collections.abc import Iterable
from datetime import date

import dagster as dg

from assets.channels import Channel
from assets.collection import build_base
from assets.intake.fetching import fetch_again
from assets.intake.raw import raw_table
from assets.intake.taking import take_in
from assets.tables import BY_NAME
from pipelines.assets.described import POOLS, made
from pipelines.office import Office

FIRST_DAY = "2016-12-01"
"""The trial began in December 2016: nothing was delivered before."""


def recollect_job(channels: Iterable[Channel]) -> dg.JobDefinition:
    """The job `recollect`, partitioned by `day` and `channel`."""
    by_name = {channel.channel: channel for channel in channels}

    @dg.op(
        name="recollect_day",
        pool=POOLS[BY_NAME["intake__delivery"].layer],
        required_resource_keys={"office"},
    )
    def recollect_day(context: dg.OpExecutionContext) -> None:
        office: Office = context.resources.office
        key = context.partition_key
        assert isinstance(key, dg.MultiPartitionKey)
        channel = by_name[key.keys_by_dimension["channel"]]
        recollect(context, office, channel, date.fromisoformat(key.keys_by_dimension["day"]))

    @dg.job(
        name="recollect",
        description="补数 Collect one day of one channel again; what has not changed stays.",
        partitions_def=dg.MultiPartitionsDefinition(
            {
                "day": dg.DailyPartitionsDefinition(
                    FIRST_DAY, timezone="Asia/Shanghai", end_offset=1
                ),
                "channel": dg.StaticPartitionsDefinition(sorted(by_name)),
            }
        ),
    )
    def job() -> None:
        recollect_day()

    return job


def recollect(context: dg.OpExecutionContext, office: Office, channel: Channel, day: date) -> None:
    """Take in what a channel sent on a day, work it in, and report the tables that changed."""
    tables = [raw_table(channel, feed) for feed in channel.feeds]
    targets = dict.fromkeys(name for feed in channel.feeds.values() for name in feed.targets)
    tables += [BY_NAME[name] for name in targets]
    before = {table.name: office.store.version(table) for table in tables}
    now, connections = office.now(), office.settings.reached
    for feed in channel.feeds:
        again = fetch_again(office.store, channel, feed, office.inbox, connections, day, now)
        if again.why_not is not None:
            context.log.warning(f"{channel.channel}.{feed}: {again.why_not}")
        for failed in again.failed:
            context.log.error(failed.error)
        for report in take_in(office.store, channel, feed, office.inbox, now, sent_on=day):
            context.log.info(f"{report.file_name}: {report.status}, {report.row_count} rows")
            if report.error:
                context.log.error(report.error)
    for name in targets:
        build_base(office.store, BY_NAME[name], office.pseudonym_key, office.now())
    for table in tables:
        if office.store.version(table) != before[table.name]:
            context.log_event(
                dg.AssetMaterialization(table.name, metadata=made(office.store, table))
            )
