"""Which feeds to read. In: feeds.toml, OPML, the catalogue that comes along. Out: feeds, and edits of feeds.toml."""
