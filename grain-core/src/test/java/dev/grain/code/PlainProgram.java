package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.function.Fn1;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A program for a JVM of its own: encodes everything that might print something. */
final class PlainProgram {
  private static final int SIZE = 256 << 20;

  record Item(String name, UUID id, Map<String, Integer> map) {}

  private PlainProgram() {}

  public static void main(String[] args) throws Exception {
    Codec code = new Codec(PlainProgram.class.getClassLoader());
    int number = 3;
    Fn1<Item, Object> function = item -> List.of(item, number);
    Item item = new Item("n", UUID.randomUUID(), Map.of("a", 1));
    Codec.EncodedCall call = code.encode(function, new Object[] {item}, 1 << 20);
    Object result = code.decode(call.function(), call.arguments()).run();
    ensure(result.equals(List.of(item, 3)));
    Object view = Collections.unmodifiableList(new ArrayList<>(List.of(item)));
    ensure(view.equals(code.decodeValue(code.encodeValue(view, 1 << 20))));
    ensure(code.decodeFailure(code.encodeFailure(new IllegalStateException("x"))) != null);
    Bytes large = encodeLarge(code);
    ensure(large.length() - SIZE < 100);
    byte[] decoded = (byte[]) code.decodeValue(large);
    ensure(decoded.length == SIZE && decoded[SIZE - 1] == 7);
  }

  private static Bytes encodeLarge(Codec code) {
    byte[] large = new byte[SIZE];
    large[SIZE - 1] = 7;
    return code.encodeValue(large, 2L * SIZE);
  }

  private static void ensure(boolean condition) {
    if (!condition) {
      throw new AssertionError();
    }
  }
}
