"""How fast communique is, beside the bare classifier and beside its peers, measured in one run."""
