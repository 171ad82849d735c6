"""Which names of the package are public, read from its source without running it.

Public is what has no leading underscore anywhere in its dotted name: modules, functions, classes with their methods
and properties, and constants that a text below them explains.
"""

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import trialeukin

PACKAGE = Path(trialeukin.__file__).parent
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """A module's source.

    Attributes
    ----------
    name : str
        Its dotted name, such as ``trialeukin.survival.cox``.
    tree : ast.Module
        What it says.
    package : bool
        Whether it is the file of a package.
    """

    name: str
    tree: ast.Module
    package: bool

    @property
    def definitions(self) -> list[Definition]:
        """The public functions and classes, in their order."""
        return [node for node in self.tree.body if isinstance(node, Definition) and not node.name.startswith("_")]

    @property
    def constants(self) -> list[tuple[str, str, str]]:
        """The explained public constants: name, value and explanation."""
        pairs = zip(self.tree.body, [*self.tree.body[1:], None], strict=True)
        found = [_constant(node, after) for node, after in pairs]
        return [each for each in found if each is not None]

    @cached_property
    def imported(self) -> dict[str, str]:
        """Full names of what is imported, by the name it has here."""
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


def _constant(node: ast.stmt, after: ast.stmt | None) -> tuple[str, str, str] | None:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(target, ast.Name) or node.value is None:
        return None
    told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    if target.id.startswith("_") or not told:
        return None
    return target.id, ast.unparse(node.value), str(after.value.value)


def members(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """Return the public methods and properties of a class."""
    return [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")]


@cache
def modules() -> dict[str, Module]:
    """Return every public module by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        if not any(part.startswith("_") for part in name.split(".")):
            found[name] = Module(name, ast.parse(path.read_text(encoding="utf-8")), package)
    return found


@cache
def names() -> frozenset[str]:
    """Return the full name of everything public."""
    found: set[str] = set()
    for module in modules().values():
        found.add(module.name)
        found.update(f"{module.name}.{name}" for name, _, _ in module.constants)
        for node in module.definitions:
            found.add(f"{module.name}.{node.name}")
            if isinstance(node, ast.ClassDef):
                found.update(f"{module.name}.{node.name}.{each.name}" for each in members(node))
    return frozenset(found)
