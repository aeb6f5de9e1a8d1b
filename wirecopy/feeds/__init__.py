"""The care of feeds. In: polls and the feed list. Out: when a feed is due, its health, its new address, its digest."""
