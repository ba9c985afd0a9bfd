package dev.grain.code;

import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Exceptions to bytes and back. Each exception of the tree of causes and suppressed ones is a node
 * with its texts, read where it was thrown, and with its object if that can be encoded; the objects
 * refer to each other by the number of the node, so that one that cannot be rebuilt spoils no
 * other. Safe for all threads.
 */
final class Failures {
  private static final int MAX_NODES = 100;

  /** For the objects of all nodes together. */
  private static final long MAX_OBJECTS = 4 << 20;

  private static final Bytes UNKNOWN = bare(Throwable.class);

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
      return Exceptions.read(() -> bare(failure.getClass())).orElse(UNKNOWN);
    }
  }

  /** Returns a node with nothing but the name of the class. */
  private static Bytes bare(Class<?> type) {
    try {
      TextCodec.Writer out = new TextCodec.Writer();
      out.number(1);
      Thrown.bare(type.getName()).write(out);
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
      nodes.add(describe(tree.get(i), numbers, tree));
    }
    TextCodec.Writer out = new TextCodec.Writer();
    out.number(nodes.size());
    long left = MAX_OBJECTS;
    for (int i = 0; i < nodes.size(); i++) {
      Throwable each = tree.get(i);
      long limit = left;
      FailureParts parts = new FailureParts(numbers, nodes.get(i).frames());
      Bytes object =
          Exceptions.read(() -> code.encodeWithout(parts, each, limit)).orElse(Bytes.empty());
      left -= object.length();
      nodes.get(i).with(object).write(out);
    }
    return out.toBytes();
  }

  /** Returns the description of an exception by itself, without its object. */
  private static Thrown describe(
      Throwable each, IdentityHashMap<Throwable, Integer> numbers, List<Throwable> tree) {
    int cause =
        Exceptions.<Throwable>read(each::getCause)
            .map(found -> number(found, numbers, tree))
            .orElse(Thrown.NONE);
    List<Integer> suppressed =
        Stream.of(each.getSuppressed())
            .map(one -> number(one, numbers, tree))
            .filter(number -> number >= 0)
            .toList();
    return new Thrown(
        each.getClass().getName(),
        Thrown.messageOf(each),
        Exceptions.read(() -> framesOf(each)).orElseGet(() -> new StackTraceElement[0]),
        cause,
        suppressed,
        Bytes.empty());
  }

  private static StackTraceElement[] framesOf(Throwable each) {
    return Stream.of(each.getStackTrace())
        .filter(Objects::nonNull)
        .toArray(StackTraceElement[]::new);
  }

  private static int number(
      Throwable failure, IdentityHashMap<Throwable, Integer> numbers, List<Throwable> tree) {
    Integer known = numbers.get(failure);
    if (known != null) {
      return known;
    }
    if (tree.size() == MAX_NODES) {
      // not followed, and its object replaced as well: what refers to it gets a stand-in
      numbers.put(failure, Thrown.LEFT_OUT);
      return Thrown.LEFT_OUT;
    }
    numbers.put(failure, tree.size());
    tree.add(failure);
    return tree.size() - 1;
  }

  /** Returns the exception, or what stands for it. */
  Throwable decode(Bytes failure) {
    try {
      TextCodec.Reader in = new TextCodec.Reader(failure);
      List<Thrown> nodes = new ArrayList<>();
      for (int left = in.number(); left > 0; left--) {
        nodes.add(Thrown.read(in));
      }
      return new FailureRebuilding(code, nodes).all();
    } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw damaged(e);
    }
  }

  /** Returns what the JVM would have printed of the exception where it was thrown. */
  static String printed(Bytes failure) {
    try {
      TextCodec.Reader in = new TextCodec.Reader(failure);
      if (in.number() < 1) {
        throw new IOException("there is no exception in them");
      }
      return Thrown.read(in).printed();
    } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw damaged(e);
    }
  }

  private static EncodingException damaged(Exception e) {
    return new EncodingException("The failure cannot be decoded: its bytes are damaged", e);
  }
}
