package dev.grain.service.store;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.config.JdbiConfig;

/**
 * The jobs that are added or changed by the transaction of a handle. Whatever writes the table of
 * jobs notes them here. For the thread that has the handle.
 */
public final class ChangedJobs implements JdbiConfig<ChangedJobs> {
  private final List<Long> numbers = new ArrayList<>();

  /** For JDBI, which makes one for each handle. */
  public ChangedJobs() {}

  /** Returns those of a handle. */
  static ChangedJobs of(Handle handle) {
    return handle.getConfig(ChangedJobs.class);
  }

  void note(long number) {
    numbers.add(number);
  }

  /** Returns how many notes there are. */
  int size() {
    return numbers.size();
  }

  /** Forgets the notes after the first ones. */
  void truncate(int size) {
    numbers.subList(size, numbers.size()).clear();
  }

  /** Returns the numbers of the jobs, each once. */
  List<Long> numbers() {
    return List.copyOf(new LinkedHashSet<>(numbers));
  }

  /** Returns this one: what statements of a handle change belongs to the handle. */
  @Override
  public ChangedJobs createCopy() {
    return this;
  }
}
