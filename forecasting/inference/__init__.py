"""What chance alone could have done: tests and intervals that know that labels overlap and symbols move together."""
