"""The report of one registered version: its judged rows as CSV, its explanation as JSON, and a page of all of it."""
