package dev.grain.worker;

import dev.grain.node.confine.EnforcementSettings;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is started with.
 *
 * @param host the name or address to listen on, null for all of this machine
 * @param port the port to listen on, 0 for any free one, null for none: it only dials
 * @param heads the addresses of heads that it dials
 * @param offer what it has for jobs
 * @param name what it is called in messages and tables; not unique
 * @param key the file of the cluster key, null for the usual one
 * @param insecure whether it talks plain text to anybody, without a key
 * @param cacheFolder where it keeps the code of users
 * @param cacheBytes how much of it, at most
 * @param once whether it ends after the first run
 * @param drain how long running jobs may take to end after it was asked to end
 * @param grace how long a run whose connection is lost is waited for
 * @param until when its time is over: by then it has drained and ended; null if it is unlimited
 * @param enforcement what the processes of jobs are kept to
 * @param pin whether functions are pinned to their cores
 * @param log what it logs, and where
 * @param check whether it runs internal consistency checks
 */
record WorkerOptions(
    @Nullable String host,
    @Nullable Integer port,
    List<Address> heads,
    Offer offer,
    String name,
    @Nullable Path key,
    boolean insecure,
    Path cacheFolder,
    long cacheBytes,
    boolean once,
    Duration drain,
    Duration grace,
    @Nullable Instant until,
    EnforcementSettings enforcement,
    boolean pin,
    LogOptions log,
    boolean check) {
  /** Where a worker listens by default. */
  static final int DEFAULT_PORT = 4242;

  WorkerOptions {
    heads = List.copyOf(heads);
  }
}
