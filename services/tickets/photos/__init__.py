"""Photos that people send: what is taken, how each is made anew, and where it is kept."""
