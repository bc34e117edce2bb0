"""How people come in: signing in, with a second factor or the city's own account, and the account page."""
