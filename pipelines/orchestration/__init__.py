"""What Dagster runs, and when: jobs, schedules, sensors, backfills, and the instance of a home."""
