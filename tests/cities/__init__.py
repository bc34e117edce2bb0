"""The cities that tests play in: Kediri as it is deployed, and a small invented one that shares nothing with it."""

from functools import cache
from pathlib import Path

from services.routing.city.directory import Directory
from services.routing.city.files import read
from services.routing.city.model import City

KEDIRI = Path(__file__).parents[2] / "city" / "kediri"
WATU = Path(__file__).parent / "watu"


@cache
def city(folder: Path) -> City:
    return read(folder)


@cache
def directory(folder: Path) -> Directory:
    return Directory(city(folder))
