"""What is measured: a function of a running contender each, answering one figure of one round."""
