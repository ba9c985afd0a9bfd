package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.function.Act0;
import dev.grain.function.Act1;
import dev.grain.function.Act2;
import dev.grain.function.Act3;
import dev.grain.function.Act4;
import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import dev.grain.function.Fn2;
import dev.grain.function.Fn3;
import dev.grain.function.Fn4;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** What makes a function: the kinds of its identity, and how it is called. */
final class Functions {
  /** The identity is that of a lambda or method reference; its captures follow. */
  static final byte LAMBDA = 1;

  /** The identity is the name of a class; an object of it is the only capture. */
  static final byte OBJECT = 2;

  /** The identity is the name of a static method, which is called with JSON. */
  static final byte NAMED = 3;

  private static final ClassValue<Bytes> OBJECTS =
      new ClassValue<>() {
        @Override
        protected Bytes computeValue(Class<?> type) {
          var bytes = new ByteArrayOutputStream(64);
          try (var out = new DataOutputStream(bytes)) {
            out.writeByte(OBJECT);
            out.writeUTF(type.getName());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return Bytes.of(bytes.toByteArray());
        }
      };

  private Functions() {}

  /** Returns the identity of the code of a function that is no lambda. */
  static Bytes codeOf(Class<?> type) {
    return OBJECTS.get(type);
  }

  /** Returns whether the object can be called with so many arguments. */
  static boolean accepts(Object function, int arguments) {
    return switch (arguments) {
      case 0 -> function instanceof Act0;
      case 1 -> function instanceof Act1;
      case 2 -> function instanceof Act2;
      case 3 -> function instanceof Act3;
      case 4 -> function instanceof Act4;
      default -> false;
    };
  }

  /** Calls the function; one that returns nothing gives null. */
  @SuppressWarnings("unchecked") // the arguments are those that the compiler checked at the call
  static @Nullable Object call(Object function, @Nullable Object[] a) throws Exception {
    switch (function) {
      case Fn0<?> f when a.length == 0 -> {
        return f.apply();
      }
      case Act0 f when a.length == 0 -> f.run();
      case Fn1<?, ?> f when a.length == 1 -> {
        return ((Fn1<@Nullable Object, @Nullable Object>) f).apply(a[0]);
      }
      case Act1<?> f when a.length == 1 -> ((Act1<@Nullable Object>) f).run(a[0]);
      case Fn2<?, ?, ?> f when a.length == 2 -> {
        return ((Fn2<@Nullable Object, @Nullable Object, @Nullable Object>) f).apply(a[0], a[1]);
      }
      case Act2<?, ?> f when a.length == 2 ->
          ((Act2<@Nullable Object, @Nullable Object>) f).run(a[0], a[1]);
      case Fn3<?, ?, ?, ?> f when a.length == 3 -> {
        return ((Fn3<@Nullable Object, @Nullable Object, @Nullable Object, @Nullable Object>) f)
            .apply(a[0], a[1], a[2]);
      }
      case Act3<?, ?, ?> f when a.length == 3 ->
          ((Act3<@Nullable Object, @Nullable Object, @Nullable Object>) f).run(a[0], a[1], a[2]);
      case Fn4<?, ?, ?, ?, ?> f when a.length == 4 -> {
        return ((Fn4<
                    @Nullable Object,
                    @Nullable Object,
                    @Nullable Object,
                    @Nullable Object,
                    @Nullable Object>)
                f)
            .apply(a[0], a[1], a[2], a[3]);
      }
      case Act4<?, ?, ?, ?> f when a.length == 4 ->
          ((Act4<@Nullable Object, @Nullable Object, @Nullable Object, @Nullable Object>) f)
              .run(a[0], a[1], a[2], a[3]);
      default ->
          throw new IllegalArgumentException(
              function.getClass().getName() + " is no function of " + a.length + " arguments");
    }
    return null;
  }
}
