"""How well a model does on rows that it was not fitted on: metrics, their intervals, curves."""
