package dev.grain.service.log;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the segments are: {@code 7/JOB.ATTEMPT.SEGMENT}, with a folder for so many jobs that it can
 * be listed in no time. Safe for all threads.
 */
final class LogFolder {
  /** How many bits of the number of a job its folder leaves out. */
  private static final int ALIKE = 10;

  private final Path root;

  LogFolder(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  Path path(SegmentName name) {
    return parent(name.job()).resolve(name.file());
  }

  private Path parent(long job) {
    return root.resolve(Long.toString(job >> ALIKE));
  }

  /** Makes the folder for the segments of a job. */
  void prepare(long job) throws IOException {
    Files.createDirectories(parent(job));
  }

  /** Returns the segments of a job, the oldest first. */
  List<SegmentName> of(long job) throws IOException {
    return list(parent(job), job + ".*").stream()
        .filter(name -> name.job() == job)
        .sorted()
        .toList();
  }

  /** Returns the segments of an attempt, the oldest first. */
  List<SegmentName> of(long job, int attempt) throws IOException {
    return list(parent(job), job + "." + attempt + ".*").stream()
        .filter(name -> name.job() == job && name.isOf(attempt))
        .sorted()
        .toList();
  }

  private static List<SegmentName> list(Path folder, String glob) throws IOException {
    List<SegmentName> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      files.forEach(file -> SegmentName.parse(file.getFileName().toString()).ifPresent(names::add));
    } catch (NoSuchFileException | NotDirectoryException e) {
      // nothing was printed yet
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  // ---------------------------------------------------------------- many jobs

  /** Returns the folders, each with the logs of jobs with neighbouring numbers. */
  List<Path> parts() throws IOException {
    List<Path> parts = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(root, Files::isDirectory)) {
      all.forEach(parts::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return parts;
  }

  /** Returns those of the folders in which jobs with larger numbers can be. */
  List<Path> partsFrom(long job) throws IOException {
    return parts().stream().filter(part -> number(part) >= job >> ALIKE).toList();
  }

  private static long number(Path part) {
    try {
      return Long.parseLong(part.getFileName().toString());
    } catch (NumberFormatException e) {
      // it is none of these folders
      return -1;
    }
  }

  /** Returns the jobs with logs in such a folder. */
  static NavigableSet<Long> jobs(Path part) throws IOException {
    NavigableSet<Long> jobs = new TreeSet<>();
    list(part, "*").forEach(name -> jobs.add(name.job()));
    return jobs;
  }

  /** Removes the logs of some jobs, and returns how many files that were. */
  static int remove(Path part, Set<Long> jobs) throws IOException {
    int removed = 0;
    for (SegmentName each : list(part, "*")) {
      if (jobs.contains(each.job()) && Files.deleteIfExists(part.resolve(each.file()))) {
        removed++;
      }
    }
    return removed;
  }
}
