package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.Bundles;
import dev.grain.function.Fn1;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Prints the canonical forms of values whose iteration differs from process to process. */
// what users have, and two texts that are equal and not the same
@SuppressWarnings({"IdentityHashMapUsage", "JdkObsolete", "UnnecessaryStringBuilder"})
final class CanonicalProgram {
  private static final int ENTRIES = 40;

  private CanonicalProgram() {}

  /** Has a hash of its own in each process. */
  enum Colour {
    RED,
    GREEN,
    BLUE,
    YELLOW,
    BLACK,
    WHITE
  }

  record Point(Colour colour, Set<Integer> numbers) implements Serializable {}

  public static void main(String[] arguments) {
    values()
        .forEach((name, value) ->
            System.out.println(name + " " + HexFormat.of().formatHex(form(value))));
  }

  /** Returns the form of a value as an argument. */
  static byte[] form(Object value) {
    return switch (canonical(value)) {
      case Canonical.Form form -> form.bytes().single();
      case Canonical.None none -> throw new AssertionError(value.getClass() + ": " + none.reason());
    };
  }

  static Canonical canonical(Object value) {
    Fn1<Object, Object> function = argument -> argument;
    return canonical(function, value);
  }

  static Canonical canonical(Fn1<Object, Object> function, Object value) {
    Codec code = new Codec(CanonicalProgram.class.getClassLoader());
    Object[] values = {value};
    Codec.EncodedCall call = code.encode(function, values, 1 << 20);
    return code.canonical(
        function,
        values,
        call.arguments(),
        new Bundles(CanonicalProgram.class.getClassLoader(), _ -> false));
  }

  /** Returns the bytes in which a value is sent. */
  static Bytes sent(Object value) {
    return new Codec(CanonicalProgram.class.getClassLoader()).encodeValue(value, 1 << 20);
  }

  static Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    Set<String> texts =
        IntStream.range(0, ENTRIES).mapToObj(i -> "text " + i).collect(Collectors.toSet());
    Set<Colour> colours = new HashSet<>(List.of(Colour.values()));
    values.put("Set.of", Set.copyOf(texts));
    values.put("Set.of two", Set.of("a", "b"));
    values.put("HashSet", colours);
    values.put("Map.of", Map.of("a", 1, "b", 2, "c", 3, "d", 4));
    values.put("HashMap", new HashMap<>(byColour()));
    values.put("ConcurrentHashMap", new ConcurrentHashMap<>(byColour()));
    values.put("Hashtable", new Hashtable<>(byColour()));
    values.put("IdentityHashMap", new IdentityHashMap<>(byColour()));
    values.put("EnumMap", new EnumMap<>(byColour()));
    values.put("unmodifiable", Collections.unmodifiableSet(colours));
    values.put("synchronized", Collections.synchronizedMap(new HashMap<>(byColour())));
    values.put("set from map", setFromMap(colours));
    values.put("concurrent set", concurrent(colours));
    values.put(
        "nested", Map.of(colours, Set.of(texts, colours), texts, Set.of(Set.of(), Set.of(1))));
    values.put("array", new Object[] {colours, texts});
    values.put("in a list", new ArrayList<>(List.of(colours, texts, colours)));
    values.put(
        "records",
        Colour.values().length == 0
            ? Set.of()
            : colours.stream()
                .map(each -> new Point(each, Set.of(1, 2, 3)))
                .collect(Collectors.toSet()));
    values.put("tree", new TreeMap<>(Map.of("b", colours, "a", texts)));
    values.put(
        "ordered views",
        new Object[] {
          List.of(1, 2, 3, 4).subList(1, 3),
          new LinkedHashMap<>(Map.of(1, 2)).keySet(),
          new TreeMap<>(Map.of(1, 2, 3, 4)).keySet()
        });
    values.put(
        "values",
        List.of(
            new BigDecimal("1.50"),
            new BigDecimal("1.50"),
            LocalTime.of(5, 0),
            LocalTime.of(5, 0),
            Duration.ofSeconds(0),
            LocalDate.of(2026, 1, 2),
            new UUID(1, 2),
            Path.of("a", "b"),
            "text",
            new StringBuilder("te").append("xt").toString()));
    return values;
  }

  private static Map<Colour, Integer> byColour() {
    Map<Colour, Integer> numbers = new HashMap<>();
    for (Colour each : Colour.values()) {
      numbers.put(each, each.name().length());
    }
    return numbers;
  }

  private static Set<Colour> setFromMap(Set<Colour> colours) {
    Set<Colour> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(colours);
    return set;
  }

  private static Set<Colour> concurrent(Set<Colour> colours) {
    Set<Colour> set = ConcurrentHashMap.newKeySet();
    set.addAll(colours);
    return set;
  }
}
