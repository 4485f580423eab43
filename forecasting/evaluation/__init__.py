"""Scores of candidate, production and naive on the same later rows.

`scores` holds the plain numbers that the gate reads, so importing this package loads no array library;
`columns` says which rows a forecast may be judged on, `comparison` does the judging.
"""
