"""How do providers do, and what do we add to them?"""

from .board import THIRD, Board, chart, number, on_prometheus, quantile, rate

FAILED = 'outcome=~"upstream_error|incomplete", status!~"4xx"'


def dashboard() -> Board:
    board = on_prometheus("gateway", "Perpetuo: gateway", "Providers, their health, and our own part of each request.")
    now(board)
    providers(board)
    own(board)
    instead(board)
    refused(board)
    return board


def now(board: Board) -> None:
    board.row("Now")
    board.add(number("Attempts", "Calls of providers, a second.", "reqps", rate("perpetuo_gateway_attempts_total")))
    board.add(number("Open streams", "Streams under way.", "none", 'sum(perpetuo_gateway_open_streams{job=~"$job"})'))
    board.add(
        number("Overhead, p99", "What we add until an answer begins.", "s", quantile(0.99, "perpetuo_gateway_overhead_seconds"), red=0.05)
    )
    board.add(
        number(
            "Breakers open",
            "Models of providers that are asked last.",
            "none",
            'sum(perpetuo_gateway_breakers_open{job=~"$job"}) or vector(0)',
            red=1,
        )
    )


def providers(board: Board) -> None:
    board.row("Providers")
    board.add(
        chart(
            "Attempts",
            "Calls that have ended, by kind of provider.",
            "reqps",
            (rate("perpetuo_gateway_attempts_total", "provider_kind"), "{{provider_kind}}"),
            stacked=True,
        )
    )
    board.add(
        chart(
            "Attempts that fail",
            "Their 5xx, silence, and answers that broke off; and calls that they refused (4xx).",
            "percentunit",
            ("provider_kind:perpetuo_gateway_failures:ratio_rate10m", "{{provider_kind}} fails"),
            ("provider_kind:perpetuo_gateway_rejections:ratio_rate10m", "{{provider_kind}} refuses"),
        )
    )
    board.add(
        chart(
            "How attempts end",
            "By outcome and class of status.",
            "reqps",
            (rate("perpetuo_gateway_attempts_total", "outcome, status"), "{{outcome}} {{status}}"),
            stacked=True,
        )
    )
    board.add(
        chart(
            "Failures",
            "Without retries and fallbacks, which hide them.",
            "reqps",
            (rate("perpetuo_gateway_attempts_total", "provider_kind", FAILED), "{{provider_kind}}"),
        )
    )
    board.add(
        chart(
            "First content, median",
            "From the call until the first content.",
            "s",
            (quantile(0.5, "perpetuo_gateway_ttft_seconds", "provider_kind"), "{{provider_kind}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "First content, p95",
            "One in twenty takes longer.",
            "s",
            (quantile(0.95, "perpetuo_gateway_ttft_seconds", "provider_kind"), "{{provider_kind}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Breakers",
            "Models that are left alone, and how often that changed.",
            "none",
            ('sum by (provider_kind) (perpetuo_gateway_breakers_open{job=~"$job"})', "{{provider_kind}} open"),
            (
                'sum by (provider_kind, to) (increase(perpetuo_gateway_breaker_changes_total{job=~"$job"}[5m]))',
                "{{provider_kind}} to {{to}}",
            ),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Tokens",
            "A second, by kind of provider and direction.",
            "none",
            (rate("perpetuo_gateway_tokens_total", "provider_kind, kind"), "{{provider_kind}} {{kind}}"),
            width=24,
        )
    )


def own(board: Board) -> None:
    board.row("Our own part")
    board.add(
        chart(
            "Overhead",
            "Our own time until the head of an answer.",
            "s",
            (quantile(0.5, "perpetuo_gateway_overhead_seconds"), "median"),
            (quantile(0.95, "perpetuo_gateway_overhead_seconds"), "95th percentile"),
            (quantile(0.99, "perpetuo_gateway_overhead_seconds"), "99th percentile"),
        )
    )
    board.add(
        chart("Streams", "Under way, by process.", "none", ('perpetuo_gateway_open_streams{job=~"$job"}', "{{instance}}"), stacked=True)
    )


def instead(board: Board) -> None:
    board.row("Instead of one plain call")
    board.add(
        chart(
            "Tried again",
            "With the same provider, with another one, and a second call beside the first.",
            "ops",
            (rate("perpetuo_gateway_retries_total"), "retries"),
            (rate("perpetuo_gateway_fallbacks_total"), "fallbacks"),
            (rate("perpetuo_gateway_hedges_total"), "hedges"),
        )
    )
    board.add(
        chart(
            "Answers given again",
            "To the same request, or to one that means the same.",
            "ops",
            (rate("perpetuo_gateway_cached_answers_total", "how"), "{{how}}"),
        )
    )
    board.add(
        chart(
            "Shadows", "Copies for another model.", "ops", (rate("perpetuo_gateway_shadows_total", "outcome"), "{{outcome}}"), width=THIRD
        )
    )
    board.add(
        chart(
            "Guardrails",
            "What they found, and what was done.",
            "ops",
            (rate("perpetuo_gateway_guardrail_matches_total", "what, action"), "{{what}} {{action}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Responses that were not kept",
            "Clients cannot come back to them.",
            "ops",
            (rate("perpetuo_gateway_responses_unkept_total"), "lost"),
            width=THIRD,
        )
    )


def refused(board: Board) -> None:
    board.row("Refused")
    board.add(
        chart(
            "By the gateway",
            "Before any provider was asked, by reason.",
            "ops",
            (rate("perpetuo_gateway_refusals_total", "reason"), "{{reason}}"),
        )
    )
    board.add(
        chart(
            "By limits",
            "By layer and kind of limit.",
            "ops",
            (rate("perpetuo_usage_refusals_total", "layer, limit"), "{{layer}} {{limit}}"),
        )
    )
