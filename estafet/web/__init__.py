"""JSON over HTTP for nameko services: endpoints, problems (RFC 9457), OpenAPI, probes."""

from estafet.web.dialect import Dialect
from estafet.web.endpoint import Answer, Call, Endpoint
from estafet.web.entrypoint import api, endpoints_of
from estafet.web.problems import PROBLEMS, Problem
from estafet.web.schemas import Input

__all__ = ["PROBLEMS", "Answer", "Call", "Dialect", "Endpoint", "Input", "Problem", "api", "endpoints_of"]
