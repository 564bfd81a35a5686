"""Ask an Augury service from Python, with the types that a model itself answers with."""
