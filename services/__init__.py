"""Where a classifier is used."""
