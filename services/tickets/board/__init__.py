"""The public board: how reports go in the city, in figures that anybody may see."""
