"""For what tests do to one system from one address, its rate limits are in the way."""

UNLIMITED = {"ESTAFET_LIMIT_ADDRESS": "1000000/minute", "ESTAFET_LIMIT_TOKEN": "1000000/minute"}
