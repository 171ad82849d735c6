"""What every test shares: the laws try the same examples in each run, so that one commit has one answer."""

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("fresh", print_blob=True)  # `make laws` looks where nobody has looked before
settings.load_profile("same")
