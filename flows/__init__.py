"""One Prefect flow per file, named as the flow."""
