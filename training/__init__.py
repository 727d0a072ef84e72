"""How a classifier is made from the labelled corpus."""
