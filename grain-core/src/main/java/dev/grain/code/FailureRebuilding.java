package dev.grain.code;

import dev.grain.RemoteException;
import dev.grain.text.Exceptions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One decoding of a tree of exceptions. Used by one thread.
 *
 * <p>An object that was rebuilt may have lost what its class reads to make its message, as a
 * transient field. One that throws when it is read is replaced; one whose message differs from that
 * where it was thrown gets the original message in a suppressed exception.
 */
final class FailureRebuilding {
  private static final int FEW = 10;

  private final ValueCodec code;
  private final List<Thrown> nodes;
  private final @Nullable Throwable[] rebuilt;
  private final boolean[] begun;

  FailureRebuilding(ValueCodec code, List<Thrown> nodes) {
    this.code = code;
    this.nodes = nodes;
    this.rebuilt = new Throwable[nodes.size()];
    this.begun = new boolean[nodes.size()];
  }

  /** Returns the outermost exception. */
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
    if (object == null || !completes(object, node)) {
      object = standIn(node, cause(node), node.suppressed().stream().map(this::node).toList());
    }
    rebuilt[index] = object;
    return object;
  }

  private @Nullable Throwable cause(Thrown node) {
    return node.cause() == Thrown.NONE ? null : node(node.cause());
  }

  /** Returns the object; null if it cannot be rebuilt. */
  private @Nullable Throwable object(Thrown node) {
    if (node.object().length() == 0) {
      return null;
    }
    return Exceptions.read(() -> code.decodeWith(partsOf(node), node.object()))
        .filter(Throwable.class::isInstance)
        .map(Throwable.class::cast)
        .filter(object -> object.getClass().getName().equals(node.className()))
        .orElse(null);
  }

  /**
   * Adds to a rebuilt object what its own message no longer contains.
   *
   * @return whether nothing is missing; false if the object cannot be read, or takes no addition
   */
  private boolean completes(Throwable object, Thrown node) {
    Reading reading = Exceptions.read(() -> Reading.of(object)).orElse(null);
    if (reading == null || !reading.isTheSameAgain(object)) {
      return false;
    }
    boolean hasCause = reading.cause() != null;
    boolean sameCause = hasCause == (node.cause() != Thrown.NONE);
    if (sameCause && Objects.equals(Thrown.messageOf(object), node.message())) {
      return true;
    }
    RemoteException said = standIn(node, hasCause ? null : cause(node), List.of());
    said.setStackTrace(new StackTraceElement[0]); // it is that of the object
    object.addSuppressed(said);
    return Stream.of(object.getSuppressed()).anyMatch(said::equals);
  }

  /** All that the JVM or a logger asks an exception for. */
  private record Reading(
      @Nullable String message,
      @Nullable String localized,
      String printed,
      @Nullable Throwable cause,
      List<StackTraceElement> frames) {
    /** Throws what the object throws; null pointers for what may not be null. */
    static Reading of(Throwable object) {
      return new Reading(
          object.getMessage(),
          object.getLocalizedMessage(),
          Objects.requireNonNull(object.toString()),
          object.getCause(),
          List.of(object.getStackTrace()));
    }

    /** Returns whether a chain of causes that starts here is not made anew each time. */
    boolean isTheSameAgain(Throwable object) {
      return Exceptions.<Throwable>read(object::getCause).orElse(null) == cause;
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

  private static RemoteException standIn(
      Thrown node, @Nullable Throwable cause, List<Throwable> suppressed) {
    RemoteException standIn = new RemoteException(node.className(), node.message(), cause);
    standIn.setStackTrace(node.frames());
    suppressed.forEach(standIn::addSuppressed);
    return standIn;
  }
}
