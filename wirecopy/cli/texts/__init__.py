"""Commands about texts: whom a text copies, and why."""
