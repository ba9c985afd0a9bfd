package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.job.EncodingException;
import dev.grain.job.RemoteException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions to bytes and back. Each exception of the tree of causes and suppressed ones is a node
 * with its texts, and with its object if that can be encoded; the objects refer to each other by
 * the number of the node, so that one that cannot be rebuilt spoils no other. Safe for all threads.
 */
final class Failures {
  private static final int MAX_NODES = 100;
  private static final int FEW = 10;
  private static final int MAX_FRAMES = 1_024;

  /** For the objects of all nodes together. */
  private static final long MAX_OBJECTS = 4 << 20;

  private static final Bytes UNKNOWN = bare(Throwable.class.getName());

  private final ValueCodec code;

  Failures(ValueCodec code) {
    this.code = code;
  }

  /** Never throws. */
  @SuppressWarnings("CatchThrowable") // a failure of encoding must not hide the failure itself
  Bytes encode(Throwable failure) {
    try {
      return encodeTree(failure);
    } catch (Throwable e) {
      return attempt(() -> bare(failure.getClass().getName()), UNKNOWN);
    }
  }

  /** Returns a node with nothing but the name of the class. */
  private static Bytes bare(String name) {
    try {
      TextCodec.Writer out = new TextCodec.Writer();
      out.number(1);
      new Thrown(name, null, new StackTraceElement[0], -1, List.of(), Bytes.empty()).write(out);
      return out.toBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Bytes encodeTree(Throwable failure) throws IOException {
    IdentityHashMap<Throwable, Integer> numbers = new IdentityHashMap<>();
    List<Throwable> tree = new ArrayList<>();
    number(failure, numbers, tree);
    List<Thrown> nodes = new ArrayList<>();
    for (int i = 0; i < tree.size(); i++) { // grows meanwhile
      Throwable each = tree.get(i);
      Throwable cause = attempt(each::getCause, null);
      int causeNumber = cause == null ? -1 : number(cause, numbers, tree);
      List<Integer> suppressed = new ArrayList<>();
      for (Throwable one : each.getSuppressed()) {
        int number = number(one, numbers, tree);
        if (number >= 0) {
          suppressed.add(number);
        }
      }
      nodes.add(
          new Thrown(
              each.getClass().getName(),
              attempt(each::getMessage, "(its message cannot be read)"),
              attempt(each::getStackTrace, new StackTraceElement[0]),
              causeNumber,
              suppressed,
              Bytes.empty()));
    }
    TextCodec.Writer out = new TextCodec.Writer();
    out.number(nodes.size());
    long left = MAX_OBJECTS;
    for (int i = 0; i < nodes.size(); i++) {
      Throwable each = tree.get(i);
      long limit = left;
      FailureParts parts = new FailureParts(numbers, nodes.get(i).frames());
      Bytes object = attempt(() -> code.encodeWithout(parts, each, limit), Bytes.empty());
      left -= object.length();
      nodes.get(i).with(object).write(out);
    }
    return out.toBytes();
  }

  private static int number(
      Throwable failure, IdentityHashMap<Throwable, Integer> numbers, List<Throwable> tree) {
    Integer known = numbers.get(failure);
    if (known != null) {
      return known;
    }
    if (tree.size() == MAX_NODES) {
      // not followed, and its object replaced as well: what refers to it gets a stand-in
      numbers.put(failure, -1);
      return -1;
    }
    numbers.put(failure, tree.size());
    tree.add(failure);
    return tree.size() - 1;
  }

  /** Returns what the supplier gives; it may run the user's code, which may do anything. */
  @SuppressWarnings("CatchThrowable")
  private static <T extends @Nullable Object> T attempt(
      Supplier<? extends T> supplier, T otherwise) {
    try {
      T value = supplier.get();
      return value == null ? otherwise : value;
    } catch (Throwable e) {
      return otherwise;
    }
  }

  Throwable decode(Bytes failure) {
    try {
      TextCodec.Reader in = new TextCodec.Reader(failure);
      List<Thrown> nodes = new ArrayList<>();
      for (int left = in.number(); left > 0; left--) {
        nodes.add(Thrown.read(in));
      }
      return new Rebuilding(nodes).all();
    } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new EncodingException("The failure cannot be decoded: its bytes are damaged", e);
    }
  }

  /** One decoding of a tree. Used by one thread. */
  private final class Rebuilding {
    private final List<Thrown> nodes;
    private final @Nullable Throwable[] rebuilt;
    private final boolean[] begun;

    Rebuilding(List<Thrown> nodes) {
      this.nodes = nodes;
      this.rebuilt = new Throwable[nodes.size()];
      this.begun = new boolean[nodes.size()];
    }

    Throwable all() {
      if (nodes.size() > FEW) {
        // from the leaves, so that the stack stays short however long the chain of causes is
        for (int i = nodes.size() - 1; i > 0; i--) {
          node(i);
        }
      }
      return node(0);
    }

    private Throwable node(int index) {
      if (index < 0) {
        return new RemoteException("...", "more exceptions, left out", null);
      }
      Throwable known = rebuilt[index];
      if (known != null) {
        return known;
      }
      Thrown node = nodes.get(index);
      if (begun[index]) {
        return standIn(node, null, List.of());
      }
      begun[index] = true;
      Throwable object = object(node);
      if (object == null) {
        Throwable cause = node.cause() < 0 ? null : node(node.cause());
        List<Throwable> suppressed = new ArrayList<>();
        for (int each : node.suppressed()) {
          suppressed.add(node(each));
        }
        object = standIn(node, cause, suppressed);
      }
      rebuilt[index] = object;
      return object;
    }

    private @Nullable Throwable object(Thrown node) {
      if (node.object().length() == 0) {
        return null;
      }
      try {
        return code.decodeWith(partsOf(node), node.object()) instanceof Throwable object
                && object.getClass().getName().equals(node.className())
            ? object
            : null;
      } catch (EncodingException | LinkageError e) {
        return null;
      }
    }

    private FailureParts.Rebuilt partsOf(Thrown node) {
      return new FailureParts.Rebuilt() {
        @Override
        public Throwable failure(int number) {
          return node(number);
        }

        @Override
        public StackTraceElement[] frames() {
          return node.frames();
        }
      };
    }

    private static Throwable standIn(
        Thrown node, @Nullable Throwable cause, List<Throwable> suppressed) {
      RemoteException standIn = new RemoteException(node.className(), node.message(), cause);
      standIn.setStackTrace(node.frames());
      suppressed.forEach(standIn::addSuppressed);
      return standIn;
    }
  }

  /**
   * One exception.
   *
   * @param cause its number, or -1
   * @param object the encoded object, or nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Thrown(
      String className,
      @Nullable String message,
      StackTraceElement[] frames,
      int cause,
      List<Integer> suppressed,
      Bytes object) {

    Thrown with(Bytes encoded) {
      return new Thrown(className, message, frames, cause, suppressed, encoded);
    }

    void write(TextCodec.Writer out) throws IOException {
      out.text(className);
      out.text(message);
      int count = Math.min(frames.length, MAX_FRAMES);
      out.number(count);
      for (int i = 0; i < count; i++) {
        StackTraceElement frame = frames[i];
        out.text(loaderName(frame));
        out.text(frame.getModuleName());
        out.text(moduleVersion(frame));
        out.text(frame.getClassName());
        out.text(frame.getMethodName());
        out.text(frame.getFileName());
        out.number(frame.getLineNumber());
      }
      out.number(cause);
      out.number(suppressed.size());
      for (int each : suppressed) {
        out.number(each);
      }
      out.bytes(object);
    }

    /** As it is printed: the names of the JDK's own loaders say nothing. */
    private static @Nullable String loaderName(StackTraceElement frame) {
      String name = frame.getClassLoaderName();
      return name == null || name.equals("app") || name.equals("platform") ? null : name;
    }

    /** As it is printed: the version of the JDK's own modules says nothing. */
    private static @Nullable String moduleVersion(StackTraceElement frame) {
      String module = frame.getModuleName();
      return module == null || module.startsWith("java.") || module.startsWith("jdk.")
          ? null
          : frame.getModuleVersion();
    }

    static Thrown read(TextCodec.Reader in) throws IOException {
      String className = String.valueOf(in.text());
      String message = in.text();
      StackTraceElement[] frames = new StackTraceElement[in.number()];
      for (int i = 0; i < frames.length; i++) {
        frames[i] =
            new StackTraceElement(
                in.text(),
                in.text(),
                in.text(),
                String.valueOf(in.text()),
                String.valueOf(in.text()),
                in.text(),
                in.number());
      }
      int cause = in.number();
      List<Integer> suppressed = new ArrayList<>();
      for (int left = in.number(); left > 0; left--) {
        suppressed.add(in.number());
      }
      return new Thrown(className, message, frames, cause, suppressed, in.bytes());
    }
  }
}
