"""The command line `foretick`: one file for each group of commands."""
