"""The programs that are measured, each a module that its own environment's Python runs."""
