package dev.grain;

import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The table of packages in {@code docs/architecture.md}, from top to bottom. */
final class Rooms {
  private static final Path PAGE = Path.of("../docs/architecture.md");
  private static final Pattern ROW =
      Pattern.compile(
          "\\| `(dev\\.grain[a-z.]*)`( types)?( \\(exported\\))? \\|[^|]+\\|([^|]*)\\|");
  private static final String EVERYTHING = "everything below";

  /** The libraries that rows name, and the packages that each stands for. */
  private static final Map<String, List<String>> LIBRARIES =
      Map.of(
          "Netty", List.of("io.netty."),
          "Kryo", List.of("com.esotericsoftware."),
          "Objenesis", List.of("org.objenesis."),
          "Jackson", List.of("tools.jackson."));

  private static final List<String> JDK =
      List.of("java.", "javax.", "jdk.", "com.sun.management", "org.jspecify.annotations");

  /**
   * A row of the table.
   *
   * @param uses the packages and libraries that it lists
   * @param free whether it may use every package in a row below
   */
  record Room(String name, boolean exported, SequencedSet<String> uses, boolean free) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final SequencedMap<String, Room> rooms = new LinkedHashMap<>();

  private Rooms() {}

  static Rooms read() throws IOException {
    Rooms read = new Rooms();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        String name = row.group(2) == null ? row.group(1) : PackageReferences.TYPES;
        String uses = row.group(4).strip();
        read.rooms.put(
            name, new Room(name, row.group(3) != null, listed(uses), uses.equals(EVERYTHING)));
      }
    }
    return read;
  }

  private static SequencedSet<String> listed(String uses) {
    return uses.isEmpty() || uses.equals(EVERYTHING)
        ? new LinkedHashSet<>()
        : Stream.of(uses.split(", "))
            .map(each -> LIBRARIES.containsKey(each) ? each : "dev.grain." + each)
            .collect(toCollection(LinkedHashSet::new));
  }

  List<Room> all() {
    return List.copyOf(rooms.values());
  }

  List<String> names() {
    return List.copyOf(rooms.keySet());
  }

  /** Returns the packages and libraries, as rows name them, that the packages stand for. */
  static SequencedSet<String> named(Set<String> packages) {
    SequencedSet<String> named = new LinkedHashSet<>();
    for (String each : packages) {
      if (!isOfJdk(each)) {
        named.add(library(each));
      }
    }
    return named;
  }

  private static boolean isOfJdk(String name) {
    return JDK.stream().anyMatch(known -> name.equals(known) || name.startsWith(known));
  }

  private static String library(String name) {
    return LIBRARIES.entrySet().stream()
        .filter(each -> each.getValue().stream().anyMatch(name::startsWith))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(name);
  }

  /** Returns the rows that stand above a row, and the row itself. */
  List<String> notBelow(Room room) {
    List<String> above = new ArrayList<>();
    for (String each : rooms.keySet()) {
      above.add(each);
      if (each.equals(room.name())) {
        break;
      }
    }
    return above;
  }
}
