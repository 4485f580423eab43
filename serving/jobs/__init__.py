"""Jobs: what this process asks the orchestrator to run, and what became of it."""
