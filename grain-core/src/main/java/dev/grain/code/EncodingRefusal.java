package dev.grain.code;

import dev.grain.code.bundle.MissingClassException;
import dev.grain.text.Exceptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says that an object cannot be encoded or decoded, and collects the path to it while the
 * serializers unwind.
 */
final class EncodingRefusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Longer paths are shortened in the middle. */
  private static final int SHOWN = 24;

  private static final String UNKNOWN = Object.class.getName();

  // from the refused object outwards; only touched by the thread that unwinds
  private final transient List<String> segments = new ArrayList<>();
  private final String typeName;
  private final String reason;
  private final Advice advice;
  private final boolean cycle;
  // whether the first step to the object is by a field that can be marked transient
  private boolean marked;

  private EncodingRefusal(
      String typeName, String reason, Advice advice, boolean cycle, @Nullable Throwable cause) {
    super(reason, cause, false, false);
    this.typeName = typeName;
    this.reason = reason;
    this.advice = advice;
    this.cycle = cycle;
  }

  /** Returns a refusal of an object of the class. */
  static EncodingRefusal of(Class<?> type, String reason) {
    return of(type, reason, Advice.NONE);
  }

  /** Returns a refusal of an object of the class, with what to do about it. */
  static EncodingRefusal of(Class<?> type, String reason, Advice advice) {
    return new EncodingRefusal(nameOf(type), reason, advice, false, null);
  }

  /** Returns a refusal of an object of the class, because of what was thrown. */
  static EncodingRefusal of(Class<?> type, String reason, Throwable cause) {
    return new EncodingRefusal(nameOf(type), reason, Advice.NONE, false, cause);
  }

  /** Returns a refusal of an object whose class is not there. */
  static EncodingRefusal ofUnknown(String name, Throwable cause) {
    String reason =
        cause instanceof MissingClassException missing
            ? String.valueOf(missing.getMessage())
            : "its class is not known here";
    return new EncodingRefusal(name, reason, Advice.NONE, false, cause);
  }

  /** Returns a refusal of an object that is reached again before it can exist. */
  static EncodingRefusal ofCycle(Class<?> type) {
    return new EncodingRefusal(
        nameOf(type),
        "it refers back to itself, and a record, an immutable collection, a lambda or a class with"
            + " serialization of its own exists only when all its parts do; break the cycle with a"
            + " field of an ordinary class",
        Advice.NONE,
        true,
        null);
  }

  /** Returns a refusal of a graph that is nested too deeply. */
  static EncodingRefusal ofDepth(Class<?> type) {
    return of(
        type,
        "objects are nested more than "
            + Engine.MAX_DEPTH
            + " deep; flatten the structure, for example into a list");
  }

  /** Returns a refusal for whatever a serializer threw; what already is one passes unchanged. */
  static RuntimeException of(Class<?> type, RuntimeException thrown) {
    if (thrown instanceof EncodingRefusal || thrown instanceof Sink.LimitReached) {
      return thrown;
    }
    return of(type, "it threw " + describe(thrown), thrown);
  }

  /** Adds the step that led to the object, and returns what is to be thrown on. */
  static RuntimeException at(Class<?> holder, String segment, RuntimeException thrown) {
    RuntimeException refusal = of(holder, thrown);
    if (refusal instanceof EncodingRefusal known) {
      known.marked |= known.segments.isEmpty() && Advice.canMark(holder, segment);
      known.segments.add(segment);
    }
    return refusal;
  }

  /** Returns whether a cycle is the reason. */
  boolean isCycle() {
    return cycle;
  }

  /**
   * Returns the whole sentence.
   *
   * @param root what the graph is to the user, such as {@code argument 2}
   * @param rootType the class of the outermost object
   * @param verb {@code encoded} or {@code decoded}
   */
  String sentence(String root, @Nullable Class<?> rootType, String verb) {
    StringBuilder sentence = new StringBuilder(root);
    if (!segments.isEmpty() && rootType != null) {
      sentence.append(": ").append(shortNameOf(rootType));
    }
    int left = segments.size();
    for (String segment : segments.reversed()) {
      if (segments.size() <= SHOWN || left > segments.size() - SHOWN / 2 || left <= SHOWN / 2) {
        sentence.append(segment);
      } else if (left == segments.size() - SHOWN / 2) {
        sentence.append(" ... ");
      }
      left--;
    }
    if (!typeName.equals(UNKNOWN)) {
      sentence.append(" (").append(typeName).append(')');
    }
    return sentence
        .append(" cannot be ")
        .append(verb)
        .append(": ")
        .append(reason)
        .append(advice.words(marked, root.equals(Codec.RESULT)))
        .toString();
  }

  /** Returns what was thrown, which may be by code of the user, in words. */
  static String describe(Throwable thrown) {
    return Exceptions.describe(thrown);
  }

  static String nameOf(Class<?> type) {
    if (Lambdas.isLambda(type)) {
      return "a lambda in " + Lambdas.hostOf(type);
    }
    return type.isArray() ? type.getTypeName() : type.getName();
  }

  static String shortNameOf(Class<?> type) {
    if (Lambdas.isLambda(type)) {
      return "lambda";
    }
    String name = type.getTypeName();
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
