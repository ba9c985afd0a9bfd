package dev.grain.wire;

import dev.grain.loop.Loop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks names up. Java does so by blocking, for as long as the system likes, so each name has a
 * thread of its own for that time.
 */
final class Resolver {
  private static final String THREAD = "grain-resolve";

  private Resolver() {}

  /**
   * Finds the addresses of a host.
   *
   * @param loop where {@code found} is called, unless it has ended
   * @param found gets the addresses, or null if the name is unknown
   */
  static void resolve(String host, Loop loop, Consumer<@Nullable List<InetAddress>> found) {
    List<InetAddress> literal = literal(host);
    if (literal != null) {
      loop.post(() -> found.accept(literal));
      return;
    }
    Thread.ofPlatform()
        .daemon()
        .name(THREAD)
        .start(() -> {
          List<InetAddress> addresses = lookUp(host);
          try {
            loop.post(() -> found.accept(addresses));
          } catch (RejectedExecutionException ended) {
            // nobody waits for it any more
          }
        });
  }

  private static @Nullable List<InetAddress> literal(String host) {
    try {
      return List.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException name) {
      return null;
    }
  }

  private static @Nullable List<InetAddress> lookUp(String host) {
    try {
      return List.of(InetAddress.getAllByName(host));
    } catch (UnknownHostException unknown) {
      return null;
    }
  }
}
