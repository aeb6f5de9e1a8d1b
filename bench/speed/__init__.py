"""How fast copies are found, and in how much memory."""
