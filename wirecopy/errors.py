"""The desk's errors; every message names the thing, the reason and the next step.

WirecopyError
├── SettingsError     a setting is wrong or unknown: a retry cannot help
├── UsageError        the command was called in a way that means nothing
├── StoreError        the store cannot be read or written as it is
│   └── StoreConflict a file was replaced while its successor was made: a retry helps
├── StateUnreachable the feed state's database does not answer now: a retry may help
├── StoreBusy         another process holds the lock for longer than we wait
├── EngineError       the engine that computes dates elsewhere cannot do it now: a retry may help
└── RunFailed         verdict: the run finished, and something needs a person
"""

from __future__ import annotations


class WirecopyError(Exception):
    """Something the desk could not do."""


class SettingsError(WirecopyError):
    """A setting is wrong or unknown: a retry cannot help."""


class UsageError(WirecopyError):
    """The command was called in a way that means nothing."""


class StoreError(WirecopyError):
    """The store cannot be read or written as it is."""


class StoreConflict(StoreError):
    """A file was replaced by another process while its successor was made from what it held: a retry helps."""


class StateUnreachable(WirecopyError):
    """The feed state's database does not answer now: a retry may help."""


class StoreBusy(WirecopyError):
    """Another process holds the lock for longer than we wait."""


class EngineError(WirecopyError):
    """The engine that computes dates on other machines cannot do it now: a retry may help."""


class RunFailed(WirecopyError):
    """The run published what it could, but a person must act."""
