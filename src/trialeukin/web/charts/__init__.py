"""What pages draw, as figures that the browser paints, each with its table."""
