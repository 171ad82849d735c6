"""The reference of a package of Python modules, written from their source."""

import ast
from collections.abc import Callable, Iterator
from textwrap import indent

from docstrings import shown
from public_names import Module, members, modules, names

LONGEST_DEFAULT = 40
ENUMERATIONS = {"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"}
KINDS = {"property": "property", "cached_property": "property", "classmethod": "classmethod", "staticmethod": "static"}


def package_reference(package: str) -> str:
    """Return the reference of the modules of one folder as Markdown, a section a module."""
    inside = [each for each in modules().values() if each.name.rpartition(".")[0] == package and not each.package]
    own = modules()[package]
    parts = [f"```{{eval-rst}}\n.. py:module:: {package}\n```", _fenced(_Writer(own).text())]
    for module in inside:
        title = module.name.removeprefix(f"{package}.")
        parts += [f"## {title}", _fenced(f".. py:module:: {module.name}\n\n{_Writer(module).text()}")]
    return "\n\n".join(parts)


def _fenced(text: str) -> str:
    return f"``````{{eval-rst}}\n{text}\n``````"


class _Writer:
    """Writes one module."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def text(self) -> str:
        head = self._docstring(self.module.tree, within="")
        return "\n\n".join([head, *self._constants(), *self._definitions()])

    def _constants(self) -> Iterator[str]:
        for name, value, told in self.module.constants:
            text = shown(told, lambda word: self._full(word, ""))
            yield self._entry("data", name, [f":value: {_short(value)}"], text)

    def _definitions(self) -> Iterator[str]:
        for node in self.module.definitions:
            if isinstance(node, ast.ClassDef):
                yield self._class(node)
            else:
                signature = f"{node.name}{self._signature(node)}"
                yield self._entry("function", signature, [], self._docstring(node, within=""))

    def _class(self, node: ast.ClassDef) -> str:
        parts = [self._docstring(node, within=node.name)]
        if any(isinstance(base, ast.Name) and base.id in ENUMERATIONS for base in node.bases):
            parts += list(self._choices(node))
        parts += [self._member(each, node.name) for each in members(node)]
        return self._entry("class", f"{node.name}{self._fields(node)}", [], "\n\n".join(parts))

    def _choices(self, node: ast.ClassDef) -> Iterator[str]:
        for each in node.body:
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                name, value = each.targets[0].id, _short(ast.unparse(each.value))
                yield self._entry("attribute", name, [f":value: {value}"], "")

    def _member(self, node: ast.FunctionDef, within: str) -> str:
        words = {each.id if isinstance(each, ast.Name) else "" for each in node.decorator_list}
        kind = next((KINDS[word] for word in words if word in KINDS), "method")
        text = self._docstring(node, within=within)
        if kind == "property":
            return self._entry("property", node.name, self._type(node.returns), text)
        options = [] if kind == "method" else [f":{kind}:" if kind == "classmethod" else ":staticmethod:"]
        return self._entry("method", f"{node.name}{self._signature(node, bound=kind != 'static')}", options, text)

    def _entry(self, kind: str, signature: str, options: list[str], text: str) -> str:
        head = "\n".join([f".. py:{kind}:: {signature}", *(f"   {option}" for option in options)])
        return f"{head}\n\n{indent(text, '   ')}"

    def _docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef, *, within: str) -> str:
        return shown(ast.get_docstring(node) or "", lambda word: self._full(word, within))

    def _full(self, word: str, within: str) -> str | None:
        """Return the full name of a public thing that a word means in this module."""
        first, dot, rest = word.partition(".")
        meant = (
            word,
            f"{self.module.name}.{within}.{word}",
            f"{self.module.name}.{word}",
            f"{self.module.imported.get(first, '')}{dot}{rest}",
        )
        return next((each for each in meant if each in names()), None)

    def _type(self, annotation: ast.expr | None) -> list[str]:
        return [] if annotation is None else [f":type: {self._annotated(annotation)}"]

    def _annotated(self, annotation: ast.expr) -> str:
        """Return an annotation with the full names of public things, so that they become links."""
        tree = ast.parse(ast.unparse(annotation), mode="eval")
        return ast.unparse(_FullNames(lambda word: self._full(word, "")).visit(tree))

    def _fields(self, node: ast.ClassDef) -> str:
        """Return what a dataclass is made from; nothing for other classes."""
        calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
        made = next((each for each in calls if getattr(each.func, "id", "") == "dataclass"), None)
        if made is None:
            return ""
        keywords = any(each.arg == "kw_only" and getattr(each.value, "value", False) for each in made.keywords)
        fields = [
            self._parameter(each.target.id, each.annotation, each.value)
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id[0] != "_"
        ]
        return f"({', '.join([*(['*'] if keywords and fields else []), *fields])})"

    def _signature(self, node: ast.FunctionDef, *, bound: bool = False) -> str:
        given = node.args
        plain = [*given.posonlyargs, *given.args]
        defaults = [*[None] * (len(plain) - len(given.defaults)), *given.defaults]
        shown_ones = list(zip(plain, defaults, strict=True))[1 if bound else 0 :]
        parts = [self._parameter(each.arg, each.annotation, default) for each, default in shown_ones]
        if given.vararg:
            parts.append(f"*{self._parameter(given.vararg.arg, given.vararg.annotation, None)}")
        elif given.kwonlyargs:
            parts.append("*")
        only = zip(given.kwonlyargs, given.kw_defaults, strict=True)
        parts += [self._parameter(each.arg, each.annotation, default) for each, default in only]
        back = "" if node.returns is None else f" -> {self._annotated(node.returns)}"
        return f"({', '.join(parts)}){back}"

    def _parameter(self, name: str, annotation: ast.expr | None, default: ast.expr | None) -> str:
        kind = "" if annotation is None else f": {self._annotated(annotation)}"
        return f"{name}{kind}" if default is None else f"{name}{kind} = {_short(ast.unparse(default))}"


class _FullNames(ast.NodeTransformer):
    """Puts full names in the place of short ones."""

    def __init__(self, resolve: Callable[[str], str | None]) -> None:
        self.resolve = resolve

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return a name in full."""
        return ast.Name(self.resolve(node.id) or node.id)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_DEFAULT and "\n" not in value else "..."
