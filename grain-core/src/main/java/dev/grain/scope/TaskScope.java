package dev.grain.scope;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A {@code java.util.concurrent.StructuredTaskScope} that is cancelled as soon as a condition holds
 * when one of its subtasks ends.
 *
 * <p>The owner, the thread that opened it, forks, joins and closes. Scoped values that were bound
 * when it was opened are inherited by the subtasks, which run on virtual threads.
 *
 * <p>Implementation note: that class is a preview in JDK 25; a class that named it would be marked,
 * run on no other release, and make javac refuse users' code. Method handles that are constants
 * cost no more than direct calls.
 */
public final class TaskScope implements AutoCloseable {
  private static final String TESTED = "25";

  private static final MethodHandle OPEN;
  private static final MethodHandle FORK;
  private static final MethodHandle JOIN;
  private static final MethodHandle CLOSE;

  static {
    try {
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      Class<?> joiner = Class.forName("java.util.concurrent.StructuredTaskScope$Joiner");
      Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      MethodHandle allUntil =
          lookup.findStatic(joiner, "allUntil", MethodType.methodType(joiner, Predicate.class));
      MethodHandle open = lookup.findStatic(scope, "open", MethodType.methodType(scope, joiner));
      OPEN =
          MethodHandles.filterArguments(open, 0, allUntil)
              .asType(MethodType.methodType(Object.class, Predicate.class));
      FORK =
          lookup
              .findVirtual(scope, "fork", MethodType.methodType(subtask, Callable.class))
              .asType(MethodType.methodType(void.class, Object.class, Callable.class));
      JOIN =
          lookup
              .findVirtual(scope, "join", MethodType.methodType(Object.class))
              .asType(MethodType.methodType(void.class, Object.class));
      CLOSE =
          lookup
              .findVirtual(scope, "close", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          ("Grain uses java.util.concurrent.StructuredTaskScope as it is in JDK %s, the release it"
                  + " was tested with; this is JDK %s, where it differs. Run the program with JDK"
                  + " %s, or use a newer release of Grain.")
              .formatted(TESTED, Runtime.version().feature(), TESTED),
          e);
    }
  }

  private final Object scope;

  private TaskScope(Object scope) {
    this.scope = scope;
  }

  /**
   * Opens a scope that is owned by the current thread.
   *
   * @param cancelled asked whenever a subtask ends, on its thread; when true, the other subtasks
   *     are interrupted and none is started any more
   */
  public static TaskScope open(BooleanSupplier cancelled) {
    Predicate<Object> predicate = _ -> cancelled.getAsBoolean();
    try {
      return new TaskScope((Object) OPEN.invokeExact(predicate));
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /**
   * Starts a subtask on a virtual thread. After a cancellation it is not run.
   *
   * @throws WrongThreadException if the current thread is not the owner
   * @throws IllegalStateException if scoped values are bound now that were not when it was opened
   */
  public void fork(Callable<?> task) {
    try {
      FORK.invokeExact(scope, task);
    } catch (Throwable e) {
      if (e.getClass().getSimpleName().equals("StructureViolationException")) {
        throw new IllegalStateException(
            "A scoped value was bound between the opening of the scope and this start of a subtask;"
                + " bind it before the scope is opened, or in the subtask.",
            e);
      }
      throw unchecked(e);
    }
  }

  /**
   * Waits until all subtasks have ended or the scope is cancelled. May be called once.
   *
   * @throws InterruptedException if the owner is interrupted before or meanwhile
   */
  public void join() throws InterruptedException {
    try {
      JOIN.invokeExact(scope);
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Cancels what still runs and waits, interrupted or not, until every subtask has ended. */
  @Override
  public void close() {
    try {
      CLOSE.invokeExact(scope);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(thrown);
    };
  }
}
