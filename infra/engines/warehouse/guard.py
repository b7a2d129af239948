"""What a statement must not do, whoever asks, and what a reader's must not. Pure: text in, refusal out.

Grants and the engine's own classes come first; this closes what they leave open: functions that reach files,
Python or the network, other people's queries, and changes of role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from infra.engines.warehouse.config import READER_SYSTEM_TABLES
from infra.engines.warehouse.errors import ClickHouseError, denied
from infra.engines.warehouse.tokens import Token

# Everything else in system.table_functions is refused, so what a new engine adds is closed until looked at.
ALLOWED_TABLE_FUNCTIONS = frozenset(
    [
        "numbers",
        "numbers_mt",
        "zeros",
        "zeros_mt",
        "generateseries",
        "generate_series",
        "generaterandom",
        "values",
        "null",
        "view",
        "format",
        "input",
        "primes",
    ]
)
_REFUSED_FUNCTIONS = frozenset(
    [
        "file",
        "python",
        "disk",
        "executable",
        "executablepool",
        "catboostevaluate",
        "addresstoline",
        "addresstosymbol",
        "getclienthttpheader",
        "joinget",
        "joingetornull",
        "showcertificate",
        "filesystemavailable",
        "filesystemcapacity",
        "filesystemunreserved",
    ]
)
_ENGINES = re.compile(
    r".*MergeTree|Memory|Null|Log|TinyLog|StripeLog|Set|Join|Buffer|Merge|Atomic|Dictionary|GenerateRandom",
    re.IGNORECASE,
)
_SHOWABLE: tuple[str, ...] = (
    "TABLES",
    "DATABASES",
    "CREATE",
    "COLUMNS",
    "FIELDS",
    "INDEX",
    "INDEXES",
    "INDICES",
    "KEYS",
)
_SHOWABLE += ("SETTINGS", "FUNCTIONS", "FULL", "EXTENDED", "ENGINES", "DICTIONARIES", "TABLE", "VIEW")
# Where on the disk things lie: columns of tables that a reader may read otherwise. The engine keeps no grants
# for tables of system, so what is refused here is refused nowhere else.
_PLACED = ("tables", "databases")
_PLACES = ("data_path", "data_paths", "metadata_path")
_COUNT_ALL = re.compile(
    r'"name":"count","arguments":\{"type":"ExpressionList","children":\[\{"type":"Asterisk"\}\]\}',
    re.IGNORECASE,
)
_ALL_COLUMNS = re.compile(r'"type":"(Qualified)?(Asterisk|ColumnsRegexpMatcher)"')
_DATABASE = re.compile("(?:^|, )`?database`? = ")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check(tokens: Sequence[Token], table_functions: frozenset[str]) -> None:
    """Refuses what nobody may do. Raises ClickHouseError 497."""
    for function in called(tokens):
        lower = function.lower()
        if _is_refused(function):
            raise denied(f"Function {function} is not served here.")
        if lower in table_functions and lower not in ALLOWED_TABLE_FUNCTIONS and lower != "merge":
            raise denied(f"Table function {function} is not served here.")
    for function in handed(tokens):
        if _is_refused(function):
            raise denied(f"Function {function} is not served here.")
    if _reads_expressions(tokens):
        raise denied("Table function format is not served for Values: its rows may be expressions.")
    verb = tokens[0].text.upper()
    if verb in ("KILL", "ATTACH", "DETACH", "GRANT", "REVOKE", "EXECUTE", "BACKUP", "RESTORE"):
        raise denied(f"{verb} is not served here.")
    for first, second in pairwise(tokens):
        if first.is_word("INTO") and second.is_word("OUTFILE"):
            raise denied("INTO OUTFILE is the client's business: read the answer and write the file there.")
        if first.is_word("FROM") and second.is_word("INFILE"):
            raise denied("FROM INFILE is the client's business: send the file as the request's body.")
        if first.is_name and first.text.lower() == "log_comment" and second.text == "=":
            raise denied("log_comment is not to be set here: queries are cancelled by it.")
        if verb == "SET" and first.is_word("SET", "DEFAULT") and second.is_word("ROLE"):
            raise denied("SET ROLE is not served here: each user has one role.")
    _check_engines(tokens)


def check_reader(
    tokens: Sequence[Token], read_only: bool, params: Mapping[str, str], database: str, normal: str, tree: str
) -> None:
    """Refuses what a reader may not do.

    By the engine's word: `read_only`, `normal`, the statement as it writes it, and `tree`, its syntax, or "".
    """
    if not read_only:
        raise ClickHouseError(164, "READONLY", "Cannot execute query in readonly mode: reader may only read.")
    verb = tokens[0].text.upper()
    if verb == "SHOW" and not any(token.is_word(*_SHOWABLE) for token in tokens[1:2]):
        raise denied(
            "A reader may SHOW tables, columns, databases, settings, functions and how they were made."
        )
    if database.lower() == "system":
        raise denied("A reader names tables of system in full: system.tables.")
    if _sets_database(normal):
        raise denied("The setting database is not for readers: say database= with the request.")
    for value in _identifiers(tokens, params):
        if not _IDENTIFIER.fullmatch(value) or value.lower() == "system":
            raise denied(f"Not a name that a reader may put into a query: {value[:100]!r}.")
    if any(function.lower() == "merge" for function in called(tokens)):
        raise denied("Table function merge is not served to readers.")
    for schema, table in _dotted(tokens):
        if schema.lower() == "system" and table.lower() not in READER_SYSTEM_TABLES:
            raise denied(f"Not enough privileges to read system.{table}.")
    for table in re.findall(r'"name":"system\.([^"]*)"', tree, re.IGNORECASE):
        if table.lower() not in READER_SYSTEM_TABLES:
            raise denied(f"Not enough privileges to read system.{table}.")
    _check_places(tokens, params, tree)


def _check_places(tokens: Sequence[Token], params: Mapping[str, str], tree: str) -> None:
    """Refuses the paths in tables of system, by name or by a star. Raises ClickHouseError 497."""
    named = {table.lower() for schema, table in _dotted(tokens) if schema.lower() == "system"}
    named |= {table.lower() for table in re.findall(r'"name":"system\.([^"]*)"', tree, re.IGNORECASE)}
    if not named.intersection(_PLACED):
        return
    said = {token.text.lower() for token in tokens if token.is_name}
    said |= {value.lower() for value in _identifiers(tokens, params)}
    said |= {name.lower().rpartition(".")[2] for name in named_in(tree)}
    if places := said.intersection(_PLACES):
        raise denied(f"Not enough privileges to read {min(places)} of a table of system.")
    # Where there is no tree (SHOW ... WHERE), any star will do.
    if _ALL_COLUMNS.search(_COUNT_ALL.sub("", tree)) or (not tree and any(t.text == "*" for t in tokens)):
        raise denied("A reader names the columns of system.tables and system.databases: some are not for it.")


def called(tokens: Sequence[Token]) -> Iterator[str]:
    """Names directly before a bracket."""
    for first, second in pairwise(tokens):
        if first.is_name and second.kind == "sign" and second.text == "(":
            yield first.text


def handed(tokens: Sequence[Token]) -> Iterator[str]:
    """Names that are handed to something that calls them: `* APPLY(f)`, `arrayMap(f, x)`."""
    for at, token in enumerate(tokens):
        if not token.is_name:
            continue
        before = at - 1
        while before >= 0 and tokens[before].kind == "sign" and tokens[before].text == "(":
            before -= 1
        if before < 0 or not tokens[before].is_name:
            continue
        caller = tokens[before].text.lower()
        if caller == "apply" or (before < at - 1 and caller.startswith(("array", "map"))):
            yield token.text


def check_values(tokens: Sequence[Token]) -> None:
    """Refuses functions in the rows of an INSERT ... VALUES: they are expressions. Raises ClickHouseError."""
    for function in (*called(tokens), *handed(tokens)):
        if _is_refused(function):
            raise denied(f"Function {function} is not served here.")


def _is_refused(function: str) -> bool:
    lower = function.lower()
    return lower in _REFUSED_FUNCTIONS or lower.startswith("ai")


def called_in(tree: str) -> Iterator[str]:
    """Names of functions in the engine's own syntax tree (JSON text)."""
    yield from re.findall(r'"type":"Function","name":"([^"]*)"', tree)


