"""Great Expectations: suites that are JSON files, run on tables, and the pages on what was found."""
