package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.Workers;
import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.loop.NettyLoop;
import dev.grain.message.Message;
import dev.grain.session.SessionLimits;
import dev.grain.text.Durations;
import dev.grain.wire.Address;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Endpoint.Listening;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import dev.grain.wire.Release;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a run has besides, if there are workers in other processes. */
final class RemoteWorkers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RemoteWorkers.class.getName());

  /** A system property, for tests: the session grace in milliseconds. */
  private static final String SESSION_GRACE = "dev.grain.grace";

  private static final int CODE_THREADS = 4;
  private static final int IDLE_SECONDS = 5;

  private final String run;
  private final RunOptions options;
  private final Endpoint endpoint;
  private final Bundles bundles;
  private final ThreadPoolExecutor codeThreads;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final Consumer<NoWorkersException> onDeserted;

  // set once, before anybody else asks
  private @Nullable Workers workers;
  private @Nullable Listening listening;

  private RemoteWorkers(
      String run,
      RunOptions options,
      Endpoint endpoint,
      Bundles bundles,
      Consumer<NoWorkersException> onDeserted) {
    this.run = run;
    this.options = options;
    this.endpoint = endpoint;
    this.bundles = bundles;
    this.onDeserted = onDeserted;
    this.codeThreads =
        new ThreadPoolExecutor(
            CODE_THREADS,
            CODE_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("grain-code-", 1).factory());
    codeThreads.allowCoreThreadTimeOut(true);
    codeThreads.execute(bundles::prepare);
  }

  /**
   * Opens what the run needs to talk to workers, and dials none yet.
   *
   * @param run the id of the run
   * @param bundles what its classes come from
   * @param onDeserted called on the loop if there has been no worker for too long
   */
  static RemoteWorkers open(
      String run, RunOptions options, Bundles bundles, Consumer<NoWorkersException> onDeserted) {
    Endpoint endpoint =
        Endpoint.open("grain-head", security(options.trust()), ConnectionLimits.ofThisProcess());
    return new RemoteWorkers(run, options, endpoint, bundles, onDeserted);
  }

  private static Security security(RunOptions.Trust trust) {
    if (trust.insecure()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "This run connects to its workers without a key and without encryption. Anyone "
              + "who can reach their ports can run code on them.");
      return Security.plainText();
    }
    try {
      return Security.tls(
          trust.key() == null
              ? ClusterKey.loadOrCreate(ClusterKey.defaultPath())
              : ClusterKey.load(trust.key()));
    } catch (IOException e) {
      throw new NoWorkersException(String.valueOf(e.getMessage()), e);
    }
  }

  NettyLoop loop() {
    return endpoint.loop();
  }

  /** Returns where nodes find the code of the program. */
  CodeLibrary library() {
    return (hash, answer) -> {
      try {
        codeThreads.execute(() -> answer.accept(find(hash)));
      } catch (RejectedExecutionException e) {
        // the run is over, and nobody waits for the answer
      }
    };
  }

  private Message.ToNode find(Bytes hash) {
    try {
      return new Message.CodeContent(hash, bundles.content(hash));
    } catch (IOException | RuntimeException e) {
      return new Message.CodeMissing(hash, String.valueOf(e.getMessage()));
    }
  }

  /** Returns the address at which workers can dial this program; empty if it does not listen. */
  Optional<String> address() {
    return Optional.ofNullable(listening).map(open -> open.address().toString());
  }

  /**
   * Dials the named workers, listens for others, and waits for those that were asked for.
   *
   * @throws NoWorkersException if they cannot be had
   * @throws GrainInterruptedException if the thread is interrupted
   */
  void connect(Head head) {
    RunOptions.Reach reach = options.reach();
    List<Address> addresses = reach.workers().stream().map(Address::parse).toList();
    Resource bound = options.use().perWorker();
    boolean waitsForEver = reach.listen().isPresent() && options.waiting().count() > 0;
    boolean runsAlone = options.use().local() != null;
    Workers joined =
        new Workers(
            head,
            endpoint,
            new Workers.Settings(
                offer -> bound == null ? offer : offer.bounded(bound),
                sessionGrace().toNanos(),
                waitsForEver || runsAlone ? -1 : Durations.toNanos(options.waiting().noWorkers()),
                SessionLimits.ofThisHeap(),
                endpoint.isEncrypted()),
            this::hello,
            new Observer());
    workers = joined;
    if (reach.listen().isPresent()) {
      try {
        listening = endpoint.listen(Address.parse(reach.listen().get()), joined.acceptor());
      } catch (IOException e) {
        throw new NoWorkersException(String.valueOf(e.getMessage()), e);
      }
    }
    endpoint.loop().post(() -> joined.dial(addresses));
    await(joined);
  }

  private static Duration sessionGrace() {
    return Duration.ofMillis(Long.getLong(SESSION_GRACE, RunLimits.SESSION_GRACE.toMillis()));
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, Release.name(), Codec.FORMAT)
        .withHead(run)
        .withSession(UUID.randomUUID().toString())
        .withIntern(Hello.INTERNED);
  }

  /** Waits for workers no more; does nothing once they are there. */
  void giveUp(String reason) {
    ready.completeExceptionally(new IllegalStateException(reason));
  }

  private void await(Workers joined) {
    Duration patience = options.waiting().patience();
    try {
      if (options.waiting().count() > 0) {
        ready.get(Durations.toNanos(patience), TimeUnit.NANOSECONDS);
      } else {
        ready.get();
      }
    } catch (InterruptedException e) {
      throw new GrainInterruptedException("its workers");
    } catch (ExecutionException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new NoWorkersException(String.valueOf(why.getMessage()), null);
    } catch (TimeoutException e) {
      throw new NoWorkersException(tooFew(joined), null);
    }
  }

  private String tooFew(Workers joined) {
    CompletableFuture<String> sentence = new CompletableFuture<>();
    endpoint
        .loop()
        .post(() -> {
          List<String> parts = new ArrayList<>();
          parts.add(
              "%s of the %s workers that the run waits for joined within %s."
                  .formatted(
                      joined.count(),
                      options.waiting().count(),
                      Durations.readable(options.waiting().patience())));
          parts.addAll(joined.complaints());
          sentence.complete(String.join(" ", parts));
        });
    return sentence.join();
  }

  /** Sees the workers come and go; on the loop. */
  private final class Observer implements Workers.Observer {
    @Override
    public void changed() {
      Workers joined = workers;
      if (ready.isDone() || joined == null) {
        return;
      }
      RunOptions.Reach reach = options.reach();
      int count = joined.count();
      List<String> complaints = joined.complaints();
      int awaited = options.waiting().count();
      if (awaited > 0) {
        if (count >= awaited) {
          ready.complete(null);
        }
      } else if (joined.allAnswered()) {
        boolean enough =
            reach.needsAll()
                ? complaints.isEmpty()
                : count > 0 || reach.listen().isPresent() || options.use().local() != null;
        if (enough) {
          ready.complete(null);
        } else {
          ready.completeExceptionally(new IllegalStateException(refusal(reach, complaints)));
        }
      }
    }

    private String refusal(RunOptions.Reach reach, List<String> complaints) {
      return "%s %s"
          .formatted(
              String.join(" ", complaints),
              reach.needsAll() && complaints.size() < reach.workers().size()
                  ? "Fix this, or start without the unreachable workers: "
                      + "RunOptions.skipUnreachable()."
                  : "Start workers by grain-worker --port PORT, or name no workers to run on "
                      + "this machine.");
    }

    @Override
    public void deserted(String why) {
      onDeserted.accept(
          new NoWorkersException(
              "The run has had no worker for %s. %s Start workers again, or let the run wait longer"
                      .formatted(Durations.readable(options.waiting().noWorkers()), why)
                  + " with RunOptions.noWorkers.",
              null));
    }
  }

  /** Says goodbye to the workers, and ends the loop and all threads. */
  @Override
  public void close() {
    Workers joined = workers;
    if (joined != null) {
      endpoint.loop().post(joined::close);
    }
    endpoint.close();
    codeThreads.shutdownNow();
  }
}
