"""A simulated world: the three services' own code in one thread, under a scheduler and a clock that a seed decides."""
