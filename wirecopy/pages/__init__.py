"""Pages for people: the store as HTML, served beside Airflow or inside of it, and `explain --html`.

In: an address. Out: a page, or a CSV file, from a bounded look into the store.
"""
