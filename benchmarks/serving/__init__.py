"""What an answer of the API costs, beside what a user would serve the same model with."""
