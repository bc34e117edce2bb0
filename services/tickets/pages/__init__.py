"""Pages, drawn on the server: the citizen's and the board here, those of people who sign in below.

They call what the API's endpoints call; no rule of custody lives here.
"""
