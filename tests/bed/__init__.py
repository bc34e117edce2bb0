"""The test bed: a real RabbitMQ and a real PostgreSQL, private to one test run and gone after it."""

from tests.bed.broker import Broker
from tests.bed.databases import Databases
from tests.bed.postgres import Postgres
from tests.bed.rabbitmq import RabbitMQ

__all__ = ["Broker", "Databases", "Postgres", "RabbitMQ"]
