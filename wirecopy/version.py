"""The version of wirecopy: what pyproject.toml, the command and WARC files say."""

__version__ = "0.1.0"
