package dev.grain.code;

import dev.grain.bytes.Bytes;
import java.io.Serializable;

/** What the tests of this package do all the time: there and back again. */
final class Coding {
  static final Codec CODE = new Codec(Coding.class.getClassLoader());
  static final long LIMIT = 1 << 20;

  private Coding() {}

  /** Encodes a value and decodes it. */
  @SuppressWarnings("unchecked") // what comes back has the type of what was sent
  static <T> T copy(T value) {
    return (T) CODE.decodeValue(CODE.encodeValue(value, LIMIT));
  }

  /** Encodes a call, decodes it and runs it. */
  static Object call(Serializable function, Object... arguments) throws Exception {
    Codec.EncodedCall call = CODE.encode(function, arguments, LIMIT);
    return CODE.decode(call.function(), call.arguments()).run();
  }

  /** Encodes what a function threw and decodes it. */
  static Throwable copyFailure(Throwable failure) {
    Bytes bytes = CODE.encodeFailure(failure);
    return CODE.decodeFailure(bytes);
  }
}
