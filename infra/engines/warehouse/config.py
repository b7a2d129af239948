"""The engine's configuration: limits, and two roles that say what the users may touch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

READER = "reader"
WRITER = "writer"
# Our own doings (KILL, a session put back as it was) need a role that no client gets.
OWNER = "owner"
# What a reader is while the tables that come with a request are filled: the same, and temporary tables.
GUEST = "guest"

# Tables that describe the engine, not who uses it. `processes`, logs, users and the like are not here.
READER_SYSTEM_TABLES = (
    *("one", "numbers", "numbers_mt", "zeros", "zeros_mt", "settings", "merge_tree_settings"),
    *("databases", "tables", "columns", "functions", "formats", "data_type_families", "table_engines"),
    *("table_functions", "aggregate_function_combinators", "collations", "time_zones", "keywords"),
    *("data_skipping_indices", "projections", "completions", "build_options", "dictionaries", "views"),
)
_WRITER_GRANTS = (
    "SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE, SHOW, UNDROP TABLE, dictGet, CHECK ON *.*",
    "CREATE TEMPORARY TABLE, TABLE ENGINE, SYSTEM MERGES, SYSTEM TTL MERGES, SYSTEM FLUSH ON *.*",
)


# What all queries together may put on the disk for sorting and grouping.
TEMPORARY_BYTES = 4 << 30
# Nobody changes these. Formats with a schema or a template read it from any file of this process (chDB takes
# itself for a local tool, not for a server), and may write one or ask a registry; the rest opens doors too.
FIXED = {
    **dict.fromkeys(("format_schema", "output_format_schema", "format_avro_schema_registry_url"), ""),
    **dict.fromkeys(("format_template_row", "format_template_resultset"), ""),
    **dict.fromkeys(("input_format_record_errors_file_path", "rename_files_after_processing"), ""),
    **dict.fromkeys(("allow_python_table_function", "allow_introspection_functions"), "0"),
    **dict.fromkeys(("dynamic_disk_allow_from_env", "dynamic_disk_allow_include", "implicit_select"), "0"),
}
# Nobody sets these either: their values are SQL, names of tables or another language, which no check of the
# statement sees, or change what a check relies on. A test fails where a new engine has others of text.
HELD = (
    *("select", "filter", "order", "sort", "format", "input_format", "output_format", "compression"),
    *("additional_result_filter", "additional_table_filters", "implicit_table_at_top_level"),
    *("dialect", "polyglot_dialect", "promql_database", "promql_table", "enable_json_ast_dialect"),
    *("enable_trino_dialect", "allow_experimental_kusto_dialect", "allow_experimental_prql_dialect"),
    *(
        "allow_experimental_polyglot_dialect",
        "function_implementation",
        "compatibility",
        "default_view_definer",
    ),
    *(
        "parallel_replicas_custom_key",
        "cluster_for_parallel_replicas",
        "url_base",
        "s3_base",
        "s3queue_default_zookeeper_path",
    ),
    *("schema_inference_hints", "column_names_for_schema_inference", "http_response_headers", "workload"),
    *(
        "ai_function_text_default_credentials",
        "ai_function_embedding_default_credentials",
        "format_schema_source",
    ),
    *("filesystem_cache_name", "distributed_cache_client_id", "distributed_cache_file_cache_name"),
    *("metrics_perf_events_list", "trace_profile_events_list", "send_logs_source_regexp", "chdb_client_name"),
    *(
        "format_schema_message_name",
        "distributed_plan_force_exchange_kind",
        "iceberg_metadata_compression_method",
    ),
    *("memory_tracker_fault_probability", "ast_fuzzer_runs", "ast_fuzzer_any_query", "ast_fuzzer_oracle"),
    *("max_memory_usage_for_user", "memory_overcommit_ratio_denominator_for_user"),
    *("memory_overcommit_ratio_denominator", "memory_usage_overcommit_max_wait_microseconds"),
    "stream_like_engine_insert_queue",
)
# Nobody raises these above the engine's own defaults: memory that is not counted, nesting that ends the
# process, sleep. Threads: more only wait for each other.
MOST = {
    "max_untracked_memory": 4 << 20,
    "max_parser_depth": 1_000,
    "max_ast_depth": 1_000,
    "max_ast_elements": 50_000,
    "max_expanded_ast_elements": 500_000,
    "function_sleep_max_microseconds_per_block": 3_000_000,
    "max_threads": 64,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may use: bytes for all, bytes for one, seconds for one, and how many run at once."""

    server_bytes: int
    query_bytes: int
    query_seconds: int
    queries: int

    @property
    def reader_queries(self) -> int:
        """How many queries of readers run at once: three quarters of all, or fewer where memory is small."""
        return max(1, min(self.queries * 3 // 4, self._readers_bytes // _READER_BYTES))

    @property
    def reader_bytes(self) -> int:
        """What one query of a reader may use: all of them together leave the writer a quarter."""
        return min(self.query_bytes, self._readers_bytes // self.reader_queries)

    @property
    def sessions(self) -> int:
        """How many sessions a user may have: the engine counts 1.1 MiB for each connection."""
        return max(8, self.server_bytes >> 24)

    @property
    def _readers_bytes(self) -> int:
        return self.server_bytes * 3 // 4


# Fewer queries of readers at once rather than less memory for each; from half of it on they sort on the disk.
_READER_BYTES = 256 << 20


def server_xml(users_file: Path, limits: Limits) -> str:
    """config.xml. Caches and pools are small: it is one process among several on a small machine.

    What the others use must not count as the engine's, as the memory of a whole cgroup would.
    """
    return f"""<clickhouse>
  <users_config>{escape(str(users_file))}</users_config>
  <timezone>UTC</timezone>
  <max_server_memory_usage>{limits.server_bytes}</max_server_memory_usage>
  <max_temporary_data_on_disk_size>{TEMPORARY_BYTES}</max_temporary_data_on_disk_size>
  <mark_cache_size>{64 << 20}</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <memory_worker_use_cgroup>0</memory_worker_use_cgroup>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
</clickhouse>
"""


def users_xml(database: str, limits: Limits) -> str:
    """users.xml: chDB has one user, `default`; its roles are ours, and nobody can lift the constraints."""
    reader = [f"GRANT SELECT, SHOW, dictGet ON {_name(database)}.*"]
    reader += [f"GRANT SELECT ON system.{table}" for table in READER_SYSTEM_TABLES]
    reader += ["GRANT SELECT ON information_schema.*", "GRANT SELECT ON INFORMATION_SCHEMA.*"]
    writer = [f"GRANT {grant}" for grant in _WRITER_GRANTS]
    fixed = "".join(f"<{key}>{value}</{key}>" for key, value in FIXED.items())
    held = "".join(f"<{key}><readonly/></{key}>" for key in (*FIXED, *HELD))
    held += "".join(f"<{key}><max>{value}</max></{key}>" for key, value in MOST.items())
    granted = "".join(f"<query>GRANT {role}</query>" for role in (OWNER, WRITER, READER, GUEST))
    return f"""<clickhouse>
  <profiles><default>
    <max_memory_usage>{limits.query_bytes}</max_memory_usage>
    <max_execution_time>{limits.query_seconds}</max_execution_time>
    {fixed}
    <constraints>
      <max_memory_usage><min>1</min><max>{limits.query_bytes}</max></max_memory_usage>
      <max_execution_time><min>0.001</min><max>{limits.query_seconds}</max></max_execution_time>
      {held}
    </constraints>
  </default><reader><constraints>
    <max_memory_usage><min>1</min><max>{limits.reader_bytes}</max></max_memory_usage>
  </constraints></reader></profiles>
  <users><default><password></password><profile>default</profile><quota>default</quota>
    <grants>{granted}</grants></default></users>
  <roles>
    {_role(OWNER, ["GRANT ALL ON *.* WITH GRANT OPTION"])}
    {_role(WRITER, writer)}
    {_role(READER, reader)}
    {_role(GUEST, [*reader, "GRANT CREATE TEMPORARY TABLE, TABLE ENGINE ON *.*"])}
  </roles>
  <quotas><default/></quotas>
</clickhouse>
"""


def _role(name: str, grants: list[str]) -> str:
    queries = "".join(f"<query>{escape(grant)}</query>" for grant in grants)
    return f"<{name}><grants>{queries}</grants></{name}>"


def _name(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
