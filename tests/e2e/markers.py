"""Texts of reports that :mod:`tests.e2e.fragile` does not survive."""

KILL, HANG, COMPUTE = "kill the process", "hang and wait", "hang and compute"
#: The environment variable that says that what killed the process is mended; it only takes three seconds then.
MENDED = "FRAGILE_MENDED"
