"""Writes a study file: the TOML text that reads back as the same study."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from trialeukin.trial.section import Section
from trialeukin.trial.study import Study

ASSUMED = "assumed"
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
LINE_ENDS = frozenset("\u2028\u2029\u0085\x7f")
WHOLE = 1e15  # below which a float without a fraction is written without a point


def study_text(study: Study) -> str:
    """Return the text of a study file; reading it gives an equal study. Comments are no part of a study."""
    return toml_text(_content(study))


def toml_text(content: Mapping[str, Any]) -> str:
    """Return a study file's content, as a TOML reader gives it, as text; valid or not.

    Tables stand under headers, those of a list under headers in double brackets; what is within a table is written
    inline, and reasons for assumptions as dotted keys.

    Parameters
    ----------
    content : mapping
        Tables, lists, texts, numbers and booleans.
    """
    loose = {key: value for key, value in content.items() if not _is_table(value) or key == ASSUMED}
    parts = ["".join(_lines(loose))] if loose else []
    for key, value in content.items():
        if key in loose:
            continue
        if isinstance(value, Mapping):
            parts.append(f"[{_key(key)}]\n" + "".join(_lines(value)))
        else:
            parts += [f"[[{_key(key)}]]\n" + "".join(_lines(each)) for each in value]
    return "\n".join(parts)


def _content(section: Section) -> dict[str, Any]:
    """Return what a section says beyond its defaults, in the order of its keys; assumptions last."""
    found = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        said = name in section.model_fields_set or value != field.get_default(call_default_factory=True)
        if said and value is not None and not (name == ASSUMED and not value):
            found[name] = _plain(value)
    return {name: found[name] for name in sorted(found, key=lambda name: name == ASSUMED)}


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return _content(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )


def _lines(table: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, value in table.items():
        if key == ASSUMED and isinstance(value, Mapping):
            lines += [f"{ASSUMED}.{_key(name)} = {_value(reason)}\n" for name, reason in value.items()]
        elif _is_table(value) and not isinstance(value, Mapping) and len(value) > 1:
            lines.append(f"{_key(key)} = [\n{''.join(f'  {_value(each)},{chr(10)}' for each in value)}]\n")
        else:
            lines.append(f"{_key(key)} = {_value(value)}\n")
    return lines


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE:
        return str(int(value))
    return str(value)


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    return f"\\u{ord(character):04x}" if character < " " or character in LINE_ENDS else character


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _quoted(key)
