"""As it would have run: past days stepped through, with nothing in reach that was not known at each moment."""
