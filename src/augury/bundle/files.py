"""What a bundle and each of its parts are made of."""

from __future__ import annotations

from collections.abc import Mapping

# The bytes of files by their paths in the bundle, with slashes.
Files = Mapping[str, bytes]
