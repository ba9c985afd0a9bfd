package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.code.Codec;
import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.message.AttemptEnd;
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
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import dev.grain.wire.Release;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Secrets on their way from a program to a node over a socket. */
@ExtendWith(NothingLeft.class)
final class CredentialsTest {
  private static final String URL = "https://git.example.org/acme/jobs.git";
  private static final String SECRET = "s3cret-9d1f-hidden";
  private static final String ROTATED = "s3cret-77aa-rotated";
  private static final Logger ROOT = Logger.getLogger("dev.grain");

  @TempDir private Path folder;

  private final Queue<String> logged = new ConcurrentLinkedQueue<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord message) {
          logged.add(message.getMessage() + " " + List.of(parameters(message)));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private static Object[] parameters(LogRecord message) {
    return message.getParameters() == null ? new Object[0] : message.getParameters();
  }

  @BeforeEach
  void listenToLogs() {
    handler.setLevel(Level.ALL);
    ROOT.addHandler(handler);
    ROOT.setLevel(Level.ALL);
  }

  @AfterEach
  void stopListening() {
    ROOT.removeHandler(handler);
    ROOT.setLevel(null);
  }

  /** A worker in this process that is dialed as any other; its jobs ask for a login. */
  private static final class TestNode implements AutoCloseable {
    private final Codec codec = new Codec(TestNode.class.getClassLoader());
    private final Offer offer = Offer.of(cpu(4), Offer.EMPTY);
    private final Endpoint endpoint;
    private final Endpoint.Listening listening;
    private final HeadSessions sessions;
    private final Queue<Login> received = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    private final boolean interrupts;

    TestNode(Security security) throws IOException {
      this(security, true);
    }

    /** Starts a node whose jobs may ignore that they are stopped. */
    TestNode(Security security, boolean interrupts) throws IOException {
      this.interrupts = interrupts;
      endpoint = Endpoint.open("grain-node", security, ConnectionLimits.ofThisProcess());
      NodeEngine engine = new NodeEngine("node7", offer, endpoint.loop(), EngineLimits.DEFAULT);
      sessions =
          new HeadSessions(
              engine,
              endpoint.loop(),
              HeadSessionSettings.of(1_000_000_000L),
              this::hello,
              (_, logins) -> equipment(logins),
              new Silent());
      listening =
          endpoint.listen(
              new Address("127.0.0.1", 0),
              (peer, from) -> sessions.accept(peer, String.valueOf(from)));
    }

    private Hello hello() {
      return Hello.of(Role.WORKER, Release.name(), Codec.FORMAT)
          .withIncarnation("node7")
          .withName("node7")
          .withOffer(offer.encode())
          .withIntern(Hello.INTERNED);
    }

    private Equipment equipment(Logins logins) {
      JobRunner runner =
          (_, _, _, events) -> {
            Thread thread = Thread.ofVirtual().start(() -> events.ended(ask(logins)));
            return interrupts ? thread::interrupt : () -> {};
          };
      return new Equipment(Runners.NONE.with(Work.Kind.CALL, runner), CodeAccess.OWN, () -> {});
    }

    private AttemptEnd ask(Logins logins) {
      try {
        Optional<Login> login = logins.find(Logins.Service.GIT, URL);
        login.ifPresent(received::add);
        return new AttemptEnd.Value(codec.encodeValue(login.isPresent(), 1_000));
      } catch (IOException e) {
        refusals.add(String.valueOf(e.getMessage()));
        return new AttemptEnd.NotStarted("could not be prepared: " + e.getMessage());
      } catch (InterruptedException e) {
        return new AttemptEnd.Cancelled();
      }
    }

    String address() {
      return listening.address().toString();
    }

    /** Ends the sessions with heads. */
    void leave() {
      CompletableFuture<Void> left = new CompletableFuture<>();
      endpoint
          .loop()
          .post(() -> {
            sessions.leave("The worker was told to end.");
            left.complete(null);
          });
      left.join();
    }

    @Override
    public void close() {
      leave();
      endpoint.close();
    }
  }

  /** Is not interested. */
  private static final class Silent implements HeadObserver {
    @Override
    public void joined(String head, String from) {}

    @Override
    public void suspended(String head, String from, long nanos, String why) {}

    @Override
    public void resumed(String head, String from) {}

    @Override
    public void left(String head, String from, String why) {}

    @Override
    public void missed(String why) {}
  }

  private Path key() throws IOException {
    Path file = folder.resolve("cluster.key");
    if (Files.notExists(file)) {
      ClusterKey.create(file);
    }
    return file;
  }

  private TestNode startNode() throws IOException {
    return new TestNode(Security.tls(ClusterKey.load(key())));
  }

  private RunOptions options(TestNode node, Credentials... credentials) throws IOException {
    return RunOptions.defaults()
        .workers(node.address())
        .key(key())
        .journal(folder.resolve("journal"))
        .progress(false)
        .credentials(credentials);
  }

  private Path secretFile(String password) throws IOException {
    return Files.writeString(folder.resolve("secret"), "ann\n" + password + "\n");
  }

  private static Credentials from(SecretSource source) {
    return Credentials.git("https://git.example.org/acme", Secret.from(source));
  }

  /** Never runs here: the node asks for a login in its place. */
  private static boolean ask() {
    throw new AssertionError();
  }

  /** Checks that the secrets are in no log and in no file but their own. */
  private void assertNothingShows(String... secrets) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.equals(folder.resolve("secret")))
              .toList();
    }
    assertThat(files).contains(folder.resolve("journal"));
    for (String secret : secrets) {
      assertThat(String.join("\n", logged)).doesNotContain(secret);
      for (Path file : files) {
        assertThat(text(file)).as(file.toString()).doesNotContain(secret);
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void login_overTls_arrivesAndIsReadAnewForEachUse() throws Exception {
    Credentials credentials =
        Credentials.git("https://git.example.org/acme", Secret.file(secretFile(SECRET)));
    try (TestNode node = startNode();
        GrainExecutor grain = GrainExecutor.open(options(node, credentials))) {
      assertThat(grain.submit(cpu(1), CredentialsTest::ask).result()).isTrue();
      secretFile(ROTATED);
      assertThat(grain.submit(JobOptions.of(cpu(1)).key("second"), CredentialsTest::ask).result())
          .isTrue();

      assertThat(node.received)
          .containsExactly(new Login.Password("ann", SECRET), new Login.Password("ann", ROTATED));
    }
    assertNothingShows(SECRET, ROTATED);
  }

  @Test
  void login_thatNoCredentialsAreFor_isNone() throws Exception {
    Credentials other = Credentials.git("https://git.example.org/acm", Secret.file(folder));
    try (TestNode node = startNode();
        GrainExecutor grain = GrainExecutor.open(options(node, other))) {
      assertThat(grain.submit(cpu(1), CredentialsTest::ask).result()).isFalse();
      assertThat(node.received).isEmpty();
    }
  }

  @Test
  void login_overAPlainConnection_isRefusedAndNotRead() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    Credentials credentials =
        from(_ -> {
          read.countDown();
          return new Secret.Value.Password("ann", SECRET);
        });
    try (TestNode node = new TestNode(Security.plainText());
        Warnings _ = new Warnings(RemoteWorkers.class);
        GrainExecutor grain = GrainExecutor.open(options(node, credentials).insecure())) {
      Job<Boolean> job = grain.submit(cpu(1), CredentialsTest::ask);

      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining(
              "The login for https://git.example.org/acme/jobs.git was not sent to worker node7,"
                  + " because the connection is not encrypted. Start the run without"
                  + " RunOptions.insecure() and the worker without --insecure");
      assertThat(node.received).isEmpty();
      assertThat(read.getCount()).isEqualTo(1);
    }
    assertNothingShows(SECRET);
  }

  @Test
  void login_whoseSourceThrows_givesItsSentenceToTheJob() throws Exception {
    try (TestNode node = startNode();
        GrainExecutor grain =
            GrainExecutor.open(
                options(
                    node,
                    from(_ -> {
                      throw new IOException("the vault is sealed");
                    })))) {
      Job<Boolean> job = grain.submit(cpu(1), CredentialsTest::ask);

      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining(
              "The login for https://git.example.org/acme/jobs.git could not be read from a source"
                  + " of the program: the vault is sealed.");
    }
  }

  @Test
  void login_inAFileThatIsWrong_namesTheFileAndNotItsContent() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), SECRET);
    Credentials credentials = Credentials.git("git.example.org", Secret.file(file));
    try (TestNode node = startNode();
        GrainExecutor grain = GrainExecutor.open(options(node, credentials))) {
      Job<Boolean> job = grain.submit(cpu(1), CredentialsTest::ask);

      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining(
              "could not be read from the file %s: it must have exactly two lines".formatted(file))
          .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET));
    }
    assertNothingShows(SECRET);
  }

  @Test
  void login_forManyJobsAtTheSameTime_arrivesAtEach() throws Exception {
    Queue<String> reads = new ConcurrentLinkedQueue<>();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch unlocked = new CountDownLatch(1);
    Credentials credentials =
        from(target -> {
          reads.add(target);
          started.countDown();
          unlocked.await();
          return new Secret.Value.SshKey("git", SECRET);
        });
    try (TestNode node = startNode();
        GrainExecutor grain = GrainExecutor.open(options(node, credentials))) {
      List<Job<Boolean>> jobs =
          Stream.of("a", "b", "c")
              .map(each -> grain.submit(JobOptions.of(cpu(1)).key(each), CredentialsTest::ask))
              .toList();
      started.await();
      unlocked.countDown();

      for (Job<Boolean> job : jobs) {
        assertThat(job.result()).isTrue();
      }
      assertThat(node.received).hasSize(3).containsOnly(new Login.SshKey("git", SECRET));
      assertThat(reads).containsOnly(URL);
    }
    assertNothingShows(SECRET);
  }

  @Test
  void connection_lostWhileASourceHangs_endsTheWaitOfTheNode() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch unlocked = new CountDownLatch(1);
    Credentials hanging =
        from(_ -> {
          started.countDown();
          unlocked.await();
          return new Secret.Value.Password("ann", SECRET);
        });
    try (TestNode node = new TestNode(Security.tls(ClusterKey.load(key())), false);
        GrainExecutor grain = GrainExecutor.open(options(node, hanging))) {
      Job<Boolean> job = grain.submit(cpu(1), CredentialsTest::ask);
      started.await();

      node.leave();

      assertThat(node.refusals.take()).isEqualTo("The connection to the program is lost.");
      job.cancel();
      unlocked.countDown();
    }
  }

  @Test
  void run_closedWhileASourceHangs_leavesNothing() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Credentials hanging =
        from(_ -> {
          started.countDown();
          new CountDownLatch(1).await();
          throw new AssertionError();
        });
    try (TestNode node = startNode()) {
      Job<Boolean> job;
      try (GrainExecutor grain = GrainExecutor.open(options(node, hanging))) {
        job = grain.submit(cpu(1), CredentialsTest::ask);
        started.await();
        job.cancel();
      }
      assertThat(job.status()).isEqualTo(JobStatus.CANCELLED);
      assertThat(node.received).isEmpty();
    }
  }
}
