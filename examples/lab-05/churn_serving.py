"""A Flask application with Augury's answers in it: ``python churn_serving.py [MODEL]``.

Without MODEL it is the churn model that comes with Augury. As in the lab this is Flask's own server, for development;
``waitress-serve --listen=127.0.0.1:9696 churn_serving:app`` is one for production.
"""

from __future__ import annotations

import sys

from flask import Flask

from augury.flask import make_blueprint

app = Flask("churn-prediction")
app.register_blueprint(make_blueprint(*sys.argv[1:2] if __name__ == "__main__" else ()))

if __name__ == "__main__":
    # The lab opens 0.0.0.0, every interface of the machine. There is no password, so opening it is left to whoever
    # has a proxy in front.
    app.run(host="127.0.0.1", port=9696)
