"""A city's folder of YAML files, read."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from services.routing.city.check import PARTS, build, file_of
from services.routing.city.error import CityError, Fault
from services.routing.city.model import City


def read(folder: Path) -> City:
    """Read and check a city's folder: city, offices, services, areas, calendar and policy, each a ``.yaml`` file.

    Raises:
        CityError: everything that is wrong with it, by file, entry and field.
    """
    document: dict[str, Any] = {}
    faults: list[Fault] = []
    for part in PARTS:
        try:
            document[part] = _read_file(folder / file_of(part))
        except _Unreadable as error:
            faults.append(Fault(file_of(part), "", "", str(error)))
    if not faults:
        return build(document)
    raise CityError(faults)


class _Unreadable(Exception):
    pass


def _read_file(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror} ({path})") from error
    except UnicodeDecodeError as error:
        raise _Unreadable(f"is not UTF-8 text (byte {error.start})") from error
    try:
        return _plain(yaml.load(text, _Loader))  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _Unreadable(f"is not YAML: {error.problem}{place}") from error
    except yaml.YAMLError as error:
        raise _Unreadable(f"is not YAML: {error}") from error


class _Loader(yaml.SafeLoader):
    """A key that is there twice is a mistake, not a value that silently wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


def _plain(value: Any) -> Any:
    """What YAML read, as what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
