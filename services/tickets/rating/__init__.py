"""How satisfied reporters are: the national survey's nine elements, and the index they come to."""
