"""Windows of up to two million texts: what a date costs, on one machine and by the engines."""
