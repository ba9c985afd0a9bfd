package dev.grain.service;

import dev.grain.QueueOrder;
import dev.grain.head.DetachedClient;
import dev.grain.service.store.Database;
import dev.grain.service.store.Retention;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a head keeps to.
 *
 * @param data the folder of all that it keeps in files
 * @param database where its tables are; null for a file in the folder
 * @param listen where workers dial it
 * @param https where people and programs call it
 * @param key the file of the cluster key; null for that of the user, which is made if there is none
 * @param defaults what jobs are given that do not say it themselves
 * @param order in which jobs start
 * @param retention how long what has ended is kept
 * @param blobs how long blobs are kept that no job names
 * @param limits how long is waited for what is away
 * @param worker whether it has a worker on its own machine
 * @param idle after how long without jobs and calls it ends; null if it does not
 */
public record HeadSettings(
    Path data,
    @Nullable Database database,
    Address listen,
    Address https,
    @Nullable Path key,
    Defaults defaults,
    QueueOrder order,
    Retention retention,
    Duration blobs,
    Limits limits,
    boolean worker,
    @Nullable Duration idle) {
  /** The port that workers dial. */
  public static final int PORT = 15319;

  /** The port of HTTPS. */
  public static final int HTTPS_PORT = 15320;

  private static final String EVERYWHERE = "0.0.0.0";

  /**
   * How long is waited.
   *
   * @param orphans for how long workers keep jobs and their ends while the head is away
   * @param workers for how long the head waits for a worker whose connection is lost
   */
  public record Limits(Duration orphans, Duration workers) {
    /** An hour, and a minute. */
    public static final Limits USUAL =
        new Limits(Duration.ofMillis(DetachedClient.Settings.USUAL_ORPHANS), Duration.ofMinutes(1));
  }

  /** Returns the usual settings of a head with its data in a folder. */
  public static HeadSettings of(Path data) {
    return new HeadSettings(
        data,
        null,
        new Address(EVERYWHERE, PORT),
        new Address(EVERYWHERE, HTTPS_PORT),
        null,
        Defaults.USUAL,
        QueueOrder.RAFFLE,
        Retention.DEFAULT,
        Duration.ofDays(7),
        Limits.USUAL,
        false,
        null);
  }

  /** Returns the same with another address. */
  public HeadSettings withListen(Address changed) {
    return new HeadSettings(
        data, database, changed, https, key, defaults, order, retention, blobs, limits, worker,
        idle);
  }

  /** Returns the same with another address for HTTPS. */
  public HeadSettings withHttps(Address changed) {
    return new HeadSettings(
        data, database, listen, changed, key, defaults, order, retention, blobs, limits, worker,
        idle);
  }

  /** Returns the same with another key. */
  public HeadSettings withKey(Path changed) {
    return new HeadSettings(
        data, database, listen, https, changed, defaults, order, retention, blobs, limits, worker,
        idle);
  }

  /** Returns the same with other limits. */
  public HeadSettings withLimits(Limits changed) {
    return new HeadSettings(
        data, database, listen, https, key, defaults, order, retention, blobs, changed, worker,
        idle);
  }

  /**
   * Returns the same with a worker on its own machine, and another request of jobs that make none.
   */
  public HeadSettings withWorker(Defaults changed) {
    return new HeadSettings(
        data, database, listen, https, key, changed, order, retention, blobs, limits, true, idle);
  }

  /** Returns the same that ends when it has had neither jobs nor calls for a while. */
  public HeadSettings withIdle(Duration changed) {
    return new HeadSettings(
        data, database, listen, https, key, defaults, order, retention, blobs, limits, worker,
        changed);
  }
}
