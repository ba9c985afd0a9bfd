package dev.grain.code;

import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A user's program, of which two loaders have the same bytes. Every function returns with whose
 * classes it runs.
 */
public final class Shipped {
  private final int base = 5;

  /** An enum with bodies. */
  public enum Level {
    /** One. */
    LOW,
    /** Another. */
    HIGH {
      @Override
      int weight() {
        return 10;
      }
    };

    int weight() {
      return 1;
    }
  }

  /** A generic record. */
  record Box<T>(T content, Map<String, List<Optional<T>>> more) {}

  /** An exception that another program need not know. */
  public static final class Unlucky extends Exception {
    private static final long serialVersionUID = 1;

    Unlucky(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static String here(Object value) {
    return Shipped.class.getClassLoader().getName() + " " + value;
  }

  static String staticMethod(String text) {
    return here(text);
  }

  /** Returns a function by its name. */
  public static Serializable function(String name) {
    return new Shipped().make(name);
  }

  private Serializable make(String name) {
    int captured = 41;
    record Local(int left, String right) {}
    return switch (name) {
      case "lambda" -> (Fn1<String, String>) text -> here(text);
      case "captures" -> (Fn1<String, String>) text -> here(text + captured);
      case "this" -> (Fn1<String, String>) text -> here(text + base);
      case "reference" -> (Fn1<String, String>) Shipped::staticMethod;
      case "anonymous" ->
          new Fn1<String, String>() {
            @Override
            public String apply(String text) {
              return here(text + captured + base);
            }
          };
      case "localRecord" -> {
        Local local = new Local(1, "r");
        yield (Fn1<String, String>) text -> here(text + local.left() + local.right());
      }
      case "enum" -> {
        Level level = Level.HIGH;
        yield (Fn1<String, String>)
            text -> here(text + level + level.weight() + (level == Level.HIGH));
      }
      case "generics" -> {
        Box<Level> box = new Box<>(Level.LOW, Map.of("k", List.of(Optional.of(Level.HIGH))));
        yield (Fn1<String, String>) text -> here(text + box.content() + box.more());
      }
      case "comparator" -> {
        TreeMap<String, Integer> map =
            new TreeMap<>(
                (Comparator<String> & Serializable)
                    (a, b) -> here("").isEmpty() ? 0 : b.compareTo(a));
        map.putAll(Map.of("a", 1, "b", 2));
        yield (Fn1<String, String>) text -> here(text + map);
      }
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Returns a function that throws an exception of this program. */
  public static Fn0<String> failing() {
    return () -> {
      throw new Unlucky(here("fails"), new IllegalStateException("inner"));
    };
  }

  /** Returns a value of this program. */
  public static Object value() {
    return new Box<>(Level.HIGH, Map.of());
  }
}
