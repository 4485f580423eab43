"""From a question to an answer, and to what is logged of it."""
