"""Is everything there, ready and quick? The first board to look at."""

from .board import THIRD, Board, chart, listing, number, on_prometheus, quantile, rate

FAILED = 'status="5xx"'


def dashboard() -> Board:
    board = on_prometheus("fleet", "Perpetuo: fleet", "Processes, requests, stores and queues of an installation.")
    now(board)
    requests(board)
    calls(board)
    stores(board)
    queues(board)
    processes(board)
    return board


def now(board: Board) -> None:
    board.row("Now")
    board.add(number("Processes up", "Processes that answer Prometheus.", "none", 'sum(up{job=~"$job"})', width=4))
    board.add(number("Down", "Processes that do not.", "none", 'sum(1 - up{job=~"$job"})', red=1, width=4))
    board.add(
        number(
            "Not ready",
            "Processes that take no requests.",
            "none",
            'count(perpetuo_ready{job=~"$job", check="all"} == 0) or vector(0)',
            red=1,
            width=4,
        )
    )
    board.add(
        number(
            "Alerts",
            "Alerts of Perpetuo that fire.",
            "none",
            'count(ALERTS{alertname=~"Perpetuo.*", alertstate="firing"}) or vector(0)',
            red=1,
            width=4,
        )
    )
    board.add(
        number(
            "Releases",
            "Versions that run side by side.",
            "none",
            'count(count by (version) (perpetuo_build_info{job=~"$job"}))',
            red=2,
            width=4,
        )
    )
    board.add(number("Streams", "Streams that clients read now.", "none", 'sum(perpetuo_http_streams_open{job=~"$job"})', width=4))
    board.add(listing("Checks that fail", "Readiness checks that fail now.", 'perpetuo_ready{job=~"$job", check!="all"} == 0'))
    board.add(
        listing(
            "Alerts that fire",
            "Each has a page in deploy/runbooks.",
            'ALERTS{alertname=~"Perpetuo.*", alertstate="firing"}',
        )
    )


def requests(board: Board) -> None:
    board.row("Requests")
    board.add(
        chart(
            "Requests by status",
            "Answers of the edge, by class of status.",
            "reqps",
            (rate("perpetuo_http_requests_total", "status"), "{{status}}"),
            stacked=True,
        )
    )
    board.add(
        chart(
            "Failed requests",
            "Share of 5xx within an hour, beside what may fail (the error budget).",
            "percentunit",
            ("surface:perpetuo_http_errors:ratio_rate1h", "{{surface}}"),
            ("surface:perpetuo_http_error_budget:ratio", "{{surface}}: may fail"),
        )
    )
    board.add(
        chart(
            "Busiest routes",
            "Ten routes with the most requests.",
            "reqps",
            (f"topk(10, {rate('perpetuo_http_requests_total', 'route, method')})", "{{method}} {{route}}"),
        )
    )
    board.add(
        chart(
            "Routes that fail",
            "Ten routes with the most 5xx.",
            "reqps",
            (f"topk(10, {rate('perpetuo_http_requests_total', 'route, method', FAILED)})", "{{method}} {{route}}"),
        )
    )
    board.add(
        chart(
            "Time until the answer begins",
            "Management alone; models take as long as they take, see the board of the gateway.",
            "s",
            ('surface:perpetuo_http_request_duration_seconds:p50{surface="management"}', "median"),
            ('surface:perpetuo_http_request_duration_seconds:p99{surface="management"}', "99th percentile"),
        )
    )
    board.add(
        chart(
            "At once",
            "Requests whose answer has not begun, and streams under way.",
            "none",
            ('sum(perpetuo_http_requests_in_flight{job=~"$job"})', "requests"),
            ('sum(perpetuo_http_streams_open{job=~"$job"})', "streams"),
        )
    )


