package dev.grain.benchmarks.pieces;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;

/**
 * The JDK's {@code StructuredTaskScope} with its default policy, called as directly as a class can
 * that is not to be marked as one of preview features: method handles that are constants cost no
 * more than calls.
 */
final class PlainScope {
  private static final MethodHandle OPEN;
  private static final MethodHandle FORK;
  private static final MethodHandle JOIN;
  private static final MethodHandle CLOSE;

  static {
    try {
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      OPEN =
          lookup
              .findStatic(scope, "open", MethodType.methodType(scope))
              .asType(MethodType.methodType(Object.class));
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
      throw new IllegalStateException("This JDK has another StructuredTaskScope than JDK 25", e);
    }
  }

  private PlainScope() {}

  /** Opens a scope, forks the task so many times, joins and closes. */
  static void run(int times, Callable<?> task) throws Throwable {
    Object scope = (Object) OPEN.invokeExact();
    try {
      for (int i = 0; i < times; i++) {
        FORK.invokeExact(scope, task);
      }
      JOIN.invokeExact(scope);
    } finally {
      CLOSE.invokeExact(scope);
    }
  }
}
