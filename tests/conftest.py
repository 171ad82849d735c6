"""What every test shares.

The laws try the same examples in each run, so that one commit has one answer, and the scripts of validation/ can be
imported: closed forms that only tests and fits need are there.
"""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))

settings.register_profile("same", derandomize=True)
settings.register_profile("fresh", print_blob=True)  # `make laws` looks where nobody has looked before
settings.load_profile("same")
