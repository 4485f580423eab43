"""Speed and quality measured side by side with peers; each is a command: `python -m benchmarks.features`."""
