"""The whole stack on one machine: servers that end with whoever started them."""
