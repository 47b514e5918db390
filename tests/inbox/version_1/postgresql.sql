CREATE TABLE IF NOT EXISTS calypso_inbox_version (
    version INTEGER NOT NULL,
    PRIMARY KEY (version)
);

CREATE TABLE IF NOT EXISTS calypso_inbox_customers (
    key VARCHAR(32) NOT NULL,
    account TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer TEXT,
    token VARCHAR(32) NOT NULL,
    lease_until DOUBLE PRECISION NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE IF NOT EXISTS calypso_inbox_events (
    key VARCHAR(32) NOT NULL,
    order_key VARCHAR(32) NOT NULL,
    status VARCHAR(8) NOT NULL,
    subscription TEXT NOT NULL,
    event TEXT NOT NULL,
    event_type TEXT NOT NULL,
    transaction_id TEXT,
    step TEXT,
    attempts INTEGER NOT NULL,
    error TEXT,
    body BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (key)
);

CREATE INDEX IF NOT EXISTS calypso_inbox_events_order ON calypso_inbox_events (order_key);

CREATE INDEX IF NOT EXISTS calypso_inbox_events_open ON calypso_inbox_events (due_at) WHERE status != 'done';

INSERT INTO calypso_inbox_version (version) SELECT 1
WHERE NOT (EXISTS (SELECT calypso_inbox_version.version
FROM calypso_inbox_version));
