"""Node.js packages for tests: installed by their lock file, once, into a folder that is not kept."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.bed.install import ensure

#: `./dev` and git leave it alone.
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "node"


def installed(folder: Path) -> Path:
    """A copy of a folder, with the packages that its lock file names beside it in `node_modules`.

    Raises RuntimeError with what npm said when it cannot install them.
    """
    ensure(["node", "npm"])
    lock = (folder / "package-lock.json").read_bytes()
    place = CACHE / f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for file in folder.iterdir():
            if file.is_file():
                shutil.copy(file, place)
        if not (place / "installed").exists():
            _install(place)
            (place / "installed").touch()
    return place


def _install(place: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"npm could not install the packages of {place}:\n{done.stderr or done.stdout}")
