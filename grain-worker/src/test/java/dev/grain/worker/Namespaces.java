package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Two networks of this machine that nothing connects but a {@link Tunnel}, as if they were two
 * machines with a cable between them. Closing it takes them away.
 */
final class Namespaces implements AutoCloseable {
  /** The address in the first one. */
  static final String FIRST = "10.99.0.1";

  /** The address in the second one. */
  static final String SECOND = "10.99.0.2";

  private final String id = Long.toString(ProcessHandle.current().pid());
  private final Process tunnel;
  private final BufferedReader told;
  private final BufferedWriter orders;

  private Namespaces(Process tunnel) {
    this.tunnel = tunnel;
    this.told = tunnel.inputReader();
    this.orders = tunnel.outputWriter();
  }

  /** Makes them; skips the test, visibly, where that is not allowed. */
  static Namespaces make() throws IOException {
    Launcher.assumeTools("nsenter");
    assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "/dev/net/tun cannot be used here");
    String pid = Long.toString(ProcessHandle.current().pid());
    assumeTrue(run("ip", "netns", "add", name(pid, 1)) == 0, "ip netns add is not possible here");
    Namespaces made =
        new Namespaces(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Tunnel.class.getName(),
                    device(pid, 1),
                    device(pid, 2))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    try {
      made.connect();
    } catch (IOException | RuntimeException | Error e) {
      made.close();
      throw e;
    }
    return made;
  }

  private static String name(String id, int number) {
    return "grain-" + id + "-" + number;
  }

  private static String device(String id, int number) {
    return "gr" + id + "-" + number;
  }

  private void connect() throws IOException {
    assertThat(told.readLine()).isEqualTo("ready");
    must("ip", "netns", "add", name(id, 2));
    bring(1, FIRST, SECOND);
    bring(2, SECOND, FIRST);
  }

  private void bring(int number, String own, String other) throws IOException {
    String namespace = name(id, number);
    String device = device(id, number);
    must("ip", "link", "set", device, "netns", namespace);
    must("ip", "-n", namespace, "addr", "add", own, "peer", other, "dev", device);
    must("ip", "-n", namespace, "link", "set", device, "up");
    must("ip", "-n", namespace, "link", "set", "lo", "up");
  }

  private static void must(String... command) throws IOException {
    assertThat(run(command)).as(String.join(" ", command)).isZero();
  }

  private static int run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join()
          .exitValue();
    } catch (IOException missing) {
      return -1;
    }
  }

  /** Returns what stands before a command that is to run in one of them, 1 or 2. */
  List<String> inside(int number) {
    return List.of("nsenter", "--net=/run/netns/" + name(id, number));
  }

  /**
   * Changes the cable.
   *
   * @param delay how long a packet takes, in milliseconds
   * @param loss how many of a hundred packets are lost in each direction
   */
  void carry(int delay, int loss) throws IOException {
    orders.write(delay + " " + loss + "\n");
    orders.flush();
    assertThat(told.readLine()).isEqualTo("done");
  }

  /** From now on no packet arrives, and nobody is notified. */
  void cut() throws IOException {
    carry(0, 100);
  }

  @Override
  public void close() throws IOException {
    tunnel.destroyForcibly().onExit().join();
    run("ip", "netns", "del", name(id, 1));
    run("ip", "netns", "del", name(id, 2));
  }
}
