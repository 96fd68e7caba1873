"""The template's functions, worked out far enough to compare what they give."""

import base64
import itertools
import json
import re

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Region": "eu-west-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "acme-lake",
}
ARNS = {
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-west-1:123456789012:table/{}",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-1:123456789012:{}",
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:123456789012:function:{}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:eu-west-1:123456789012:stateMachine:{}",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:{}",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{}",
}
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}
NOTHING = object()


class Resolver:
    """Works intrinsic functions out for one choice of parameters."""

    def __init__(self, translated, **parameters):
        declared = translated["Parameters"].items()
        defaults = {name: one["Default"] for name, one in declared if "Default" in one}
        self._values = {**PSEUDO, **defaults, **parameters}
        self._resources = translated["Resources"]
        self._conditions = translated["Conditions"]

    def __call__(self, value):
        if isinstance(value, list):
            return [found for found in map(self, value) if found is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return getattr(self, "_" + name.replace("Fn::", "").lower())(argument)
        found = {name: self(one) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not NOTHING}

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NOTHING
        if name in self._values:
            return self._values[name]
        kind = self._resources[name]["Type"]
        return ARNS[kind].format(name) if kind in REF_IS_ARN else name

    def _getatt(self, path):
        name, attribute = (path if isinstance(path, str) else ".".join(path)).split(".", 1)
        if attribute in ("Arn", "Id"):
            kind = self._resources[name]["Type"]
            return ARNS.get(kind, f"arn:{kind}:{{}}").format(name)
        return f"{name}.{attribute}"

    def _sub(self, argument):
        text, given = argument if isinstance(argument, list) else (argument, {})
        values = {name: self(one) for name, one in given.items()}

        def replace(match):
            name = match[1]
            if name in values:
                return str(values[name])
            return str(self._getatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", replace, text).replace("${!", "${")

    def _join(self, argument):
        separator, parts = argument
        return separator.join(str(part) for part in self(parts))

    def _split(self, argument):
        separator, text = argument
        return self(text).split(separator)

    def _select(self, argument):
        place, values = argument
        return self(values)[int(place)]

    def _base64(self, argument):
        return base64.b64encode(self(argument).encode()).decode()

    def nested(self, name, template):
        """Return the resolver of a nested stack, with the parameters that this one passes."""
        return Resolver(template, **self(self._resources[name]["Properties"]["Parameters"]))

    def _if(self, argument):
        condition, yes, no = argument
        return self(yes if self.condition(condition) else no)

    def condition(self, name):
        return self._truth(self._conditions[name])

    def _truth(self, test):
        ((name, argument),) = test.items()
        if name == "Condition":
            return self.condition(argument)
        if name in ("Fn::And", "Fn::Or"):
            return (all if name == "Fn::And" else any)(map(self._truth, argument))
        if name == "Fn::Not":
            return not self._truth(argument[0])
        if name == "Fn::Equals":
            first, second = self(argument)
            return str(first) == str(second)
        raise NotImplementedError(name)


def every_choice(translated):
    """A resolver for each way the conditions can fall."""
    choices = {
        "ExistingSecretArn": [
            "",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf",
        ],
        "Federation": ["none", "instead-of-a-key"],
        "KmsKeyArn": ["", "arn:aws:kms:eu-west-1:123456789012:key/0a1b"],
        "Tracing": ["false", "true"],
        "CreateCatalog": ["true", "false"],
        "ExistingBucketName": ["", "a-bucket-that-is-there"],
        "PermissionsBoundary": ["", "arn:aws:iam::123456789012:policy/boundary"],
    }
    for values in itertools.product(*choices.values()):
        yield Resolver(translated, **dict(zip(choices, values, strict=True)))


def worked_out(resolver, template):
    """Return the resources and outputs of a choice with every function evaluated."""
    return {
        section: {
            name: resolver(one)
            for name, one in template.get(section, {}).items()
            if "Condition" not in one or resolver.condition(one["Condition"])
        }
        for section in ("Resources", "Outputs")
    }


def statements(resolver, resource):
    """Every statement of a role or a resource's policy."""
    properties = resolver(resource["Properties"])
    documents = [one["PolicyDocument"] for one in properties.get("Policies", ())]
    if isinstance(properties.get("PolicyDocument"), dict):
        documents.append(properties["PolicyDocument"])
    return [one for document in documents for one in document["Statement"]]


def as_list(value):
    return value if isinstance(value, list) else [value]


def definition_of(resolver, machine):
    """A state machine's definition with its substitutions in place."""
    properties = resolver(machine["Properties"])
    text = properties["DefinitionString"]
    for name, value in properties["DefinitionSubstitutions"].items():
        text = text.replace("${" + name + "}", str(value))
    return json.loads(text)
