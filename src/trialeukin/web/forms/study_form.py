"""From the fields of a study to its text and back: two views of one study file."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from trialeukin.core.counting import counted
from trialeukin.core.errors import Fault, InputError
from trialeukin.regimen.library import regimen_of
from trialeukin.trial.study import MOST_ARMS
from trialeukin.trial.toml_comments import with_comments
from trialeukin.trial.toml_shape import QUOTED, check_shape
from trialeukin.trial.toml_text import toml_text
from trialeukin.web.forms.field import Content, filled, id_of, name_of, number, shown
from trialeukin.web.forms.study_fields import Rows, StudyFields, study_fields, table, tables

ARM = re.compile(r"arms\.(\d{1,2})\.name")
ADD, REMOVE = "add-arm", "remove-arm."
PICK = "picked"  # an arm's regimen of the library, which replaces what was typed
NEW_PATIENTS = 100
FORM, CONTROL, COMPARED = PLACES = ("form", "control", "compared")
"""Where faults are shown that are of no field."""
ELSEWHERE: dict[tuple[str | int, ...], str] = {
    ("arms",): CONTROL,
    ("analysis",): COMPARED,
    ("analysis", "treatment"): COMPARED,
}
"""Keys without a field of their own, and where their faults are shown instead."""


def content_of(text: str) -> Content | None:
    """Return what a study's text says, valid or not; None where it is not TOML."""
    try:
        check_shape(text, name="study")
        return tomllib.loads(text)
    except (InputError, ValueError, RecursionError):
        return None


def written(text: str, sent: Mapping[str, str]) -> str:
    """Return a study's text with what was sent of its fields; what they do not show stays as it is, comments too.

    Parameters
    ----------
    text : str
        The study's text before; where it is not TOML the fields alone make the text.
    sent : mapping
        Names and values of fields (`StudyFields.items`), and ``act`` for an arm to add or to remove.
    """
    content = with_fields(content_of(text) or {}, sent)
    return with_comments(toml_text(content), text)


def with_fields(content: Mapping[str, Any], sent: Mapping[str, str]) -> Content:
    """Return a text's content with what was sent of its fields."""
    fields, changed = study_fields(content), dict(content)
    for field in fields.single:
        if field.name not in sent or len(field.path) < 2:
            continue
        section = str(field.path[0])
        own = table(changed, section)
        filled(own, field, sent[field.name])
        if own or section in changed:
            changed[section] = own
    for name in ("monitoring", "laboratory"):
        if not table(changed, name):
            changed.pop(name, None)
    for rows in fields.lists:
        if rows.rows[0][0].name in sent:
            _fill_rows(changed, rows, sent)
    if any(ARM.fullmatch(name) for name in sent):
        _fill_arms(changed, sent)
    _fill_rate(changed, sent.get("rate", ""))
    return changed


def _fill_rows(content: Content, rows: Rows, sent: Mapping[str, str]) -> None:
    section, key = rows.path
    own = table(content, section)
    before = tables(own.get(key))
    kept = []
    for place, fields in enumerate(rows.rows):
        row = before[place] if place < len(before) else {}
        for field in fields:
            filled(row, field, sent.get(field.name, field.value))
        kept += [row] if row else []
    if kept != before:
        content[section] = own | {key: kept} if kept else {name: own[name] for name in own if name != key}


def _fill_arms(content: Content, sent: Mapping[str, str]) -> None:
    before, act = tables(content.get("arms")), sent.get("act", "")
    places = sorted({int(found.group(1)) for name in sent if (found := ARM.fullmatch(name))})[:MOST_ARMS]
    fields = {arm.place: arm for arm in study_fields(content).arms}
    empty = study_fields({"arms": [{}]}).arms[0]
    arms: list[Content] = []
    renamed: dict[Any, str] = {}
    compared = None
    for place in places:
        if act == f"{REMOVE}{place}":
            continue
        arm = dict(before[place]) if place < len(before) else {}
        own, was = fields.get(place, empty), arm.get("name")
        picked = sent.get(f"arms.{place}.{PICK}", "")
        for field in (own.name, own.n, own.regimen):
            key = str(field.path[-1])
            filled(arm, field, sent.get(f"arms.{place}.{key}", field.value))
        if picked:
            arm["regimen"] = picked
        if CONTROL in sent:
            _mark_control(arm, is_control=sent[CONTROL] == str(place))
        if isinstance(was, str) and arm.get("name") and arm["name"] != was:
            renamed[was] = arm["name"]
        compared = arm.get("name") if sent.get(COMPARED) == str(place) else compared
        arms.append(_in_order(arm))
    if act == ADD and len(arms) < MOST_ARMS:
        arms.append({"name": f"arm {len(arms) + 1}", "n": arms[-1].get("n", NEW_PATIENTS) if arms else NEW_PATIENTS})
    if arms != before:
        content["arms"] = arms
    _rename(content, renamed)
    _compare(content, arms, compared)


