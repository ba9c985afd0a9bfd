package dev.grain.service.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A server of PostgreSQL in a process of its own, on a free port of this machine. It refuses to be
 * root, so root starts it as the user {@code postgres}.
 */
public final class PostgreSqlServer implements AutoCloseable {
  private static final Path PACKAGES = Path.of("/usr/lib/postgresql");
  private static final String USER = "postgres";

  private final Path programs;
  private final Path folder;
  private final int port;
  private @Nullable Process process;

  private PostgreSqlServer(Path programs, Path folder, int port) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /** Starts one with an empty database; the test is skipped if PostgreSQL is not installed. */
  public static PostgreSqlServer start() throws Exception {
    Optional<Path> programs = programs();
    assumeTrue(programs.isPresent(), "PostgreSQL is not installed: apt-get install postgresql");
    Path folder = Files.createTempDirectory("grain-postgresql-");
    PostgreSqlServer server = new PostgreSqlServer(programs.get(), folder, freePort());
    try {
      if (isRoot()) {
        // the user that it is started as
        Files.setOwner(
            folder,
            folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
      }
      run(
          server.command(
              "initdb", "-D", server.data(), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"));
      server.start(List.of());
    } catch (Throwable e) {
      server.close();
      throw e;
    }
    return server;
  }

  private static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(PACKAGES)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(PACKAGES)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  /** Starts it with its former data, and returns when it answers. */
  public void start(List<String> settings) throws IOException, InterruptedException {
    List<String> command =
        command("postgres", "-D", data(), "-p", Integer.toString(port), "-k", folder.toString());
    // what is written outlives the process, and the machine does not crash
    command.addAll(List.of("-c", "fsync=off"));
    for (String each : settings) {
      command.addAll(List.of("-c", each));
    }
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    process = started;
    while (!answers()) {
      if (!started.isAlive()) {
        throw new IOException("PostgreSQL has ended: " + Files.readString(log()));
      }
      // the file of its log has grown, or not
      var _ = started.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  private Path log() {
    return folder.resolveSibling(folder.getFileName() + ".log");
  }

  private boolean answers() {
    try (var _ = connect()) {
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** Not by DriverManager, which initializes the drivers of others, too. */
  private Connection connect() throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url());
    source.setUser(USER);
    return source.getConnection();
  }

  private String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  public int port() {
    return port;
  }

  /** Returns a new database of the server. */
  public Database.PostgreSql database(String name) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return new Database.PostgreSql(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + name, USER, "secret");
  }

  /** Ends it at once, as if it had crashed. */
  public void kill() {
    Process running = process;
    if (running != null) {
      // the first one last would tidy up, and one that is left would keep the next one from
      // starting
      List<ProcessHandle> all = new ArrayList<>(List.of(running.toHandle()));
      running.descendants().forEach(all::add);
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(each -> each.onExit().join());
      process = null;
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    Files.deleteIfExists(log());
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(PostgreSqlServer::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
