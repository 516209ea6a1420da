"""May the dashboard's login read what it needs, and nothing else?"""

import subprocess

import psycopg
import pytest
import written
from perpetuo import Perpetuo, Person
from postgres import Postgres
from started import within

READER = written.GRAFANA / "reader.sql"
DATABASE = "perpetuo"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A PostgreSQL with two workspaces that have used something, and both kinds of logins."""
    postgres = Postgres()
    perpetuo = None
    try:
        # Where somebody else runs the servers, whoever migrates is no superuser.
        postgres.ask("create role migrator login createrole")
        postgres.ask(f"create database {DATABASE} owner migrator")
        postgres.database = DATABASE
        perpetuo = Perpetuo(tmp_path_factory.mktemp("used-pg"), postgres.url("migrator"))
        people = [Person(perpetuo, "ada"), Person(perpetuo, "bob")]
        for person in people:
            person.chat()
            person.chat(stream=True)
        days = "select count(distinct workspace_id) from usage.usage_spans where span = 'day'"
        within(30, "both are in the roll-ups", lambda: postgres.ask(days) == [(2,)])
        give(postgres, "grafana")
        give(postgres, "grafana_all")
        yield postgres, people
    finally:
        if perpetuo:
            perpetuo.program.stop()
        postgres.remove()


def give(postgres: Postgres, login: str, workspace: str | None = None) -> None:
    command = ["psql", "-X", "-q", postgres.url("migrator"), "-v", f"login={login}", "-f", str(READER)]
    command += ["-v", f"workspace={workspace}"] if workspace else []
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def workspaces(postgres: Postgres, login: str, before: str = "select 1") -> set[str]:
    """The workspaces whose sums a login sees, after it has tried something."""
    with psycopg.connect(postgres.url(login), autocommit=True) as connection:
        connection.execute(before)
        return {row[0] for row in connection.execute("select distinct workspace_id::text from usage.usage_spans")}


def as_grafana(sql: str, workspace: str) -> str:
    """What Grafana makes of its variables and macros."""
    sql = sql.replace("${workspace}", workspace)
    return sql.replace("$__timeFilter(at)", "at between now() - interval '7 days' and now()")


def chosen(postgres: Postgres) -> dict[str, str]:
    """What the dashboard's variable offers: names as people know them, and values."""
    listing = next(q for q in written.sql() if q.place == "workspace: $workspace")
    return dict(postgres.ask(listing.text, "grafana"))


def test_the_dashboard_offers_workspaces_by_the_ids_that_people_know(database):
    postgres, people = database
    assert set(chosen(postgres)) == {person.workspace for person in people}


@pytest.mark.parametrize("query", written.sql(), ids=str)
def test_every_question_is_answered_for_the_chosen_workspace(query, database):
    postgres, people = database
    rows = postgres.ask(as_grafana(query.text, chosen(postgres)[people[0].workspace]), "grafana")
    # Nothing but requests to models was used, so nothing else is counted.
    assert rows or "resource_quarters" in query.text


def test_the_figures_are_those_of_one_workspace(database):
    postgres, people = database
    requests = next(q for q in written.sql() if q.place == "workspace: Requests (A)")
    for person in people:
        assert postgres.ask(as_grafana(requests.text, chosen(postgres)[person.workspace]), "grafana")[0][0] == 2


def test_no_other_table_or_column_can_be_read(database):
    postgres, _ = database
    seen = """
        select table_schema || '.' || table_name || '.' || column_name
        from information_schema.columns
        where table_schema not in ('pg_catalog', 'information_schema')
            and has_column_privilege('grafana', format('%I.%I', table_schema, table_name), column_name, 'select')
    """
    may = {row[0] for row in postgres.ask(seen)}
    assert {column.rsplit(".", 1)[0] for column in may} == {"usage.usage_spans", "usage.resource_quarters"}
    assert not any(column.endswith(("api_key_id", "user_id")) for column in may)
    tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
    others = {table for (table,) in postgres.ask(tables)} - {"usage.resource_quarters"}
    assert len(others) > 50, "the tables of all services"
    for table in others:
        # Of usage_spans only some columns, so not all of them either.
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgres.ask(f"select * from {table}", "grafana")


@pytest.mark.parametrize("setting", ["perpetuo.system = 'x'", "default_transaction_read_only = off"])
def test_nothing_can_be_written_whatever_is_set(setting, database):
    postgres, _ = database
    attempts = (
        "delete from usage.usage_spans",
        "update usage.usage_spans set requests = 0",
        "insert into usage.resource_quarters select * from usage.resource_quarters",
        "create table usage.mine (a integer)",
        "create table public.mine (a integer)",
        "select usage.drop_months('ledger', now())",
        "alter table usage.usage_spans no force row level security",
        "set role perpetuo_app",
        "set role grafana_all",
    )
    for attempt in attempts:
        with psycopg.connect(postgres.url("grafana"), autocommit=True) as connection:
            connection.execute(f"set {setting}")
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(attempt)


def test_a_login_for_one_workspace_sees_that_one_whatever_is_set(database):
    postgres, people = database
    mine, other = (chosen(postgres)[person.workspace] for person in people)
    give(postgres, "grafana_ada", people[0].workspace)
    assert workspaces(postgres, "grafana") == {mine, other}
    assert workspaces(postgres, "grafana_ada") == {mine}
    for attempt in ("set perpetuo.system = 'x'", f"set perpetuo.workspace = '{other}'", "set row_security = on"):
        assert workspaces(postgres, "grafana_ada", attempt) == {mine}
    # It is a member of nothing that it could put on instead.
    member_of = "select r.rolname from pg_roles r where r.rolname <> 'grafana_ada' and pg_has_role('grafana_ada', r.oid, 'member')"
    assert postgres.ask(member_of) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        postgres.ask("set role grafana", "grafana_ada")


def test_a_login_can_be_changed_from_all_workspaces_to_one_and_back(database):
    postgres, people = database
    mine, other = (chosen(postgres)[person.workspace] for person in people)
    for workspace, seen in ((None, {mine, other}), (people[1].workspace, {other}), (None, {mine, other})):
        give(postgres, "grafana_bob", workspace)
        assert workspaces(postgres, "grafana_bob", "set perpetuo.system = 'x'") == seen


def test_the_services_see_what_they_saw_before(database):
    """The policies are for readers: without a setting nobody else sees anything."""
    postgres, _ = database
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("set role perpetuo_app")
        assert connection.execute("select count(*) from usage.usage_spans").fetchone() == (0,)


def test_a_mistyped_workspace_changes_nothing(database):
    postgres, _ = database
    with pytest.raises(AssertionError, match="workspace: give its id"):
        give(postgres, "grafana_typo", "ws_01kb")
    assert postgres.ask("select 1 from pg_roles where rolname = 'grafana_typo'") == []


def test_it_can_be_run_again(database):
    postgres, _ = database
    before = workspaces(postgres, "grafana")
    give(postgres, "grafana")
    assert workspaces(postgres, "grafana") == before
