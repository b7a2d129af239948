"""`python -m infra.engines.kafka`: gets Kafka, so that no test waits for it."""

import sys

from infra.engines.kafka import broker
from infra.runtime.problems import Problem

try:
    broker.get()
except Problem as problem:
    sys.exit(str(problem))
