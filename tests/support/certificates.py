"""Certificates for tests, by the script that operators have for a trial."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "certificates.sh"


def make(folder: Path, *names: str, days: int = 90) -> Path:
    """An authority and its certificates in ``folder``, which is answered."""
    subprocess.run(
        ["sh", str(_SCRIPT), str(folder), *names],
        env={**os.environ, "DAYS": str(days)},
        check=True,
        capture_output=True,
    )
    return folder
