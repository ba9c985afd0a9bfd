package dev.grain.kafka;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * The queues in topics of Kafka, {@code kafka://BROKER/TOPIC}; see the description of the package.
 */
public final class KafkaQueues implements QueueProvider {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  /** Makes the provider. */
  public KafkaQueues() {}

  @Override
  public String scheme() {
    return "kafka";
  }

  /** The brokers, for one call. */
  private record Call(
      KafkaAddress address, Clients clients, Admin admin, Depth depth, Setup setup) {}

  private interface Action<T> {
    T run(Call call) throws QueueException, ExecutionException;
  }

  /** Connects to the brokers, and does something there; the admin client is closed if it fails. */
  private static <T> T connected(
      QueueAddress address, QueueSettings settings, String done, Action<T> action)
      throws QueueException {
    KafkaAddress kafka = KafkaAddress.of(address, settings);
    Clients clients = new Clients(kafka);
    Admin admin;
    try {
      admin = clients.admin();
    } catch (KafkaException e) {
      throw Failure.of(kafka, done, e);
    }
    boolean complete = false;
    try {
      Depth depth = new Depth(kafka, admin, TIMEOUT);
      Setup setup = new Setup(kafka, admin, depth);
      setup.ensureRelease();
      T result = action.run(new Call(kafka, clients, admin, depth, setup));
      complete = true;
      return result;
    } catch (ExecutionException | KafkaException e) {
      throw Failure.of(kafka, done, e);
    } finally {
      if (!complete) {
        admin.close(CLOSE);
      }
    }
  }

  /** Does something with the brokers, and leaves them. */
  private static <T> T visit(
      QueueAddress address, QueueSettings settings, String done, Action<T> action)
      throws QueueException {
    return connected(
        address,
        settings,
        done,
        call -> {
          T result = action.run(call);
          call.admin().close(CLOSE);
          return result;
        });
  }

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    return connected(
        address,
        settings,
        "opened",
        call -> {
          List<TopicPartition> partitions = call.setup().ensureTopic();
          call.setup().prepareForMinion(partitions);
          return new KafkaQueue(
              call.address(),
              call.clients(),
              call.setup().leaseForMinion(),
              call.setup().mostDeliveries(),
              partitions.size() > 1,
              call.admin());
        });
  }

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    var _ =
        visit(
            address,
            settings,
            "created",
            call -> {
              call.setup().create();
              return true;
            });
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    return visit(
        address,
        settings,
        "filled",
        call -> {
          var _ = call.setup().ensureTopic();
          try (Filler filler = new Filler(call.address(), call.clients())) {
            while (items.hasNext()) {
              filler.add(new ProducerRecord<>(call.address().topic(), items.next()));
            }
            return filler.finish();
          }
        });
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    return visit(
        address,
        settings,
        "read",
        call -> {
          var _ = call.setup().ensureTopic();
          return call.depth().stats(-1);
        });
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    var _ =
        visit(
            address,
            settings,
            "read",
            call -> {
              var _ = call.setup().ensureTopic();
              letters(call).forEach(receiver);
              return true;
            });
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    return visit(
        address,
        settings,
        "requeued",
        call -> {
          var _ = call.setup().ensureTopic();
          return letters(call).requeue();
        });
  }

  private static Letters letters(Call call) {
    return new Letters(call.address(), call.clients(), call.admin(), call.depth());
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    var _ =
        visit(
            address,
            settings,
            "purged",
            call -> {
              var _ = call.setup().ensureTopic();
              call.setup().purge();
              return true;
            });
  }
}
