"""The commit. In: extracted articles. Out: the partitions of articles and revisions, each article once."""
