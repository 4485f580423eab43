"""Whether anything that is known later reaches features, folds or calibrators: measured, not assumed."""
