"""A model told from itself: its equations, a diagram of what acts on what, and where each number is from."""
