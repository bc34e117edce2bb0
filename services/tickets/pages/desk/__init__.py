"""Pages of people who work for the city: an office's lists, a report with what can be done to it, and the way in."""
