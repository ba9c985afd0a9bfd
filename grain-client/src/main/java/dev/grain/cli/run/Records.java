package dev.grain.cli.run;

import dev.grain.cli.run.Ending.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** How jobs ended, for programs: as JSON, and in files. For one thread at a time. */
final class Records implements AutoCloseable {
  /** The file in the folder of the output that has a line for each job. */
  static final String JOBS = "jobs.tsv";

  /** How much of what a job prints is in its object, in bytes. */
  private static final int TEXT = 1 << 20;

  private static final int KILLED = 9;
  private static final int TERMINATED = 15;

  private static final List<String> LOG_COLUMNS =
      List.of(
          "Seq",
          "Host",
          "Starttime",
          "JobRuntime",
          "Send",
          "Receive",
          "Exitval",
          "Signal",
          "Command");
  private static final List<String> TABLE_COLUMNS =
      List.of(
          "job",
          "input",
          "outcome",
          "exit_code",
          "signal",
          "seconds",
          "cpu_seconds",
          "peak_memory_bytes",
          "node",
          "attempts",
          "from_journal");

  private final Template template;
  private final @Nullable Path folder;
  private final @Nullable BufferedWriter log;
  private final @Nullable BufferedWriter table;
  private @Nullable JsonMapper mapper;

  private Records(
      Template template,
      @Nullable Path folder,
      @Nullable BufferedWriter log,
      @Nullable BufferedWriter table) {
    this.template = template;
    this.folder = folder;
    this.log = log;
    this.table = table;
  }

  /**
   * Creates the files that are asked for.
   *
   * @throws IOException if one cannot be written; the message is a sentence
   */
  static Records open(Plan.Display display, Template template) throws IOException {
    Path output = display.output();
    BufferedWriter log = create(display.joblog(), LOG_COLUMNS);
    try {
      BufferedWriter table = create(output == null ? null : output.resolve(JOBS), TABLE_COLUMNS);
      return new Records(template, output, log, table);
    } catch (IOException e) {
      if (log != null) {
        log.close();
      }
      throw e;
    }
  }

  private static @Nullable BufferedWriter create(@Nullable Path file, List<String> columns)
      throws IOException {
    if (file == null) {
      return null;
    }
    try {
      BufferedWriter writer = Files.newBufferedWriter(file);
      write(writer, columns);
      return writer;
    } catch (IOException e) {
      throw new IOException(
          "The file %s cannot be written%s"
              .formatted(
                  file,
                  Files.isDirectory(file)
                      ? ": it is a folder."
                      : Files.notExists(file.toAbsolutePath().resolveSibling("."))
                          ? ": its folder does not exist."
                          : ": its permissions, or those of its folder, do not allow it."),
          e);
    }
  }

  private static void write(@Nullable BufferedWriter writer, List<String> row) throws IOException {
    if (writer != null) {
      writer.write(String.join("\t", row));
      writer.write('\n');
    }
  }

  /** Adds the line of a job to the files. */
  void add(Task task) throws IOException {
    Ending ending = task.ending();
    if (ending.kind() == Kind.CANCELLED) {
      return;
    }
    if (log != null && !ending.fromJournal()) {
      write(log, logRow(task, ending));
    }
    if (table != null) {
      write(table, tableRow(task.input(), ending));
    }
  }

  private List<String> logRow(Task task, Ending ending) throws IOException {
    Duration began = Duration.between(Instant.EPOCH, ending.at()).minus(ending.ran());
    return List.of(
        Long.toString(task.input().number()),
        ending.node(),
        seconds(began),
        seconds(ending.ran()),
        "0",
        Long.toString(task.out().size()),
        Integer.toString(ending.signalNumber() > 0 ? 0 : ending.exitCode()),
        Integer.toString(signalNumber(ending)),
        field(template.line(task.input())));
  }

  /** As GNU parallel, which has no exit code of what a signal ended. */
  private static int signalNumber(Ending ending) {
    return switch (ending.kind()) {
      case TIMED_OUT, STOPPED -> TERMINATED;
      case OUT_OF_MEMORY -> KILLED;
      case SUCCEEDED, FAILED, LOST, NOT_STARTED, CANCELLED -> ending.signalNumber();
    };
  }

  private static List<String> tableRow(Input input, Ending ending) {
    return List.of(
        Long.toString(input.number()),
        field(input.text()),
        ending.kind().toString(),
        ending.exitCode() < 0 ? "" : Integer.toString(ending.exitCode()),
        ending.signal() == null ? "" : ending.signal(),
        seconds(ending.ran()),
        ending.cpuTime() == null ? "" : seconds(ending.cpuTime()),
        ending.peakMemory() <= 0 ? "" : Long.toString(ending.peakMemory()),
        ending.node(),
        Integer.toString(ending.attempts()),
        Boolean.toString(ending.fromJournal()));
  }

  private static String field(String text) {
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9)
        .setScale(3, RoundingMode.HALF_UP)
        .toPlainString();
  }

  /** Returns the object of a job, in one line. */
  String json(Task task) throws IOException {
    Ending ending = task.ending();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("job", task.input().number());
    object.put("input", task.input().text());
    object.put("command", template.line(task.input()));
    object.put("outcome", ending.kind().toString());
    if (ending.exitCode() >= 0) {
      object.put("exitCode", ending.exitCode());
    }
    putIfKnown(object, "signal", ending.signal());
    if (!ending.reason().isEmpty()) {
      object.put("message", ending.reason());
    }
    object.put("seconds", new BigDecimal(seconds(ending.ran())));
    if (ending.cpuTime() != null) {
      object.put("cpuSeconds", new BigDecimal(seconds(ending.cpuTime())));
    }
    if (ending.peakMemory() > 0) {
      object.put("peakMemoryBytes", ending.peakMemory());
    }
    putIfKnown(object, "node", ending.node().isEmpty() ? null : ending.node());
    object.put("attempts", ending.attempts());
    object.put("fromJournal", ending.fromJournal());
    putOutput(object, task, ending);
    JsonMapper known = mapper;
    if (known == null) {
      known = JsonMapper.builder().build();
      mapper = known;
    }
    return known.writeValueAsString(object);
  }

  private static void putIfKnown(Map<String, Object> object, String name, @Nullable String value) {
    if (value != null) {
      object.put(name, value);
    }
  }

  private void putOutput(Map<String, Object> object, Task task, Ending ending) throws IOException {
    boolean elsewhere = ending.fromJournal() && Files.notExists(task.out().path());
    if (folder != null && !elsewhere) {
      object.put("stdoutFile", task.out().path().toString());
      object.put("stderrFile", task.err().path().toString());
    } else if (ending.fromJournal()) {
      object.put("stdout", ending.stdout());
    } else {
      object.put("stdout", text(task.out()));
      object.put("stderr", text(task.err()));
      if (Math.max(task.out().size(), task.err().size()) > TEXT) {
        object.put("truncated", true);
      }
    }
  }

  private static String text(OutputFile file) throws IOException {
    return new String(file.tail(TEXT), StandardCharsets.UTF_8);
  }

  /** Lets others see what was added. */
  void flush() throws IOException {
    if (log != null) {
      log.flush();
    }
    if (table != null) {
      table.flush();
    }
  }

  @Override
  public void close() throws IOException {
    try (BufferedWriter _ = log;
        BufferedWriter _ = table) {
      flush();
    }
  }
}
