package dev.grain.minion.report;

import dev.grain.minion.report.Report.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/**
 * Reads the folder that minions report to by {@link JsonReporter}, while they work or afterwards.
 * It only reads: any number of programs may do so at a time. Each call reads what is new since the
 * one before. For one thread.
 *
 * <pre>{@code
 * ReportReader reader = ReportReader.of(Path.of("minion-report"));
 * Report report = reader.read(100);
 * System.out.println(report.summary().rate() + " items per second");
 * }</pre>
 */
public final class ReportReader {
  private static final int MOST_NAMED = 5;

  private final Path folder;
  private final Consumer<MinionEvent> listener;
  private final InstantSource clock;
  private final Map<String, EventFile> files = new TreeMap<>();
  private final Map<String, Status> statuses = new TreeMap<>();
  private final List<String> firstUnreadable = new ArrayList<>();
  private long unreadable;
  private Tally tally = new Tally();

  /** A status file as it was read, or could not be. */
  private record Status(FileTime modified, Object key, MinionStatus status) {}

  private ReportReader(Path folder, Consumer<MinionEvent> listener, InstantSource clock) {
    this.folder = folder;
    this.listener = listener;
    this.clock = clock;
  }

  /** Returns a reader of a folder, which need not exist yet. */
  public static ReportReader of(Path folder) {
    return new ReportReader(folder, _ -> {}, InstantSource.system());
  }

  /**
   * Returns a reader of a folder, which need not exist yet.
   *
   * @param listener called with each event, those of a minion in their order; with all of them once
   *     more if a file that was read has been removed or replaced
   * @param clock the time, by which reports tell what was recently and which minions are silent
   */
  public static ReportReader of(Path folder, Consumer<MinionEvent> listener, InstantSource clock) {
    return new ReportReader(folder, listener, clock);
  }

  /**
   * Reads what is new, and returns what all of it comes to.
   *
   * @param steps how many steps series have at most, from 1
   * @throws NoSuchFileException if the folder does not exist
   * @throws IOException if it cannot be read
   */
  public Report read(int steps) throws IOException {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is %s: at least 1".formatted(steps));
    }
    Map<String, BasicFileAttributes> found = list(folder);
    boolean changed =
        files.values().stream()
            .anyMatch(file -> {
              BasicFileAttributes attributes = found.get(name(file.path()));
              return attributes == null || !file.continues(attributes);
            });
    if (changed) {
      forget();
    }
    found.forEach(this::readEvents);
    readStatuses();
    Map<String, MinionStatus> byUid = new TreeMap<>();
    statuses.values().forEach(each -> byUid.put(each.status().uid(), each.status()));
    Instant now = clock.instant();
    double time = now.getEpochSecond() + now.getNano() / 1e9;
    return tally.report(time, steps, byUid, new Unreadable(unreadable, firstUnreadable));
  }

  /** What a file had that is gone cannot be taken out of the sums. */
  private void forget() {
    files.clear();
    tally = new Tally();
    unreadable = 0;
    firstUnreadable.clear();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Returns the files, without hidden ones, in the order of their names. */
  private static Map<String, BasicFileAttributes> list(Path folder) throws IOException {
    Map<String, BasicFileAttributes> found = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = name(entry);
        if (!name.startsWith(".")) {
          try {
            BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
              found.put(name, attributes);
            }
          } catch (NoSuchFileException e) {
            // removed meanwhile
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private void readEvents(String name, BasicFileAttributes attributes) {
    EventFile file =
        files.computeIfAbsent(name, _ -> new EventFile(folder.resolve(name), attributes));
    try {
      file.read(
          attributes,
          new EventFile.Lines() {
            @Override
            public void line(byte[] bytes, int from, int length, long number) {
              onLine(name, bytes, from, length, number);
            }

            @Override
            public void tooLong(long number) {
              onUnreadable("%s, line %s, is too long".formatted(name, number));
            }
          });
    } catch (NoSuchFileException e) {
      // removed meanwhile; noticed with the next call
    } catch (IOException e) {
      onUnreadable("%s cannot be read: %s".formatted(name, e.getMessage()));
    }
  }

  private void onLine(String name, byte[] bytes, int from, int length, long number) {
    MinionEvent event;
    try {
      event = EventJson.read(bytes, from, length);
    } catch (IllegalArgumentException e) {
      onUnreadable("%s, line %s, %s".formatted(name, number, e.getMessage()));
      return;
    }
    tally.add(event);
    listener.accept(event);
  }

  private void onUnreadable(String what) {
    unreadable++;
    if (firstUnreadable.size() < MOST_NAMED) {
      firstUnreadable.add(what);
    }
  }

  private void readStatuses() throws IOException {
    Map<String, BasicFileAttributes> found;
    try {
      found = list(folder.resolve(JsonReporter.STATUS));
    } catch (NoSuchFileException e) {
      found = new HashMap<>();
    }
    Set<String> gone = new HashSet<>(statuses.keySet());
    gone.removeAll(found.keySet());
    statuses.keySet().removeAll(gone);
    found.forEach((name, attributes) -> {
      if (name.endsWith(JsonReporter.STATUS_FILE)) {
        readStatus(name, attributes);
      }
    });
  }

  private void readStatus(String name, BasicFileAttributes attributes) {
    Object key = attributes.fileKey() == null ? name : attributes.fileKey();
    Status known = statuses.get(name);
    if (known != null
        && known.key().equals(key)
        && known.modified().equals(attributes.lastModifiedTime())) {
      return;
    }
    try {
      byte[] bytes = Files.readAllBytes(folder.resolve(JsonReporter.STATUS).resolve(name));
      MinionStatus status = ReportJson.JSON.readValue(bytes, MinionStatus.class);
      statuses.put(name, new Status(attributes.lastModifiedTime(), key, status));
    } catch (JacksonException | IOException | UncheckedIOException e) {
      // of another version, or removed meanwhile: the events tell the most
      statuses.remove(name);
    }
  }
}
