"""``estafet replay``: who had which case in a real log, played through a running system."""
