"""Written dates of the whole world, as instants: tokens, shapes, readings, and which reading is believed."""
