package dev.grain.cli.minion;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the commands of minions and queues in this process, as in a folder. */
final class CommandsHere {
  private final Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** The variables of the commands. */
  final Map<String, String> variables = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));

  CommandsHere(Path folder) {
    this.folder = folder;
  }

  /** Returns the exit code of {@code minionize}. */
  int minionize(String... arguments) {
    out.reset();
    err.reset();
    return MinionCommand.run(
        "minionize",
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        folder,
        variables,
        false,
        arguments);
  }

  /** Returns the exit code of {@code grain queue}. */
  int queue(String... arguments) {
    return queueWith("", arguments);
  }

  /** Returns the exit code of {@code grain queue} with a standard input. */
  int queueWith(String input, String... arguments) {
    return queueWith(new ByteArrayInputStream(input.getBytes(UTF_8)), arguments);
  }

  /** Returns the exit code of {@code grain queue} with a standard input. */
  int queueWith(InputStream input, String... arguments) {
    out.reset();
    err.reset();
    return QueueCommand.run(
        input,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        folder,
        variables,
        arguments);
  }

  /** Returns what the last command has printed. */
  String out() {
    return out.toString(UTF_8);
  }

  List<String> lines() {
    return out().lines().toList();
  }

  /** Returns what the last command has printed to its error stream. */
  String error() {
    return err.toString(UTF_8);
  }

  void write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
