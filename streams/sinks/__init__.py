"""From the log into ClickHouse: rows (pure), batches (pure), the warehouse's client, the loop."""
