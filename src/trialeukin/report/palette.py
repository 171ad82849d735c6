"""The colours of every figure, as tokens that the page resolves for light, dark and paper.

A figure is drawn in the token's light value; in the page each becomes ``var(--name, value)``, so
that one drawing serves every background. Blue and orange are the pair that all common kinds of
colour blindness keep apart (Wong, Nature Methods 2011;8:441).
"""

from enum import Enum


class Colour(Enum):
    """A token: its name in the page, its value on light and on dark ground."""

    INK = ("ink", "#1c2430", "#e8ecf1")
    MUTED = ("muted", "#566071", "#a9b4c2")
    GRID = ("grid", "#dfe3e9", "#343d49")
    ARM_1 = ("arm-1", "#2c66a3", "#86b8ee")
    ARM_2 = ("arm-2", "#c1490b", "#ff9d5c")
    ARM_3 = ("arm-3", "#0b7f5f", "#5cd0ac")
    ARM_4 = ("arm-4", "#8d3d87", "#e29ddb")
    BAND_TREG = ("band-treg", "#8d3d88", "#e29ddc")
    BAND_NK = ("band-nk", "#0b7f60", "#5cd0ad")
    BAND_CD8 = ("band-cd8", "#8a6a00", "#e6c64f")
    PUBLISHED = ("published", "#111722", "#ffffff")

    @property
    def label(self) -> str:
        """Name of the token in the page."""
        return str(self.value[0])

    @property
    def light(self) -> str:
        """What the figure is drawn in, and how it looks on white."""
        return str(self.value[1])

    @property
    def dark(self) -> str:
        """How it looks on a dark ground."""
        return str(self.value[2])


ARMS = (Colour.ARM_1, Colour.ARM_2, Colour.ARM_3, Colour.ARM_4)
DRUGS = (Colour.ARM_2, Colour.ARM_3, Colour.ARM_4, Colour.ARM_1)


def arm_colour(index: int) -> Colour:
    """Return the colour an arm keeps through the whole page; the first arm is the control."""
    return ARMS[index % len(ARMS)]


def themed(svg: str) -> str:
    """Return a drawing whose colours follow the page's theme."""
    for colour in Colour:
        svg = svg.replace(colour.light, f"var(--{colour.label},{colour.light})")
    return svg


def theme_rules() -> str:
    """Return the style rules that give each token its value, on light and on dark ground."""
    light = "".join(f"--{colour.label}:{colour.light};" for colour in Colour)
    dark = "".join(f"--{colour.label}:{colour.dark};" for colour in Colour)
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
