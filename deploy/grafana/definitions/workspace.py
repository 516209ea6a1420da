"""What does one workspace use? From the sums in PostgreSQL, as the role of ../reader.sql."""

from grafana_foundation_sdk.builders import common, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as dash
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model

from .board import FULL, HALF, QUARTER, SHORT, TALL, Board

KIND = "grafana-postgresql-datasource"
DATABASE = model.DataSourceRef(type_val=KIND, uid="${database}")

# An id as people know it: `ws_` and the 128 bits of the uuid as 26 characters of Crockford's base32 (proto/src/id.rs).
WORKSPACES = """
select 'ws_' || (
  select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
    substring(B'00' || ('x' || replace(w.id::text, '-', ''))::bit(128) from 5 * place + 1 for 5)::bit(5)::integer + 1, 1), '' order by place)
  from generate_series(0, 25) as place) as __text, w.id::text as __value
from (select distinct workspace_id as id from usage.usage_spans where span = 'day' and face = 'model') w
order by 1
"""
# A sum is of one hour; those of an hour that has only begun grow.
HOURS = "from usage.usage_spans where workspace_id = '${workspace}'::uuid and span = 'hour' and face = 'model' and $__timeFilter(at)"
INPUT = "input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens + image_input_tokens"
OUTPUT = "output_tokens + audio_output_tokens + image_output_tokens"


class Question(builder.Builder, variants.Dataquery):
    """One statement. Grafana's library has no type for those of its PostgreSQL source."""

    def __init__(self, letter: str, sql: str, form: str):
        self.letter, self.sql, self.form = letter, " ".join(sql.split()), form

    def build(self) -> "Question":
        return self

    def to_json(self) -> dict[str, object]:
        return {
            "refId": self.letter,
            "datasource": DATABASE,
            "editorMode": "code",
            "format": self.form,
            "rawQuery": True,
            "rawSql": self.sql,
        }


def dashboard() -> Board:
    board = Board("workspace", "Perpetuo: one workspace", "What a workspace uses, by hour, from the roll-up tables.", "now-7d")
    board.variable(dash.DatasourceVariable("database").label("PostgreSQL").type(KIND))
    board.variable(
        dash.QueryVariable("workspace")
        .label("Workspace")
        .datasource(DATABASE)
        .query(" ".join(WORKSPACES.split()))
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    )
    totals(board)
    over_time(board)
    tables(board)
    return board


def totals(board: Board) -> None:
    board.row("Altogether, within the time that is shown")
    board.add(total("Requests", "First attempts: each request has one.", "none", f"select coalesce(sum(requests), 0) as requests {HOURS}"))
    board.add(
        total(
            "Attempts that failed",
            "Share of all attempts.",
            "percentunit",
            f"select coalesce(sum(failed)::float8 / nullif(sum(attempts), 0), 0) as failed {HOURS}",
        )
    )
    board.add(total("Tokens", "Of requests and answers.", "short", f"select coalesce(sum({INPUT} + {OUTPUT}), 0) as tokens {HOURS}"))
    board.add(
        total(
            "Attempts without a price",
            "They cost something that nobody knows.",
            "none",
            f"select coalesce(sum(unpriced), 0) as unpriced {HOURS}",
        )
    )


def over_time(board: Board) -> None:
    board.row("By hour")
    board.add(
        bars(
            "Requests",
            "By model.",
            "none",
            f"select at as time, provider || '/' || model as metric, sum(requests)::float8 as value {HOURS} group by 1, 2 order by 1",
        )
    )
    board.add(
        bars(
            "Cost",
            "By currency. With credentials of the workspace it is for information.",
            "none",
            f"select at as time, currency as metric, sum(cost_nanos)::float8 / 1e9 as value {HOURS} group by 1, 2 order by 1",
        )
    )
    board.add(
        bars(
            "Tokens",
            "By direction.",
            "short",
            f"select at as time, 'input' as metric, sum({INPUT})::float8 as value {HOURS} group by 1, 2 order by 1",
            f"select at as time, 'output' as metric, sum({OUTPUT})::float8 as value {HOURS} group by 1, 2 order by 1",
        )
    )
    board.add(
        bars(
            "Attempts that failed",
            "By provider.",
            "none",
            f"select at as time, provider as metric, sum(failed)::float8 as value {HOURS} group by 1, 2 order by 1",
        )
    )


def tables(board: Board) -> None:
    board.row("In figures")
    by_model = (
        f"select provider, model, currency, sum(requests) as requests, sum(attempts) as attempts, sum(failed) as failed, "
        f"sum({INPUT}) as input_tokens, sum({OUTPUT}) as output_tokens, sum(cost_nanos)::float8 / 1e9 as cost "
        f"{HOURS} group by 1, 2, 3 order by requests desc limit 50"
    )
    resources = (
        "select resource, sum(events) as events, sum(quantity) as quantity from usage.resource_quarters "
        "where workspace_id = '${workspace}'::uuid and $__timeFilter(at) group by 1 order by 1"
    )
    board.add(figures("Models", "Fifty with the most requests.", by_model, 16))
    board.add(figures("Counted resources", "Such as executions: what was recorded.", resources, 8))


def total(title: str, about: str, unit: str, sql: str):
    return (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(DATABASE)
        .unit(unit)
        .span(QUARTER)
        .height(SHORT)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(Question("A", sql, "table"))
    )


def bars(title: str, about: str, unit: str, *questions: str):
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(DATABASE)
        .unit(unit)
        .min(0)
        .span(HALF)
        .height(TALL)
        .draw_style(shape.GraphDrawStyle.BARS)
        .fill_opacity(60)
        .stacking(common.StackingConfig().mode(shape.StackingMode.NORMAL).group("A"))
    )
    for letter, sql in zip("AB", questions, strict=False):
        panel.with_target(Question(letter, sql, "time_series"))
    return panel


def figures(title: str, about: str, sql: str, width: int = FULL):
    return (
        table.Panel().title(title).description(about).datasource(DATABASE).span(width).height(TALL).with_target(Question("A", sql, "table"))
    )
