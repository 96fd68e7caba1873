"""The dashboard: every metric and every alarm."""

from __future__ import annotations

import json
from textwrap import indent
from typing import Any

from claude_admin_lake.function.telemetry import ALL_TABLES
from claude_admin_lake.metrics import LAG, METRICS, Graph

from .alarms import NAMESPACE, WATCHED, in_lines

_DAY = 86400
_WIDTH = 147
_BOUNDS = {
    Graph.LAG: ("alarm", "${MaxLagDays}"),
    Graph.DURATION: ("time-out", "${FunctionTimeout}"),
}
_TEXT = """\
# ${AWS::StackName}
[Function](${FunctionPage}) · [Long loads](${LongLoadsPage})"""

# Values too long for a line of the template.
_VARIABLES = {
    "FunctionPage": "https://${AWS::Region}.console.aws.amazon.com/lambda/home"
    "?region=${AWS::Region}#/functions/${LoadFunction}",
    "LongLoadsPage": "https://${AWS::Region}.console.aws.amazon.com/states/home"
    "?region=${AWS::Region}#/statemachines/view/${LoadUntilDone}",
    "Warnings": "fields @timestamp, level, message, table, day "
    "| filter level in ['WARNING', 'ERROR', 'CRITICAL'] | sort @timestamp desc",
}

_REPORTS = "Reports"
"""A variable with the widgets of the reports; empty if there are none."""

_PIECES = {"now": (0, 24, 7), "spend": (7, 14, 9), "claude-code": (7, 10, 9)}
"""The widgets' rows below the graphs, their widths and heights."""

_TITLES = {"now": "Spend now", "spend": "Spend by day", "claude-code": "Claude Code by week"}

Widget = dict[str, Any]


_LAYOUT = """\
  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardBody: !Sub
        - |
{body}
        - {variables}
"""


def dashboard_yaml() -> str:
    """Render the dashboard as a CloudFormation resource."""
    body = _wrapped({"start": "-P28D", "widgets": _widgets()})
    tagged = {name: "!Sub " if "${" in text else "" for name, text in _VARIABLES.items()}
    variables = [f'{name}: {tagged[name]}"{text}"' for name, text in _VARIABLES.items()]
    variables.append(f"{_REPORTS}: {_reports()}")
    return _LAYOUT.format(body=indent(body, " " * 10), variables=("\n" + " " * 10).join(variables))


def _reports() -> str:
    """Return YAML for the widgets that the reporter's function fills, if there is a reporter."""
    row = 5 + 6 * -(-(len(Graph) + 1) // 2)
    pieces = [json.dumps(_piece(name, row, *place)) for name, place in _PIECES.items()]
    each = [one.replace(', "properties"', f',\n{" " * 14}"properties"') for one in pieces]
    lines = "".join(f"\n{' ' * 12}, {one}" for one in each)
    return f'!If\n{" " * 10}- HasReports\n{" " * 10}- !Sub >-{lines}\n{" " * 10}- ""'


def _piece(name: str, start: int, row: int, width: int, height: int) -> Widget:
    column = 14 if name == "claude-code" else 0
    endpoint = "${Reporter.Outputs.WidgetFunctionArn}"
    properties: Widget = {"endpoint": endpoint, "params": {"widget": name}, "title": _TITLES[name]}
    return _widget("custom", properties, row=start + row, column=column, height=height, width=width)


def _widgets() -> list[Widget]:
    alarms = [f"${{{one.alarm.name}.Arn}}" for one in WATCHED]
    graphs = [_graph(graph) for graph in Graph]
    query = "SOURCE '${LoadLog}' | ${Warnings} | limit 50"
    log = {"title": "Warnings and errors", "view": "table", "query": query}
    return [
        _widget("text", {"markdown": _TEXT}, row=0, height=2, width=24),
        _widget("alarm", {"title": "Alarms", "alarms": alarms}, row=2, height=3, width=24),
        *(
            _widget("metric", graph, row=5 + 6 * (place // 2), column=12 * (place % 2))
            for place, graph in enumerate(graphs)
        ),
        _widget("log", log, row=5 + 6 * (len(graphs) // 2), column=12 * (len(graphs) % 2)),
    ]


def _widget(
    kind: str, properties: Widget, *, row: int, column: int = 0, height: int = 6, width: int = 12
) -> Widget:
    if kind in ("metric", "log"):
        properties |= {"region": "${AWS::Region}"}
    place = {"x": column, "y": row, "width": width, "height": height}
    return {"type": kind, **place, "properties": properties}


def _graph(graph: Graph) -> Widget:
    series = _by_table() if graph is Graph.LAG else _totals(graph)
    shown: Widget = {"title": graph.value, "view": "timeSeries", "period": _DAY, "metrics": series}
    if bound := _BOUNDS.get(graph):
        label, value = bound
        shown["annotations"] = {"horizontal": [{"label": label, "value": value}]}
    return shown


def _by_table() -> list[list[Any]]:
    search = f'SEARCH(\'{{"{NAMESPACE}",table}} MetricName="{LAG.name}"\''
    return [[{"expression": f"{search}, '{LAG.over_runs}', {_DAY})", "label": ""}]]


def _totals(graph: Graph) -> list[list[Any]]:
    """Totals of the runs; metrics with a different unit than the first use the right axis."""
    shown = [metric for metric in METRICS if metric.graph is graph]
    series: list[list[Any]] = _failures() if graph is Graph.PROBLEMS else []
    start = NAMESPACE, ("table", ALL_TABLES)
    for metric in shown:
        style = {"stat": metric.over_runs}
        if metric.unit is not shown[0].unit:
            style["yAxis"] = "right"
        series.append([start[0], metric.name, *start[1], style])
        start = ".", (".", ".")  # "." repeats the value of the previous series
    return series


def _failures() -> list[list[Any]]:
    return [
        [one.namespace, one.metric, one.dimension, f"${{{one.value.removeprefix('!Ref ')}}}",
         {"stat": one.alarm.watch.statistic, "label": one.label}]
        for one in WATCHED if one.label
    ]  # fmt: skip


def _wrapped(body: dict[str, Any]) -> str:
    """Format the body as JSON in lines of a readable length; each widget starts a line."""
    text = json.dumps(body, ensure_ascii=False, separators=(",\n", ": "))
    for _, value in _BOUNDS.values():
        text = text.replace(f'"{value}"', value)  # becomes a number by substitution
    widgets = text.replace(',\n{"type"', ',\n\n{"type"').split(",\n\n")
    lines = [line for one in widgets for line in in_lines(one.split(",\n"), _WIDTH)]
    return ",\n".join(lines).removesuffix("]}") + f"${{{_REPORTS}}}]}}"
