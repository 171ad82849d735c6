"""How a count of things is said."""


def counted(count: float, name: str, names: str = "") -> str:
    """Return a count of things, such as ``1 event``, ``2.5 months`` or ``1,200 events``; ``names``: no s makes many."""
    return f"{count:,.15g} {name if count == 1 else names or f'{name}s'}"
