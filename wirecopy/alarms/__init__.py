"""Alarms: what needs a person, since when, and what that person should do.

In: the store, the feeds' state, the disk, and what Airflow says of its runs. Out: alarms that stand, events to tell.
"""
