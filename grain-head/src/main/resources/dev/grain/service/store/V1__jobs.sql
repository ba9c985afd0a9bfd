CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  commits BIGINT NOT NULL
);

CREATE TABLE users (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  created BIGINT NOT NULL
);

CREATE TABLE tokens (
  hash TEXT PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  label TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT
);

CREATE INDEX tokens_of_owners ON tokens (owner);

CREATE TABLE jobs (
  number BIGINT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  cause TEXT,
  message TEXT,
  spec TEXT NOT NULL,
  priority ${real} NOT NULL,
  submitted BIGINT NOT NULL,
  started BIGINT,
  ended BIGINT,
  exit_code INTEGER,
  result ${bytes}
);

CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_owner ON jobs (owner, state, number);
CREATE INDEX jobs_by_name ON jobs (name, state, number);
CREATE INDEX jobs_by_end ON jobs (ended);

CREATE TABLE labels (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (job, name)
);

CREATE INDEX labels_by_value ON labels (name, value, job);

CREATE TABLE attempts (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  node TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  cause TEXT,
  exit_code INTEGER,
  signal INTEGER,
  peak_memory BIGINT,
  PRIMARY KEY (job, number)
);

CREATE TABLE audit (
  number BIGINT PRIMARY KEY,
  moment BIGINT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL
);
