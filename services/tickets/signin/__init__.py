"""Who sits at a desk: accounts of people, and the sessions that their sign-in begins."""
