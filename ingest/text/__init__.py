"""Small readings of strings, without network and without HTML trees: URLs, dates, charsets, language tags, opt-outs."""
