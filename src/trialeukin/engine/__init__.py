"""From equations and doses to trajectories: `solve` is the one public verb."""
