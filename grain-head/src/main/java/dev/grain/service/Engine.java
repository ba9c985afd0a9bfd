package dev.grain.service;

import dev.grain.code.Codec;
import dev.grain.dispatch.DetachedStore;
import dev.grain.head.CodeLibrary;
import dev.grain.head.DetachedClient;
import dev.grain.head.Head;
import dev.grain.head.LoginLibrary;
import dev.grain.head.Workers;
import dev.grain.key.Security;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.service.api.Node;
import dev.grain.service.api.NodeService;
import dev.grain.session.SessionLimits;
import dev.grain.wire.Address;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import dev.grain.wire.Release;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/** A life of the head that sends jobs to workers: its loop, and the port that workers dial. */
final class Engine implements NodeService, AutoCloseable {
  /** How many later jobs may overtake one that does not fit. */
  private static final int OVERTAKING = 100;

  private final String life = UUID.randomUUID().toString();
  private final Clock clock;
  private final Endpoint endpoint;
  private final DetachedClient client;
  private final Workers workers;

  /**
   * Makes one that no worker can join yet.
   *
   * @param id what all its lives have in common
   * @param store learns what becomes of jobs
   * @param onBroken receives an error after which it cannot go on
   */
  Engine(
      String id,
      HeadSettings settings,
      Security security,
      DetachedStore store,
      Clock clock,
      Consumer<Throwable> onBroken) {
    this.clock = clock;
    this.endpoint = Endpoint.open("grain-head", security, ConnectionLimits.ofThisProcess());
    endpoint.loop().onError(onBroken);
    Policy policy =
        new Policy(settings.order(), OVERTAKING, false, Placement.bestFit())
            .withSeed(ThreadLocalRandom.current().nextLong());
    Head head = new Head(life, endpoint.loop(), policy);
    HeadSettings.Limits limits = settings.limits();
    long patience = limits.workers().toNanos();
    this.client =
        head.openDetached(
            new DetachedClient.Settings(id, patience, limits.orphans().toMillis()),
            store,
            CodeLibrary.NONE,
            LoginLibrary.NONE);
    this.workers =
        new Workers(
            head,
            endpoint,
            new Workers.Settings(
                offer -> offer, patience, -1, SessionLimits.ofThisHeap(), endpoint.isEncrypted()),
            this::hello,
            new Observer());
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, Release.name(), Codec.FORMAT)
        .withHead(life)
        .withSession(UUID.randomUUID().toString())
        .withIntern(Hello.INTERNED);
  }

  /** Nobody waits for workers here: jobs do. */
  private static final class Observer implements Workers.Observer {
    @Override
    public void changed() {}

    @Override
    public void deserted(String why) {}
  }

  DetachedClient client() {
    return client;
  }

  /** Returns how many workers have joined; waits for a turn of the loop. */
  int workerCount() {
    return endpoint.loop().ask(workers::count).orElse(0);
  }

  // ---------------------------------------------------------------- workers

  @Override
  public List<Node> nodes() {
    return endpoint.loop().ask(workers::members).orElse(List.of()).stream()
        .map(this::node)
        .toList();
  }

  @Override
  public Optional<Node> drain(String node) {
    return end(node, false);
  }

  @Override
  public Optional<Node> kill(String node) {
    return end(node, true);
  }

  private Optional<Node> end(String node, boolean stop) {
    return endpoint
        .loop()
        .ask(() -> workers.drain(node, stop))
        .flatMap(Function.identity())
        .map(this::node);
  }

  private Node node(Workers.Member member) {
    SequencedMap<String, Node.Amount> amounts = new LinkedHashMap<>();
    SequencedMap<String, Double> free = member.amounts().free();
    member
        .amounts()
        .offers()
        .forEach((kind, total) ->
            amounts.put(kind, new Node.Amount(total, free.getOrDefault(kind, 0.0))));
    return new Node(
        member.id(),
        member.amounts().name(),
        member.from(),
        !member.connected()
            ? Node.State.AWAY
            : member.draining() ? Node.State.DRAINING : Node.State.CONNECTED,
        clock.instant().minusNanos(member.joined()),
        amounts,
        member.amounts().jobs(),
        member.release());
  }

  /** Waits until all jobs are taken that were started before. */
  void awaitTaken() throws InterruptedException {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    client.whenTaken(() -> taken.complete(null));
    taken.join();
  }

  /**
   * Lets workers join.
   *
   * @throws IOException if it cannot listen there; the message says why and what to do
   */
  Endpoint.Listening listen(Address address) throws IOException {
    return endpoint.listen(address, workers.acceptor());
  }

  /** Says goodbye to the workers, which keep their jobs, and ends the loop. */
  @Override
  public void close() {
    CompletableFuture<Void> left = new CompletableFuture<>();
    try {
      endpoint
          .loop()
          .post(() -> {
            workers.close();
            left.complete(null);
          });
      left.join();
    } catch (RejectedExecutionException e) {
      // it has ended with an error
    }
    endpoint.close();
  }
}
