"""The cities that tests play in: Kediri as it is deployed, and a small invented one that shares nothing with it."""

from functools import cache
from pathlib import Path

from services.routing.city import City
from services.routing.cityfiles import read
from services.routing.directory import Directory

KEDIRI = Path(__file__).parents[2] / "city" / "kediri"
WATU = Path(__file__).parent / "watu"


@cache
def city(folder: Path) -> City:
    return read(folder)


@cache
def directory(folder: Path) -> Directory:
    return Directory(city(folder))
