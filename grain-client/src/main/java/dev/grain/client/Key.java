package dev.grain.client;

import dev.grain.text.Spelling;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A key of a job file.
 *
 * @param expected what its value has to be, as the rest of "Expected: "
 * @param example a value, as in YAML
 * @param elsewhere what others call it, for those who write that
 */
record Key(String name, String expected, String example, List<String> elsewhere) {
  static Key of(String name, String expected, String example, String... elsewhere) {
    return new Key(name, expected, example, List.of(elsewhere));
  }

  /** Returns the key with its example. */
  String shownExample() {
    return name + ": " + example;
  }

  /** Returns the key that was probably meant; null if none is near. */
  static @Nullable Key nearest(String written, Key... known) {
    Map<String, Key> names = new LinkedHashMap<>();
    for (Key each : known) {
      names.put(each.name, each);
      each.elsewhere.forEach(other -> names.putIfAbsent(other, each));
    }
    String near = Spelling.nearest(written, names.keySet());
    return near == null ? null : names.get(near);
  }

  /** Returns their names, separated by commas. */
  static String names(Key... keys) {
    return String.join(", ", Arrays.stream(keys).map(Key::name).toList());
  }
}
