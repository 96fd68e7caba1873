"""The numbers that each run reports, and the alarms on them.

Code, template, dashboard and docs follow one list, `listed.py`.
"""

from .listed import FAILED, LAG, METRICS, REFUSED_EVENTS
from .metric import Alarm, Graph, Metric, Watch

__all__ = ["FAILED", "LAG", "METRICS", "REFUSED_EVENTS", "Alarm", "Graph", "Metric", "Watch"]
