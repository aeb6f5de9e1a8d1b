"""A store moved to another place: files, feed state, and what says which of it has arrived."""
