"""A retention campaign: ask who may leave, decide by expected profit, and mail each of the chosen once."""
