"""Biology as components that compose into a system of equations, with units checked."""
