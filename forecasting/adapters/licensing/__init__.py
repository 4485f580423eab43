"""Licensing over the store: charge, walk the lockbox, answer with one bit, and go on in shadow."""
