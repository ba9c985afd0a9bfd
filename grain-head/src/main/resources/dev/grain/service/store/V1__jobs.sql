-- Moments are milliseconds since 1970. Jobs and maps are numbered together, in the order in which
-- they came.

CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  commits BIGINT NOT NULL,
  last_number BIGINT NOT NULL DEFAULT 0,
  -- what the ids of the latest day have been counted up to
  day ${text} NOT NULL DEFAULT '',
  ids BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE users (
  name ${text} PRIMARY KEY,
  role TEXT NOT NULL,
  created BIGINT NOT NULL
);

CREATE TABLE tokens (
  number ${serial},
  hash ${text} NOT NULL UNIQUE,
  owner ${text} NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  label TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT,
  used BIGINT
);

CREATE INDEX tokens_by_owner ON tokens (owner);

-- keys of programs, which have an owner, and of workers, which have none
CREATE TABLE public_keys (
  fingerprint ${text} PRIMARY KEY,
  encoded ${bytes} NOT NULL,
  owner ${text} REFERENCES users (name) ON DELETE CASCADE,
  label TEXT NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT
);

CREATE INDEX public_keys_by_owner ON public_keys (owner);

CREATE TABLE join_tokens (
  number ${serial},
  hash ${text} NOT NULL UNIQUE,
  label TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used BIGINT,
  fingerprint TEXT
);

CREATE TABLE credentials (
  number ${serial},
  service ${text} NOT NULL,
  url ${text} NOT NULL,
  source TEXT NOT NULL,
  secret TEXT NOT NULL,
  owner TEXT NOT NULL,
  created BIGINT NOT NULL,
  UNIQUE (service, url)
);

