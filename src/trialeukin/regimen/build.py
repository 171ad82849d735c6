"""From the tree of a regimen's text to its values, each fault shown at its spot."""

from collections.abc import Callable
from functools import partial

from trialeukin.regimen.build_prescription import read_prescription
from trialeukin.regimen.build_rules import read_rule, read_share
from trialeukin.regimen.course import Course, Prescription, Regimen, Repeat
from trialeukin.regimen.place import Node, Text, branches, token, whole, whole_days
from trialeukin.regimen.rules import Adherence, DoseRule

NO_TREATMENT = "nothing"
COURSE = "course"
MISSED, NEVER = "missed", "never"
SHARES = {MISSED: "missed", NEVER: "never_started"}  # clauses of the grammar, and what `Adherence` calls them


def build(tree: Node, text: Text, check: Callable[[Regimen], None] | None = None) -> Regimen:
    """Return the regimen that a tree of the grammar stands for.

    Raises
    ------
    RegimenError
        When the words are right and what they say is not; the message points at the spot.
    """
    if tree.data == NO_TREATMENT:
        return Regimen()
    given: list[Prescription] = []
    courses = tuple(_course(clause, given, text) for clause in branches(tree, COURSE))
    clauses = branches(tree, "hold", "delay", "reduce", "stop")
    rules = tuple((clause, read_rule(clause, text)) for clause in clauses)
    adherence = Adherence(missed=_share(tree, MISSED, text), never_started=_share(tree, NEVER, text))
    for clause, rule in rules:  # one by one first, so that a rule at fault is shown, not the whole text
        alone = _alone(clause, rule, courses, text)
        if check is not None:
            text.at(clause, partial(check, alone))
    return text.at(tree, lambda: Regimen(courses=courses, rules=tuple(rule for _, rule in rules), adherence=adherence))


def _alone(clause: Node, rule: DoseRule, courses: tuple[Course, ...], text: Text) -> Regimen:
    return text.at(clause, lambda: Regimen(courses=courses, rules=(rule,)))


def _share(tree: Node, kind: str, text: Text) -> float:
    clauses = branches(tree, kind)
    if len(clauses) > 1:
        raise text.fault_at("this is said twice: give one percentage for the whole regimen", clauses[1])
    share = read_share(clauses[0], text) if clauses else 0.0
    if clauses:
        text.at(clauses[0], lambda: Adherence(**{SHARES[kind]: share}))
    return share


def _course(node: Node, given: list[Prescription], text: Text) -> Course:
    first = len(given)
    for item in branches(node, "prescription", "continued"):
        given.append(read_prescription(item, given[-1] if given else None, text))
    cycles = [cycle for repeat in branches(node, "repeat") for cycle in branches(repeat)]
    repeats = tuple(_repeat(cycle, text) for cycle in cycles)
    where = cycles[0] if cycles else node
    return text.at(where, lambda: Course(prescriptions=tuple(given[first:]), repeats=repeats))


def _repeat(node: Node, text: Text) -> Repeat:
    every, cycles = whole_days(branches(node, "every")[0], text), whole(token(node, "NUMBER"), text)
    return text.at(node, lambda: Repeat(every=every, cycles=cycles))
