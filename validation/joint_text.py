"""What a fit leaves unknown of several typical values together, as the package reads it."""

from collections.abc import Sequence

from trialeukin.core.arrays import Floats


def joint_text(script: str, names: Sequence[str], errors: Floats, correlation: Floats) -> str:
    """Return standard errors, (p,), and correlations, (p, p), of parameters in the order of their names, as TOML."""
    blocks = [
        f"# Written by validation/{script}; do not edit by hand.\n"
        "# Each row: correlation with the parameters above it, and itself.\n"
    ]
    for row, name in enumerate(names):
        entries = "".join(f"{correlation[row, column]:.4f}, " for column in range(row))
        blocks.append(f"[{name}]\nspread = {errors[row]:.3g}\ncorrelation = [{entries}1.0]\n")
    return "\n".join(blocks)
