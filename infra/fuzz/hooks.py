"""What no document says: what Django REST framework, whose clients this platform serves, takes besides what it asks for."""

from uuid import uuid4

import schemathesis
from jsonschema_rs import Draft202012Validator
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.specs.openapi.checks import negative_data_rejection

YES_AND_NO = ("true", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0")


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key that came before is for the request that it came with: each request has one of its own."""
    for name, key in (case.headers or {}).items():
        if name.lower() == "idempotency-key" and 1 <= len(key) <= 255 and all(" " <= letter <= "~" for letter in key):
            case.headers[name] = str(uuid4())


@schemathesis.check
def wrong_is_refused(ctx, response, case):
    """The same as `negative_data_rejection`, except for what is right once it is read as DRF reads it."""
    try:
        negative_data_rejection(ctx, response, case)
    except AcceptedNegativeData:
        if not (asks_for_nothing(case.query or {}) or is_right_once_read(case)):
            raise


def asks_for_nothing(query):
    """A blank filter is none, of several of a name the last one counts, and no size of a page means the usual one."""
    several = (list, dict)
    last = {name: list(value)[-1:] if isinstance(value, several) else [value] for name, value in query.items()}
    blank = any(not str(text).strip() for values in last.values() for text in values or [""])
    size = "".join(map(str, last.get("page_size", ["1"])))
    return blank or not (size.isdecimal() and 1 <= int(size) <= 100)


def is_right_once_read(case):
    document = case.operation.schema.raw_schema
    body = case.operation.definition.raw.get("requestBody")
    if body is None or not isinstance(case.body, dict):
        return False
    schema = body["content"]["application/json"]["schema"]
    whole = {**resolved(document, schema), "components": document["components"]}
    return Draft202012Validator(whole).is_valid(read(document, case.body, schema))


def read(document, value, schema):
    """The value as a field of this schema takes it."""
    schema = resolved(document, schema)
    for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
        if choice.get("type") != "null":
            schema = resolved(document, choice)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: read(document, part, properties.get(name, {})) for name, part in value.items()}
    if isinstance(value, list):
        return [read(document, part, schema.get("items", {})) for part in value]
    if isinstance(value, bool):
        return value
    if "boolean" in kinds:
        return True if str(value).strip().lower() in YES_AND_NO else value
    if isinstance(value, (int, float)) and "string" in kinds:
        return str(value)
    if isinstance(value, str) and "integer" in kinds:
        return int(value) if value.strip().lstrip("+-").isdecimal() else value
    return value.strip() if isinstance(value, str) else value


def resolved(document, schema):
    if "$ref" not in schema:
        return schema
    for step in schema["$ref"].split("/")[1:]:
        document = document[step]
    return document
