"""What reader (and writer) must not do, against the real engine: every door that `readonly` leaves open."""

from __future__ import annotations

import pytest

from infra.engines.warehouse import guard
from infra.engines.warehouse.errors import ClickHouseError
from infra.engines.warehouse.tokens import tokenize
from tests.fixtures_warehouse import Warehouse
from tests.infra.engines.warehouse.conftest import Ask

FUNCTIONS = frozenset({"file", "url", "numbers", "remote", "s3", "merge"})

FOR_NOBODY = [
    "SELECT file('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT \"file\" /* x */ ('/etc/passwd')",
    "SELECT “file”('/etc/passwd')",
    "SELECT FILE('/etc/passwd')",
    "SELECT `\\x66ile`('/etc/passwd')",
    "INSERT INTO events SELECT 1, `f\\x69le`('/etc/passwd')",
    "WITH file('/etc/passwd') AS x SELECT x",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM `/etc/passwd`",
    "SELECT * FROM default.`/etc/passwd`",
    "DESCRIBE file('/etc/passwd')",
    "SELECT * FROM Python(reader)",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a Int8')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM s3('http://127.0.0.1/x')",
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM sqlite('/etc/passwd', 'x')",
    "SELECT * FROM executable('x', 'TSV', 'a Int8')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO/**/OUTFILE '/tmp/x'",
    "INSERT INTO events FROM INFILE '/etc/passwd' FORMAT TSV",
    "INSERT INTO FUNCTION file('/tmp/x', 'CSV') SELECT 1",
    "KILL QUERY WHERE 1",
    "SET ROLE owner",
    "SET DEFAULT ROLE owner TO default",
    "CREATE USER x",
    "GRANT owner TO default",
    "CREATE TABLE x (a Int8) ENGINE = File(CSV)",
    "CREATE TABLE x (a Int8) ENGINE = URL('http://127.0.0.1/', CSV)",
    "CREATE TABLE x ENGINE = Python(reader)",
    "BACKUP DATABASE concierge TO File('/tmp/x')",
    "ATTACH TABLE x FROM '/tmp/x' (a Int8) ENGINE = Log",
    "SYSTEM SHUTDOWN",
    "SELECT 1 AS a FORMAT Template SETTINGS format_template_row = '/etc/passwd'",
    "SELECT 1 AS a SETTINGS format_template_resultset = '/etc/passwd' FORMAT Template",
    "SELECT 1 AS a FORMAT Protobuf SETTINGS format_schema = '/etc/passwd:M'",
    "SELECT 1 AS a FORMAT Protobuf SETTINGS output_format_schema = '/tmp/x'",
    "SELECT 1 SETTINGS allow_python_table_function = 1",
    "SELECT 1 SETTINGS log_comment = 'somebody else'",
    "SELECT 1 SETTINGS max_untracked_memory = 1000000000000",
    "SELECT 1 SETTINGS max_parser_depth = 100000000",
    "SELECT sleep(1) SETTINGS function_sleep_max_microseconds_per_block = 1000000000000",
    "CREATE TABLE x (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local)",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS x)",
    "SELECT COLUMNS('x') APPLY `f\\x69le` FROM (SELECT '/etc/passwd' AS x)",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(((file)), ['/etc/passwd'])",
    "SELECT 1 // ' \n, file('/etc/passwd') -- '",
    "SELECT 1 SETTINGS select = 'file(\\'/etc/passwd\\')'",
    "SELECT 1 AS a SETTINGS filter = 'throwIf(1, file(\\'/etc/passwd\\'))'",
    "SELECT 1 AS a SETTINGS order = 'throwIf(1, file(\\'/etc/passwd\\'))'",
    "SELECT n FROM events SETTINGS additional_result_filter = 'throwIf(1, file(\\'/etc/passwd\\'))'",
    "SELECT n FROM events SETTINGS additional_table_filters = {'events': 'n = file(\\'/etc/passwd\\')'}",
    "SELECT query SETTINGS implicit_table_at_top_level = 'system.processes'",
    "SELECT 1 SETTINGS dialect = 'kusto'",
    "SELECT sleep(1) SETTINGS compatibility = '20.1'",
    "SELECT 1 SETTINGS memory_tracker_fault_probability = 1",
    "SELECT 1 SETTINGS max_memory_usage_for_user = 1",
    "SELECT 1 SETTINGS memory_overcommit_ratio_denominator = 1",
    "SELECT * FROM format(Values, 'a String', $$(file('/etc/passwd'))$$)",
    "SELECT * FROM format(concat('Val', 'ues'), 'a String', $$(file('/etc/passwd'))$$)",
    "INSERT INTO events VALUES (1, file('/etc/passwd'))",
    "INSERT INTO events FORMAT Values (1, arrayMap(file, ['/etc/passwd'])[1])",
    "CREATE DICTIONARY x (n UInt64) PRIMARY KEY n LAYOUT(FLAT()) LIFETIME(0) "
    "SOURCE(CLICKHOUSE(QUERY 'SELECT length(file(\\'/etc/passwd\\')) AS n'))",
]
FOR_NO_READER = [
    "SELECT * FROM system.processes",
    "SELECT * FROM `system` . `processes`",
    "SELECT 1 IN system.processes",
    "SELECT * FROM `\\x73ystem`.`proces\\x73es`",
    "FROM system.processes SELECT *",
    "WITH p AS (SELECT * FROM system.processes) SELECT * FROM p",
    "DESCRIBE (SELECT * FROM system.processes)",
    "SELECT * FROM view(SELECT * FROM system.processes)",
    "SELECT * FROM viewIfPermitted(SELECT query FROM system.processes ELSE null('query String'))",
    "EXPLAIN SELECT * FROM system.processes",
    "SELECT 1 PARALLEL WITH DROP TABLE events",
    "SHOW CREATE USER default",
    "SHOW GRANTS",
    "SELECT (SELECT count() FROM system.users)",
    "SELECT * FROM system.stack_trace",
    "SELECT * FROM system.errors",
    "SELECT * FROM system.query_log",
    "SELECT * FROM merge('system', 'processes')",
    "SHOW PROCESSLIST",
    "SHOW FULL PROCESSLIST",
    "SHOW USERS",
    "SHOW ACCESS",
    "USE system",
    "SET readonly = 0",
    "SET max_memory_usage = 0",
    "INSERT INTO events VALUES (1, 'x')",
    "INSERT INTO events SELECT 1, 'x'",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE x (a Int8)",
    "DROP TABLE events",
    "TRUNCATE TABLE events",
    "ALTER TABLE events DELETE WHERE 1",
    "OPTIMIZE TABLE events",
    "SYSTEM FLUSH LOGS",
    "EXPLAIN SELECT file('/etc/passwd')",
    "SELECT 1 SETTINGS max_memory_usage = 100000000000",
    "SELECT 1 SETTINGS max_execution_time = 100000",
    "SELECT 1 SETTINGS profile = 'default'",
    "SELECT 1 SETTINGS max_memory_usage = 300000000",
    "SELECT 1 SETTINGS max_memory_usage = DEFAULT",
    "SELECT query FROM processes SETTINGS database = 'system'",
    "SELECT query FROM processes SETTINGS max_threads = 1, `database` = 'system'",
    "SELECT query FROM processes SETTINGS optimize_read_in_order, database = 'system'",
    "DESCRIBE (SELECT throwIf(1, (SELECT any(query) FROM processes))) SETTINGS database = 'system'",
    "WITH file AS f SELECT f",
    "SELECT * FROM system.parts",
    "SELECT path FROM system.disks",
    "SELECT data_paths FROM system.tables",
    "SELECT t.`data\\x5fpaths` FROM system.tables AS t",
    "SELECT * FROM system.tables",
    "FROM system.databases",
    "SELECT count(*), any(x) FROM (SELECT t.*, 1 AS x FROM system.tables AS t)",
    "SELECT COLUMNS('.*path.*') FROM system.databases",
    "SELECT d.COLUMNS('.*path.*') FROM system.databases AS d",
    "SELECT * EXCEPT name FROM `system`.`\\x64atabases`",
    "SELECT name FROM system.tables ORDER BY metadata_path",
    "WITH t AS (SELECT * FROM system.tables) SELECT name FROM t",
    "SHOW TABLES WHERE throwIf(1, (SELECT any(tuple(*)) FROM system.tables))",
    "DESCRIBE (SELECT throwIf(1, (SELECT toString(any(tuple(*))) FROM system.databases)))",
]
FOR_READERS = [
    "SELECT database, name, total_rows * 2 FROM system.tables",
    "SELECT COUNT(*) FROM system.tables WHERE database = 'concierge'",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM system.columns WHERE table = 'events'",
    "SELECT count() FROM events",
    "SELECT 'file(''/etc/passwd'')'",
    "SELECT 1 /* file('/etc/passwd') */",
    "SHOW TABLES",
    "SHOW CREATE TABLE events",
    "DESCRIBE events",
    "EXISTS events",
    "EXPLAIN SELECT * FROM events",
    "SELECT name FROM system.columns WHERE table = 'events'",
    "SELECT sum(number) FROM numbers(10)",
    "WITH 1 AS x SELECT x IN (1, 2), format('{}', 'a')",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT 1, database = 'x' FROM system.tables WHERE database = 'concierge' SETTINGS max_threads = 1",
    "SELECT settings, database = 'x' FROM (SELECT 1 AS settings, 'x' AS database)",
    "SELECT * APPLY(max) FROM events",
    "SELECT arrayMap(upper, ['a'])",
]


