"""A test double of AWS STS: signs JSON Web Tokens that say which role asks."""

from sts_double.issuer import Issuer
from sts_double.server import StsDouble

__all__ = ["Issuer", "StsDouble"]
