"""The desk where the rooms meet: settings, steps, the store and the command."""

__version__ = "0.1.0"
