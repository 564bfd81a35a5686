"""From a table to a model: the contract proposed, the estimator fitted, the threshold chosen, the rest held out."""
