"""What takes a served model out of use at once: breakers, each a small state that opens for a stated reason."""
