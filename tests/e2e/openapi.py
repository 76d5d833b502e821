"""JSON against a vendor's OpenAPI definition. Definitions leave most fields optional, so each resource comes with a list of
those that must be there; an unchecked field would make the check vacuous."""

import copy
import json
import os
import re

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


class Definition:
    def __init__(self, path):
        with open(os.path.join(DATA, path)) as file:
            self.root = json.load(file)

    def find(self, reference):
        node = self.root
        for part in reference.removeprefix("#/").split("/"):
            node = node[int(part) if isinstance(node, list) else part.replace("~1", "/")]
        return node

    def schema_of(self, path, method, status):
        content = self.resolved(self.root["paths"][path][method]["responses"][str(status)])["content"]
        return content["application/json"]["schema"]

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.find(schema["$ref"])
        return schema

    def faults(self, value, schema, place="$"):
        """What of `value` is not as the schema wants it."""
        schema = self.resolved(schema)
        if value is None:
            return []  # null for what is absent is normal
        for part in schema.get("allOf", []):
            found = self.faults(value, part, place)
            if found:
                return found
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                all_found = [self.faults(value, part, place) for part in schema[choice]]
                if all(all_found):
                    return min(all_found, key=len)
        found = self.type_faults(value, schema, place)
        if found:
            return found
        if isinstance(value, dict):
            found = [f"{place}.{name}: missing" for name in schema.get("required", []) if name not in value]
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    found += self.faults(value[name], part, f"{place}.{name}")
        if isinstance(value, list) and "items" in schema:
            found = [fault for i, each in enumerate(value) for fault in self.faults(each, schema["items"], f"{place}[{i}]")]
        return found

    def type_faults(self, value, schema, place):
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind in kinds:
            number = kind in ("integer", "number")
            if not isinstance(value, kinds[kind]) or (number and isinstance(value, bool)):
                return [f"{place}: expected {kind}, found {value!r}"]
        if isinstance(value, str):
            if "enum" in schema and value not in [str(each) for each in schema["enum"]]:
                return [f"{place}: {value!r} is not one of {schema['enum']}"]
            if "pattern" in schema and not re.search(schema["pattern"], value):
                return [f"{place}: {value!r} does not match {schema['pattern']}"]
        return []


def field(value, path):
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


class Check:
    """One resource: its schema, and the fields that must be there with the types that they must have."""

    def __init__(self, required, definition=None, schema=None):
        self.required, self.definition, self.schema = required, definition, schema

    def faults(self, value):
        found = [] if self.definition is None else self.definition.faults(value, self.schema)
        for path, kind in self.required.items():
            present = field(value, path)
            if present is None and kind is not None:
                found.append(f"{path}: missing")
            elif present is None:
                parent = field(value, path.rsplit(".", 1)[0]) if "." in path else value
                if not isinstance(parent, dict) or path.rsplit(".", 1)[-1] not in parent:
                    found.append(f"{path}: missing (null is allowed)")
            elif kind is not None and not matches(present, kind):
                found.append(f"{path}: {present!r} is not {kind}")
        return found

    def must_pass(self, name, value):
        found = self.faults(value)
        if found:
            raise SystemExit(f"{name}: {found[0]} in {json.dumps(value)}")
        self.must_fail_when_broken(name, value)

    def must_fail_when_broken(self, name, value):
        """The check itself is checked: each field once deleted and once of another type."""
        for path in self.required:
            if field(value, path) is None:
                continue
            for wrong in ("delete", "mistype"):
                broken = copy.deepcopy(value)
                parent = field(broken, path.rsplit(".", 1)[0]) if "." in path else broken
                key = path.rsplit(".", 1)[-1]
                key = int(key) if isinstance(parent, list) else key
                if wrong == "delete":
                    del parent[key]
                elif self.required[path] is None:
                    continue
                else:
                    parent[key] = [] if not isinstance(parent[key], list) else {}
                if not self.faults(broken):
                    raise SystemExit(f"{name}: the check does not see a {wrong}d {path}")


def matches(value, kind):
    if isinstance(kind, str):
        return isinstance(value, str) and re.fullmatch(kind, value) is not None
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
