package dev.grain.service.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The labels of jobs and maps, and the blobs that their specs name. */
final class Attachments {
  private final Handle handle;

  private record Label(long number, String name, String value) {}

  Attachments(Handle handle) {
    this.handle = handle;
  }

  /** Collects some, and adds them together. Used by one thread. */
  static final class Adding {
    private final PreparedBatch labels;
    private final PreparedBatch blobs;

    private Adding(PreparedBatch labels, PreparedBatch blobs) {
      this.labels = labels;
      this.blobs = blobs;
    }

    void labels(long number, Map<String, String> some, By by) {
      some.forEach((name, value) -> labels.add(number, name, value, by.millis()));
    }

    void blobs(long number, List<String> some) {
      some.stream().distinct().forEach(hash -> blobs.add(number, hash));
    }

    void end() {
      for (PreparedBatch each : List.of(labels, blobs)) {
        try (each) {
          if (each.size() > 0) {
            var _ = each.execute();
          }
        }
      }
    }
  }

  Adding add() {
    return new Adding(
        handle.prepareBatch(
            "INSERT INTO labels (number, name, value, submitted) VALUES (?, ?, ?, ?)"),
        handle.prepareBatch("INSERT INTO blobs (number, hash) VALUES (?, ?)"));
  }

  SortedMap<String, String> labels(long number) {
    SortedMap<String, String> labels = new TreeMap<>();
    handle
        .createQuery("SELECT name, value FROM labels WHERE number = ?")
        .bind(0, number)
        .map((row, _) -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(each -> labels.put(each.getKey(), each.getValue()));
    return labels;
  }

  /** Returns the labels of several; those that have none are left out. */
  Map<Long, SortedMap<String, String>> labels(Collection<Long> numbers) {
    Map<Long, SortedMap<String, String>> labels = new HashMap<>();
    handle
        .createQuery("SELECT number, name, value FROM labels WHERE number IN (<numbers>)")
        .bindList("numbers", List.copyOf(numbers))
        .map((row, _) -> new Label(row.getLong(1), row.getString(2), row.getString(3)))
        .forEach(each ->
            labels
                .computeIfAbsent(each.number(), _ -> new TreeMap<>())
                .put(each.name(), each.value()));
    return labels;
  }

  List<String> blobs(long number) {
    return handle
        .createQuery("SELECT hash FROM blobs WHERE number = ? ORDER BY hash")
        .bind(0, number)
        .mapTo(String.class)
        .list();
  }
}