CODES = ("497", "452", "392", "164", "62", "36", "60", "46", "81")


@pytest.mark.parametrize("sql", FOR_NOBODY)
@pytest.mark.parametrize("user", ["reader", "writer"])
def test_nobody(ask: Ask, events: str, warehouse: Warehouse, sql: str, user: str) -> None:
    if not warehouse.embedded:
        pytest.skip("grants of a real server are its own: see the docs")
    answer = ask(sql, user)
    assert answer.status >= 400, answer.data
    assert b"root:" not in answer.data
    assert answer.headers["X-ClickHouse-Exception-Code"] in CODES, answer.data


@pytest.mark.parametrize("sql", FOR_NO_READER)
def test_no_reader(ask: Ask, events: str, warehouse: Warehouse, sql: str) -> None:
    if not warehouse.embedded:
        pytest.skip("grants of a real server are its own: see the docs")
    answer = ask(sql, "reader")
    assert answer.status >= 400, answer.data
    assert ask("SELECT count() FROM events").data == b"1000\n"


@pytest.mark.parametrize("sql", FOR_READERS)
def test_readers(ask: Ask, events: str, sql: str) -> None:
    answer = ask(sql, "reader")
    assert answer.status == 200, answer.data


def test_no_reader_by_parameter_or_database(ask: Ask, events: str, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("grants of a real server are its own: see the docs")
    query = "SELECT * FROM {d:Identifier}.{t:Identifier}"
    assert ask(query, "reader", param_d="system", param_t="processes").status == 403
    assert ask("SELECT * FROM {t:Identifier}", "reader", param_t="system.processes").status == 403
    assert ask("SELECT * FROM {t:Identifier}", "reader", param_t="events").status == 200
    assert ask("SELECT * FROM processes", "reader", database="system").status == 403
    assert ask("SELECT {c:Identifier} FROM system.tables", "reader", param_c="data_paths").status == 403


@pytest.mark.parametrize("setting", ["format_template_row", "format_template_resultset", "format_schema"])
@pytest.mark.parametrize("user", ["reader", "writer"])
def test_no_file_by_a_setting(ask: Ask, warehouse: Warehouse, user: str, setting: str) -> None:
    if not warehouse.embedded:
        pytest.skip("a server looks for templates in a folder of its own")
    answer = ask("SELECT 1 AS a", user, default_format="Template", **{setting: "/etc/passwd"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "452"
    assert b"root:" not in answer.data


def test_rows_too_long_to_look_through_are_no_expressions(ask: Ask, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server reads no files for its users")
    ask("CREATE OR REPLACE TABLE said (a String) ENGINE = MergeTree ORDER BY a")
    rows = ",".join(["('x')"] * 50_000)
    assert ask(f"INSERT INTO said VALUES {rows}").status == 200
    assert ask(f"INSERT INTO said VALUES {rows}, (file('/etc/passwd'))").status >= 400
    turned_on = "SETTINGS input_format_values_interpret_expressions = 1"
    assert ask(f"INSERT INTO said {turned_on} VALUES {rows}, (file('/etc/passwd'))").status == 403
    assert ask("SELECT count() FROM said").data == b"50000\n"


# Settings of text that a client may set: they say how values are written, or tune.
HARMLESS = """
    bool_false_representation bool_true_representation count_distinct_implementation default_format
    errors_output_format exclude_materialize_skip_indexes_on_insert force_data_skipping_indices
    force_optimize_projection_name format_csv_null_representation format_custom_field_delimiter
    format_custom_result_after_delimiter format_custom_result_before_delimiter
    format_custom_row_after_delimiter format_custom_row_before_delimiter format_custom_row_between_delimiter
    format_json_object_each_row_column_for_object_name format_regexp format_template_resultset_format
    format_template_row_format format_template_rows_between_delimiter format_tsv_null_representation
    framing_output_format ignore_data_skipping_indices input_format_mysql_dump_table_name
    input_format_orc_reader_time_zone_name insert_deduplication_token local_filesystem_read_method log_comment
    mysql_datatypes_support_level network_compression_method output_format_avro_codec
    output_format_avro_confluent_subject output_format_avro_string_column_pattern
    output_format_image_terminal_mode output_format_orc_writer_time_zone_name
    output_format_pretty_grid_charset output_format_sql_insert_table_name
    preferred_optimize_projection_name query_cache_tag remote_filesystem_read_method
    s3_upload_checksum_algorithm temporary_files_codec
"""


def test_every_setting_of_text_was_looked_at(ask: Ask, warehouse: Warehouse) -> None:
    if not warehouse.embedded:
        pytest.skip("a server's settings are its own")
    found = ask(
        "SELECT name FROM system.settings WHERE type IN ('String', 'Map', 'URI', 'Dialect') "
        "AND tier != 'Obsolete' AND NOT is_obsolete AND readonly = 0 FORMAT TSV"
    )
    assert found.status == 200, found.data
    free = set(found.data.decode().split()) - {"database"}
    assert free <= set(HARMLESS.split()), free - set(HARMLESS.split())


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("SELECT file(1)", True),
        ("SELECT url('x')", True),
        ("SELECT file", False),
        ("SELECT numbers(1)", False),
    ],
)
def test_the_rules_alone(sql: str, refused: bool) -> None:
    tokens = tuple(tokenize(sql))
    if refused:
        with pytest.raises(ClickHouseError):
            guard.check(tokens, FUNCTIONS)
    else:
        guard.check(tokens, FUNCTIONS)


def test_the_engines_tree_is_a_second_lock() -> None:
    with pytest.raises(ClickHouseError):
        guard.check_tree('{"type":"Function","name":"file","arguments":1}', FUNCTIONS)
