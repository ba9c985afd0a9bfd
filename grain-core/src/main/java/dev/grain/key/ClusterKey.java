package dev.grain.key;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What proves that a process belongs to a cluster: one or more key pairs in a file. The first is
 * offered to others, all are accepted from them.
 *
 * <p>Whoever has the file can run code on every worker that has it. So it must be readable by its
 * owner alone, and its contents are never shown.
 *
 * <p>The methods block on the file system, and may be called by any thread. Their errors are
 * sentences that state the file and what to do.
 */
public final class ClusterKey {
  private final Path file;
  private final List<OfferedKey> pairs;

  private static OfferedKey makePair() {
    return OfferedKey.make("Grain cluster key", List.of(), Instant.now());
  }

  private ClusterKey(Path file, List<OfferedKey> pairs) {
    this.file = file;
    this.pairs = List.copyOf(pairs);
  }

  /**
   * What may be shown of a key pair.
   *
   * @param fingerprint a short text that stands for the public key
   * @param made when the pair was made
   */
  public record Description(String fingerprint, Instant made) {}

  /** Returns where the key is by default: in the user's configuration folder. */
  public static Path defaultPath() {
    String named = System.getenv("XDG_CONFIG_HOME");
    // the specification of the folder asks to ignore a relative path
    Path config =
        named != null && named.startsWith("/")
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".config");
    return config.resolve("grain").resolve("cluster.key");
  }

  /**
   * Reads the key.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read, is open to others, or is damaged
   */
  public static ClusterKey load(Path file) throws IOException {
    return new ClusterKey(file, KeyFile.CLUSTER.read(file));
  }

  /**
   * Reads the key, or makes it if there is none. Two processes that do so at the same time end with
   * the same key.
   *
   * @throws IOException if it can neither be read nor be made
   */
  public static ClusterKey loadOrCreate(Path file) throws IOException {
    if (Files.notExists(file)) {
      KeyFile.CLUSTER.writeNew(file, List.of(makePair()));
    }
    return load(file);
  }

  /**
   * Makes a key.
   *
   * @throws IOException if there is one already, or it cannot be written
   */
  public static ClusterKey create(Path file) throws IOException {
    List<OfferedKey> pairs = List.of(makePair());
    if (!KeyFile.CLUSTER.writeNew(file, pairs)) {
      throw new IOException(
          file
              + " already exists. Replacing the key would lock out everyone who uses it. "
              + "Rotate it instead, or remove the file first.");
    }
    return new ClusterKey(file, pairs);
  }

  /**
   * Puts a new pair in front of those in the file, which are still accepted.
   *
   * @throws IOException if the file cannot be read or written
   */
  public static ClusterKey rotate(Path file) throws IOException {
    List<OfferedKey> pairs = new ArrayList<>();
    pairs.add(makePair());
    pairs.addAll(KeyFile.CLUSTER.read(file));
    KeyFile.CLUSTER.replace(file, pairs);
    return new ClusterKey(file, pairs);
  }

  /** Returns the file that the key was read from. */
  public Path file() {
    return file;
  }

  /** Describes the key pairs, the one that is offered first. */
  public List<Description> describe() {
    return pairs.stream().map(pair -> new Description(pair.fingerprint(), pair.made())).toList();
  }

  /** Returns the key pairs, the one that is offered first. */
  List<OfferedKey> pairs() {
    return pairs;
  }

  /** Tells the file and the fingerprints. */
  @Override
  public String toString() {
    return file + " " + pairs;
  }
}
