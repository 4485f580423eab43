"""One Prefect flow per file, named as the flow."""

from flows.reporting import explain_failures, show_progress

# Here, because a worker's run imports nothing else of ours first.
show_progress()
explain_failures()
