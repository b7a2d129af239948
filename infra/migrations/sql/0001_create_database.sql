-- The runner puts the database's name in, as it does in every migration; tables need no prefix.
CREATE DATABASE IF NOT EXISTS {database:Identifier} COMMENT 'Concierge Live: the history of a hotel group';

CREATE TABLE IF NOT EXISTS {database:Identifier}.migrations
(
    number UInt32 COMMENT 'Number of the migration, counting up from 1',
    name String COMMENT 'Name of its file without the ending',
    checksum String COMMENT 'SHA-256 of its file, hexadecimal',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied'
)
ENGINE = MergeTree
ORDER BY number
COMMENT 'Which migrations this database has';
