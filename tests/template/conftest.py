"""template.yaml as written and after the SAM transform, and the nested ones, which need none."""

import copy
import os
import sys
from pathlib import Path

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"  # the transform wants to know one

ROOT = Path(__file__).resolve().parents[2]
for place in (ROOT, ROOT / "src", ROOT / "testing"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))


class NoManagedPolicies:
    """The template names none, so none has to be looked up in AWS."""

    def load(self):
        return {}


def defaults_of(template):
    return {name: str(one["Default"]) for name, one in template["Parameters"].items()}


@pytest.fixture(scope="session")
def written():
    return yaml_parse((ROOT / "template.yaml").read_text())


@pytest.fixture(scope="session")
def catalog():
    return yaml_parse((ROOT / "catalog.yaml").read_text())


@pytest.fixture(scope="session")
def reporter():
    return yaml_parse((ROOT / "reporter.yaml").read_text())


@pytest.fixture(scope="session")
def translated(written):
    given = copy.deepcopy(written)
    given["Resources"]["LoadFunction"]["Properties"]["CodeUri"] = "s3://a-bucket/a-key"
    for name in ("Catalog", "Reporter"):
        stored = f"https://s3.us-east-1.amazonaws.com/a-bucket/{name.lower()}"
        given["Resources"][name]["Properties"]["TemplateURL"] = stored
    return transform(given, defaults_of(given), NoManagedPolicies())


@pytest.fixture(scope="session")
def resources(translated):
    return translated["Resources"]


@pytest.fixture(scope="session")
def of_type(resources):
    def find(kind):
        return {name: one for name, one in resources.items() if one["Type"] == kind}

    return find
