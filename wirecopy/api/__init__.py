"""The store for Python programs. In: a data folder. Out: tables, views and traces, lazily."""
