"""The service's own application, for a server that is not ours."""

from __future__ import annotations

from augury.api import load_bundled
from augury.service.app import create_app
from augury.service.settings import Settings

app = create_app([load_bundled()], settings=Settings())
