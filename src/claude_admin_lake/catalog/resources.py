"""The catalog as CloudFormation resources: database, tables, views, workgroup, saved queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .hive import trino
from .tables import CATALOG
from .views import queries, views

if TYPE_CHECKING:
    from .tables import CatalogTable
    from .views import Script

Resource = dict[str, Any]

DATABASE, WORKGROUP = "LakeDatabase", "LakeWorkGroup"
SAVED_QUERIES = "SavedQueries"
RESULTS_PREFIX = "athena-results/"


def resources() -> dict[str, Resource]:
    """Return every resource of the catalog by its logical id.

    The resources use the parameters and conditions that `template.py` declares.
    """
    made = {DATABASE: _database(), WORKGROUP: _workgroup()}
    made |= {_id(table.name, "Table"): _table(table) for table in CATALOG}
    made |= {_id(view.name, "View"): _view(view) for view in views()}
    made |= {_id(query.name, "Query"): _query(query) for query in queries()}
    return made


def _database() -> Resource:
    # Named after the stack, so that an account can have several.
    name = {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "StackName"}]}]}
    about = {"Fn::Sub": "The Anthropic Admin API's tables, loaded by ${StackName}"}
    return {
        "Type": "AWS::Glue::Database",
        "Properties": {
            "CatalogId": {"Ref": "AWS::AccountId"},
            "DatabaseInput": {"Name": name, "Description": about},
        },
    }


def _workgroup() -> Resource:
    encryption = {
        "Fn::If": [
            "OwnKey",
            {"EncryptionOption": "SSE_KMS", "KmsKey": {"Ref": "KmsKeyArn"}},
            {"EncryptionOption": "SSE_S3"},
        ]
    }
    results = {
        "OutputLocation": {"Fn::Sub": f"s3://${{LakeBucket}}/{RESULTS_PREFIX}"},
        "EncryptionConfiguration": encryption,
    }
    return {
        "Type": "AWS::Athena::WorkGroup",
        "Properties": {
            "Name": {"Ref": "StackName"},
            "Description": {"Fn::Sub": "Queries over the lake of ${StackName}"},
            "RecursiveDeleteOption": True,
            "WorkGroupConfiguration": {
                "EnforceWorkGroupConfiguration": True,
                "PublishCloudWatchMetricsEnabled": True,
                "BytesScannedCutoffPerQuery": {"Ref": "QueryScanLimitBytes"},
                "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
                "ResultConfiguration": results,
            },
        },
    }


def _table(table: CatalogTable) -> Resource:
    location = f"s3://${{LakeBucket}}/${{LakePrefix}}{table.prefix}"
    parameters: Resource = {"EXTERNAL": "TRUE", "classification": "json"}
    if table.partitions:
        parameters |= _projection(table, location)
    storage = {
        "Location": {"Fn::Sub": location},
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
        "Columns": [_column(one.name, one.type.hive, one.comment) for one in table.columns],
    }
    return _glue_table(
        Name=table.name,
        Description=table.comment,
        TableType="EXTERNAL_TABLE",
        Parameters=parameters,
        PartitionKeys=[_column(one.name, one.type.hive, one.comment) for one in table.partitions],
        StorageDescriptor=storage,
    )


def _projection(table: CatalogTable, location: str) -> Resource:
    # `${!x}` is how Fn::Sub writes `${x}`.
    below = "".join(f"{one.name}=${{!{one.name}}}/" for one in table.partitions)
    return {
        **table.projection,
        "projection.organization.values": {"Ref": "Organizations"},
        "storage.location.template": {"Fn::Sub": location + below},
    }


def _view(view: Script) -> Resource:
    encoded = {"Fn::Base64": _definition(view)}
    return _glue_table(
        Name=view.name,
        Description=view.comment,
        TableType="VIRTUAL_VIEW",
        Parameters={"presto_view": "true", "comment": "Presto View"},
        ViewOriginalText={"Fn::Sub": ["/* Presto View: ${Encoded} */", {"Encoded": encoded}]},
        ViewExpandedText="/* Presto View */",
        PartitionKeys=[],
        StorageDescriptor={
            "Location": "",
            "SerdeInfo": {},
            "Columns": [_column(one.name, one.hive, one.comment) for one in view.columns],
        },
    )


def _definition(view: Script) -> Resource:
    """Return the JSON that Athena stores for a view, joined from the lines of its SQL."""
    sql = [json.dumps(line)[1:-1] for line in view.sql.split("\n")]
    columns = [json.dumps({"name": one.name, "type": trino(one.hive)}) for one in view.columns]
    parts = [
        '{"originalSql": "',
        {"Fn::Join": ["\\n", sql]},
        '", "catalog": "awsdatacatalog", "schema": "',
        {"Ref": DATABASE},
        '", "columns": [',
        {"Fn::Join": [", ", columns]},
        "]}",
    ]
    return {"Fn::Join": ["", parts]}


def _query(query: Script) -> Resource:
    return {
        "Type": "AWS::Athena::NamedQuery",
        "Condition": "CreateSavedQueries",
        "Properties": {
            "Name": query.name,
            "Description": query.comment,
            "Database": {"Ref": DATABASE},
            "WorkGroup": {"Ref": WORKGROUP},
            "QueryString": query.sql,
        },
    }


def _glue_table(**table_input: object) -> Resource:
    return {
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": {"Ref": "AWS::AccountId"},
            "DatabaseName": {"Ref": DATABASE},
            "TableInput": table_input,
        },
    }


def _column(name: str, hive: str, comment: str) -> dict[str, str]:
    return {"Name": name, "Type": hive, "Comment": comment}


def _id(name: str, kind: str) -> str:
    return "".join(word.capitalize() for word in name.split("_")) + kind
