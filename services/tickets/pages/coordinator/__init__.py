"""Pages of a coordinator: what waits for a decision, how reports flow between offices, and what is late."""
