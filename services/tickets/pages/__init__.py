"""The citizen's pages: report, receipt, follow. They call what the API's endpoints call; no rule lives here."""
