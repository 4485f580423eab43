"""The routes: what is asked where."""
