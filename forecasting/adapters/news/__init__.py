"""News and announcements from files, as vendors write them."""