def calls(board: Board) -> None:
    board.row("Calls between roles (none where everything is in one process)")
    board.add(
        chart(
            "Calls",
            "Ten rpcs with the most calls.",
            "reqps",
            (f"topk(10, {rate('perpetuo_grpc_calls_total', 'rpc')})", "{{rpc}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Calls that fail",
            "By code: 2 unknown, 4 deadline, 13 internal, 14 unavailable, 15 data loss.",
            "reqps",
            (rate("perpetuo_grpc_calls_total", "rpc, code", 'code=~"2|4|13|14|15"'), "{{rpc}} {{code}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Slowest",
            "Ten rpcs, 99th percentile.",
            "s",
            (f"topk(10, {quantile(0.99, 'perpetuo_grpc_seconds', 'rpc')})", "{{rpc}}"),
            width=THIRD,
        )
    )


def stores(board: Board) -> None:
    board.row("Stores and feeds")
    board.add(
        chart(
            "Pools in use",
            "Share of the connections of each service and process.",
            "percentunit",
            ("instance_schema:perpetuo_db_connections_in_use:ratio", "{{schema}} {{instance}}"),
        )
    )
    board.add(
        chart(
            "Statements that fail",
            "By service and kind. `unique` is two who want the same name.",
            "ops",
            (rate("perpetuo_db_statement_failures_total", "schema, kind"), "{{schema}} {{kind}}"),
        )
    )
    board.add(
        chart(
            "Redis",
            "Calls that failed or took too long, and requests admitted without it.",
            "ops",
            (rate("perpetuo_usage_redis_failures_total"), "failures"),
            (rate("perpetuo_usage_leased_admissions_total"), "admitted from what processes hold"),
        )
    )
    board.add(
        chart(
            "Silence of feeds",
            "Since the last event or heartbeat. After 5 s a follower refuses.",
            "s",
            ('max by (feed) (perpetuo_feed_silent_seconds{job=~"$job"})', "{{feed}}"),
        )
    )


def queues(board: Board) -> None:
    board.row("What waits, and who logs in")
    board.add(
        chart(
            "Letters and notifications",
            "Letters that have not left, notifications of payments that are not worked off, and events that wait for webhooks.",
            "none",
            ('max by (service) (perpetuo_mails_waiting{job=~"$job"})', "letters of {{service}}"),
            ('max(perpetuo_billing_notifications_waiting{job=~"$job"})', "notifications"),
            ('max(perpetuo_webhook_deliveries_waiting{job=~"$job"})', "events for webhooks"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Webhooks",
            "Attempts to deliver events to customers, a second.",
            "ops",
            (rate("perpetuo_webhook_attempts_total", "outcome"), "{{outcome}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Executions",
            "Of the executive consultant.",
            "none",
            ('max by (state) (perpetuo_engine_executions{job=~"$job"})', "{{state}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Logins",
            "By how they ended, and those that had to wait after failures.",
            "ops",
            (rate("perpetuo_identity_logins_total", "outcome"), "{{outcome}}"),
            (rate("perpetuo_identity_throttled_total", "layer"), "wait: {{layer}}"),
            width=THIRD,
        )
    )


def processes(board: Board) -> None:
    board.row("Processes")
    mine = '{job=~"$job"}'
    board.add(
        chart(
            "Waiting for a processor",
            "For how long work that can go on waits. Beyond `overload.max_wait_ms` new requests wait at the door, or are turned away.",
            "s",
            (f"perpetuo_overload_wait_seconds{mine}", "{{role}} {{instance}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Calls made again",
            "Calls to peers that were given to another process, and connections to gRPC ports that never came about, a second.",
            "none",
            (f"sum by (role, why) (rate(perpetuo_peer_retries_total{mine}[$__rate_interval]))", "{{role}} {{why}}"),
            (f"sum by (role) (rate(perpetuo_grpc_tls_failures_total{mine}[$__rate_interval]))", "no TLS {{role}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Turned away",
            "Whether new requests wait at the door of an overloaded process (1), and how many a second it turns away.",
            "none",
            (f"perpetuo_overload_active{mine}", "overloaded {{role}} {{instance}}"),
            (f"rate(perpetuo_overload_turned_away_total{mine}[$__rate_interval])", "a second {{role}} {{instance}}"),
            width=THIRD,
        )
    )
    board.add(
        chart("Processor", "Cores in use.", "none", (f"rate(process_cpu_seconds_total{mine}[$__rate_interval])", "{{role}} {{instance}}"))
    )
    board.add(chart("Memory", "Resident memory.", "bytes", (f"process_resident_memory_bytes{mine}", "{{role}} {{instance}}")))
    board.add(chart("Files and sockets", "Open ones.", "none", (f"process_open_fds{mine}", "{{role}} {{instance}}"), width=THIRD))
    board.add(
        chart(
            "Threads and workers",
            "Threads of the process, and workers of its runtime.",
            "none",
            (f"process_threads{mine}", "threads {{role}} {{instance}}"),
            (f"tokio_workers{mine}", "workers {{role}} {{instance}}"),
            width=THIRD,
        )
    )
    board.add(
        chart(
            "Tasks",
            "Tasks of the runtime, and those that wait for a worker.",
            "none",
            (f"tokio_alive_tasks{mine}", "alive {{role}} {{instance}}"),
            (f"tokio_global_queue_depth{mine}", "waiting {{role}} {{instance}}"),
            width=THIRD,
        )
    )
