"""WARC and ARC: how captures are exchanged with other archives. Bytes in and out by fastwarc; ours stay in raw/."""
