package dev.grain.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a stream.
 *
 * @param id its id in the stream
 * @param first the id that the item had in the stream first
 * @param value what the item has
 * @param count how many times it was delivered before it became this entry
 * @param reason why it was given up; null if it was not
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record Entry(String id, String first, byte[] value, int count, @Nullable String reason) {
  /** The field of items that were filled by Grain. */
  static final String VALUE = "value";

  private static final String OWN = "grain.";

  /** Reads an entry as the server tells it: the id, and a list of names and values. */
  static Entry of(List<?> told) {
    String id = text(told.get(0));
    List<?> fields = (List<?>) told.get(1);
    String first = id;
    int count = 0;
    String reason = null;
    List<byte[]> others = new ArrayList<>();
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      String name = text(fields.get(i));
      byte[] value = (byte[]) fields.get(i + 1);
      switch (name) {
        case OWN + "id" -> first = text(value);
        case OWN + "count" -> count = Integer.parseInt(text(value));
        case OWN + "reason" -> reason = text(value);
        default -> {
          others.add((byte[]) fields.get(i));
          others.add(value);
        }
      }
    }
    return new Entry(id, first, value(others), count, reason);
  }

  private static byte[] value(List<byte[]> fields) {
    if (fields.size() == 2) {
      return fields.get(1);
    }
    StringJoiner json = new StringJoiner(",", "{", "}");
    for (int i = 0; i < fields.size(); i += 2) {
      json.add(quoted(text(fields.get(i))) + ":" + quoted(text(fields.get(i + 1))));
    }
    return json.toString().getBytes(UTF_8);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each == '"' || each == '\\') {
        quoted.append('\\').append(each);
      } else if (each < ' ') {
        quoted
            .append("\\u00")
            .append(each < 16 ? "0" : "1")
            .append("0123456789abcdef".charAt(each & 15));
      } else {
        quoted.append(each);
      }
    }
    return quoted.append('"').toString();
  }

  static String text(Object bytes) {
    return new String((byte[]) bytes, UTF_8);
  }
}
