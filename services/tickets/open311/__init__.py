"""Open311 GeoReport v2: the city as apps meet it that know the standard and nothing of us."""
