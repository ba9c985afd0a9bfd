package dev.grain.redis;

import static dev.grain.redis.Server.bytes;

import dev.grain.minion.BrokerLostException;
import dev.grain.minion.DeadLetter;
import dev.grain.minion.MinionName;
import dev.grain.minion.Parts;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.redis.Server.Request;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** The queues in Redis; see {@link RedisQueue}. */
public final class RedisQueues implements QueueProvider {
  private static final System.Logger LOG = System.getLogger("dev.grain.redis");
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** What is filled in one transaction, at most. */
  private static final int MOST_ITEMS = 1000;

  private static final int MOST_BYTES = 1 << 20;
  private static final int PAGE = 100;
  private static final int MOST_REQUEUED = 50;
  private static final long LONGEST_VALUE = 512L << 20;
  private static final Pattern POLICY = Pattern.compile("maxmemory_policy:(allkeys\\S*)");
  private static final Pattern LIMIT = Pattern.compile("maxmemory:(\\d+)");

  /** Makes the provider. */
  public RedisQueues() {}

  @Override
  public String scheme() {
    return "redis";
  }

  @Override
  public List<String> otherNames() {
    return List.of("rediss");
  }

  // ---------------------------------------------------------------- queues that are there

  /** Something that is done with a queue that exists. */
  private interface Work<T> {
    T with(RedisAddress address, Server server) throws BrokerLostException, QueueException;
  }

  private static <T> T withQueue(QueueAddress address, QueueSettings settings, Work<T> work)
      throws QueueException {
    RedisAddress place = RedisAddress.of(address, settings);
    try (Server server = Server.of(place)) {
      try {
        var _ = ensureQueue(place, server);
        return work.with(place, server);
      } catch (BrokerLostException e) {
        throw server.unreachable(e);
      }
    }
  }

  private static QueueStats ensureQueue(RedisAddress place, Server server)
      throws BrokerLostException, QueueException {
    Request count =
        server.script(Script.COUNT, place.groupName(), bytes(lease(place, server).toMillis()));
    QueueStats stats = stats((List<?>) server.ask(count));
    if (stats == null) {
      throw new QueueException(
          "There is no queue %s with the consumer group %s. Create it with: grain queue create %s"
              .formatted(place.text(), place.group(), place.word()));
    }
    return stats;
  }

  /** Returns what the server has counted; null if it has found no queue. */
  static @Nullable QueueStats stats(List<?> counted) {
    if (counted.isEmpty()) {
      return null;
    }
    long[] numbers = counted.stream().mapToLong(each -> (Long) each).toArray();
    return new QueueStats(
        OptionalLong.of(numbers[0]),
        OptionalLong.of(numbers[1] + numbers[2]),
        OptionalLong.of(numbers[3]),
        OptionalLong.of(numbers[4]),
        OptionalLong.of(numbers[5]));
  }

  /** Returns the lease of the queue; that of the address, or the usual one, if it has none. */
  private static Duration lease(RedisAddress place, Server server)
      throws BrokerLostException, QueueException {
    Object kept = server.ask(new Request(Command.HGET, place.info(), bytes("lease")));
    if (kept != null) {
      return Duration.ofMillis(Long.parseLong(Entry.text(kept)));
    }
    return place.lease() == null ? LEASE : place.lease();
  }

