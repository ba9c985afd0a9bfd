package dev.grain.message;

import dev.grain.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/** How far the work of a job is kept apart from its node. */
public sealed interface Isolation
    permits Isolation.None, Isolation.Jvm, Isolation.Container, Isolation.Apptainer {
  /** The work is done in the process of the node, or as its kind has it. */
  Isolation NONE = new None();

  /** Returns which kind of isolation this is. */
  Kind kind();

  /** The kinds of isolation. */
  enum Kind {
    /** The work is done in the process of the node, or as its kind has it. */
    NONE,
    /** A function is called in a JVM of its own. */
    JVM,
    /** The work is done in a container of its own. */
    CONTAINER,
    /** A command runs in a container of Apptainer. */
    APPTAINER
  }

  /** No isolation; there is {@link #NONE}. */
  record None() implements Isolation {
    @Override
    public Kind kind() {
      return Kind.NONE;
    }
  }

  /**
   * A function is called in a JVM of its own, which runs one job at a time.
   *
   * @param setting which JVM it is and what the user gives it, as {@link #of} encodes it
   */
  record Jvm(Bytes setting) implements Isolation {
    private static final String SEPARATOR = "\0";

    /**
     * Returns the isolation in such a JVM. None of the texts contains a NUL character.
     *
     * @param home the home of its Java on the node; empty for that of the node itself
     * @param flags in this order
     */
    public static Jvm of(String home, List<String> flags) {
      List<String> words = new ArrayList<>(flags);
      words.addFirst(home);
      return new Jvm(Bytes.utf8(String.join(SEPARATOR, words)));
    }

    private List<String> words() {
      return List.of(setting.utf8().split(SEPARATOR, -1));
    }

    /** Returns the home of its Java on the node; empty for that of the node itself. */
    public String home() {
      return words().getFirst();
    }

    /** Returns the flags, one by one. */
    public List<String> flags() {
      List<String> words = words();
      return words.subList(1, words.size());
    }

    @Override
    public Kind kind() {
      return Kind.JVM;
    }
  }

  /**
   * The work is done in a container of its own.
   *
   * @param setting a {@link ContainerSetting}, encoded
   */
  record Container(Bytes setting) implements Isolation {
    /** Returns the isolation with this setting. */
    public static Container of(ContainerSetting setting) {
      return new Container(setting.encode());
    }

    @Override
    public Kind kind() {
      return Kind.CONTAINER;
    }
  }

  /**
   * A command runs in a container of Apptainer.
   *
   * @param setting an {@link ApptainerSetting}, encoded
   */
  record Apptainer(Bytes setting) implements Isolation {
    /** Returns the isolation with this setting. */
    public static Apptainer of(ApptainerSetting setting) {
      return new Apptainer(setting.encode());
    }

    @Override
    public Kind kind() {
      return Kind.APPTAINER;
    }
  }
}
