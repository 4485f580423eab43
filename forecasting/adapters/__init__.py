"""The only modules that touch the world: files, exchanges, the document store, MLflow, Great Expectations."""
