"""What a classifier of diplomatic statements is."""
