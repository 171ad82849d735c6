"""``python -m trialeukin``: the command line."""

import sys

from trialeukin.cli.main import main

sys.exit(main())