CREATE TABLE maps (
  number ${key},
  id ${text} NOT NULL UNIQUE,
  reversed ${text} NOT NULL,
  owner ${text} NOT NULL,
  name ${text} NOT NULL,
  -- the state of the map as a whole; its tasks have states of their own
  state ${text} NOT NULL,
  spec TEXT NOT NULL,
  priority ${real} NOT NULL,
  submitted BIGINT NOT NULL,
  ended BIGINT,
  complete INTEGER NOT NULL DEFAULT 0,
  tasks BIGINT NOT NULL DEFAULT 0,
  succeeded BIGINT NOT NULL DEFAULT 0,
  failed BIGINT NOT NULL DEFAULT 0,
  cancelled BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX maps_by_time ON maps (submitted, number);
CREATE INDEX maps_by_owner ON maps (owner, submitted, number);
CREATE INDEX maps_by_suffix ON maps (reversed, submitted, number);
CREATE INDEX maps_by_end ON maps (ended) WHERE ended IS NOT NULL;
CREATE INDEX open_maps ON maps (number) WHERE ended IS NULL;

-- what lists show; what may be large is in specs and results
CREATE TABLE jobs (
  number ${key},
  -- none for a task, whose id is that of its map and its index
  id ${text},
  reversed ${text},
  map BIGINT REFERENCES maps (number),
  task BIGINT,
  owner ${text} NOT NULL,
  name ${text} NOT NULL,
  state ${text} NOT NULL,
  cause TEXT,
  message TEXT,
  priority ${real} NOT NULL,
  attempt INTEGER NOT NULL,
  -- whether it is to be held, once no node has it
  held INTEGER NOT NULL DEFAULT 0,
  -- how often it was running when its node died
  losses INTEGER NOT NULL DEFAULT 0,
  submitted BIGINT NOT NULL,
  started BIGINT,
  ended BIGINT,
  exit_code INTEGER,
  signal INTEGER,
  peak_memory BIGINT
);

CREATE UNIQUE INDEX jobs_by_id ON jobs (id) WHERE id IS NOT NULL;
CREATE INDEX jobs_by_suffix ON jobs (reversed, submitted, number) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_task ON jobs (map, task) WHERE map IS NOT NULL;
-- Lists are of jobs alone, or of the tasks of a map; a map of a million tasks hides no job.
CREATE INDEX jobs_by_time ON jobs (submitted, number) WHERE map IS NULL;
CREATE INDEX jobs_by_state ON jobs (state, submitted, number) WHERE map IS NULL;
CREATE INDEX jobs_by_owner ON jobs (owner, submitted, number) WHERE map IS NULL;
CREATE INDEX jobs_by_owner_and_state ON jobs (owner, state, submitted, number) WHERE map IS NULL;
CREATE INDEX jobs_by_name ON jobs (name, submitted, number) WHERE map IS NULL;
CREATE INDEX tasks_by_time ON jobs (submitted, number) WHERE map IS NOT NULL;
CREATE INDEX tasks_by_state ON jobs (state, submitted, number) WHERE map IS NOT NULL;
CREATE INDEX tasks_by_owner ON jobs (owner, submitted, number) WHERE map IS NOT NULL;
CREATE INDEX tasks_by_owner_and_state ON jobs (owner, state, submitted, number) WHERE map IS NOT NULL;
CREATE INDEX tasks_by_name ON jobs (name, submitted, number) WHERE map IS NOT NULL;
CREATE INDEX jobs_by_map ON jobs (map, state, submitted, number) WHERE map IS NOT NULL;
CREATE INDEX jobs_by_end ON jobs (ended) WHERE ended IS NOT NULL AND map IS NULL;
CREATE INDEX open_jobs ON jobs (number) WHERE ended IS NULL;

CREATE TABLE specs (
  job ${key} REFERENCES jobs (number) ON DELETE CASCADE,
  -- of a task, what it adds to that of its map
  spec TEXT NOT NULL
);

CREATE TABLE results (
  job ${key} REFERENCES jobs (number) ON DELETE CASCADE,
  value ${bytes},
  blob ${text}
);

CREATE INDEX results_by_blob ON results (blob) WHERE blob IS NOT NULL;

CREATE TABLE attempts (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  node TEXT NOT NULL,
  -- the id of the life of the node; empty if it is not known
  life TEXT NOT NULL DEFAULT '',
  sent BIGINT NOT NULL,
  started BIGINT,
  ended BIGINT,
  cause TEXT,
  message TEXT,
  exit_code INTEGER,
  signal INTEGER,
  peak_memory BIGINT,
  PRIMARY KEY (job, number)
)${clustered};

-- of jobs and of maps
CREATE TABLE labels (
  number BIGINT NOT NULL,
  name ${text} NOT NULL,
  value ${text} NOT NULL,
  submitted BIGINT NOT NULL,
  PRIMARY KEY (number, name)
)${clustered};

CREATE INDEX labels_by_value ON labels (name, value, submitted, number);

-- the blobs that the specs of jobs and of maps name
CREATE TABLE blobs (
  number BIGINT NOT NULL,
  hash ${text} NOT NULL,
  PRIMARY KEY (number, hash)
)${clustered};

CREATE INDEX blobs_by_hash ON blobs (hash);

-- how many jobs there are, changed together with them
CREATE TABLE counts (
  owner ${text} NOT NULL,
  state ${text} NOT NULL,
  jobs BIGINT NOT NULL,
  PRIMARY KEY (owner, state)
)${clustered};

-- what was submitted with a key, so that doing it again makes nothing
CREATE TABLE requests (
  owner ${text} NOT NULL,
  request_key ${text} NOT NULL,
  digest TEXT NOT NULL,
  numbers TEXT NOT NULL,
  moment BIGINT NOT NULL,
  PRIMARY KEY (owner, request_key)
)${clustered};

CREATE INDEX requests_by_time ON requests (moment);

CREATE TABLE audit (
  number ${serial},
  moment BIGINT NOT NULL,
  who ${text} NOT NULL,
  action ${text} NOT NULL,
  object TEXT NOT NULL
);

CREATE INDEX audit_by_time ON audit (moment);
