"""What a board of ours looks like: rows of panels, each with a sentence that says what it shows.

Grafana's own library (grafana-foundation-sdk) knows the format; this only says how we use it.
"""

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model

PROMETHEUS = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
FULL, HALF, THIRD, QUARTER = 24, 12, 8, 6
TALL, SHORT = 8, 4


class Board:
    """A dashboard in the making. Panels get their ids in the order in which they are added."""

    def __init__(self, name: str, title: str, about: str, since: str = "now-6h"):
        self.inner = (
            dashboard.Dashboard(title)
            .uid(f"perpetuo-{name}")
            .description(about)
            .tags(["perpetuo"])
            .time(since, "now")
            .timezone("browser")
            .readonly()
            .tooltip(model.DashboardCursorSync.CROSSHAIR)
            .link(
                dashboard.DashboardLink("Perpetuo")
                .type(model.DashboardLinkType.DASHBOARDS)
                .tags(["perpetuo"])
                .as_dropdown(True)
                .keep_time(True)
            )
        )
        self.panels = 0

    def variable(self, variable) -> "Board":
        self.inner.with_variable(variable)
        return self

    def row(self, title: str) -> "Board":
        self.panels += 1
        self.inner.with_row(dashboard.Row(title).id(self.panels))
        return self

    def add(self, panel) -> "Board":
        self.panels += 1
        self.inner.with_panel(panel.id(self.panels))
        return self

    def build(self):
        return self.inner.build()


def on_prometheus(name: str, title: str, about: str) -> Board:
    """A board about metrics: of one Prometheus, of some of its jobs."""
    jobs = (
        dashboard.QueryVariable("job")
        .label("Job")
        .description("Which jobs of Prometheus")
        .datasource(PROMETHEUS)
        .query("label_values(perpetuo_build_info, job)")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value("perpetuo.*")
        .current(model.VariableOption(text="All", value="$__all", selected=True))
    )
    board = Board(name, title, about)
    board.inner.refresh("30s")
    return board.variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")).variable(jobs)


def chart(title: str, about: str, unit: str, *queries: tuple[str, str], width: int = HALF, stacked: bool = False):
    """Lines over time. Each query is PromQL and what its lines are called."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .span(width)
        .height(TALL)
        .line_width(1)
        .fill_opacity(20 if stacked else 5)
        .show_points(shape.VisibilityMode.NEVER)
        .legend(
            common.VizLegendOptions().display_mode(shape.LegendDisplayMode.LIST).placement(shape.LegendPlacement.BOTTOM).show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI).sort(shape.SortOrder.DESCENDING))
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(shape.StackingMode.NORMAL).group("A"))
    for letter, (expr, legend) in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(query(letter, expr).range().legend_format(legend))
    return panel


def number(title: str, about: str, unit: str, expr: str, red: float | None = None, width: int = QUARTER):
    """One figure of now. It is red from `red` on."""
    steps = [model.Threshold(value=None, color="green")]
    if red is not None:
        steps.append(model.Threshold(value=red, color="red"))
    return (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(PROMETHEUS)
        .unit(unit)
        .span(width)
        .height(SHORT)
        .thresholds(dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps))
        .color_mode(shape.BigValueColorMode.VALUE)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(query("A", expr).instant())
    )


def listing(title: str, about: str, expr: str, width: int = HALF):
    """A table of what is so now, with the labels as columns."""
    hidden = {"Time": True, "Value": True, "__name__": True}
    return (
        table.Panel()
        .title(title)
        .description(about)
        .datasource(PROMETHEUS)
        .span(width)
        .height(TALL)
        .no_value("none")
        .with_target(query("A", expr).instant().format("table"))
        .with_transformation(model.DataTransformerConfig(id_val="organize", options={"excludeByName": hidden}))
    )


def query(letter: str, expr: str):
    """One question to Prometheus."""
    return prometheus.Dataquery().ref_id(letter).expr(" ".join(expr.split())).datasource(PROMETHEUS)


def quantile(q: float, metric: str, by: str = "") -> str:
    """PromQL: below which value a share `q` of a histogram is."""
    labels = f"{by}, le" if by else "le"
    return f'histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket{{job=~"$job"}}[$__rate_interval])))'


def rate(metric: str, by: str = "", where: str = "") -> str:
    """PromQL: how often a second, summed up over processes."""
    matchers = ", ".join(m for m in ('job=~"$job"', where) if m)
    summed = f"sum by ({by})" if by else "sum"
    return f"{summed} (rate({metric}{{{matchers}}}[$__rate_interval]))"
