# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""What a study is: a program, options of all runs, and axes along which the others vary."""

import itertools
import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence

from console import Failure

FILE = "study.json"
FIELDS = ("title", "text", "program", "options", "axes", "leaveOut", "timeLimitSeconds", "figures")
TIME_LIMIT = 3600  # seconds of a run
MOST_POINTS = 100000
LABEL = "label"  # of a level, beside its options
HERE = "./"  # begins a path in the study's folder


class Level(NamedTuple):
    """A place on an axis."""

    label: str
    options: Mapping[str, str]


class Point(NamedTuple):
    """A run: where it is on each axis, and its options."""

    labels: Mapping[str, str]
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """What tells it from all others, fit for a folder."""
        return "_".join(slug(label) for label in self.labels.values()) or "run"

    def words(self, program: str) -> List[str]:
        """Its command, without where results go."""
        return [program, *(f"--{name}={value}" for name, value in self.options.items())]


def slug(text: str) -> str:
    """A text as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", text).strip("-") or "x"


class Study:
    """A study, as its file says."""

    def __init__(self, path: Path) -> None:
        """Reads the file, or that of the folder."""
        self.path = (path / FILE if path.is_dir() else path).resolve()
        self.folder = self.path.parent
        self.name = self.folder.name
        fields = self.read()
        self.title = self.text_of(fields, "title")
        self.text = self.text_of(fields, "text", "")
        self.program = self.text_of(fields, "program", "mixnet-training")
        self.options = self.options_of("options", fields.get("options", {}))
        self.axes = self.axes_of(fields)
        self.left_out = self.list_of(fields, "leaveOut", dict)
        self.time_limit = fields.get("timeLimitSeconds", TIME_LIMIT)
        if not isinstance(self.time_limit, (int, float)) or not self.time_limit > 0:
            self.refuse("timeLimitSeconds", self.time_limit, "a number above 0")
        self.figures: Sequence[Dict[str, Any]] = self.list_of(fields, "figures", dict)
        self.check_left_out()

    def refuse(self, field: str, value: Any, rule: str) -> None:
        """Ends with the one line that says what is wrong with a field."""
        raise Failure(f"{self.path}: {field} is {json.dumps(value)[:80]}; expected {rule}")

    def read(self) -> Dict[str, Any]:
        """The fields of the file."""
        try:
            fields = json.loads(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Failure(f"{self.path}: {error.strerror}; expected a study, as utils/study.py "
                          "new FOLDER makes one") from error
        except ValueError as error:
            raise Failure(f"{self.path}: is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise Failure(f"{self.path}: is no object with fields; expected {', '.join(FIELDS)}")
        for field in fields:
            if field not in FIELDS:
                self.refuse(field, fields[field], f"none of that name, but {', '.join(FIELDS)}")
        return fields

    def text_of(self, fields: Mapping[str, Any], name: str, otherwise: Any = None) -> str:
        """A field that is a text."""
        value = fields.get(name, otherwise)
        if not isinstance(value, str) or (otherwise is None and not value):
            self.refuse(name, value, "a text")
        return str(value)

    def list_of(self, fields: Mapping[str, Any], name: str, kind: type) -> List[Any]:
        """A field that is a list of objects, or missing."""
        value = fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
            self.refuse(name, value, "a list of objects")
        return list(value)

    def options_of(self, where: str, value: Any) -> Dict[str, str]:
        """Options of the program by name."""
        if not isinstance(value, dict):
            self.refuse(where, value, "an object: options of the program by name")
        options = {}
        for name, given in value.items():
            if isinstance(given, bool) or not isinstance(given, (str, int, float)):
                self.refuse(f"{where}.{name}", given, "a text or a number")
            options[name] = self.resolved(str(given))
        return options

    def resolved(self, value: str) -> str:
        """The value of an option; a path that begins in the study's folder is made whole."""
        return str((self.folder / value).resolve()) if value.startswith(HERE) else value

    def axes_of(self, fields: Mapping[str, Any]) -> Dict[str, List[Level]]:
        """The levels of every axis."""
        axes = fields.get("axes", {})
        if not isinstance(axes, dict):
            self.refuse("axes", axes, "an object: lists of levels by axis")
        result: Dict[str, List[Level]] = {}
        for axis, levels in axes.items():
            if not isinstance(levels, list) or not levels:
                self.refuse(f"axes.{axis}", levels, "a list of levels")
            result[axis] = [self.level_of(axis, place, level)
                            for place, level in enumerate(levels)]
            names = [slug(level.label) for level in result[axis]]
            for name in names:
                if names.count(name) > 1:
                    self.refuse(f"axes.{axis}", name, "levels whose labels differ")
        return result

    def level_of(self, axis: str, place: int, value: Any) -> Level:
        """One level: the value of the option that the axis is called by, or options of its own."""
        where = f"axes.{axis}[{place}]"
        if not isinstance(value, dict):
            options = self.options_of(where, {axis: value})
            return Level(Path(str(value)).stem if str(value).startswith(HERE) else str(value),
                         options)
        label = value.get(LABEL)
        if not isinstance(label, str) or not label:
            self.refuse(f"{where}.{LABEL}", label, "a text")
        return Level(str(label), self.options_of(
            where, {name: option for name, option in value.items() if name != LABEL}))

    def check_left_out(self) -> None:
        """Refuses what names no level."""
        for place, rule in enumerate(self.left_out):
            for axis, labels in rule.items():
                known = [level.label for level in self.axes.get(axis, [])]
                for label in labels if isinstance(labels, list) else [labels]:
                    if label not in known:
                        self.refuse(f"leaveOut[{place}].{axis}", label,
                                    f"a label of that axis: {', '.join(known) or 'there is none'}")

    def is_left_out(self, labels: Mapping[str, str]) -> bool:
        """Whether a place on all axes is not run."""
        return any(all(labels[axis] in (given if isinstance(given, list) else [given])
                       for axis, given in rule.items()) for rule in self.left_out)

    def points(self) -> List[Point]:
        """All runs, the last axis fastest."""
        points = list(itertools.islice(self.all_points(), MOST_POINTS + 1))
        if len(points) > MOST_POINTS:
            raise Failure(f"{self.path}: has more than {MOST_POINTS} runs")
        if not points:
            raise Failure(f"{self.path}: has no run; leaveOut leaves out all")
        return points

    def all_points(self) -> Iterator[Point]:
        """The same, one by one."""
        for levels in itertools.product(*self.axes.values()):
            labels = {axis: level.label for axis, level in zip(self.axes, levels)}
            if self.is_left_out(labels):
                continue
            options = dict(self.options)
            for level in levels:
                options.update(level.options)
            yield Point(labels, options)
