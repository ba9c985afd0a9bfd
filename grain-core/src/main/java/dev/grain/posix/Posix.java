package dev.grain.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds functions of the C library. There are none where this process may not make native calls
 * ({@code --enable-native-access}), because the JVM would warn about each.
 */
public final class Posix {
  /** The layout of what a handle of {@link #functionWithErrno} leaves behind. */
  public static final StructLayout STATE = Linker.Option.captureStateLayout();

  private Posix() {}

  /**
   * Returns a handle that calls a function; null if the function does not exist or must not be
   * called.
   *
   * @param type the types of its parameters and its result
   */
  public static @Nullable MethodHandle function(String name, FunctionDescriptor type) {
    return find(name, type);
  }

  /**
   * Returns the same for a function that sets {@code errno}. The first parameter of the handle is
   * memory of the layout {@link #STATE}, which gets it.
   */
  public static @Nullable MethodHandle functionWithErrno(String name, FunctionDescriptor type) {
    return find(name, type, Linker.Option.captureCallState("errno"));
  }

  @SuppressWarnings("restricted") // only where it is allowed
  private static @Nullable MethodHandle find(
      String name, FunctionDescriptor type, Linker.Option... options) {
    if (!Posix.class.getModule().isNativeAccessEnabled()) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find(name);
    return function.map(found -> linker.downcallHandle(found, type, options)).orElse(null);
  }
}
