package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The systems that are measured beside each other. All live until this is closed. */
final class Rigs implements AutoCloseable {
  private final Settings settings;
  private final Report report;
  private final Path folder;
  private final String heap;
  private final List<Rig> started = new ArrayList<>();

  /**
   * Makes it without systems.
   *
   * @param folder where keys and caches go
   */
  Rigs(Settings settings, Report report, Path folder) {
    this(settings, report, folder, Rig.HEAP);
  }

  /**
   * Makes it without systems, for JVMs with such a heap; see {@link #Rigs(Settings, Report, Path)}.
   */
  Rigs(Settings settings, Report report, Path folder, String heap) {
    this.heap = heap;
    this.settings = settings;
    this.report = report;
    this.folder = folder;
  }

  /**
   * Starts a system, if it is one that is to be measured. A peer that does not start is reported
   * and left out.
   */
  Optional<Rig> start(Subject subject, int workers) throws IOException, InterruptedException {
    boolean isPeer = Subject.PEERS.contains(subject);
    if (!settings.probe().measures(subject.word()) || (isPeer && !settings.peers())) {
      return Optional.empty();
    }
    try {
      Rig rig = Rig.start(subject, workers, settings, folder, heap);
      started.add(rig);
      return Optional.of(rig);
    } catch (IllegalStateException e) {
      if (isPeer) {
        report.note("%s is left out: %s".formatted(subject.word(), e.getMessage()));
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    started.forEach(Rig::close);
  }
}
