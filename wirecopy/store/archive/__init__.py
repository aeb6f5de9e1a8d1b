"""raw/: what was fetched, as it came. In: pages. Out: captures by fetch_id, by host and day, and those not yet
processed.
"""
