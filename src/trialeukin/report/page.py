"""The page itself: sections of words, pictures and tables, set into one file that needs nothing else."""

import re
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from trialeukin.report.palette import theme_rules
from trialeukin.report.picture import Picture
from trialeukin.report.table import Table

PHONE_UP_TO = 680
"""Width in pixels up to which the page shows the drawings made for a phone."""

TOGETHER = re.compile(r"(\b[A-Za-z]{1,12}-\d+\b|± \d[\d.]*|\d[\d.]* %|\d[\d.]* × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One headed part of the page.

    Attributes
    ----------
    name : str
        Its anchor.
    title : str
        Its heading.
    words : tuple of str
        Paragraphs before the blocks.
    notes : tuple of str
        A list after the paragraphs.
    blocks : tuple of Picture or Table
        What follows, in order.
    """

    name: str
    title: str
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blocks: tuple[Picture | Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One figure of the summary at the top.

    Attributes
    ----------
    value : str
        The figure, printed large.
    detail : str
        Its uncertainty; may be empty.
    label : str
        What it is.
    """

    value: str
    detail: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that the report says.

    Attributes
    ----------
    title : str
        Name of the study.
    question, answer : str
        What was asked, and the answer in one sentence with its uncertainty.
    comparison : str
        What the study itself found, and where that lies.
    caution : str
        What the page is not.
    headlines : tuple of Headline
        The figures that the answer rests on.
    sections : tuple of Section
        The rest.
    footer : str
        What made the page.
    """

    title: str
    question: str
    answer: str
    comparison: str
    caution: str
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]
    footer: str


def html(page: Page) -> str:
    """Return the page as one HTML document."""
    environment = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["whole"] = unbroken
    environment.tests["picture"] = lambda block: isinstance(block, Picture)
    styles = _template("report.css").replace("PHONE_UP_TO", str(PHONE_UP_TO))
    return environment.get_template("report.html.j2").render(page=page, styles=theme_rules() + styles)


def unbroken(text: str) -> Markup:
    """Return words, escaped, in which no line breaks inside ``IL-2`` or ``1.3 × 10⁹``, or before a per cent sign."""
    parts = TOGETHER.split(text)
    return Markup("").join(
        Markup('<span class="whole">{}</span>').format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _template(name: str) -> str:
    return resources.files("trialeukin.report").joinpath("templates", name).read_text(encoding="utf-8")