  // ---------------------------------------------------------------- for minions

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    RedisAddress place = RedisAddress.of(address, settings);
    Server server = Server.of(place);
    boolean opened = false;
    try {
      var _ = ensureQueue(place, server);
      Duration lease = lease(place, server);
      if (place.lease() != null && !place.lease().equals(lease)) {
        throw new QueueException(
            "All minions of the queue %s share its lease of %s, so it cannot be %s. Leave out the lease; it is extended as long as a minion lives."
                .formatted(
                    place.text(), Durations.readable(lease), Durations.readable(place.lease())));
      }
      keepLease(place, server, lease);
      warnOfEviction(place, server);
      opened = true;
      return new RedisQueue(place, server, MinionName.next(), lease);
    } catch (BrokerLostException e) {
      throw server.unreachable(e);
    } finally {
      if (!opened) {
        server.close();
      }
    }
  }

  private static void keepLease(RedisAddress place, Server server, Duration lease)
      throws BrokerLostException, QueueException {
    var _ =
        server.ask(
            new Request(Command.HSETNX, place.info(), bytes("lease"), bytes(lease.toMillis())));
  }

  private static void warnOfEviction(RedisAddress place, Server server)
      throws BrokerLostException, QueueException {
    String memory = Entry.text(server.ask(new Request(Command.INFO, bytes("memory"))));
    Matcher policy = POLICY.matcher(memory);
    Matcher limit = LIMIT.matcher(memory);
    if (policy.find() && limit.find() && !limit.group(1).equals("0")) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Redis may drop the queue {0} when its memory is full. Set its maxmemory-policy to noeviction instead of {1}.",
          place.text(),
          policy.group(1));
    }
  }

  // ---------------------------------------------------------------- for people

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    RedisAddress place = RedisAddress.of(address, settings);
    try (Server server = Server.of(place)) {
      try {
        Request make =
            new Request(
                Command.XGROUP,
                bytes("CREATE"),
                place.stream(),
                place.groupName(),
                bytes("0"),
                bytes("MKSTREAM"));
        Object answer = server.ask(List.of(make)).get(0);
        if (answer instanceof JedisDataException refusal
            && String.valueOf(refusal.getMessage()).startsWith("BUSYGROUP")) {
          throw new QueueException(
              "There is a queue %s already. Add items with: grain queue fill %s"
                  .formatted(place.text(), place.word()));
        }
        var _ = server.accepted(answer);
        keepLease(place, server, place.lease() == null ? LEASE : place.lease());
        warnOfEviction(place, server);
        warnOfLoss(place, server);
      } catch (BrokerLostException e) {
        throw server.unreachable(e);
      }
    }
  }

  private static void warnOfLoss(RedisAddress place, Server server)
      throws BrokerLostException, QueueException {
    String persistence = Entry.text(server.ask(new Request(Command.INFO, bytes("persistence"))));
    if (persistence.contains("aof_enabled:0")) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Redis does not log changes, so the queue {0} loses some or all of its items if the server ends. Set its appendonly to yes.",
          place.text());
    }
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    return withQueue(
        address,
        settings,
        (place, server) -> {
          Filling filling = new Filling(place, server, longestValue(server));
          Parts.forEach(items, MOST_ITEMS, MOST_BYTES, filling::add);
          return filling.added;
        });
  }

  /** Adds items, for one thread at a time. */
  private static final class Filling {
    private final RedisAddress place;
    private final Server server;
    private final long longest;
    private long added;

    Filling(RedisAddress place, Server server, long longest) {
      this.place = place;
      this.server = server;
      this.longest = longest;
    }

    void add(List<byte[]> values) throws QueueException {
      List<byte[]> fitting = values.stream().takeWhile(value -> value.length <= longest).toList();
      added += RedisQueues.add(place, server, fitting, added);
      if (fitting.size() < values.size()) {
        throw new QueueException(
            "An item of %s bytes is too large for Redis, which takes %s at most (its setting proto-max-bulk-len). The first %s items were added."
                .formatted(values.get(fitting.size()).length, longest, added));
      }
    }
  }

  private static long longestValue(Server server) throws BrokerLostException {
    Request get = new Request(Command.CONFIG, bytes("GET"), bytes("proto-max-bulk-len"));
    // the configuration is not shown to everybody
    return server.ask(List.of(get)).get(0) instanceof List<?> told && told.size() == 2
        ? Long.parseLong(Entry.text(told.get(1)))
        : LONGEST_VALUE;
  }

  /** Adds all of them or none, and returns how many. */
  private static int add(RedisAddress place, Server server, List<byte[]> items, long before)
      throws QueueException {
    if (items.isEmpty()) {
      return 0;
    }
    List<Request> requests = new ArrayList<>();
    requests.add(new Request(Command.MULTI));
    for (byte[] each : items) {
      requests.add(
          new Request(
              Command.XADD,
              place.stream(),
              bytes("NOMKSTREAM"),
              bytes("*"),
              bytes(Entry.VALUE),
              each));
    }
    requests.add(new Request(Command.EXEC));
    try {
      List<Object> answers = server.ask(requests);
      Object refusal =
          answers.stream().filter(JedisDataException.class::isInstance).findFirst().orElse(null);
      List<?> ids =
          (List<?>) server.accepted(refusal == null ? answers.get(answers.size() - 1) : refusal);
      for (Object id : ids) {
        if (server.accepted(id) == null) {
          throw new QueueException("The queue %s was removed.".formatted(place.text()));
        }
      }
      return items.size();
    } catch (QueueException e) {
      throw new QueueException(
          "%s The first %s items were added.".formatted(e.getMessage(), before), e);
    } catch (BrokerLostException e) {
      throw new QueueException(
          "%s The first %s items were added, and perhaps %s more."
              .formatted(server.unreachable(e).getMessage(), before, items.size()),
          e);
    }
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    return withQueue(address, settings, RedisQueues::ensureQueue);
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    var _ =
        withQueue(
            address,
            settings,
            (place, server) -> {
              byte[] from = bytes("-");
              List<?> page;
              do {
                Request range =
                    new Request(
                        Command.XRANGE,
                        place.deadLetters(),
                        from,
                        bytes("+"),
                        bytes("COUNT"),
                        bytes(PAGE));
                page = (List<?>) server.ask(range);
                for (Object each : page) {
                  Entry entry = Entry.of((List<?>) each);
                  String reason = entry.reason() == null ? "" : entry.reason();
                  receiver.accept(
                      new DeadLetter(entry.first(), entry.value(), entry.count(), reason));
                  from = bytes("(" + entry.id());
                }
              } while (!page.isEmpty());
              return true;
            });
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    return withQueue(
        address,
        settings,
        (place, server) -> {
          // those that come meanwhile are for the next time
          long most = ensureQueue(place, server).dead().orElse(0);
          long requeued = 0;
          while (requeued < most) {
            long some = Math.min(MOST_REQUEUED, most - requeued);
            long moved = (Long) server.ask(server.script(Script.REQUEUE, bytes(some)));
            if (moved == 0) {
              break;
            }
            requeued += moved;
          }
          return requeued;
        });
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    var _ =
        withQueue(
            address,
            settings,
            (place, server) ->
                server.ask(new Request(Command.UNLINK, place.keys().toArray(new byte[0][]))));
  }
}
