package dev.grain.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Bytes that start with a number. */
final class Payload {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Payload() {}

  static byte[] numbered(byte[] bytes, int number) {
    INT.set(bytes, 0, number);
    return bytes;
  }

  static int number(byte[] bytes) {
    return (int) INT.get(bytes, 0);
  }
}
