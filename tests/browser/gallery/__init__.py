"""Pictures of every page, after weeks of a city's work: ``python -m tests.browser.gallery``."""

import warnings

warnings.filterwarnings("ignore", "\nEventlet is deprecated")
