"""LaTeX as components' docstrings write it, as MathML: the few commands that they use, and a refusal of all others."""

import re
from collections.abc import Iterator
from html import escape

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S")
GREEK = "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu rho sigma tau phi varphi psi omega"
LETTERS = dict(zip(GREEK.split(), "αβγδϵεζηθκλμρστϕφψω", strict=True)) | {"ell": "ℓ"}
FUNCTIONS = frozenset({"ln", "log", "exp", "max", "min"})
SIGNS = {"cdot": "⋅", "in": "∈", "sum": "∑", "le": "≤", "ge": "≥", "times": "×", "to": "→", "infty": "∞"}
SPACES = {",": 0.17, ";": 0.28, "quad": 1.0, "qquad": 2.0}
FENCES = frozenset({"left", "right", "bigl", "bigr", "Bigl", "Bigr"})
NEXT = "\\\\"
CASES = re.compile(r"^(.*)\\begin\{cases\}(.*)\\end\{cases\}(.*)$", re.DOTALL)
ALIGNED = re.compile(r"^\s*\\begin\{aligned\}(.*)\\end\{aligned\}\s*$", re.DOTALL)


def latex_to_mathml(latex: str) -> str:
    """Return LaTeX as MathML that may stand inside a ``math`` element.

    Raises
    ------
    ValueError
        At a command that is none of the few; the message names it.
    """
    aligned = ALIGNED.match(latex)
    inside = latex if aligned is None else aligned.group(1)
    cases = CASES.match(inside)
    if cases is not None:
        before, choices, after = cases.groups()
        return f"<mrow>{_Reader(before).row()}<mo>{{</mo>{_table(choices)}{_Reader(after).row()}</mrow>"
    return _Reader(latex).row() if aligned is None else _table(inside)


def _table(lines: str) -> str:
    return f"<mtable displaystyle='true'>{''.join(map(_line, lines.split(NEXT)))}</mtable>"


def _line(line: str) -> str:
    cells = enumerate(line.split("&"))
    inside = "".join(
        f'<mtd class="{"left" if place % 2 else "right"}">{_Reader(cell).row()}</mtd>' for place, cell in cells
    )
    return f"<mtr>{inside}</mtr>"


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._tokens = [(found.group(), found.start()) for found in TOKEN.finditer(latex)]
        self._at = 0

    def row(self) -> str:
        """Return everything up to the end or the next closing brace as one row."""
        return f"<mrow>{''.join(self._parts())}</mrow>"

    def _parts(self) -> Iterator[str]:
        while self._at < len(self._tokens) and self._tokens[self._at][0] != "}":
            yield self._scripted()

    def _scripted(self) -> str:
        base, scripts = self._atom(), {}
        while self._at < len(self._tokens) and self._tokens[self._at][0] in {"^", "_", "'"}:
            mark = self._next()
            if mark == "'":
                base = f"<mrow>{base}<mo lspace='0' rspace='0'>′</mo></mrow>"
            else:
                scripts[mark] = self._atom()
        if len(scripts) == 2:
            return f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"
        for mark, script in scripts.items():
            base = f"<msup>{base}{script}</msup>" if mark == "^" else f"<msub>{base}{script}</msub>"
        return base

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise ValueError(f"{self._latex!r} ends too early")
        self._at += 1
        return self._tokens[self._at - 1][0]

    def _atom(self) -> str:
        token = self._next()
        if token == "{":
            inside = self.row()
            self._next()
            return inside
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        return f"<mo>{'−' if token == '-' else escape(token)}</mo>"

    def _command(self, name: str) -> str:
        if name in {"frac", "tfrac"}:
            return f"<mfrac>{self._atom()}{self._atom()}</mfrac>"
        if name in {"text", "mathrm"}:
            return f"<mtext>{escape(self._words()).replace(' ', chr(160))}</mtext>"
        if name in FENCES:
            fence = self._next()
            return "" if fence == "." else f"<mo>{escape(fence)}</mo>"
        if name == "mathrel":
            return self._atom()
        return _plain(name, self._latex)

    def _words(self) -> str:
        """Return the words between braces as they are, spaces included."""
        start = self._tokens[self._at][1]
        end = self._latex.index("}", start)
        while self._at < len(self._tokens) and self._tokens[self._at][1] <= end:
            self._at += 1
        return self._latex[start + 1 : end]


def _plain(name: str, latex: str) -> str:
    """Return a command that takes nothing: a letter, a function, a sign or a space."""
    if name in LETTERS:
        return f"<mi>{LETTERS[name]}</mi>"
    if name in FUNCTIONS:
        return f"<mi>{name}</mi>"
    if name in SIGNS:
        return f"<mo>{SIGNS[name]}</mo>"
    if name in SPACES:
        return f'<mspace width="{SPACES[name]:g}em"></mspace>'
    raise ValueError(f"no MathML is known of \\{name} in {latex!r}")
