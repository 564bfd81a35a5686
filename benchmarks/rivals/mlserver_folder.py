"""MLServer with its own runtime for scikit-learn: write its settings, and become it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    folder, port, model_file = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    # One process: its documentation says so of models for which another would cost more than it brings.
    settings = {"host": "127.0.0.1", "http_port": port, "grpc_port": 0, "metrics_port": 0, "metrics_endpoint": None}
    settings |= {"parallel_workers": 0, "debug": False, "load_models_at_startup": True}
    model = {
        "name": "churn",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(folder / model_file), "version": "1"},
    }
    place = folder / "mlserver"
    place.mkdir(exist_ok=True)
    (place / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    (place / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")
    program = str(Path(sys.executable).with_name("mlserver"))
    os.execv(program, [program, "start", str(place)])  # noqa: S606 - its own program
