"""What is used and what does it cost, and does all of it reach the ledger?"""

from .board import QUARTER, THIRD, Board, chart, number, on_prometheus, quantile, rate


def dashboard() -> Board:
    board = on_prometheus("money", "Perpetuo: money", "Cost, admission, the ledger, and what is owed to it.")
    now(board)
    cost(board)
    ledger(board)
    owed(board)
    return board


def now(board: Board) -> None:
    board.row("Now")
    board.add(
        number(
            "Ledger lag",
            "Age of the oldest record that is not in the tables.",
            "s",
            'max(perpetuo_usage_ledger_lag_seconds{job=~"$job"})',
            red=30,
        )
    )
    board.add(number("Open grants", "Requests that are admitted and not settled.", "none", 'sum(perpetuo_usage_open_grants{job=~"$job"})'))
    board.add(
        number(
            "Owed",
            "Settlements in spools of gateways.",
            "none",
            'sum(perpetuo_gateway_settlements_owed{job=~"$job"}) or vector(0)',
            red=100,
        )
    )
    board.add(number("Prices", "1: the file of prices cannot be used.", "none", 'max(perpetuo_usage_prices_stale{job=~"$job"})', red=1))


def cost(board: Board) -> None:
    board.row("Cost")
    board.add(
        chart(
            "Cost within an hour",
            "By currency, and by whose credentials were used. Of workspaces' own it is for information.",
            "none",
            (
                'sum by (currency, paid_by) (increase(perpetuo_usage_cost_nanos_total{job=~"$job"}[1h])) / 1e9',
                "{{currency}}, paid by the {{paid_by}}",
            ),
        )
    )
    board.add(chart("Tokens", "A second, by direction.", "none", (rate("perpetuo_gateway_tokens_total", "kind"), "{{kind}}"), stacked=True))


def ledger(board: Board) -> None:
    board.row("Admission and ledger")
    board.add(
        chart(
            "Admissions", "By answer.", "ops", (rate("perpetuo_usage_admissions_total", "answer"), "{{answer}}"), stacked=True, width=THIRD
        )
    )
    board.add(
        chart(
            "Refused by limits",
            "By layer and kind of limit.",
            "ops",
            (rate("perpetuo_usage_refusals_total", "layer, limit"), "{{layer}} {{limit}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Settlements",
            "By result.",
            "ops",
            (rate("perpetuo_usage_settlements_total", "result"), "{{result}}"),
            stacked=True,
            width=THIRD,
        )
    )
    board.add(
        chart("Open grants", "By process.", "none", ('perpetuo_usage_open_grants{job=~"$job"}', "{{instance}}"), stacked=True, width=THIRD)
    )
    board.add(
        chart(
            "Age of open grants",
            "On average, by Little's law. Attempts take seconds, ten minutes at most.",
            "s",
            ("perpetuo:usage_grant_age_seconds:avg < Inf", "average"),
            width=THIRD,
        )
    )
    board.add(chart("Ledger lag", "By process.", "s", ('perpetuo_usage_ledger_lag_seconds{job=~"$job"}', "{{instance}}"), width=THIRD))
    board.add(
        chart(
            "Transactions of the ledger",
            "How long they take.",
            "s",
            (quantile(0.5, "perpetuo_usage_fold_seconds"), "median"),
            (quantile(0.99, "perpetuo_usage_fold_seconds"), "99th percentile"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Closed otherwise",
            "Grants that nobody settled, and what corrected them later.",
            "ops",
            (rate("perpetuo_usage_swept_total"), "swept"),
            (rate("perpetuo_usage_corrections_total"), "corrected"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Failures",
            "Transactions that failed (they are tried again), prices that could not be used, and records that were dropped.",
            "ops",
            (rate("perpetuo_usage_fold_failures_total"), "transactions"),
            (rate("perpetuo_usage_price_file_failures_total"), "files of prices"),
            (rate("perpetuo_usage_refusals_dropped_total"), "log entries dropped"),
            (rate("perpetuo_usage_daily_counters_dropped_total"), "daily counters dropped"),
            width=THIRD,
        )
    )


def owed(board: Board) -> None:
    board.row("What is owed")
    board.add(
        chart(
            "Settlements owed",
            "In the spool of each gateway.",
            "none",
            ('perpetuo_gateway_settlements_owed{job=~"$job"}', "{{instance}}"),
            width=QUARTER,
        )
    )
    board.add(
        chart(
            "In memory only",
            "Settlements that a spool could not take.",
            "ops",
            (rate("perpetuo_gateway_settlements_unspooled_total"), "unspooled"),
            width=QUARTER,
        )
    )
    board.add(
        chart(
            "Admitted without Redis",
            "From what each process holds.",
            "ops",
            (rate("perpetuo_usage_leased_admissions_total", "instance"), "{{instance}}"),
            width=QUARTER,
        )
    )
    board.add(
        chart(
            "Notifications of payments",
            "Stored, and not worked off.",
            "none",
            ('max(perpetuo_billing_notifications_waiting{job=~"$job"})', "waiting"),
            width=QUARTER,
        )
    )
