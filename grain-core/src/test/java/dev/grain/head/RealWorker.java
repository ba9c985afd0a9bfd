package dev.grain.head;

import static dev.grain.resource.Resources.cpu;

import dev.grain.bytes.Bytes;
import dev.grain.key.Security;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.link.HeadObserver;
import dev.grain.node.link.HeadSessionSettings;
import dev.grain.node.link.HeadSessions;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A worker of two cores with real connections, whose jobs end when they are told to. */
final class RealWorker implements AutoCloseable {
  private static final long GRACE = TimeUnit.MINUTES.toNanos(1);

  private final String name;
  private final Offer offer = Offer.of(cpu(2), Offer.EMPTY);
  private final Endpoint endpoint =
      Endpoint.open("grain-node", Security.plainText(), ConnectionLimits.ofThisProcess());
  private final HeadSessions sessions;
  private final Endpoint.Listening listening;
  private final String incarnation = UUID.randomUUID().toString();
  private final Queue<String> starts = new ConcurrentLinkedQueue<>();
  private final Map<String, JobRunner.Events> running = new ConcurrentHashMap<>();
  private final BlockingQueue<String> started = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> sentences = new LinkedBlockingQueue<>();
  // how long jobs run, in nanoseconds; negative if they wait
  private final long duration;

  RealWorker(String name, long duration) throws IOException {
    this.name = name;
    this.duration = duration;
    NodeEngine engine = new NodeEngine(name, offer, endpoint.loop(), EngineLimits.DEFAULT);
    Runners runners =
        Runners.NONE.with(Work.Kind.CALL, (order, _, _, events) -> run(order, events));
    sessions =
        new HeadSessions(
            engine,
            endpoint.loop(),
            HeadSessionSettings.of(GRACE),
            this::hello,
            (_, _) -> new Equipment(runners, CodeAccess.OWN, () -> {}),
            new Observer());
    listening =
        endpoint.listen(
            new Address("127.0.0.1", 0),
            (peer, from) -> sessions.accept(peer, String.valueOf(from)));
  }

  private Hello hello() {
    return Hello.of(Role.WORKER, "0.1.0", "none")
        .withIncarnation(incarnation)
        .withName(name)
        .withOffer(offer.encode())
        .withListen(listening.address().port());
  }

  private JobRunner.Running run(Order order, JobRunner.Events events) {
    String job = "%s %s".formatted(order.run(), order.job());
    starts.add(job);
    running.put(job, events);
    started.add(job);
    if (duration >= 0) {
      endpoint.loop().schedule(duration, () -> end(job));
    }
    return () -> {
      JobRunner.Events told = running.remove(job);
      if (told != null) {
        endpoint.loop().post(() -> told.ended(new AttemptEnd.Cancelled()));
      }
    };
  }

  /** Has a job end, with a value that names it. */
  void end(String job) {
    JobRunner.Events events = running.remove(job);
    if (events != null) {
      events.ended(new AttemptEnd.Value(Bytes.utf8("value-of-" + job.replace(' ', '-'))));
    }
  }

  /** Returns the id of this life. */
  String incarnation() {
    return incarnation;
  }

  Address address() {
    return listening.address();
  }

  /** Dials a head, again and again. */
  void dial(Address head) {
    endpoint.loop().post(() -> sessions.dial(endpoint, head));
  }

  /** Returns the jobs that have started, as often as they have. */
  Queue<String> starts() {
    return starts;
  }

  /** Waits until another job has started, and returns it. */
  String awaitStart() throws InterruptedException {
    return started.take();
  }

  /** Waits for a sentence about heads that contains the text. */
  String awaitSentence(String text) throws InterruptedException {
    String sentence = sentences.take();
    while (!sentence.contains(text)) {
      sentence = sentences.take();
    }
    return sentence;
  }

  private final class Observer implements HeadObserver {
    @Override
    public void joined(String head, String from) {
      sentences.add("joined");
    }

    @Override
    public void suspended(String head, String from, long nanos, String why) {
      sentences.add("suspended: " + why);
    }

    @Override
    public void resumed(String head, String from) {
      sentences.add("resumed");
    }

    @Override
    public void orphaned(String head, String from, int jobs, long nanos, String why) {
      sentences.add(
          "%s jobs of %s are kept for %s min: %s"
              .formatted(jobs, head, TimeUnit.NANOSECONDS.toMinutes(nanos + 999_999_999), why));
    }

    @Override
    public void adopted(String head, String from, int jobs) {
      sentences.add("%s jobs of %s are back".formatted(jobs, head));
    }

    @Override
    public void left(String head, String from, String why) {
      sentences.add("left: " + why);
    }

    @Override
    public void missed(String why) {
      sentences.add("missed: " + why);
    }
  }

  @Override
  public void close() {
    CompletableFuture<Void> left = new CompletableFuture<>();
    endpoint
        .loop()
        .post(() -> {
          sessions.stopDialing();
          sessions.leave("The worker was told to end.");
          left.complete(null);
        });
    left.join();
    endpoint.close();
  }
}
