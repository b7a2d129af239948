"""`python -m infra.cli` is `concierge`."""

from __future__ import annotations

from infra.cli import main

main()
