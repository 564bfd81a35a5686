"""The targets: ways to say a model, each held to the reference by a number in writing."""
