"""How protocols write counts of cells in blood; the language itself writes ``G/L`` and, of cells, ``/uL``."""

import re
from decimal import Decimal

_PER_VOLUME = {
    ("L", "l"): ("G/L", Decimal("1e-9")),
    ("nL", "nl"): ("G/L", Decimal(1)),
    ("uL", "ul", "µL", "µl", "μL", "μl", "mm3", "mm³"): ("cell/uL", Decimal(1)),
}
_THOUSANDS = {f"{thousand}/{volume}": ("G/L", Decimal(1)) for thousand in "Kk" for volume in ("uL", "µL", "μL")}
COUNT_UNITS: dict[str, tuple[str, Decimal]] = _THOUSANDS | {
    f"{counted}/{volume}": meant
    for volumes, meant in _PER_VOLUME.items()
    for volume in volumes
    for counted in ("", "cell", "cells")
    if f"{counted}/{volume}" != meant[0]
}
"""The unit that a spelling of texts stands for, and how many of it one is."""

POINT_OF_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d\d0")
"""A number with three decimals of which the last is zero, as others than English write thousands."""
