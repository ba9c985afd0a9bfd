package dev.grain.head;

import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.StoredJob;
import dev.grain.key.Security;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.session.SessionLimits;
import dev.grain.wire.Address;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A life of a head with detached jobs, with real connections. */
final class RealHead implements AutoCloseable {
  private static final long MINUTES = TimeUnit.MINUTES.toNanos(10);

  private final String life = UUID.randomUUID().toString();
  private final Endpoint endpoint =
      Endpoint.open("grain-head", Security.plainText(), ConnectionLimits.ofThisProcess());
  private final Head head;
  private final DetachedClient client;
  private final Workers workers;
  private final BlockingQueue<String> complaints = new LinkedBlockingQueue<>();

  /**
   * Makes one that no worker can join yet.
   *
   * @param id what all its lives have in common
   */
  RealHead(String id, DetachedStore store) {
    head = new Head(life, endpoint.loop(), new Policy(false, 16, false, Placement.bestFit()));
    client =
        head.openDetached(
            new DetachedClient.Settings(id, MINUTES, DetachedClient.Settings.USUAL_ORPHANS),
            store,
            CodeLibrary.NONE,
            LoginLibrary.NONE);
    workers =
        new Workers(
            head,
            endpoint,
            new Workers.Settings(offer -> offer, MINUTES, -1, SessionLimits.ofThisHeap(), false),
            () ->
                Hello.of(Role.HEAD, "0.1.0", "none")
                    .withHead(life)
                    .withSession(UUID.randomUUID().toString()),
            new Observer());
  }

  /** Takes note of what prevents workers from having joined. */
  private final class Observer implements Workers.Observer {
    @Override
    public void changed() {
      complaints.addAll(workers.complaints());
    }

    @Override
    public void deserted(String why) {}
  }

  DetachedClient client() {
    return client;
  }

  /** Takes the jobs, and then dials the workers. */
  RealHead begin(List<StoredJob> jobs, Address... addresses) {
    jobs.forEach(client::start);
    client.whenTaken(() -> workers.dial(List.of(addresses)));
    return this;
  }

  /** Lets workers join that dial it. */
  Endpoint.Listening listen(Address address) throws IOException {
    return endpoint.listen(address, workers.acceptor());
  }

  /** Waits for a sentence that contains the text about why a worker has not joined. */
  String awaitComplaint(String text) throws InterruptedException {
    String complaint = complaints.take();
    while (!complaint.contains(text)) {
      complaint = complaints.take();
    }
    return complaint;
  }

  /** Says goodbye to the workers. */
  void leave() {
    CompletableFuture<Void> left = new CompletableFuture<>();
    endpoint
        .loop()
        .post(() -> {
          workers.close();
          left.complete(null);
        });
    left.join();
  }

  /** Ends it as if its process had died. */
  @Override
  public void close() {
    endpoint.close();
  }
}