def _mark_control(arm: Content, *, is_control: bool) -> None:
    if is_control:
        arm["control"] = True
    elif arm.get("control") is True:
        del arm["control"]


def _in_order(arm: Content) -> Content:
    """Return an arm with its name first."""
    return {key: arm[key] for key in sorted(arm, key=lambda key: key != "name")}


def _rename(content: Content, renamed: Mapping[Any, str]) -> None:
    """Call renamed arms by their new names in the published results too."""
    published = table(content, "published")
    for key, results in published.items() if renamed else ():
        if tables(results):
            published[key] = [
                each | ({"arm": renamed[each["arm"]]} if each.get("arm") in renamed else {}) for each in results
            ]
            content["published"] = published


def _compare(content: Content, arms: list[Content], compared: Any) -> None:
    """Name the compared arm where there is a choice, or where the text names it."""
    analysis = table(content, "analysis")
    others = [arm.get("name") for arm in arms if arm.get("control") is not True]
    only = others[0] if len(others) == 1 else compared if compared in others else None
    wanted = only if only is not None else others[0] if others else None
    if (len(others) > 1 or "treatment" in analysis) and wanted and analysis.get("treatment") != wanted:
        content["analysis"] = analysis | {"treatment": wanted}


def _fill_rate(content: Content, typed: str) -> None:
    if not typed.strip():
        return
    rate, patients = number(typed), [arm.get("n") for arm in tables(content.get("arms"))]
    total = sum(each for each in patients if isinstance(each, int))
    is_rate = not isinstance(rate, str) and rate > 0
    content["accrual"] = table(content, "accrual") | {
        "months": round(total / rate, 4) if is_rate and not isinstance(rate, str) else f"{typed.strip()} a month"
    }


def digest(value: str | Mapping[str, Any]) -> str:
    """Return a short fingerprint of a text as a browser sends it back, or of what fields say."""
    plain = value.replace("\r\n", "\n").strip() if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def fields_digest(sent: Mapping[str, str]) -> str:
    """Return the fingerprint of what fields say, whatever the text beside them."""
    return digest(with_fields({}, {name: value for name, value in sent.items() if name != "act"}))


def only_in_text(text: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a study's text says that no field shows, in words; all of it stays when fields are changed."""
    results = sum(len(tables(each)) for each in table(content, "published").values())
    reasons = sum(1 for _ in _reasons(content))
    comments = sum(1 for found in QUOTED.finditer(text) if found.group().startswith("#"))
    changed = len(tables(content.get("parameters")))
    kept = (
        (changed, "changed parameter", "changed parameters"),
        (results, "published result", "published results"),
        (reasons, "reason for what is assumed", "reasons for what is assumed"),
        (comments, "comment", "comments"),
    )
    return tuple(counted(count, one, many) for count, one, many in kept if count)


def _reasons(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key == "assumed" and isinstance(each, Mapping):
                yield from each
            else:
                yield from _reasons(each)
    elif isinstance(value, list):
        for each in value:
            yield from _reasons(each)


def placed(faults: tuple[Fault, ...], fields: StudyFields) -> dict[str, tuple[Fault, ...]]:
    """Return the faults of keys by the place beside which they are shown: the id of a field, or one of `PLACES`.

    Lines and columns are those of the field's own text; they are known of regimens.
    """
    known = {field.name: field.id for field in fields.every} | {name_of(each.path): each.id for each in fields.lists}
    at: dict[str, tuple[Fault, ...]] = {}
    for arm in fields.arms:
        found = _regimen_faults(arm.regimen.value)
        at |= {arm.regimen.id: found} if found else {}
    regimens = frozenset(at)
    for fault in faults:
        if not fault.path:
            continue
        place = _place(fault.path, known, len(fields.arms))
        if place not in regimens:
            message = fault.message if place == FORM else fault.message.split(": ", 1)[-1]
            at[place] = (*at.get(place, ()), replace(fault, message=message, line=None, column=None, width=0))
    return at


def _place(path: tuple[str | int, ...], known: Mapping[str, str], arms: int) -> str:
    for length in range(len(path), 0, -1):
        above = path[:length]
        if name_of(above) in known:
            return id_of(above)
        if above in ELSEWHERE and (ELSEWHERE[above] != COMPARED or arms > 2):
            return ELSEWHERE[above]
    return FORM


def _regimen_faults(text: str) -> tuple[Fault, ...]:
    try:
        if shown(text).strip():
            regimen_of(text)
    except InputError as fault:
        return fault.faults
    return ()
