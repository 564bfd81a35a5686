"""Where does the lab's training stop, when only the order of its sums changes?

The lab's model is trained on the same rows in four orders, with each of OpenBLAS's kernels in a process of its own, and
once with a tolerance at which it converges; what is printed is the lab's customer's probability of churning.

How this could mislead: a few orders and kernels are no distribution; on processors that are not x86-64 the kernels have
other names and the variable is ignored.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import rounds
from the_lab import CUSTOMER, find_table, predict_single

KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen")
ORDERS = (None, 0, 1, 2)  # as the table has them, and three shuffles by their seed
_CONVERGED = 1e-8  # liblinear's default is 1e-4


def measure() -> list[float]:
    """Train in each order, then in the first until it has converged."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    import lab_pair  # after the libraries, for it pins their kernels before it loads them

    fitting, _ = train_test_split(lab_pair.prepare(find_table()), test_size=0.2, random_state=1)

    def train(order: int | None, tolerance: float) -> float:
        rows = fitting if order is None else fitting.sample(frac=1, random_state=order)
        dv = DictVectorizer(sparse=False)
        columns = dv.fit_transform(rows[lab_pair.CATEGORICAL + lab_pair.NUMERICAL].to_dict(orient="records"))
        model = LogisticRegression(solver="liblinear", C=0.5, tol=tolerance)
        model.fit(columns, (rows["churn"] == "yes").to_numpy())
        return predict_single(CUSTOMER, dv, model)

    return [*(train(order, 1e-4) for order in ORDERS), train(None, _CONVERGED)]


def report() -> None:
    """Print one line a kernel."""
    rounds.print_header(__doc__.splitlines()[0], ["scikit-learn", "numpy", "pandas"], is_timed=False)
    heads = ["as it is", *(f"shuffled {order}" for order in ORDERS[1:]), "converged"]
    print(f"  {'kernel':<12}" + "".join(f"{head:>12}" for head in heads))
    for kernel in KERNELS:
        command = [sys.executable, sys.argv[0], "--measure"]
        environment = {**os.environ, "OPENBLAS_CORETYPE": kernel}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=300)
        print(f"  {kernel:<12}" + "".join(f"{found:12.4f}" for found in json.loads(done.stdout)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--measure"]:
        print(json.dumps(measure()))
    else:
        report()
