"""Who is measured: our own system, two idioms that people would use instead, and what the machine can do at most."""
