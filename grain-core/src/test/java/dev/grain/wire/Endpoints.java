package dev.grain.wire;

import dev.grain.key.ClusterKey;
import dev.grain.key.Security;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Hello.Role;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Endpoints on loopback that are closed with the test. */
final class Endpoints implements AutoCloseable {
  static final String RELEASE = "0.1.0";
  static final String CODEC = "test";
  static final Address ANY = new Address("127.0.0.1", 0);

  private static final long PATIENCE_SECONDS = 60;

  private final Deque<Endpoint> open = new ArrayDeque<>();
  final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();

  Endpoint open(Security security) {
    return open(security, ConnectionLimits.DEFAULT);
  }

  Endpoint open(Security security, ConnectionLimits limits) {
    Endpoint endpoint = Endpoint.open("grain-test-" + open.size(), security, limits, warnings::add);
    open.push(endpoint);
    return endpoint;
  }

  static ConnectionLimits limits(Duration hello, Duration heartbeat, Duration suspicion) {
    ConnectionLimits limits = ConnectionLimits.DEFAULT;
    return new ConnectionLimits(
        hello, heartbeat, suspicion, limits.greeting(), limits.lowWater(), limits.highWater());
  }

  static Security key(Path folder, String name) throws IOException {
    return Security.tls(ClusterKey.loadOrCreate(folder.resolve(name)));
  }

  static Hello hello(Role role) {
    return Hello.of(role, RELEASE, CODEC).withName(role.name()).withIntern(16);
  }

  /** Accepts everybody as this hello. */
  static Acceptor accepting(Hello mine, ConnectionHandler handler) {
    return (Hello peer, SocketAddress from) -> new Acceptor.Answer.Accept(mine, handler);
  }

  String awaitWarning() throws InterruptedException {
    String warning = warnings.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (warning == null) {
      throw new AssertionError("nothing was logged");
    }
    return warning;
  }

  @Override
  public void close() {
    open.forEach(Endpoint::close);
  }
}
