"""The embedded warehouse: ClickHouse's HTTP interface in front of chDB, one process, one data folder."""
