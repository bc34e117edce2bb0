"""Backups of the three databases as one set, and what makes the set good again (docs/decisions/backup.md)."""
