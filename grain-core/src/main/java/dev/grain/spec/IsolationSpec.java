package dev.grain.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a job is isolated in, as {@code dev.grain.Isolation} describes it. Immutable. */
public sealed interface IsolationSpec {
  /** Returns a container of an image, which has a tag or a digest or neither. */
  static Container container(String image) {
    return new Container(image, false, null, null, List.of(), false, null);
  }

  /** Returns a JVM of the worker's own Java. */
  static Jvm jvm(String... flags) {
    return new Jvm(null, List.of(flags));
  }

  /**
   * A container.
   *
   * @param image the name of the image
   * @param local whether the workers have the image already, so that it is never pulled
   * @param network its network; null for the usual one
   * @param user its user; null for the usual one
   * @param capabilities the Linux capabilities that it has
   * @param readOnlyRoot whether it can change nothing of the image
   * @param sharedMemory the size of {@code /dev/shm} in bytes; null for the usual one
   */
  record Container(
      String image,
      boolean local,
      @Nullable String network,
      @Nullable String user,
      List<String> capabilities,
      boolean readOnlyRoot,
      @Nullable Long sharedMemory)
      implements IsolationSpec {
    /** Copies the list. */
    public Container {
      capabilities = List.copyOf(capabilities);
    }
  }

  /**
   * A container of Apptainer.
   *
   * @param image the path of the image on the workers
   * @param options further options of {@code apptainer exec}
   */
  record Apptainer(String image, List<String> options) implements IsolationSpec {
    /** Copies the list. */
    public Apptainer {
      options = List.copyOf(options);
    }
  }

  /**
   * A JVM for functions.
   *
   * @param home the home of its Java on the workers; null for the Java of the worker
   * @param flags its flags
   */
  record Jvm(@Nullable String home, List<String> flags) implements IsolationSpec {
    /** Copies the list. */
    public Jvm {
      flags = List.copyOf(flags);
    }
  }
}
