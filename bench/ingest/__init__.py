"""How fast pages are fetched, extracted and stored, and in how much memory."""
