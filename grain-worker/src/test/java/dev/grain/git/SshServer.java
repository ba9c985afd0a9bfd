package dev.grain.git;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The real sshd on this machine only, for the current user, with keys of its own. */
final class SshServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/sshd");

  private final Path folder;
  private final int port;
  private final Process process;

  private SshServer(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Starts one; the test is skipped where that is not possible. */
  static SshServer start(Path folder) throws IOException {
    assumeTrue(Files.isExecutable(PROGRAM), "There is no " + PROGRAM);
    assumeTrue(TestRepository.isInstalled("ssh-keygen"), "There is no program ssh-keygen");
    makeSeparationFolder();
    Files.createDirectories(folder);
    makeKey(folder.resolve("host"), "ed25519");
    makeKey(folder.resolve("user"), "ed25519");
    makeKey(folder.resolve("stranger"), "ed25519");
    Files.copy(folder.resolve("user.pub"), folder.resolve("authorized"));
    Files.setPosixFilePermissions(
        folder.resolve("authorized"), PosixFilePermissions.fromString("rw-------"));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("sshd.conf");
    Files.write(
        configuration,
        List.of(
            "ListenAddress 127.0.0.1:" + port,
            "HostKey " + folder.resolve("host"),
            "PidFile none",
            "AuthorizedKeysFile " + folder.resolve("authorized"),
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "MaxStartups 100"));
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "-D", "-e", "-f", configuration.toString())
            .redirectErrorStream(true)
            .start();
    SshServer server = new SshServer(folder, port, process);
    BufferedReader output = process.inputReader();
    StringBuilder said = new StringBuilder();
    String line = output.readLine();
    while (line != null && !line.contains("Server listening")) {
      said.append(line).append('\n');
      line = output.readLine();
    }
    if (line == null) {
      server.close();
    }
    assumeTrue(line != null, "sshd does not start: " + said);
    Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
    return server;
  }

  /** Makes the folder that sshd wants if root runs it, as its service would. */
  private static void makeSeparationFolder() {
    try {
      Files.createDirectory(Path.of("/run/sshd"));
    } catch (IOException e) {
      // it is there, or this is not root
    }
  }

  static void makeKey(Path file, String kind, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("ssh-keygen", "-q", "-t", kind, "-f", file.toString()));
    command.addAll(List.of(more.length == 0 ? new String[] {"-N", ""} : more));
    Process made = new ProcessBuilder(command).inheritIO().start();
    if (made.onExit().join().exitValue() != 0) {
      throw new IOException("ssh-keygen failed");
    }
  }

  String host() {
    return "127.0.0.1";
  }

  int port() {
    return port;
  }

  String url(Path repository) {
    return "ssh://%s@127.0.0.1:%s%s".formatted(System.getProperty("user.name"), port, repository);
  }

  /** Returns the private key of those whom it lets in. */
  String userKey() throws IOException {
    return Files.readString(folder.resolve("user"));
  }

  String strangerKey() throws IOException {
    return Files.readString(folder.resolve("stranger"));
  }

  /** Returns the line by which it is known. */
  String knownHost() throws IOException {
    return hostLine("host.pub");
  }

  /** Returns a line by which another server is known at this address. */
  String otherHost() throws IOException {
    return hostLine("stranger.pub");
  }

  private String hostLine(String file) throws IOException {
    String[] key = Files.readString(folder.resolve(file)).split(" ", -1);
    return "[127.0.0.1]:%s %s %s\n".formatted(port, key[0], key[1].strip());
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}
