"""The JSON export has the layout of docs/ledger.schema.json, every record of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from grokmath.ledger.derivations import derive
from grokmath.ledger.record import Record
from grokmath.ledger.report import SCHEMA, run, to_json
from grokmath.ledger.verdict import RecordResult

LAYOUT = json.loads((Path(__file__).parent.parent / "docs" / "ledger.schema.json").read_text())
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": int | float, "boolean": bool}
SOME = ["levi2023:9", "levi2023:9-percent", "levi2023:8-closed-gen", "levi2023:19", "levi2023:16", "beck2024:24"]


def faults(value, layout, where="export"):
    """Where a value is not as the layout says: the keywords of JSON Schema that the layout uses."""
    if "$ref" in layout:
        layout = LAYOUT["$defs"][layout["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in layout:
        return [] if any(not faults(value, each) for each in layout["anyOf"]) else [f"{where}: none of the forms"]
    names = layout.get("type", [])
    kinds = [names] if isinstance(names, str) else names
    if kinds and not any(has_type(value, kind) for kind in kinds):
        return [f"{where}: {value!r} is not {kinds}"]
    if "enum" in layout and value not in layout["enum"]:
        return [f"{where}: {value!r} is not listed"]
    if "pattern" in layout and not re.search(layout["pattern"], value):
        return [f"{where}: {value!r} is not of the pattern"]
    if isinstance(value, list):
        return [fault for k, each in enumerate(value) for fault in faults(each, layout["items"], f"{where}[{k}]")]
    if not isinstance(value, dict):
        return []
    known, other = layout.get("properties", {}), layout["additionalProperties"]
    found = [f"{where}: {name} is missing" for name in layout.get("required", ()) if name not in value]
    for name, each in value.items():
        if name not in known and other is False:
            found.append(f"{where}: {name} is not known")
        else:
            found += faults(each, known.get(name, other), f"{where}.{name}")
    return found


def has_type(value, kind):
    if kind == "null":
        return value is None
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def test_some_records_with_their_derivations():
    export = json.loads(json.dumps(to_json(run(SOME, 30, derive=derive), 30)))
    assert export["schema"] == SCHEMA
    assert faults(export, LAYOUT) == []
    verdicts = {record["result"]["printed"]["verdict"] for record in export["records"]}
    assert verdicts >= {None, "Definition", "Refuted"}


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["levi2023", "beck2024"])
def test_every_record(paper):
    export = json.loads(json.dumps(to_json(run([paper], 30, derive=derive), 30)))
    assert faults(export, LAYOUT) == []


def test_every_property_of_the_layout_is_explained():
    page = (Path(__file__).parent.parent / "docs" / "ledger.md").read_text()
    for part in LAYOUT["$defs"].values():
        assert all(f"`{name}`" in page for name in part.get("properties", {}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e.pop("digits"), "digits is missing"),
        (lambda e: e.update(extra=1), "extra is not known"),
        (lambda e: e["records"][0].update(kind="guess"), "'guess' is not listed"),
        (lambda e: e["records"][0]["result"].update(points=True), "True is not"),
        (lambda e: e["records"][0]["result"]["printed"].update(verdict="Probably"), "none of the forms"),
    ],
)
def test_a_change_of_the_layout_is_noticed(change, words):
    result = RecordResult("levi2023:16", "Definition", None, (), (), None, 0.0)
    export = to_json([result], 60)
    assert faults(export, LAYOUT) == []
    change(export)
    assert any(words in fault for fault in faults(export, LAYOUT))


def test_a_record_has_no_part_that_the_layout_forgets():
    held = set(Record.__dataclass_fields__) - {"latex", "corrected_latex", "printed", "corrected", "cites"}
    assert held <= set(LAYOUT["$defs"]["record"]["properties"])