def named_in(tree: str) -> Iterator[str]:
    """Names that stand alone in the engine's syntax tree: columns, and functions handed to others."""
    yield from re.findall(r'"(?:type":"Identifier","name|func_name)":"([^"]*)"', tree)


def check_tree(tree: str, table_functions: frozenset[str]) -> None:
    """The same refusal of functions, as the engine's parser sees them. Raises ClickHouseError 497."""
    for function in called_in(tree):
        lower = function.lower()
        if _is_refused(function) or (
            lower in table_functions and lower not in ALLOWED_TABLE_FUNCTIONS and lower != "in"
        ):
            raise denied(f"Function {function} is not served here.")
    for name in named_in(tree):
        if name.lower() in _REFUSED_FUNCTIONS:
            raise denied(f"{name} is not to be named by a reader: it is a function that is not served here.")


def _check_engines(tokens: Sequence[Token]) -> None:
    if tokens[0].text.upper() not in ("CREATE", "REPLACE"):
        return
    for at, token in enumerate(tokens[:-1]):
        if token.is_word("ENGINE"):
            named = tokens[at + 2] if tokens[at + 1].text == "=" and at + 2 < len(tokens) else tokens[at + 1]
            if named.is_name and not _ENGINES.fullmatch(named.text):
                raise denied(f"Engine {named.text} is not served here.")
        if token.is_word("SOURCE") and tokens[at + 1].text == "(" and at + 2 < len(tokens):
            named = tokens[at + 2]
            if not named.is_word("CLICKHOUSE", "NULL"):
                raise denied(f"Dictionary source {named.text} is not served here.")
            if any(said.is_word("HOST", "PORT", "QUERY", "NAME") for said in tokens[at:]):
                raise denied("A dictionary is filled from a table of this database: name DB and TABLE only.")


def _reads_expressions(tokens: Sequence[Token]) -> bool:
    """Whether the table function `format` gets Values, or a format whose name only the engine works out."""
    for at, token in enumerate(tokens[:-4]):
        if token.is_word("FROM", "JOIN", "FUNCTION") and tokens[at + 1].text.lower() == "format":
            said, after = tokens[at + 3], tokens[at + 4]
            if tokens[at + 2].text == "(" and (said.text.lower() == "values" or after.text != ","):
                return True
    return False


def _sets_database(normal: str) -> bool:
    """Whether a SETTINGS clause has `database`; the engine itself sets it for USE, so it cannot be held."""
    return any(_DATABASE.search(clause) for clause in re.findall("SETTINGS ([^\n]*)", normal))


def _identifiers(tokens: Sequence[Token], params: Mapping[str, str]) -> Iterator[str]:
    for at, token in enumerate(tokens[:-4]):
        if token.text == "{" and tokens[at + 2].text == ":" and tokens[at + 3].text.lower() == "identifier":
            yield params.get(tokens[at + 1].text, "")


def _dotted(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for at, token in enumerate(tokens[:-2]):
        if token.is_name and tokens[at + 1].text == "." and tokens[at + 1].kind == "sign":
            yield token.text, tokens[at + 2].text
